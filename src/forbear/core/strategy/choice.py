"""The choice: by which probabilities a borrower gets one of a strategy's options, and which one chance gives.

An option says on which channels what the stages plan may go. The first one leaves all of it: the plain ladder. Cases
alike in what `strata` names, with the same options open to them, are one cell. A table made before the night has a
probability for each option of a cell, in millionths. Where it has none for a cell, the ladder has all but the floors.

Who is eligible gets an option for `days` days, by their place under the salt and the day: another place with each draw.
It is on record like an arm of an experiment named `choice`. Nobody vulnerable and nobody of the hold-out is chosen for,
and what the law demands goes under any option. The night's twin is `night.choice`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from forbear.core.conditions.terms import arm_fact
from forbear.core.conditions.to_python import Row
from forbear.core.strategy.chance import WHOLE, boundary, place
from forbear.core.strategy.model import Choose, Option

#: The name under which an option is on record among the arms.
CHOICE = "choice"
CHOICE_FACT = arm_fact(CHOICE)

Shares = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChoiceTable:
    """A night's probabilities by cell, an option each in the file's order, and who can't have which option.

    `refused` has (borrower, option) where the permit gate would surely refuse all that the option plans.
    """

    shares: Mapping[str, Shares] = field(default_factory=dict)
    refused: frozenset[tuple[str, str]] = frozenset()


NO_TABLE = ChoiceTable()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What chance gave: the option, how probable it was in millionths, and the cell."""

    option: str
    share: int
    cell: str


def stratum(choose: Choose, row: Row) -> str:
    """Where a case belongs: by each thing that strata name the number of its bound, as `1.0`."""
    return ".".join(
        str(next((at for at, bound in reversed(each.numbered) if bound.python()(row)), 0))
        for each in choose.strata
    )


def open_options(choose: Choose, borrower_id: str, row: Row, refused: frozenset[tuple[str, str]]) -> int:
    """The options that may be had, a bit each from the first: those whose condition holds and that aren't refused."""
    return sum(
        1 << at
        for at, option in enumerate(choose.options)
        if at == 0 or ((borrower_id, option.name) not in refused and option.when.python()(row))
    )


def cell_of(stratum_name: str, mask: int) -> str:
    """The name of a cell."""
    return f"{stratum_name}/{mask}"


def plain_shares(choose: Choose, mask: int) -> Shares:
    """The probabilities where nothing is known: each open option its floor, the ladder the rest."""
    floors = [choose.floor if at and mask >> at & 1 else 0 for at in range(len(choose.options))]
    return (WHOLE - sum(floors), *floors[1:])


def chosen(
    choose: Choose, borrower_id: str, row: Row, as_of: date, table: ChoiceTable = NO_TABLE
) -> Chosen | None:
    """The option that a borrower gets on a day; None for who isn't eligible."""
    if row["currency"] != choose.currency or row["vulnerable"] or not choose.eligible.python()(row):
        return None
    mask = open_options(choose, borrower_id, row, table.refused)
    cell = cell_of(stratum(choose, row), mask)
    shares = table.shares.get(cell) or plain_shares(choose, mask)
    mine, total = place(salt_on(choose, as_of), borrower_id), 0
    for option, share in zip(choose.options, shares, strict=True):
        total += share
        if mine < boundary(total):
            return Chosen(option.name, share, cell)
    raise AssertionError("the probabilities of a cell add up to one")


def salt_on(choose: Choose, as_of: date) -> str:
    """The salt of a day, so that each draw is another."""
    return f"{choose.salt}:{as_of}"


def runs_on(choose: Choose, since: date, as_of: date) -> bool:
    """Whether an option given on a night still counts on a day."""
    return since <= as_of < since + timedelta(days=choose.days)


def lets(option: Option | None, channel: str) -> bool:
    """Whether an option leaves a treatment on a channel as the stages plan it."""
    return option is None or option.only is None or channel in option.only


def option_of(choose: Choose, name: str) -> Option | None:
    """The option of a name; None where there is none, as when the strategy has changed."""
    return next((option for option in choose.options if option.name == name), None)


def choice_table(text: str) -> dict[str, Shares]:
    """The probabilities of a table as it is kept: `{"cells": {"1.0/7": [900000, 50000, 50000]}}`; none for no text."""
    cells = json.loads(text)["cells"] if text else {}
    table = {name: tuple(int(share) for share in shares) for name, shares in cells.items()}
    assert all(sum(shares) == WHOLE for shares in table.values()), "the probabilities of a cell add up to one"
    return table
