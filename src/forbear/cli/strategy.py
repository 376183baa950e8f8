"""`forbear strategy`: a new strategy from its draft to the whole book, and back, as the page *Strategies* does it."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from forbear.cli.desk import desk
from forbear.cli.shared import Day, folder_option, moment, out, table
from forbear.core.base.problem import InputError, Problem
from forbear.core.strategy.canary import SHARES
from forbear.core.strategy.chance import WHOLE
from forbear.interchange.home.lender import read_text

_PROPOSE, _SIGN = "desk:strategy:propose", "desk:strategy:sign"
_SHARES = {f"{share / WHOLE:.0%}".rstrip("%"): share for share in (*SHARES, WHOLE)}


class StrategyStepError(InputError):
    """A step that can't be taken; the message says why."""


def staff_option() -> Callable[[Any], Any]:
    """In whose name it is done."""
    return click.option("--staff", "username", required=True, help="The account in whose name it is done.")


@click.group("strategy")
def command() -> None:
    """Bring a new strategy from its draft to the whole book, by a share of the borrowers, or take it back."""


@command.command("list")
@folder_option()
def list_(home_folder: Path) -> None:
    """List the versions, the newest first, each with its number."""
    history = desk(home_folder, "forbear.actions.selectors.strategy_history")
    shown = table("", "number", "strategy", "version", "state", "from", "share", right=(0, 5))
    for row in history.strategy_versions():
        share = history.share_now(row)
        shown.add_row(
            str(row.pk), row.name, row.version, row.state, str(row.from_day or ""), f"{share / WHOLE:.0%}"
        )
    out.print(shown)


@command.command("draft")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@staff_option()
@folder_option()
def draft(file: Path, username: str, home_folder: Path) -> None:
    """Keep FILE as a draft, run it dry on the latest book, and say what it would change."""
    versions = desk(home_folder, "forbear.actions.strategies.strategy_versions")
    text = read_text(file)
    made = _as(home_folder, username, _PROPOSE, lambda staff, now: versions.draft_strategy(text, staff, now))
    now = moment(home_folder)
    _done(versions.try_strategy(made.pk, now))
    trial = desk(home_folder, "forbear.jobs.strategy_backtests")
    while trial.try_due(now):
        pass
    made.refresh_from_db()
    if made.trial_state != "done":
        raise StrategyStepError(f"draft {made.pk} is kept, but the dry run failed: {made.trial_said}")
    out.print(
        f"Draft {made.pk}: {made.name} {made.version}. "
        f"{made.trial['otherwise']:,} of {made.trial['borrowers']:,} borrowers would be treated otherwise."
    )


@command.command("propose")
@click.argument("number", type=int)
@click.option("--from", "first", type=Day(), required=True, help="The first night.")
@click.option("--share", type=click.Choice(list(_SHARES)), default="100", help="Percent of the borrowers.")
@click.option("--reason", required=True, help="Why; the second person reads it.")
@staff_option()
@folder_option()
def propose(number: int, first: date, share: str, reason: str, username: str, home_folder: Path) -> None:
    """Propose draft NUMBER, on a share of the borrowers at first; another person signs."""
    versions = desk(home_folder, "forbear.actions.strategies.strategy_versions")
    _as(
        home_folder,
        username,
        _PROPOSE,
        lambda staff, now: versions.propose_strategy(number, first, reason, staff, now, _SHARES[share]),
    )
    out.print(f"Proposed. Another person signs: forbear strategy sign {number} --staff NAME")


@command.command("sign")
@click.argument("number", type=int)
@staff_option()
@folder_option()
def sign(number: int, username: str, home_folder: Path) -> None:
    """Sign NUMBER as the second person: in force from its day, on its share of the borrowers."""
    versions = desk(home_folder, "forbear.actions.strategies.strategy_versions")
    made = _as(home_folder, username, _SIGN, lambda staff, now: versions.sign_strategy(number, staff, now))
    out.print(f"Signed: {made.share / WHOLE:.0%} of the borrowers from the night of {made.from_day}.")


@command.command("share")
@click.argument("number", type=int)
@click.argument("share", type=click.Choice(list(_SHARES)))
@staff_option()
@folder_option()
def share_(number: int, share: str, username: str, home_folder: Path) -> None:
    """Let NUMBER decide SHARE percent of the borrowers from the next night, or 100 for all."""
    canaries = desk(home_folder, "forbear.actions.strategies.canaries")
    step = _as(
        home_folder,
        username,
        _SIGN,
        lambda staff, now: canaries.set_share(number, _SHARES[share], staff, now),
    )
    out.print(f"{step.percent} of the borrowers from the night of {step.from_day}.")


@command.command("take-back")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why; it is kept as evidence.")
@staff_option()
@folder_option()
def take_back(number: int, reason: str, username: str, home_folder: Path) -> None:
    """Take the canary NUMBER back: all are decided as before from the next night."""
    canaries = desk(home_folder, "forbear.actions.strategies.canaries")
    step = _as(
        home_folder, username, _SIGN, lambda staff, now: canaries.take_back(number, reason, staff, now)
    )
    out.print(f"Taken back from the night of {step.from_day}.")


@command.command("undo")
@click.argument("number", type=int)
@staff_option()
@folder_option()
def undo(number: int, username: str, home_folder: Path) -> None:
    """Undo the last step of NUMBER."""
    canaries = desk(home_folder, "forbear.actions.strategies.canaries")
    step = _as(home_folder, username, _SIGN, lambda staff, now: canaries.undo_step(number, staff, now))
    out.print(f"Undone: {step.percent} of the borrowers from the night of {step.from_day}.")


def _as(home_folder: Path, username: str, permission: str, act: Callable[[Any, datetime], Any]) -> Any:
    """Do it in the name of an account; what is refused ends the command."""
    door = desk(home_folder, "forbear.actions.strategies.by_name")
    return _done(door.done_as(username, permission, act, moment(home_folder)))


def _done(made: Any) -> Any:
    wrong = [each for each in (made if isinstance(made, list) else [made]) if isinstance(each, Problem)]
    if wrong:
        raise StrategyStepError("\n".join(str(each) for each in wrong))
    return made
