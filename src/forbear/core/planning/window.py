"""Steps of a strategy that the rules refuse on every day on which they would be planned.

Every combination of the facts that the stage, the treatment and `hold_when` read is tried (see `core.strategy.worlds`).
In each of them a rule passes when any value of what else it reads lets it: the hour, a consent, what was counted. So
a step that is found can truly never leave, while one that is not found may still be refused on most days.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from forbear.core.base.problem import Problem, at_place
from forbear.core.conditions.terms import Junction, Negation, Term
from forbear.core.facts.context import Facts
from forbear.core.permits.rules import Rule
from forbear.core.planning.step import planned_step, settled_facts
from forbear.core.strategy.model import NOTHING, StageRule, Strategy, TreatmentRule
from forbear.core.strategy.worlds import MAX_TRIED, World, Written, collect_values, truth_of, values_around

Purposes = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class RefusedStep:
    """A step that no day lets pass, and the rules that see to it."""

    stage: str
    channel: str
    template: str
    rules: tuple[Rule, ...]
    place: str


def never_permitted(
    strategy: Strategy, rules: Iterable[Rule], purposes: Purposes, day: date
) -> list[RefusedStep]:
    """The steps that the rules in force from `day` on refuse on every day of their window, in the file's order.

    Rules of a place and rules that end are left out: there, or then, the step may pass. `purposes` is as `planned_step`
    has it.
    """
    lasting = [rule for rule in rules if rule.in_force(day) and rule.ends == date.max and not rule.regions]
    found = []
    for stage in strategy.stages:
        for treatment in stage.treatments:
            if treatment.channel == NOTHING:
                continue
            refusing = _refusing(strategy, stage, treatment, lasting, purposes)
            if refusing:
                found.append(
                    RefusedStep(stage.stage, treatment.channel, treatment.template, refusing, treatment.place)
                )
    return found


def refused_step(step: RefusedStep) -> Problem:
    """The sentence about a step that is never permitted, with its place."""
    return at_place(
        step.place,
        Problem(
            "strategy_step_refused",
            "%(channel)s `%(template)s` of stage `%(stage)s` is refused on every day: %(rules)s",
            channel=step.channel,
            template=step.template,
            stage=step.stage,
            rules=tuple(f"{rule.id} ({rule.clause})" for rule in step.rules),
        ),
    )


def _refusing(
    strategy: Strategy, stage: StageRule, treatment: TreatmentRule, rules: list[Rule], purposes: Purposes
) -> tuple[Rule, ...]:
    """The rules by which a treatment is refused whenever it is planned; none when some day lets it pass."""
    planned = planned_step(treatment.channel, treatment.template, purposes)
    fixed = settled_facts(planned)
    concerned = [rule for rule in rules if rule.concerns(planned)]
    wanted: list[Term] = [stage.when.term, treatment.when.term]
    held = _not(strategy.hold_when.term)
    refusals = [_term(rule) for rule in concerned]
    days = list(_combinations([*wanted, held], refusals, fixed))
    if not days:  # too many with what holds a case: without it there are more days, none of them missed
        days = list(_combinations(wanted, refusals, fixed))
    asked = [_Asked(rule, term, fixed, days) for rule, term in zip(concerned, refusals, strict=True)]
    refusing: dict[str, Rule] = {}
    always = set(range(len(concerned)))
    for day in days:
        refused = {number for number, rule in enumerate(asked) if rule.refuses(day)}
        if not refused:
            return ()
        always &= refused
        refusing |= {concerned[number].id: concerned[number] for number in sorted(refused)}
    if always:
        return tuple(concerned[number] for number in sorted(always)) if days else ()
    return tuple(refusing.values())


def _not(term: Term) -> Term:
    return Negation(term.start, term.end, "bool", term)


def _term(rule: Rule) -> Term:
    """When a rule refuses, as one term."""
    refuse = rule.refuse_when.term
    if rule.unless is None:
        return refuse
    return Junction(refuse.start, refuse.end, "bool", "and", (refuse, _not(rule.unless.term)))


def _combinations(conditions: list[Term], others: list[Term], fixed: Facts) -> Iterable[World]:
    """Every combination of what the conditions read in which all of them hold; none when there are too many.

    What `others` compare the same facts with is tried, too.
    """
    compared: dict[str, list[Written]] = {}
    for term in conditions:
        collect_values(term, compared)
    names = [name for name in compared if name not in fixed]
    for term in others:
        collect_values(term, compared)
    choices = [values_around(name, compared[name]) for name in names]
    size = 1
    for values in choices:
        size *= len(values)
    if size > MAX_TRIED:
        return
    truths = [truth_of(term) for term in conditions]
    for row in itertools.product(*choices):
        world = _world(fixed, zip(names, row, strict=True))
        if all(truth(world) for truth in truths):
            yield world


def _world(fixed: Facts, values: Iterable[tuple[str, int | str | bool]]) -> World:
    return {"minor_unit": 10**6, **fixed, **dict(values)}


class _Asked:
    """One rule, asked whether it refuses on a day whatever is not known of that day."""

    def __init__(self, rule: Rule, term: Term, fixed: Facts, days: list[World]) -> None:
        compared: dict[str, list[Written]] = {}
        collect_values(term, compared)
        known = days[0].keys() if days else fixed.keys()
        self.reads = [name for name in compared if name in known]
        open_names = [name for name in compared if name not in known]
        choices = [values_around(name, compared[name]) for name in open_names]
        self.truth: Callable[[World], bool] = truth_of(term)
        tried = itertools.islice(itertools.product(*choices), MAX_TRIED + 1)
        self.others = [dict(zip(open_names, values, strict=True)) for values in tried]
        self.answers: dict[tuple[int | str | bool, ...], bool] = {}

    def refuses(self, day: World) -> bool:
        """Whether no value of what is open lets the step pass; not said of what has too many values."""
        if len(self.others) > MAX_TRIED:
            return False
        key = tuple(day[name] for name in self.reads)
        if key not in self.answers:
            self.answers[key] = all(self.truth({**day, **other}) for other in self.others)
        return self.answers[key]
