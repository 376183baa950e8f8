"""How long a placement list takes to work out: made-up cases among agencies with every bound in force.

Run as `forbear bench placing`. No tables are read or written: what is measured is the computation, from cases to who
gets which, with its own checks.
"""

import json
import statistics
import time
from random import Random

import click

from forbear.core.agencies.placement import PlacementPolicy
from forbear.core.agencies.placement_optimizer import Bidder, Candidate
from forbear.insight.placement_plans import work_out

_REGIONS = ("east", "west", "north", "south", "middle")
_PRODUCTS = ("cash", "card", "pos", "auto")


def made_up(cases: int, agencies: int, chance: Random) -> tuple[list[Candidate], list[Bidder]]:
    """Cases of every age and size, a fourth of which one agency must not get again; agencies with room for most."""
    codes = [f"a{number:02d}" for number in range(agencies)]
    wanted = [
        Candidate(
            f"B{number}", chance.choice((35, 50, 70, 100, 130, 200, 400, 800)), chance.randint(10_000, 20_000_000),
            "CNY", 100, chance.choice(_PRODUCTS), chance.choice(_REGIONS), (f"L{number}",),
            (chance.choice(codes),) if chance.random() < 0.25 else (),
        )
        for number in range(cases)
    ]  # fmt: skip
    room = 2 * cases // agencies
    able = [
        Bidder(
            code, chance.randint(room // 2, 3 * room // 2), tuple(chance.sample(_REGIONS, chance.randint(2, 5))), (),
            chance.randint(7_000, 13_000), chance.randint(50, 100), chance.randint(0, 500), ((30, 1500), (90, 2500)),
        )
        for code in codes
    ]  # fmt: skip
    return wanted, able


@click.command()
@click.option("--cases", type=click.IntRange(10, 5_000_000), default=100_000, show_default=True)
@click.option("--agencies", type=click.IntRange(1, 500), default=20, show_default=True)
@click.option("--runs", type=click.IntRange(1, 50), default=3, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def command(cases: int, agencies: int, runs: int, seed: int, as_json: bool) -> None:
    """Measure working a placement list out."""
    wanted, able = made_up(cases, agencies, Random(seed))
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        plan = work_out(wanted, able, {"": 1_500}, PlacementPolicy(), "bench")
        seconds.append(time.perf_counter() - began)
    figures = {
        "cases": cases,
        "agencies": agencies,
        "placed": len(plan.dealt),
        "cells": len(plan.placing.cells),
        "shares": len(plan.placing.shares),
        "seconds": statistics.median(seconds),
        "net_over_lot": plan.net / plan.net_by_lot,
    }
    if as_json:
        click.echo(json.dumps(figures))
        return
    click.echo(
        f"{cases:,} cases among {agencies} agencies ({figures['cells']:,} cells, {figures['shares']:,} shares): "
        f"{figures['seconds']:.1f} s (median of {runs}), {figures['placed']:,} placed, "
        f"{figures['net_over_lot']:.2f} x the net of a lot"
    )


if __name__ == "__main__":
    command()
