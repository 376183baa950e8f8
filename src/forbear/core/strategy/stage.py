"""Which stage a borrower is in, who handles it, and which treatments the strategy wants.

The facts are those of the borrower's worst loan (`core/facts/borrower.py`). The first stage whose condition holds
wins; when none does there is no stage and nothing to do. Whether a treatment may really go out is not decided
here: that is the permit's business.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from forbear.core.conditions.parse import Explained, parse
from forbear.core.conditions.terms import experiment_of
from forbear.core.conditions.to_python import Row
from forbear.core.facts.purpose import NOTICE_OF
from forbear.core.strategy.arms import HOLDOUT
from forbear.core.strategy.choice import CHOICE_FACT, lets, option_of
from forbear.core.strategy.least import too_small
from forbear.core.strategy.model import NOTHING, Strategy, TreatmentRule


@dataclass(frozen=True, slots=True)
class Decision:
    """What a strategy says of one borrower on one day.

    ``stage`` and ``handler`` are '' when no stage applies. ``held``: the stage stands but nothing is planned,
    because the strategy's ``hold_when`` holds. ``reasons``: the terms of the winning stage's condition, then,
    if held, those of ``hold_when``, with the facts they read. ``too_small``: what would be wanted for a larger amount.
    ``left_out``: what would be wanted of somebody who isn't in the hold-out, without a `nothing` planned beside it, or
    under the first option of the choice.
    """

    stage: str
    handler: str
    treatments: tuple[TreatmentRule, ...]
    held: bool
    reasons: tuple[Explained, ...]
    too_small: tuple[TreatmentRule, ...] = ()
    left_out: tuple[TreatmentRule, ...] = ()


#: What is planned of the hold-out: nothing, and on record like any other treatment.
SILENCE = TreatmentRule(NOTHING, HOLDOUT, parse("true"))

NO_STAGE = Decision("", "", (), False, ())


def decide(strategy: Strategy, row: Row) -> Decision:
    """The decision for a row of facts known at night and to the desk.

    ``days_in_stage`` in the row is that of the stage decided here: 0 on the first day.
    """
    return decider(strategy)(row)


def decider(strategy: Strategy) -> Callable[[Row], Decision]:
    """``decide`` for one strategy and many rows: its conditions are compiled once."""
    stages = [
        (
            rule,
            rule.when.python(),
            rule.when.explainer(),
            [(treatment, treatment.when.python()) for treatment in rule.treatments],
        )
        for rule in strategy.stages
    ]
    hold, explain_hold = strategy.hold_when.python(), strategy.hold_when.explainer()

    def decide_row(row: Row) -> Decision:
        for rule, matches, explain, treatments in stages:
            if not matches(row):
                continue
            if hold(row):
                return Decision(rule.stage, rule.handler, (), True, (*explain(row), *explain_hold(row)))
            due_now = [treatment for treatment, due in treatments if due(row)]
            small = tuple(treatment for treatment in due_now if too_small(strategy, treatment, row))
            wanted = tuple(treatment for treatment in due_now if treatment not in small)
            wanted, left_out = _quiet(strategy, wanted, bool(row.get("in_holdout")))
            wanted, passed_over = _of_option(strategy, wanted, row)
            left_out += passed_over
            return Decision(rule.stage, rule.handler, wanted, False, tuple(explain(row)), small, left_out)
        return NO_STAGE

    return decide_row


def _quiet(
    strategy: Strategy, wanted: tuple[TreatmentRule, ...], in_holdout: bool
) -> tuple[tuple[TreatmentRule, ...], tuple[TreatmentRule, ...]]:
    """What is planned and what is left out: of the hold-out, or where `nothing` is wanted, only what must go goes."""
    if not in_holdout and all(treatment.channel != NOTHING for treatment in wanted):
        return wanted, ()
    if in_holdout:
        goes = tuple(treatment for treatment in wanted if goes_to_holdout(strategy, treatment))
        planned = (*goes, SILENCE)
    else:
        planned = goes = tuple(each for each in wanted if each.channel == NOTHING or must_go(each))
    return planned, tuple(treatment for treatment in wanted if treatment not in goes)


def _of_option(
    strategy: Strategy, wanted: tuple[TreatmentRule, ...], row: Row
) -> tuple[tuple[TreatmentRule, ...], tuple[TreatmentRule, ...]]:
    """What the option chosen for a case leaves of its treatments, and what it leaves out."""
    name = str(row.get(CHOICE_FACT, ""))
    if strategy.choose is None or not name or row["vulnerable"]:
        return wanted, ()
    option = option_of(strategy.choose, name)
    goes = tuple(
        each for each in wanted if each.channel == NOTHING or must_go(each) or lets(option, each.channel)
    )
    return goes, tuple(each for each in wanted if each not in goes)


def must_go(treatment: TreatmentRule) -> bool:
    """Whether a treatment is a notice that the law demands: marked so, or one by its name."""
    return treatment.required or treatment.template in NOTICE_OF


def goes_to_holdout(strategy: Strategy, treatment: TreatmentRule) -> bool:
    """Whether a treatment reaches the hold-out, too."""
    keeps = strategy.holdout.keeps if strategy.holdout is not None else frozenset()
    return treatment.channel != NOTHING and (must_go(treatment) or treatment.template in keeps)


#: The facts about what falls due soon.
DUE_SOON = frozenset({"days_to_due", "next_due_amount"})


def facts_named(strategy: Strategy) -> frozenset[str]:
    """The facts that any condition of the strategy names; the arm of an experiment is none of them."""
    named = set(strategy.hold_when.facts)
    for rule in strategy.stages:
        named |= rule.when.facts.union(*(treatment.when.facts for treatment in rule.treatments))
    named = named.union(*(experiment.eligible.facts for experiment in strategy.experiments))
    if strategy.holdout is not None:
        named |= {"vulnerable", "in_holdout"}
    if strategy.choose is not None:
        choose = strategy.choose
        named |= {"vulnerable", "currency", *choose.eligible.facts, *(each.fact for each in choose.strata)}
        named = named.union(*(option.when.facts for option in choose.options))
    return frozenset(name for name in named if not experiment_of(name))


def looks_ahead(strategy: Strategy) -> bool:
    """Whether the strategy asks for what falls due soon, and so for borrowers with nothing late."""
    return bool(facts_named(strategy) & DUE_SOON)


def days_in(stage: str, before: tuple[str, date] | None, on: date) -> int:
    """How many days a case has been in its stage on a day: `before` is the stage it had, and since when.

    0 on the first day in a stage, which a case without one before has, and who comes back into arrears.
    """
    return max((on - before[1]).days, 0) if before is not None and before[0] == stage else 0


def stage_change(previous: str, now: str) -> str:
    """What became of a case: none, opened, moved, same or closed; '' stands for no stage."""
    if previous == now:
        return "same" if now else "none"
    if not previous:
        return "opened"
    return "moved" if now else "closed"
