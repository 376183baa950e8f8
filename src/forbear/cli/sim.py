"""`forbear sim`: a seeded lender lives by the real code, with faults, and every invariant is checked each day."""

import json
import os
import shutil
import time
from datetime import date
from pathlib import Path

import click

from forbear.cli.desk import desk, keep_to_home
from forbear.cli.shared import Day, amount, out, progress_bar, table
from forbear.cli.sim_compare import compare, draw
from forbear.cli.sim_fast import live_fast
from forbear.cli.sim_many import commit, live_lenders, live_seeds, show_faults
from forbear.cli.verify_sale import NotSound
from forbear.interchange.home.lender import HomeError, make_home
from forbear.sim.lenders import parts
from forbear.sim.place import PLACES, prepare_home
from forbear.sim.workspace import room_for

_FIRST = date(2026, 1, 5)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("sim")
@click.option("--borrowers", type=click.IntRange(10, 1_000_000), default=500, show_default=True)
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True)
@click.option(
    "--faults",
    type=click.FloatRange(0, 0.5),
    default=0.02,
    show_default=True,
    help="How often each fault strikes.",
)
@click.option(
    "--pack", type=click.Choice(sorted(PLACES)), default="cn", show_default=True, help="The country."
)
@click.option(
    "--behind",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="The share of borrowers late on the first day already.",
)
@click.option("--first-day", type=Day(), default=None, help=f"The first day; else {_FIRST}.")
@click.option("--strategy", type=_FILE, help="Another strategy than the ready one.")
@click.option("--only", multiple=True, help="Only this borrower is there, as among all; may be given again.")
@click.option(
    "--seeds", type=click.IntRange(1, 1_000_000), help="Live this many worlds, from --seed on, and sum up."
)
@click.option("--compare", "compared", nargs=2, type=_FILE, help="The same worlds under two strategies.")
@click.option(
    "--worlds", type=click.IntRange(1, 1000), default=4, show_default=True, help="How many, for --compare."
)
@click.option(
    "--hold-out", type=click.FloatRange(0, 0.9), default=0.1, show_default=True,
    help="For --compare: the share of borrowers, chosen at random, whom nobody chases.",
)  # fmt: skip
@click.option(
    "--picture", type=click.Path(path_type=Path), help="A folder for pictures (SVG; with --compare or alone)."
)
@click.option(
    "--lenders",
    type=click.IntRange(0, 1000),
    default=0,
    help="Cut the world into this many lenders; else one, beyond 1,000 borrowers two, beyond 20,000 one per 10,000.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=None, help="Processes for many worlds or lenders; else all cores."
)  # fmt: skip
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the lender's home here, to look at.")
@click.option(
    "--fast", is_flag=True, help="The same borrowers in columns: for policies, not a proof of what is lawful."
)
@click.option(
    "--policy", type=_FILE, help="With --fast: a strategy file, or a Python file with a class Policy."
)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def command(**chosen: object) -> None:
    """Live DAYS of a made-up lender by the real code, and check every day that nothing broke.

    The same seed gives the same world. Ends with status 1 when an invariant broke, naming the seed, the day and the
    commit, with the story of whom it broke for.
    """
    chosen["first"] = chosen.pop("first_day") or _FIRST
    chosen["jobs"] = chosen["jobs"] or os.cpu_count() or 1
    if chosen["fast"] or chosen["policy"]:
        live_fast(chosen)
    elif chosen["compared"]:
        compare(chosen)
    elif chosen["seeds"]:
        live_seeds(chosen)
    else:
        _live_one(chosen)


