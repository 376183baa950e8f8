"""`forbear explain LOAN|BORROWER`: every line behind today's balance and stage."""

import json
from datetime import date
from pathlib import Path

import click

from forbear.cli.explain_show import show
from forbear.cli.shared import Day, folder_option, the_home
from forbear.interchange.book.book import open_book
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.strategies import strategy_on
from forbear.night.explain import explain
from forbear.night.run import NightError, latest_night, open_night


@click.command("explain")
@click.argument("name", metavar="LOAN|BORROWER")
@click.option("--as-of", type=Day(), default=None, help="A decided night's date; else the newest night's.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(name: str, as_of: date | None, as_json: bool, home_folder: Path) -> None:
    """Show how a loan, or all loans of a borrower, came to stand where they stand."""
    home = the_home(home_folder)
    book = open_book(home.book)
    night = open_night(home.nights, as_of) if as_of else latest_night(home.nights)
    if as_of is not None:
        day = as_of
    elif night is not None:
        day = date.fromisoformat(night.manifest["as_of"])
    else:
        raise NightError(
            f"{home.nights}: no night is decided yet; run `forbear night --as-of DATE` or give --as-of"
        )
    if night:
        text, origin = (night.folder / "strategy.yaml").read_text(encoding="utf-8"), home.strategy.name
    else:
        path = strategy_on(home, day)
        text, origin = read_text(path), path.name
    explained = explain(book, name, day, text, origin, home.nights, night, home.desk_facts(day))
    if as_json:
        click.echo(json.dumps(explained, ensure_ascii=False, default=str))
    else:
        show(explained)
