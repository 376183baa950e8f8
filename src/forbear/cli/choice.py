"""`forbear choice`: what each option brings by stratum, what the next night would choose, what the limits cost."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from forbear.cli.desk import desk
from forbear.cli.shared import Day, amount, folder_option, out, table, the_home, today
from forbear.core.base.money import minor_digits
from forbear.core.base.problem import InputError
from forbear.core.strategy.parse import parse_strategy
from forbear.engine.columnar import connected
from forbear.interchange.book.book import open_book
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.strategies import strategy_on


class ChoiceError(InputError):
    """There is nothing to choose; the message says why."""


@click.command("choice")
@click.option("--strategy", "strategy_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None,
              help="Another strategy than the one in force.")  # fmt: skip
@click.option(
    "--as-of", type=Day(), default=None, help="The night that would choose; else the lender's today."
)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(strategy_file: Path | None, as_of: date | None, as_json: bool, home_folder: Path) -> None:
    """Say what each option brings by stratum, by past nights, and what a night would choose; nothing is written."""
    makes = desk(home_folder, "forbear.insight.choice_table")
    words = desk(home_folder, "forbear.insight.choice_words")
    home = the_home(home_folder)
    as_of = as_of or today(home)
    path = strategy_file or strategy_on(home, as_of)
    strategy = parse_strategy(read_text(path), path.name)
    if strategy.choose is None:
        raise ChoiceError(f"{path.name} has no `choose`, so every case has the ladder")
    with connected(home.threads) as engine:
        made = makes.work_out(engine, home, open_book(home.book), strategy, as_of)
    if as_json:
        click.echo(made.text())
        return
    _show(made)
    for limit in made.solved.limits:
        out.print(str(words.price_words(strategy.choose, limit)), markup=False)


def _show(made: Any) -> None:  # its class comes with the desk's tables
    choose, solved = made.choose, made.solved
    unit = 10 ** minor_digits(choose.currency)
    if made.waiting.missing:
        out.print(
            f"The night before doesn't know {', '.join(made.waiting.missing)}, so tonight all but the floors have "
            "the ladder."
        )
    shown = table(
        f"Within {choose.days} days, a case, beside {choose.options[0].name}",
        *("stratum", "option", "got it", "ladder", "cash", "95 %"),
        right=(2, 3, 4, 5),
    )
    for each in made.learned.values:
        figures = ("too few", "")
        if each.enough:
            figures = (
                amount(round(each.cash), unit),
                f"{amount(round(each.low), unit)} to {amount(round(each.high), unit)}",
            )
        shown.add_row(each.stratum, each.option, f"{each.borrowers:,}", f"{each.beside:,}", *figures)
    out.print(shown)
    shown = table(
        "Chosen", "cell", "cases", *(option.name for option in choose.options), right=tuple(range(1, 9))
    )
    cases = {cell.name: cell.cases for cell in made.waiting.cells}
    for name, shares in solved.shares.items():
        shown.add_row(name, f"{cases[name]:,}", *(f"{share / 10_000:.1f} %" for share in shares))
    out.print(shown)
    shown = table("All cases drawn for tonight", "", "chosen", "ladder", right=(1, 2))
    for name in ("cash", "cost"):
        sums = [amount(round(getattr(each, name)), unit) for each in (solved.chosen, solved.plain)]
        shown.add_row(f"{name} beside the ladder" if name == "cash" else name, *sums)
    for name in ("contacts", "calls", "agencies", "complaints"):
        shown.add_row(name, *(f"{getattr(each, name):,.1f}" for each in (solved.chosen, solved.plain)))
    out.print(shown)
