"""`forbear what-if STRATEGY --from D --to D`: who would have been treated otherwise."""

import json
from datetime import date
from pathlib import Path

import click

from forbear.cli.shared import Day, folder_option, out, progress_bar, table, the_home
from forbear.insight.whatif import Compared, what_if
from forbear.interchange.book.book import open_book


@click.command("what-if")
@click.argument("strategy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "first", type=Day(), required=True, help="The first day.")
@click.option("--to", "last", type=Day(), required=True, help="The last day.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(strategy: Path, first: date, last: date, as_json: bool, home_folder: Path) -> None:
    """Run STRATEGY dry beside the home's own over these days, and say who would be treated otherwise.

    Nothing is published and nobody is contacted.
    """
    home = the_home(home_folder)
    with progress_bar() as progress:
        comparison = what_if(home, open_book(home.book), strategy, first, last, progress)
    if as_json:
        click.echo(json.dumps(comparison.plain(), ensure_ascii=False))
    else:
        _show(comparison)


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
    if comparison.examples:
        out.print(f"For example {', '.join(comparison.examples)}: see `forbear explain`.")
