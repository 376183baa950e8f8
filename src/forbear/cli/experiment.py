"""`forbear experiment plan|status|what-if|stop|try`: what an experiment can show, shows, or its end."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from forbear.cli.desk import desk
from forbear.cli.shared import amount, folder_option, moment, out, table, the_home, today
from forbear.core.base.money import minor_digits
from forbear.core.base.problem import InputError, Problem, with_hint
from forbear.core.files.hints import nearest
from forbear.core.strategy.measures import MEASURES, VERDICTS, WINDOWS
from forbear.insight.effect import Difference, Interval, needed, smallest_shown
from forbear.insight.effect_trial import try_statistics
from forbear.interchange.book.book import open_book
from forbear.interchange.home.experiments import stopped_on
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.strategies import strategy

_MONEY = ("cash", "cost")


class ExperimentError(InputError):
    """What was asked of an experiment can't be answered; the message says why."""


@click.group("experiment")
def command() -> None:
    """Say what an experiment can show, what it shows, or end it."""


@command.command("status")
@click.argument("name", default="")
@click.option(
    "--days",
    type=click.Choice([str(days) for days in WINDOWS]),
    default=None,
    help="Days of each borrower's.",
)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def status(name: str, days: str | None, as_json: bool, home_folder: Path) -> None:
    """Say what NAME shows, or each experiment and the hold-out: by arm, and each arm beside the first."""
    insight = desk(home_folder, "forbear.insight.experiments")
    home = the_home(home_folder)
    day = today(home)
    designs = _named(insight.designs(strategy(home, day), day, frozenset(stopped_on(home, day))), name)
    found = [insight.status(home, open_book(home.book), design, int(days or 0)) for design in designs]
    if as_json:
        click.echo(json.dumps([each.plain() for each in found if each], ensure_ascii=False))
        return
    if not any(found):
        out.print("No night has drawn an arm yet.")
    for each in found:
        if each:
            _show(each)


