"""`forbear shadow`: run beside the old system, compare a day with it, and go live."""

import json
from datetime import date
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import Day, encoding_option, folder_option, moment, out, table, the_home
from forbear.core.base.problem import Problem
from forbear.insight.shadow import (
    ShadowComparison,
    compare_night,
    keep_comparison,
    shadow_folder,
    words_of,
)
from forbear.interchange.book.book import open_book
from forbear.interchange.history.old_book import read_old_book
from forbear.interchange.home.lender import HomeError
from forbear.interchange.home.plain_table import PlainWriter
from forbear.night.run import open_night


@click.group("shadow")
def command() -> None:
    """Run beside the old system: nights decide, nothing leaves, and each day is compared with the old one's figures."""


@command.command("begin")
@folder_option()
def begin(home_folder: Path) -> None:
    """Begin a shadow run: from now on nothing leaves this home. Only before the first contact."""
    actions = desk(home_folder, "forbear.actions.strategies.shadow_run")
    problem = actions.begin_shadow(moment(home_folder), actor="command line")
    if problem is not None:
        raise click.UsageError(str(problem))
    out.print("This home is in a shadow run: nights decide, and nothing leaves until two people go live.")


@command.command("live")
@click.option(
    "--staff", "username", required=True, help="The account of who signs: a manager or of compliance."
)
@click.option("--reason", required=True, help="Why; it is kept as evidence.")
@folder_option()
def live(username: str, reason: str, home_folder: Path) -> None:
    """Go live: the first person asks, and a second one's signature ends the shadow run."""
    actions = desk(home_folder, "forbear.actions.strategies.shadow_run")
    done = actions.go_live_as(username, reason, moment(home_folder))
    if isinstance(done, Problem):
        raise click.UsageError(str(done))
    out.print(
        f"Asked for; another person signs by the same command. {done.waiting:,} contacts wait."
        if done.running
        else "This home is live: workers send what waits, where a permit allows it."
    )


@command.command("compare")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-of", type=Day(), required=True, help="The night that the old system's file is of.")
@click.option(
    "--out", "target", type=click.Path(dir_okay=False, path_type=Path), help="All differences, as CSV."
)
@encoding_option()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@folder_option()
def compare(
    file: Path, as_of: date, target: Path | None, encoding: str | None, as_json: bool, home_folder: Path
) -> None:
    """Compare a night with the old system's FILE of the same day, loan by loan, and say why they differ.

    FILE is CSV: loan_id, days_past_due, amount, and where there are such currency and list.
    """
    home = the_home(home_folder)
    night = open_night(home.nights, as_of)
    if night is None:
        raise HomeError(f"there is no night of {as_of}; run `forbear night --as-of {as_of}` first")
    old = read_old_book(file, encoding or home.feed_encoding)
    found = compare_night(night, open_book(home.book), old)
    kept = keep_comparison(shadow_folder(home.folder), found)
    if target is not None:
        _write(target, found)
    if as_json:
        click.echo(
            json.dumps({"loans": found.loans, "same": found.same, "causes": found.causes, "file": str(kept)})
        )
        return
    shown = table(f"The old system beside the night of {as_of}", "cause", "loans", "for example", right=(1,))
    for cause, number in found.causes.items():
        example = next(one for one in found.differences if one.cause == cause)
        sides = f"{example.loan_id}: {example.ours or '-'} here, {example.theirs or '-'} there"
        shown.add_row(str(words_of(cause)), f"{number:,}", f"{sides} {example.why}".strip())
    out.print(shown)
    out.print(f"{found.loans:,} loans compared, {found.same:,} the same in all. Kept in {kept}.")


def _write(target: Path, found: ShadowComparison) -> None:
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = PlainWriter(stream)
        writer.writerow(("loan_id", "what", "forbear", "old_system", "cause", "words", "more"))
        writer.writerows(
            (one.loan_id, one.what, one.ours, one.theirs, one.cause, str(words_of(one.cause)), one.why)
            for one in found.differences
        )
