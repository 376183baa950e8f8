"""Warnings about a strategy that is valid but may not mean what its author thinks.

Facts that conditions compare with plain values (`days_past_due between 4 and 29`, `bucket = 'M1'`, a flag)
are tried with every value that could matter: each bound, one below it and one above. Anything else (`a > b`,
`days_in_stage % 3 = 0`) is taken as something that may hold or not. So a stage called unreachable truly is,
while a gap may be one that real loans never fall into.
"""

import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal

from forbear.core.base.problem import Phrase, Problem, at_place, noop, with_hint
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
)
from forbear.core.conditions.to_python import Row, python_of
from forbear.core.conditions.to_sql import sql_of
from forbear.core.facts.vocabulary import FACTS, MINOR_UNIT
from forbear.core.files.hints import nearest
from forbear.core.strategy.model import StageRule, Strategy

#: More combinations than this are not tried; the stages are then compared two by two.
MAX_TRIED = 10_000

#: Money is tried in millionths, the finest that can be written, so that no bound falls between two values.
_TRIED_MINOR_UNIT = 10**6

_DAYS = "days_past_due"

World = dict[str, int | str | bool]
Written = int | Decimal | str | bool


def lint(strategy: Strategy) -> list[Problem]:
    """Warnings, each `file:line:column: what`: stages never reached, treatments never planned, days without a
    stage, names of stages that don't exist. An empty list when there is nothing to say.
    """
    warnings = [*_unknown_stages(strategy)]
    worlds = _Worlds([rule.when for rule in strategy.stages])
    if worlds.size <= MAX_TRIED:
        first = [worlds.first(world) for world in worlds]
        lost = [rule for at, rule in enumerate(strategy.stages) if at not in first]
        gaps = _gaps(strategy, worlds, first)
    else:
        lost = [rule for at, rule in enumerate(strategy.stages) if _covered(rule, strategy.stages[:at])]
        gaps = []
    warnings += [_never_reached(rule, strategy) for rule in lost]
    warnings += _never_planned(strategy, lost)
    return warnings + gaps


class _Worlds:
    """All combinations of what could matter to some conditions, and which of them holds in each."""

    def __init__(self, conditions: list[Condition]) -> None:
        self.truths = [_truth(condition.term) for condition in conditions]
        compared: dict[str, list[Written]] = {}
        for condition in conditions:
            _collect(condition.term, compared)
        self.choices = {name: _around(name, values) for name, values in compared.items()}
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


def _truth(term: Term) -> Callable[[Row], bool]:
    """Whether a condition holds in a world, with every term that is not plain read from its made-up flag."""
    if isinstance(term, Negation):
        inner = _truth(term.term)
        return lambda world: not inner(world)
    if isinstance(term, Junction):
        truths = [_truth(part) for part in term.terms]
        if term.operator == "and":
            return lambda world: all(truth(world) for truth in truths)
        return lambda world: any(truth(world) for truth in truths)
    if isinstance(term, Literal) or _plain(term):
        return python_of(term)
    flag = _opaque(term)
    return lambda world: bool(world[flag])


def _collect(term: Term, choices: dict[str, list[Written]]) -> None:
    """Gather, by fact or made-up flag, the values that a condition compares it with."""
    if isinstance(term, (Negation, Junction)):
        for child in children(term):
            _collect(child, choices)
    elif name := _plain(term):
        values = [sub_term.value for sub_term in children(term) if isinstance(sub_term, Literal)]
        choices.setdefault(name, []).extend(values)
    elif not isinstance(term, Literal):
        choices.setdefault(_opaque(term), [])


def _around(name: str, values: list[Written]) -> list[int | str | bool]:
    """Every value worth trying for a fact: the bounds and their neighbours, or all there are."""
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


def _covered(rule: StageRule, earlier: tuple[StageRule, ...]) -> bool:
    """Whether one earlier stage alone takes everything this one could have."""
    for other in earlier:
        worlds = _Worlds([other.when, rule.when])
        if worlds.size <= MAX_TRIED and all(worlds.first(world) != 1 for world in worlds):
            return True
    return False


