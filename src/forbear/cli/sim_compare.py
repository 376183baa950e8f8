"""`forbear sim --compare A B`: the same worlds under two strategies, what differs, and how sure that is."""

import json
import math
import subprocess
import sys
from pathlib import Path

import click

from forbear.cli.shared import amount, err, out, progress_bar, table
from forbear.cli.sim_many import live_many
from forbear.cli.verify_sale import NotSound
from forbear.sim.compare import Compared, Estimate, compared


def compare(chosen: dict) -> None:
    """Live each world under each strategy, and with nobody chased, and tell what came of it."""
    files = [Path(seed).resolve() for seed in chosen["compared"]]
    # the third time nobody is chased, whatever the strategy says
    ways = [(str(file), chosen["hold_out"]) for file in files] + [(str(files[0]), 1.0)]
    jobs = [
        {
            **{name: chosen[name] for name in ("borrowers", "faults", "pack", "behind", "days")},
            "first": str(chosen["first"]), "seed": seed, "strategy": strategy, "hold_out": hold_out, "name": place,
        }
        for seed in range(chosen["seed"], chosen["seed"] + chosen["worlds"])
        for place, (strategy, hold_out) in enumerate(ways)
    ]  # fmt: skip
    lived: list[dict[int, dict]] = [{}, {}, {}]
    with progress_bar() as progress:
        for figures in live_many(jobs, chosen["jobs"], progress):
            if figures.get("failed") or figures["broken"] or figures["evidence_flaws"]:
                raise NotSound(
                    f"a world broke: {figures.get('failed') or figures['broken'] or figures['evidence_flaws']}"
                )
            lived[figures["job"]["name"]][figures["job"]["seed"]] = figures
    comparison = compared([file.stem for file in files], lived[:2], lived[2])
    if chosen["picture"] is not None:
        draw(comparison.series, chosen["picture"])
    if chosen["as_json"]:
        click.echo(json.dumps(comparison.plain(), ensure_ascii=False))
    else:
        _show(comparison, chosen)


def draw(series: dict, folder: Path) -> None:
    """The pictures, by a process of its own; the library that draws is an extra."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = subprocess.run(
        [sys.executable, "-m", "forbear.sim.picture", str(folder)],
        input=json.dumps(series), capture_output=True, text=True,
    )  # fmt: skip
    if drawn.returncode:
        if "matplotlib" in drawn.stderr:
            raise click.UsageError("--picture needs matplotlib: install it with `pip install forbear[bench]`")
        raise AssertionError(drawn.stderr[-2000:])
    err.print(f"Pictures: {folder}")


def _show(comparison: Compared, chosen: dict) -> None:
    first, second = comparison.names
    out.print(
        f"{chosen['worlds']} worlds of {chosen['borrowers']:,} borrowers and {chosen['days']} days, each under both; "
        f"{chosen['hold_out']:.0%} of the borrowers are chased by nobody, chosen at random. In brackets 95 %."
    )
    shown = table("Each world, in the mean", "", first, second, "difference", right=(1, 2, 3))
    for row in comparison.rows:
        money = row.unit == "money"
        shown.add_row(
            row.title, _plain(row.first, money), _plain(row.second, money), _known(row.difference, money)
        )
    out.print(shown)
    shown = table(
        "Incremental: against the hold-out, and against nobody chased", "", first, second, right=(1, 2)
    )
    for title, one, other, money in comparison.incremental:
        shown.add_row(title, _known(one, money), _known(other, money))
    out.print(shown)
    out.print(comparison.verdict)


def _plain(value: float, money: bool) -> str:
    return amount(round(value), 100) if money else f"{value:,.1f}"


def _known(one: Estimate, money: bool) -> str:
    if not math.isfinite(one.value):
        return "not known"
    if not math.isfinite(one.low):
        return f"{_plain(one.value, money)} (of one world)"
    low, high = (_plain(value, money) for value in (one.low, one.high))
    return f"{_plain(one.value, money)} ({low} to {high})"