def _live_one(chosen: dict) -> None:
    begun = time.monotonic()
    if chosen["keep"] is not None:
        if chosen["lenders"] > 1:
            raise click.UsageError("--keep keeps one home; with several lenders leave it away")
        chosen["lenders"] = 1
    if not chosen["only"] and len(parts(chosen["borrowers"], chosen["lenders"])) > 1:
        figures = live_lenders(chosen)
        story = figures.pop("story")
    else:
        figures, story = _live_here(chosen)
    if chosen["picture"] is not None and figures["by_day"]:
        days = figures["by_day"]
        draw({"": {name: [day[name] for day in days] for name in days[0]}}, chosen["picture"])
    if chosen["as_json"]:
        click.echo(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures, time.monotonic() - begun)
    require_whole(figures, chosen, story)


def _live_here(chosen: dict) -> tuple[dict, list[str]]:
    """Live it by this process, as one lender: what it came to, and the story of whom an invariant broke for."""
    keep: Path | None = chosen["keep"]
    if keep is not None and keep.exists():
        raise HomeError(f"{keep}: is there already; name another folder with --keep")
    folder = keep or room_for(chosen["borrowers"], chosen["days"]) / "home"
    place = PLACES[chosen["pack"]]
    try:
        make_home(folder, made_up=True)
        prepare_home(folder, place, threads=1 if chosen["borrowers"] <= 20_000 else 0)
        keep_to_home()
        if chosen["strategy"] is not None:
            shutil.copyfile(chosen["strategy"], folder / "strategies" / f"{place.ready}.yaml")
        module = desk(folder, "forbear.sim.world")
        with progress_bar() as progress:
            names = ("borrowers", "first", "seed", "faults", "pack", "behind")
            setting = module.Setting(**{name: chosen[name] for name in names}, only=frozenset(chosen["only"]))
            world = module.World(setting)
            run = world.run(chosen["days"], progress)
        figures = {**run.plain(), "evidence_flaws": module.evidence_flaws(world)}
        return figures, desk(folder, "forbear.sim.story").story_of(figures)
    finally:
        if keep is None:
            shutil.rmtree(folder.parent, ignore_errors=True)


def require_whole(figures: dict, chosen: dict, story: list[str]) -> None:
    """NotSound where something broke, with all that is needed to see it again."""
    if not figures["broken"] and not figures["evidence_flaws"]:
        return
    for line in story:
        out.print(line)
    broke = ", ".join(figures["broken"]) or "evidence"
    raise NotSound(
        f"{broke} broke on {figures['broken_on'] or 'the last day'}; seed {chosen['seed']}, "
        f"{chosen['borrowers']} borrowers, faults {chosen['faults']}, pack {chosen['pack']}, {commit()}"
    )


def _show(figures: dict, seconds: float) -> None:
    out.print(
        f"{figures['borrowers']:,} borrowers, {figures['days']:,} days, seed {figures['seed']}: {seconds:.0f} s. "
        f"Paid {amount(figures['paid'], 100)}; at the end {figures['late_at_end']:,} loans late with "
        f"{amount(figures['owed_late_at_end'], 100)}."
    )
    for title, counts in (
        ("Contacts made", figures["contacts"]),
        ("Outbox at the end", figures["states"]),
        ("Promises", figures["promises"]),
        ("Requests", figures["requests"]),
        ("What agencies tried", figures["tried"]),
        ("Visits", figures["visits"]),
        ("Lawsuits", figures["lawsuits"]),
        ("Loans for sale", figures["sales"]),
        ("Settlements", figures["settlements"]),
    ):
        shown = table(title, "", "", right=(1,))
        for name, number in sorted(counts.items()):
            shown.add_row(name, f"{number:,}")
        out.print(shown)
    show_faults(figures["faults"], whole=not figures["broken"] and not figures["evidence_flaws"])
    for name, breaches in figures["broken"].items():
        out.print(f"BROKEN on {figures['broken_on']}: {name}: {breaches[0]}")
    for flaw in figures["evidence_flaws"][:5]:
        out.print(f"BROKEN: {flaw}")
    if not figures["broken"] and not figures["evidence_flaws"]:
        out.print("Every invariant held every day, and the evidence is whole.")
