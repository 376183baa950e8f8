"""Warnings about the experiments and the hold-out of a strategy that is valid."""

from collections.abc import Mapping
from itertools import combinations

from forbear.core.base.problem import Problem, at_place
from forbear.core.conditions.parse import Condition
from forbear.core.conditions.terms import Comparison, FactTerm, Literal, Member, Term, experiment_of, walk
from forbear.core.strategy.arms import last_stages
from forbear.core.strategy.model import Experiment, Strategy
from forbear.core.strategy.stage import goes_to_holdout
from forbear.core.strategy.worlds import MAX_TRIED, Worlds


def lint_experiments(strategy: Strategy) -> list[Problem]:
    """Experiments that overlap, that nobody can be in, and arms that no condition tells from the first."""
    warnings = [_nobody(each) for each in strategy.experiments if not _possible([each.eligible])]
    asked = _arms_asked(strategy)
    for experiment in strategy.experiments:
        unlike = [arm for arm in experiment.arms if (experiment.name, arm.name) in asked]
        same = [arm for arm in experiment.arms if arm not in unlike]
        # one arm may be what happens anyway; a second one is no arm of its own
        warnings += [
            at_place(
                arm.place,
                Problem(
                    "arm_never_asked",
                    "nobody is treated by arm `%(arm)s`: no condition asks for it, and `%(other)s` is what "
                    "happens anyway",
                    arm=arm.name,
                    other=same[0].name,
                ),
            )
            for arm in same[1:]
        ]
    return warnings + [
        at_place(
            second.place,
            Problem(
                "experiments_overlap",
                "`%(second)s` overlaps with `%(first)s`: the same borrowers can be in both on the same days",
                first=first.name,
                second=second.name,
            ),
        )
        for first, second in combinations(strategy.experiments, 2)
        if first.first_day <= second.last_day
        and second.first_day <= first.last_day
        and _possible([first.eligible, second.eligible])
    ]


def notices_kept(strategy: Strategy, purposes: Mapping[tuple[str, str], str]) -> list[Problem]:
    """The notices that the hold-out would not get, though the law demands them; `purposes` as `planned_step` has it."""
    if strategy.holdout is None:
        return []
    late = last_stages(strategy)
    return [
        at_place(
            treatment.place,
            Problem(
                "holdout_keeps_notice",
                "the hold-out would not get the notice %(channel)s `%(template)s` of stage `%(stage)s`: mark it "
                "`required: true`",
                channel=treatment.channel,
                template=treatment.template,
                stage=rule.stage,
            ),
        )
        for rule in strategy.stages
        if rule.stage not in late
        for treatment in rule.treatments
        if purposes.get((treatment.template, treatment.channel)) == "notice"
        and not goes_to_holdout(strategy, treatment)
    ]


def _nobody(experiment: Experiment) -> Problem:
    never = Problem(
        "experiment_never_eligible",
        "nobody can come into `%(name)s`: who is eligible never holds",
        name=experiment.name,
    )
    return at_place(experiment.place, never)


def _possible(conditions: list[Condition]) -> bool:
    worlds = Worlds(conditions)
    return worlds.size > MAX_TRIED or worlds.together()


def _arms_asked(strategy: Strategy) -> set[tuple[str, str]]:
    """The arms that some condition of a stage or treatment names."""
    conditions = [strategy.hold_when, *(rule.when for rule in strategy.stages)]
    conditions += [treatment.when for rule in strategy.stages for treatment in rule.treatments]
    return {
        pair for condition in conditions for term in walk(condition.term) for pair in _named(term)
    }  # fmt: skip


def _named(term: Term) -> list[tuple[str, str]]:
    match term:
        case Comparison(left=left, right=right):
            sides: tuple[Term, ...] = (left, right)
        case Member(term=inner, items=items):
            sides = (inner, *items)
        case _:
            return []
    experiments = [experiment_of(side.name) for side in sides if isinstance(side, FactTerm)]
    values = [str(side.value) for side in sides if isinstance(side, Literal)]
    return [(experiment, value) for experiment in experiments if experiment for value in values]
