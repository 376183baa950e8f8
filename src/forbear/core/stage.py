"""Which stage a borrower is in, who handles it, and which treatments the strategy wants.

The borrower's worst loan decides. The first stage whose condition holds wins; when none does there is no
stage and nothing to do. Whether a treatment may really go out is not decided here: that is the permit's
business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from forbear.core.condition import Explained
from forbear.core.condition_python import Row
from forbear.core.strategy_rules import Strategy, TreatmentRule


class Overdue(Protocol):
    """What of a loan's arrears ranks it among the borrower's loans."""

    @property
    def days_past_due(self) -> int:
        """Days past due, 0 if nothing is."""

    @property
    def past_due_amount(self) -> int:
        """Past-due amount in minor units."""


ArrearsT = TypeVar("ArrearsT", bound=Overdue)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a strategy says of one borrower on one day.

    ``stage`` and ``handler`` are '' when no stage applies. ``held``: the stage stands but nothing is planned,
    because the strategy's ``hold_when`` holds. ``reasons``: the terms of the winning stage's condition, then,
    if held, those of ``hold_when``, with the facts they read.
    """

    stage: str
    handler: str
    treatments: tuple[TreatmentRule, ...]
    held: bool
    reasons: tuple[Explained, ...]


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
            wanted = tuple(treatment for treatment, due in treatments if due(row))
            return Decision(rule.stage, rule.handler, wanted, False, tuple(explain(row)))
        return NO_STAGE

    return decide_row


def worst_loan(loans: Sequence[tuple[str, ArrearsT]]) -> tuple[str, ArrearsT]:
    """The (loan_id, arrears) that decides for a borrower, who has at least one loan.

    Most days past due first, then the largest past-due amount, then the smallest loan_id, so that the choice
    never depends on the order the loans come in.
    """
    assert loans, "a borrower has at least one loan"
    return min(loans, key=lambda loan: (-loan[1].days_past_due, -loan[1].past_due_amount, loan[0]))


def stage_change(previous: str, now: str) -> str:
    """What became of a case: none, opened, moved, same or closed; '' stands for no stage."""
    if previous == now:
        return "same" if now else "none"
    if not previous:
        return "opened"
    return "moved" if now else "closed"
