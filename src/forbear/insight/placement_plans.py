"""Solve a placement list: the problem from core.agencies.placement_optimizer by HiGHS, then the draw; no tables."""

from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np

from forbear.core.agencies.placement import PlacementPolicy
from forbear.core.agencies.placement_optimizer import Bidder, Candidate, Dealt, PlacementProblem, build, deal
from forbear.insight.solver import quiet_solver


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """A list as it was worked out: `net` is what it is expected to bring the lender, at random alone and in all."""

    dealt: list[Dealt]
    placing: PlacementProblem
    left: int
    net: int
    net_by_lot: int


def work_out(
    cases: list[Candidate],
    agencies: list[Bidder],
    shares: Mapping[str, int],
    policy: PlacementPolicy,
    seed: str,
) -> WorkedOut:
    """Who gets what: as much net recovery as can be had within every bound."""
    placing = build(cases, agencies, shares, policy, seed)
    counts = solve(placing)
    dealt = deal(placing, counts, seed)
    net = sum(one.worth.net for one in dealt)
    return WorkedOut(dealt, placing, len(cases) - len(dealt), net, _by_lot_alone(placing))


def solve(placing: PlacementProblem) -> dict[int, int]:
    """How many cases of its cell each share gets.

    First as many cases go out as can, then for the most net worth: harm makes a worse agency get fewer, but no case is
    left lying because it brings little.
    """
    if not placing.shares:
        return {}
    number = len(placing.shares)
    solver = quiet_solver()
    lower = np.array([share.least for share in placing.shares], dtype=np.float64)
    upper = np.array([share.most for share in placing.shares], dtype=np.float64)
    best = max(abs(share.worth.net) for share in placing.shares) + 1
    worth = np.array([share.worth.net / best + 2.0 for share in placing.shares])
    solver.addVars(number, lower, upper)
    every = np.arange(number, dtype=np.int32)
    solver.changeColsCost(number, every, worth)
    solver.changeColsIntegrality(number, every, np.full(number, highspy.HighsVarType.kInteger))
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    by_cell: dict[int, list[int]] = {}
    by_agency: dict[str, list[int]] = {}
    for place, share in enumerate(placing.shares):
        by_cell.setdefault(share.cell, []).append(place)
        by_agency.setdefault(share.agency, []).append(place)
    bounds = [(len(placing.cells[cell].cases), places) for cell, places in by_cell.items()]
    bounds += [(placing.caps[agency], places) for agency, places in by_agency.items()]
    for limit, places in bounds:
        index = np.array(places, dtype=np.int32)
        solver.addRow(-highspy.kHighsInf, float(limit), len(places), index, np.ones(len(places)))
    solver.run()
    status = solver.getModelStatus()
    assert status == highspy.HighsModelStatus.kOptimal, f"the placement list has a solution ({status})"
    return {place: round(value) for place, value in enumerate(solver.getSolution().col_value)}


def _by_lot_alone(placing: PlacementProblem) -> int:
    """What the same cases would bring if each went to an agency at random, in proportion to its room."""
    by_cell: dict[int, list[tuple[int, int]]] = {}
    for share in placing.shares:
        by_cell.setdefault(share.cell, []).append((share.worth.net, placing.caps[share.agency]))
    total = 0
    for cell, worths in by_cell.items():
        whole = sum(cap for _, cap in worths)
        total += len(placing.cells[cell].cases) * sum(net * cap for net, cap in worths) // whole
    return total
