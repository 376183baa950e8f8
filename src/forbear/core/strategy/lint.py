"""Warnings about a strategy that is valid but may not mean what its author thinks.

Every combination of values that could matter is tried (see `worlds`). So a stage called unreachable truly is, while
a gap may be one that real loans never fall into.
"""

import itertools

from forbear.core.base.problem import Phrase, Problem, at_place, noop, with_hint
from forbear.core.conditions.parse import Condition
from forbear.core.files.hints import nearest
from forbear.core.strategy.choice_lint import lint_choice
from forbear.core.strategy.experiment_lint import lint_experiments
from forbear.core.strategy.least import ANY_STEP
from forbear.core.strategy.model import StageRule, Strategy
from forbear.core.strategy.worlds import MAX_TRIED, Worlds, Written, collect_values

_DAYS = "days_past_due"


def lint(strategy: Strategy) -> list[Problem]:
    """Warnings, each `file:line:column: what`: stages never reached, treatments never planned, days without a
    stage, names of stages that don't exist, experiments that overlap or can show nothing.
    An empty list when there is nothing to say.
    """
    warnings = [*_unknown_stages(strategy), *_steps_never_taken(strategy)]
    worlds = Worlds([rule.when for rule in strategy.stages])
    if worlds.size <= MAX_TRIED:
        first = [worlds.first(world) for world in worlds]
        lost = [rule for at, rule in enumerate(strategy.stages) if at not in first]
        gaps = _gaps(strategy, worlds, first)
    else:
        lost = [rule for at, rule in enumerate(strategy.stages) if _covered(rule, strategy.stages[:at])]
        gaps = []
    warnings += [_never_reached(rule, strategy) for rule in lost]
    warnings += _never_planned(strategy, lost)
    return warnings + gaps + lint_experiments(strategy) + lint_choice(strategy)


def _covered(rule: StageRule, earlier: tuple[StageRule, ...]) -> bool:
    """Whether one earlier stage alone takes everything this one could have."""
    for other in earlier:
        worlds = Worlds([other.when, rule.when])
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
    worlds = Worlds(conditions)
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


def _gaps(strategy: Strategy, worlds: Worlds, first: list[int | None]) -> list[Problem]:
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


def _steps_never_taken(strategy: Strategy) -> list[Problem]:
    """Least amounts for channels on which no stage plans anything."""
    used = {treatment.channel for rule in strategy.stages for treatment in rule.treatments} | {ANY_STEP}
    named = dict.fromkeys(step for amounts in strategy.least_amounts.values() for step in amounts)
    return [
        at_place(
            f"{strategy.origin}:1:1",
            Problem(
                "least_amount_unused", "`least_amounts` names `%(step)s`, which no stage plans", step=step
            ),
        )
        for step in named
        if step not in used
    ]


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
            collect_values(condition.term, choices)
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
