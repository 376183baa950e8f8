"""The golden visits: what may follow what, how far places are apart, and what a proof lacks."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml

from forbear.core.base.problem import Problem
from forbear.core.facts.contact import OUTCOMES as COUNTED
from forbear.core.facts.context import HOLD_KINDS
from forbear.core.visits.visit import (
    LACKS,
    MOVES,
    OUTCOMES,
    STATES,
    Place,
    Proof,
    Recording,
    VisitPolicy,
    after,
    lacks,
    metres_between,
    travel_minutes,
)
from tests.golden.fact_reader import HERE

CASES = yaml.load((HERE / "visit" / "cases.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
POLICY = VisitPolicy()
_HOME = Place(30_000_000, 120_000_000)
WHOLE = Proof(
    visitors=2,
    started_at=datetime(2026, 3, 10, 10, 0, tzinfo=UTC),
    ended_at=datetime(2026, 3, 10, 10, 20, tzinfo=UTC),
    leave_from=datetime(2026, 3, 10, 9, 30, tzinfo=UTC),
    leave_until=datetime(2026, 3, 10, 14, 0, tzinfo=UTC),
    start=replace(_HOME, accuracy_metres=15),
    end=replace(_HOME, accuracy_metres=15),
    address=_HOME,
    recordings=(Recording("a" * 64, 1190, True),),
    outcome="talked",
)


def place(told) -> Place | None:
    if told in (None, "none"):
        return None
    return Place(round(told[0] * 1_000_000), round(told[1] * 1_000_000), int((*told, 0)[2]))


def moment(told: str) -> datetime | None:
    hour, minute = (int(part) for part in told.split(":"))
    return WHOLE.started_at.replace(hour=hour, minute=minute)


def proof(told: dict) -> Proof:
    """The whole proof, but for what the case changes."""
    changed = {}
    for key, value in told.items():
        if key == "visitors":
            changed["visitors"] = value
        elif key == "started":
            changed |= {"started_at": moment(value), "ended_at": moment(value).replace(minute=21)}
        elif key == "leave":
            changed |= {"leave_from": None, "leave_until": None}
        elif key == "ended":
            changed["ended_at"] = None
        elif key in ("start", "end", "address"):
            changed[key] = place(value)
        elif key == "recordings":
            changed[key] = tuple(
                Recording(f"{n:064x}", seconds, there) for n, (seconds, there) in enumerate(value)
            )
        else:
            assert key == "outcome", key
            changed["outcome"] = ""
    return replace(WHOLE, **changed)


@pytest.mark.parametrize("case", CASES["moves"], ids=lambda case: f"{case['act']} {case['from']}")
def test_moves(case):
    found = after(case["from"], case["act"])
    assert found == case["to"] if "to" in case else isinstance(found, Problem)


def test_every_move_and_lack_has_a_case():
    told = {(case["act"], case["from"]) for case in CASES["moves"] if "to" in case}
    assert told == {(act, start) for act, moves in MOVES.items() for start in moves}
    assert {code for case in CASES["proofs"] for code in case["lacks"]} == LACKS.keys()
    assert {state for moves in MOVES.values() for state in (*moves, *moves.values())} == STATES.keys()


@pytest.mark.parametrize("case", CASES["ways"], ids=lambda case: case["says"])
def test_ways(case):
    one, other = place(case["from"]), place(case["to"])
    assert abs(metres_between(one, other) - case["metres"]) <= case["off_by"]
    assert metres_between(one, other) == metres_between(other, one)


@pytest.mark.parametrize("case", CASES["proofs"], ids=lambda case: case["says"])
def test_proofs(case):
    assert list(lacks(proof(case["proof"]), POLICY)) == case["lacks"]


def test_ways_are_told_by_the_best_that_is_known():
    near = Place(30_010_000, 120_000_000)
    assert travel_minutes((_HOME, "东"), (near, "西"), POLICY) == (4, 1554, "coordinates")
    assert travel_minutes((_HOME, "东"), (None, "东"), POLICY) == (15, 0, "same_area")
    assert travel_minutes((None, "东"), (None, "西"), POLICY) == (60, 0, "other_area")
    assert travel_minutes((None, ""), (None, ""), POLICY) == (60, 0, "other_area")


def test_outcomes_are_ones_that_rules_and_holds_know():
    assert {each.contact for each in OUTCOMES.values()} <= set(COUNTED)
    assert {each.hold for each in OUTCOMES.values()} - {""} <= HOLD_KINDS.keys()