def _never_reached(rule: StageRule, strategy: Strategy) -> Problem:
    earlier = strategy.stages[: strategy.stages.index(rule)]
    if not _possible([rule.when]):
        never = Problem(
            "stage_condition_impossible",
            "stage `%(stage)s` can never be reached: its condition never holds",
            stage=rule.stage,
        )
        return at_place(rule.place, never)
    single = next((other.stage for other in earlier if _covered(rule, (other,))), None)
    if single:
        covered = Problem(
            "stage_covered_by_one",
            "stage `%(stage)s` can never be reached: `%(other)s` takes all it could have; move it up",
            stage=rule.stage,
            other=single,
        )
    else:
        covered = Problem(
            "stage_covered",
            "stage `%(stage)s` can never be reached: the stages before it take all it could have; move it up",
            stage=rule.stage,
        )
    return at_place(rule.place, covered)


def _possible(conditions: list[Condition]) -> bool:
    worlds = _Worlds(conditions)
    return worlds.size > MAX_TRIED or worlds.together()


def _never_planned(strategy: Strategy, lost: list[StageRule]) -> list[Problem]:
    """Treatments whose condition contradicts their stage's."""
    return [
        at_place(
            treatment.place,
            Problem(
                "treatment_impossible",
                "%(channel)s `%(template)s` is never planned: its condition can't hold in stage `%(stage)s`",
                channel=treatment.channel,
                template=treatment.template,
                stage=rule.stage,
            ),
        )
        for rule in strategy.stages
        if rule not in lost
        for treatment in rule.treatments
        if not _possible([rule.when, treatment.when])
    ]


def _gaps(strategy: Strategy, worlds: _Worlds, first: list[int | None]) -> list[Problem]:
    """Days past due, from 1 on, on which some or all loans are in no stage."""
    days = worlds.choices.get(_DAYS)
    if not days:
        return []
    truths: dict[int, set[bool]] = {int(day): set() for day in days if day}
    for world, at in zip(worlds, first, strict=True):
        if world[_DAYS]:
            truths[int(world[_DAYS])].add(at is None)
    warnings = []
    for missed, days_run in itertools.groupby(truths, key=lambda day: frozenset(truths[day])):
        if True not in missed:
            continue
        run = list(days_run)
        what = _run_of_days(run[0], run[-1], open_ended=run[-1] == max(truths))
        gap = _gap(what, nobody=len(missed) == 1)
        warnings.append(at_place(f"{strategy.origin}:1:1", gap))
    return warnings


def _gap(days: Phrase, *, nobody: bool) -> Problem:
    """Days on which no loan, or not every loan, is in a stage."""
    if nobody:
        return Problem("stages_leave_gap", "%(days)s past due no stage applies", days=days)
    return Problem(
        "stages_leave_loans_out",
        "%(days)s past due some loans are in no stage: add one without further terms",
        days=days,
    )


def _run_of_days(first: int, last: int, *, open_ended: bool) -> Phrase:
    if open_ended:
        return Phrase(noop("from %(first)s days"), first=first)
    if first == last:
        return Phrase(noop("at %(first)s days"), first=first)
    return Phrase(noop("from %(first)s to %(last)s days"), first=first, last=last)


def _unknown_stages(strategy: Strategy) -> list[Problem]:
    """Comparisons of `previous_stage` with a name that no stage of this strategy bears."""
    names = [rule.stage for rule in strategy.stages]
    warnings = []
    for rule in strategy.stages:
        for place, condition in (
            (rule.place, rule.when),
            *((treatment.place, treatment.when) for treatment in rule.treatments),
        ):
            choices: dict[str, list[Written]] = {}
            _collect(condition.term, choices)
            warnings += [
                at_place(
                    place,
                    with_hint(
                        Problem(
                            "previous_stage_unknown",
                            "`previous_stage` is never '%(value)s'",
                            value=str(value),
                        ),
                        nearest(str(value), names),
                    ),
                )
                for value in choices.get("previous_stage", [])
                if value and value not in names
            ]
    return warnings
