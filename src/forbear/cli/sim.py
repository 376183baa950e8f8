"""`forbear sim`: a seeded year of a made-up lender, with faults, and every invariant checked each day."""

import json
import shutil
import tempfile
import time
from datetime import date
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import Day, amount, out, progress_bar, table
from forbear.cli.verify import NotSound
from forbear.interchange.home import HomeError, make_home

_FIRST = date(2026, 1, 5)


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
@click.option("--first-day", type=Day(), default=None, help=f"The first day; else {_FIRST}.")
@click.option(
    "--strategy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another strategy than the ready one.",
)
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the lender's home here, to look at.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def command(
    borrowers: int, days: int, seed: int, faults: float, first_day: date | None, strategy: Path | None,
    keep: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Live DAYS of a made-up lender by the real code, and check every day that nothing broke.

    The same seed gives the same world. Ends with status 1 when an invariant broke, naming the seed and the day.
    """
    if keep is not None and keep.exists():
        raise HomeError(f"{keep}: is there already; name another folder with --keep")
    folder = keep or Path(tempfile.mkdtemp(prefix="forbear-sim-")) / "home"
    try:
        make_home(folder)
        if strategy is not None:
            shutil.copyfile(strategy, folder / "strategies" / "consumer-cn.yaml")
        world = desk(folder, "forbear.sim.world")
        world.prepare_home(folder)
        begun = time.monotonic()
        with progress_bar() as progress:
            found = world.World(borrowers, first_day or _FIRST, seed, faults).run(days, progress)
        flaws = world.evidence_flaws(first_day or _FIRST, found.days)
        if as_json:
            click.echo(json.dumps({**found.plain(), "evidence_flaws": flaws}, ensure_ascii=False))
        else:
            _show(found, flaws, time.monotonic() - begun)
    finally:
        if keep is None:
            shutil.rmtree(folder.parent, ignore_errors=True)
    if found.broken or flaws:
        broke = ", ".join(found.broken) or "evidence"
        raise NotSound(
            f"{broke} broke on {found.broken_on or 'the last day'}; seed {seed}, {borrowers} borrowers"
        )


def _show(found: object, flaws: list[str], seconds: float) -> None:
    out.print(
        f"{found.borrowers:,} borrowers, {found.days:,} days, seed {found.seed}: {seconds:.0f} s. "
        f"Paid {amount(found.paid, 100)}; at the end {found.late_at_end:,} loans late with "
        f"{amount(found.owed_late_at_end, 100)}."
    )
    for title, counts in (
        ("Contacts made", found.contacts),
        ("Outbox at the end", found.states),
        ("Promises", found.promises),
        ("Faults that happened", found.faults),
    ):
        shown = table(title, "", "", right=(1,))
        for name, number in sorted(counts.items()):
            shown.add_row(name, f"{number:,}")
        out.print(shown)
    for name, wrong in found.broken.items():
        out.print(f"BROKEN on {found.broken_on}: {name}: {wrong[0]}")
    for flaw in flaws[:5]:
        out.print(f"BROKEN: {flaw}")
    if not found.broken and not flaws:
        out.print("Every invariant held every day, and the evidence is whole.")
