"""Which stage a borrower is in, who handles it, and which treatments the strategy wants.

The facts are those of the borrower's worst loan (`core/facts/borrower.py`). The first stage whose condition holds
wins; when none does there is no stage and nothing to do. Whether a treatment may really go out is not decided
here: that is the permit's business.
"""

from collections.abc import Callable
from dataclasses import dataclass

from forbear.core.conditions.parse import Explained
from forbear.core.conditions.to_python import Row
from forbear.core.strategy.least import too_small
from forbear.core.strategy.model import Strategy, TreatmentRule


@dataclass(frozen=True, slots=True)
class Decision:
    """What a strategy says of one borrower on one day.

    ``stage`` and ``handler`` are '' when no stage applies. ``held``: the stage stands but nothing is planned,
    because the strategy's ``hold_when`` holds. ``reasons``: the terms of the winning stage's condition, then,
    if held, those of ``hold_when``, with the facts they read. ``too_small``: what would be wanted for a larger amount.
    """

    stage: str
    handler: str
    treatments: tuple[TreatmentRule, ...]
    held: bool
    reasons: tuple[Explained, ...]
    too_small: tuple[TreatmentRule, ...] = ()


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
            return Decision(rule.stage, rule.handler, wanted, False, tuple(explain(row)), small)
        return NO_STAGE

    return decide_row


#: The facts about what falls due soon.
DUE_SOON = frozenset({"days_to_due", "next_due_amount"})


def facts_named(strategy: Strategy) -> frozenset[str]:
    """The facts that any condition of the strategy names."""
    named = set(strategy.hold_when.facts)
    for rule in strategy.stages:
        named |= rule.when.facts.union(*(treatment.when.facts for treatment in rule.treatments))
    return frozenset(named)


def looks_ahead(strategy: Strategy) -> bool:
    """Whether the strategy asks for what falls due soon, and so for borrowers with nothing late."""
    return bool(facts_named(strategy) & DUE_SOON)


def stage_change(previous: str, now: str) -> str:
    """What became of a case: none, opened, moved, same or closed; '' stands for no stage."""
    if previous == now:
        return "same" if now else "none"
    if not previous:
        return "opened"
    return "moved" if now else "closed"