@command.command("plan")
@click.argument("name")
@click.option(
    "--effect", type=float, required=True, help="What would count, a borrower, in the outcome's unit."
)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def plan(name: str, effect: float, as_json: bool, home_folder: Path) -> None:
    """Say how many borrowers NAME needs to show --effect, by what those late now paid in as many days before."""
    insight = desk(home_folder, "forbear.insight.experiments")
    home = the_home(home_folder)
    (design,) = _named(insight.designs(strategy(home, today(home)), today(home)), name)
    if effect <= 0:
        raise ExperimentError("--effect is the size of a difference, above 0")
    past = insight.past_cash(home, open_book(home.book), design.days)
    if past is None:
        raise ExperimentError(
            "no night has been decided yet, so nothing is known of what is paid; run `forbear night`"
        )
    unit = 10 ** minor_digits(past.currency)
    (first, second), variance = (share for _, share in design.shares[:2]), past.variance / unit**2
    goal = needed(effect, (variance, variance), (first, second))
    a_day = past.newly_late * (first + second)
    answer = {
        "experiment": design.name,
        "effect": effect,
        "days_of_each": design.days,
        "borrowers_needed": goal,
        "borrowers_a_day": round(a_day, 2),
        "days_needed": None if a_day == 0 else -int(-goal // a_day) + design.days,
        "smallest_shown_by_those_late_now": smallest_shown(past.late, (variance, variance), (first, second)),
    }
    if as_json:
        click.echo(json.dumps(answer))
        return
    out.print(
        f"{design.name}: a difference of {effect:,.2f} a borrower within {design.days} days shows "
        f"in 8 of 10 cases with {goal:,} borrowers in the first two arms."
    )
    if answer["days_needed"] is None:
        out.print("Nobody came into arrears on the latest night, so it can't be said how long that takes.")
    else:
        out.print(
            f"At {a_day:,.1f} a day that takes {answer['days_needed']:,} days, those of the last one included."
        )
    out.print(
        f"With all {past.late:,} who are late now, differences from "
        f"{answer['smallest_shown_by_those_late_now']:,.2f} show."
    )


@command.command("what-if")
@click.argument("strategy_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("name", default="")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def what_if(strategy_file: Path, name: str, as_json: bool, home_folder: Path) -> None:
    """Say what STRATEGY_FILE would have brought the borrowers of experiment NAME, or of each, on past nights."""
    insight = desk(home_folder, "forbear.insight.experiments")
    past = desk(home_folder, "forbear.insight.replay")
    home = the_home(home_folder)
    day, text, book = today(home), read_text(strategy_file), open_book(home.book)
    designs = _named(insight.designs(strategy(home, day), day, frozenset(stopped_on(home, day))), name)
    found = [past.replay(home, book, design, text, strategy_file.name) for design in designs]
    if as_json:
        click.echo(json.dumps([each.plain() for each in found if each]))
        return
    if not any(found):
        out.print("No borrower's days are over yet.")
    for each in found:
        if each:
            _show_estimate(each)


def _show_estimate(found: Any) -> None:  # its class comes with the desk's tables
    unit = 10 ** minor_digits(found.currency) if found.outcome in _MONEY else 1
    out.print(
        f"{found.experiment}: of {found.borrowers:,} borrowers {found.agreeing:,} were treated as this strategy would, "
        f"worth {found.effective:,.0f} drawn at random; for {found.unseen:.1%} no arm did what it wants."
    )
    if not found.enough:
        out.print("  That is too few to know what it would have brought.")
        return
    out.print(f"  {found.outcome} within {found.days} days, a borrower: {found.now / unit:,.2f} as it was")
    out.print(f"  with this strategy, doubly robust: {_range(found.robust, unit)}")
    out.print(f"  with this strategy, by inverse probability: {_range(found.weighted, unit)}")


@command.command("stop")
@click.argument("name")
@click.option("--reason", required=True, help="Why it is ended before its last day.")
@folder_option()
def stop(name: str, reason: str, home_folder: Path) -> None:
    """End NAME for good: from the next night nobody comes in, and its arms count no more."""
    acts = desk(home_folder, "forbear.actions.strategies.experiments")
    done = acts.stop_experiment(name, reason, moment(home_folder), actor="command line")
    if isinstance(done, Problem):
        raise ExperimentError(str(done))
    out.print(
        f"{name} is stopped from {done.first_day}; what it showed stays in `forbear experiment status`."
    )


@command.command("try")
@click.option("--draws", type=click.IntRange(10, 10_000), default=1000, show_default=True)
@click.option("--seed", type=int, default=27, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def try_(draws: int, seed: int, as_json: bool) -> None:
    """Draw experiments with known effects, and say how often the statistics are right."""
    found = try_statistics(draws, seed)
    if as_json:
        click.echo(json.dumps(found.plain()))
        return
    for name, share in found.held.items():
        out.print(f"effect {name}: {share:.1%} of {draws:,} intervals held the truth")
    out.print(f"looking every day at an arm that does nothing: {found.false_alarms_by_day:.1%} false alarms")
    out.print(
        f"sound draws called broken: {found.sound_called_broken:.1%}; broken ones found: {found.broken_found:.1%}"
    )


def _named(designs: list[Any], name: str) -> list[Any]:
    """The design of that name, or all; a name that isn't there is refused with the nearest."""
    names = [design.name for design in designs]
    if not names:
        raise ExperimentError("the strategy in force has no experiment and no hold-out")
    if name and name not in names:
        unknown = Problem("experiment_not_in_force", "no experiment in force is called `%(name)s`", name=name)
        raise ExperimentError(str(with_hint(unknown, nearest(name, names))))
    return [design for design in designs if name in ("", design.name)]


def _show(found: Any) -> None:  # its class comes with the desk's tables
    unit = 10 ** minor_digits(found.currency)
    dates = f", {_day(found.first_day)} to {_day(found.last_day)}" if found.first_day else ""
    out.print(
        f"{found.name}: {found.outcome} within {found.days} days{dates}{', over' if found.over else ''}"
    )
    out.print(f"  {VERDICTS[found.verdict]}")
    shown = table("", "", *(arm.arm for arm in found.arms), right=tuple(range(1, 1 + len(found.arms))))
    shown.add_row("borrowers", *(f"{arm.borrowers:,}" for arm in found.arms))
    shown.add_row(f"{found.days} days over", *(f"{arm.complete:,}" for arm in found.arms))
    for name in MEASURES:
        sums = [arm.sums[name] for arm in found.arms]
        shown.add_row(name, *(amount(each, unit) if name in _MONEY else f"{each:,}" for each in sums))
    out.print(shown)
    for other in (each for each in found.compared if each.differences):
        title = f"{other.arm} beside {found.arms[0].arm}, a borrower"
        shown = table(title, "", "difference", "95 %", "on any day", right=(1, 2, 3))
        for name, difference in other.differences.items():
            shown.add_row(name, *_cells(difference, unit if name in _MONEY else 1))
        out.print(shown)
        if other.per_contact:
            out.print(f"  incremental cash a contact: {_range(other.per_contact, unit)}")
        if other.per_cost:
            out.print(f"  incremental cash for each 1.00 of cost: {_range(other.per_cost, 1)}")
        for measure in other.guardrails_passed:
            out.print(f"  the guardrail of {measure} is passed")


def _cells(found: Difference, unit: int) -> tuple[str, str, str]:
    places = 2 if unit > 1 else 4
    return (
        f"{found.fixed.estimate / unit:+,.{places}f}",
        f"{found.fixed.low / unit:+,.{places}f} to {found.fixed.high / unit:+,.{places}f}",
        f"{found.always.low / unit:+,.{places}f} to {found.always.high / unit:+,.{places}f}",
    )


def _range(found: Interval, unit: int) -> str:
    return f"{found.estimate / unit:,.2f} (95 %: {found.low / unit:,.2f} to {found.high / unit:,.2f})"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
