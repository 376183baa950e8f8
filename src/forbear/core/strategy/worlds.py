"""All that could matter to some conditions: every combination of values of the facts they read.

Facts that conditions compare with plain values (`days_past_due between 4 and 29`, `bucket = 'M1'`, a flag) are tried
with every value that could matter: each bound, one below it and one above. Anything else (`a > b`,
`days_in_stage % 3 = 0`) is taken as something that may hold or not. So what holds in no combination truly never does.
"""

import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal

from forbear.core.conditions.parse import Condition
from forbear.core.conditions.terms import (
    Between,
    Comparison,
    FactTerm,
    Junction,
    Literal,
    Member,
    Negation,
    Term,
    children,
    experiment_of,
)
from forbear.core.conditions.to_python import Row, python_of
from forbear.core.conditions.to_sql import sql_of
from forbear.core.facts.vocabulary import FACTS, MINOR_UNIT

#: More combinations than this are not tried; the stages are then compared two by two.
MAX_TRIED = 10_000

#: Money is tried in millionths, the finest that can be written, so that no bound falls between two values.
_TRIED_MINOR_UNIT = 10**6

World = dict[str, int | str | bool]
Written = int | Decimal | str | bool


class Worlds:
    """All combinations of what could matter to some conditions, and which of them holds in each."""

    def __init__(self, conditions: list[Condition]) -> None:
        self.truths = [truth_of(condition.term) for condition in conditions]
        compared: dict[str, list[Written]] = {}
        for condition in conditions:
            collect_values(condition.term, compared)
        self.choices = {name: values_around(name, values) for name, values in compared.items()}
        self.size = 1
        for values in self.choices.values():
            self.size *= len(values)

    def __iter__(self) -> Iterator[World]:
        for values in itertools.product(*self.choices.values()):
            world: World = {MINOR_UNIT: _TRIED_MINOR_UNIT}
            yield world | dict(zip(self.choices, values, strict=True))

    def first(self, world: World) -> int | None:
        """Which condition is the first to hold, if any."""
        return next((at for at, truth in enumerate(self.truths) if truth(world)), None)

    def together(self) -> bool:
        """Whether all the conditions can hold at once."""
        return any(all(truth(world) for truth in self.truths) for world in self)


def _plain(term: Term) -> str | None:
    """The name of the one fact that a term compares with plain values, if it is so simple."""
    match term:
        case FactTerm(name=name):
            return name
        case Comparison(left=FactTerm(name=name), right=Literal()):
            return name
        case Comparison(left=Literal(), right=FactTerm(name=name)):
            return name
        case Between(term=FactTerm(name=name), low=Literal(), high=Literal()):
            return name
        case Member(term=FactTerm(name=name), items=items) if all(
            isinstance(item, Literal) for item in items
        ):
            return name
    return None


def _opaque(term: Term) -> str:
    """What stands for a term that is not plain: a made-up flag."""
    return "? " + sql_of(term, lambda name: name)


def truth_of(term: Term) -> Callable[[Row], bool]:
    """Whether a condition holds in a world, with every term that is not plain read from its made-up flag."""
    if isinstance(term, Negation):
        inner = truth_of(term.term)
        return lambda world: not inner(world)
    if isinstance(term, Junction):
        truths = [truth_of(part) for part in term.terms]
        if term.operator == "and":
            return lambda world: all(truth(world) for truth in truths)
        return lambda world: any(truth(world) for truth in truths)
    if isinstance(term, Literal) or _plain(term):
        return python_of(term)
    flag = _opaque(term)
    return lambda world: bool(world[flag])


def collect_values(term: Term, choices: dict[str, list[Written]]) -> None:
    """Gather, by fact or made-up flag, the values that a condition compares it with."""
    if isinstance(term, (Negation, Junction)):
        for child in children(term):
            collect_values(child, choices)
    elif name := _plain(term):
        values = [sub_term.value for sub_term in children(term) if isinstance(sub_term, Literal)]
        choices.setdefault(name, []).extend(values)
    elif not isinstance(term, Literal):
        choices.setdefault(_opaque(term), [])


def values_around(name: str, values: list[Written]) -> list[int | str | bool]:
    """Every value worth trying for a fact: the bounds and their neighbours, or all there are."""
    if experiment_of(name):
        return sorted({str(value) for value in values} | {""})
    fact = FACTS.get(name)
    if fact is None or fact.kind == "bool":
        return [False, True]
    if fact.kind == "text":
        written = {value for value in values if isinstance(value, str)}
        return sorted(fact.values) if fact.values else [*sorted(written), "\x00"]
    if fact.kind == "money":
        values = [int(Decimal(value) * _TRIED_MINOR_UNIT) for value in values]
    near = {int(value) + step for value in values for step in (-1, 0, 1)}
    return sorted(number for number in near | {0} if number >= 0)
