"""The table by which a night chooses: what past nights show, solved for the cases that wait, and kept in the home."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from forbear.core.strategy.model import Choose, Strategy
from forbear.core.strategy.parse import parse_strategy
from forbear.engine.columnar import Connection, connected
from forbear.insight.choice_cases import Cell, Waiting, waiting_cases, write_refused
from forbear.insight.choice_program import Solved, Worth, solve
from forbear.insight.choice_values import Learned, Value, learn
from forbear.insight.planned_context import read_planned_context
from forbear.interchange.book.book import Book
from forbear.interchange.home.choices import choice_path, refused_path
from forbear.interchange.home.lender import Home, read_text
from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.planned_steps import purposes
from forbear.interchange.home.policy import policy
from forbear.interchange.home.strategies import strategy_on
from forbear.night.run import latest_night

#: For this many days contacts are read for what the gate would refuse.
_WINDOW = 30


@dataclass(frozen=True, slots=True)
class Made:
    """A table with all that it was made of."""

    as_of: date
    strategy_version: str
    night: str
    choose: Choose
    learned: Learned
    waiting: Waiting
    solved: Solved

    def text(self) -> str:
        """As it is kept: the same inputs give the same text."""
        return json.dumps(
            {
                "as_of": str(self.as_of),
                "strategy_version": self.strategy_version,
                "made_from": self.night,
                "currency": self.choose.currency,
                "days": self.choose.days,
                "options": [option.name for option in self.choose.options],
                "cells": {name: list(shares) for name, shares in self.solved.shares.items()},
                "cases": {cell.name: cell.cases for cell in self.waiting.cells},
                "planned": {
                    cell.name: [asdict(each) for each in cell.planned] for cell in self.waiting.cells
                },
                "missing": list(self.waiting.missing),
                "running_calls": self.waiting.running_calls,
                **self.learned.plain(),
                "limits": [asdict(each) for each in self.solved.limits],
                "chosen": asdict(self.solved.chosen),
                "plain": asdict(self.solved.plain),
            },
            sort_keys=True,
            indent=1,
        )


def make_table(home: Home, book: Book, strategy: Strategy, as_of: date, now: datetime) -> Made | None:
    """Make and write the table of a night; None where the strategy chooses nothing."""
    if strategy.choose is None:
        return None
    path = refused_path(home, as_of)
    path.parent.mkdir(parents=True, exist_ok=True)
    night = latest_night(home.nights, before=as_of)
    with connected(home.threads) as engine:
        if night is not None:
            rules = tuple(bound.rule for bound in rulebook(home).bound)
            write_refused(
                engine, night, strategy, rules, purposes(home), read_planned_context(now, _WINDOW), path
            )
        made = work_out(engine, home, book, strategy, as_of)
    text = choice_path(home, as_of).with_suffix(".new")
    text.write_text(made.text(), encoding="utf-8")
    text.rename(choice_path(home, as_of))
    return made


def table_for_night(home: Home, book: Book, as_of: date, now: datetime) -> Made | None:
    """The table of a night by the strategy in force then; None where that chooses nothing."""
    strategy = parse_strategy(read_text(strategy_on(home, as_of)), "strategy.yaml")
    return make_table(home, book, strategy, as_of, now)


def work_out(engine: Connection, home: Home, book: Book, strategy: Strategy, as_of: date) -> Made:
    """The table of a night as it stands now, written nowhere."""
    choose, night, refused = (
        strategy.choose,
        latest_night(home.nights, before=as_of),
        refused_path(home, as_of),
    )
    assert choose is not None, "asked of strategies with a choice"
    learned = learn(engine, home, book, strategy, as_of)
    waiting = Waiting((), 0.0)
    if night is not None:
        known = refused if refused.is_file() else None
        waiting = waiting_cases(engine, night, strategy, as_of, policy(home).costs, known)
    worth = worths(choose, learned.values, learned.complaints_a_contact, waiting.cells)
    solved = solve(choose, waiting.cells, worth, waiting.running_calls)
    version = night.manifest["version"] if night is not None else ""
    return Made(as_of, strategy.version, version, choose, learned, waiting, solved)


def worths(
    choose: Choose, values: Iterable[Value], rates: Mapping[str, float], cells: Iterable[Cell]
) -> Mapping[tuple[str, str], Worth]:
    """What each option is worth in each cell's stratum; the ladder's cash beside itself is nothing."""
    known = {(each.stratum, each.option): each.cash for each in values if each.enough}
    ladder = choose.options[0].name
    return {
        (name, option.name): Worth(
            0.0 if option.name == ladder else known.get((name, option.name)), rates[option.name]
        )
        for name in {cell.stratum for cell in cells}
        for option in choose.options
    }
