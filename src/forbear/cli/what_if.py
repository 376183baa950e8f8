"""`forbear what-if STRATEGY --from D --to D`: who would have been treated otherwise."""

import json
from datetime import date
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import Day, folder_option, moment, out, progress_bar, table, the_home
from forbear.insight.planned_context import PlannedContext
from forbear.insight.whatif import Compared, refusals_of, what_if
from forbear.interchange.book.book import open_book
from forbear.interchange.home.packs import rulebook


@click.command("what-if")
@click.argument("strategy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "first", type=Day(), required=True, help="The first day.")
@click.option("--to", "last", type=Day(), required=True, help="The last day.")
@click.option("--with-desk", is_flag=True, help="Ask the rules also about what the desk's tables know today.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(
    strategy: Path, first: date, last: date, with_desk: bool, as_json: bool, home_folder: Path
) -> None:
    """Run STRATEGY dry beside the home's own over these days, and say who would be treated otherwise.

    It also says what the rule packs will refuse of what is planned. Nothing is published and nobody is contacted.
    """
    home = the_home(home_folder)
    context = _context(home_folder) if with_desk else None
    with progress_bar() as progress:
        comparison = what_if(home, open_book(home.book), strategy, first, last, progress, context=context)
    if as_json:
        click.echo(json.dumps(comparison.plain(), ensure_ascii=False))
    else:
        _show(comparison)


def _context(home_folder: Path) -> PlannedContext:
    tables = desk(home_folder, "forbear.insight.planned_context")
    return tables.read_planned_context(moment(home_folder), rulebook(the_home(home_folder)).longest_window)


def _show(comparison: Compared) -> None:
    days = (comparison.to_day - comparison.from_day).days + 1
    out.print(
        f"{comparison.strategy} ({comparison.version}) against "
        f"{comparison.changed_strategy} ({comparison.changed_version}), "
        f"{days} {'day' if days == 1 else 'days'} from {comparison.from_day}"
    )
    out.print(f"{comparison.otherwise:,} of {comparison.borrowers:,} borrowers would be treated otherwise.")
    if comparison.stages:
        shown = table("Other stages", "now", "changed", "borrower-days", right=(2,))
        for change in comparison.stages:
            shown.add_row(change.before or "-", change.after or "-", f"{change.borrowers:,}")
        out.print(shown)
    shown = table("Planned treatments", "channel", "template", "now", "changed", "", right=(2, 3, 4))
    for count in comparison.treatments:
        shown.add_row(
            count.channel,
            count.template,
            f"{count.before:,}",
            f"{count.after:,}",
            f"{count.after - count.before:+,}" if count.after != count.before else "",
        )
    out.print(shown)
    for small in comparison.small:
        out.print(
            f"Below the least amount for {small.channel}: {small.before:,} borrowers now, {small.after:,} changed."
        )
    _show_refused(comparison)
    if comparison.examples:
        out.print(f"For example {', '.join(comparison.examples)}: see `forbear explain`.")


def _show_refused(comparison: Compared) -> None:
    """What the rules surely refuse of what is planned, with each rule's clause."""
    rows = refusals_of(comparison.refused_before, comparison.refused_after)
    if not rows:
        out.print("No rule surely refuses any of them.")
        return
    shown = table(
        "Refused by the rules", "channel", "template", "rule", "clause", "now", "changed", right=(4, 5)
    )
    for row in rows:
        shown.add_row(
            row.channel, row.template, row.rule or "any", row.clause, f"{row.before:,}", f"{row.after:,}"
        )
    out.print(shown)
