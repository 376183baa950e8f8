"""Another budget of complaints: a draft of the strategy in force in which nothing else is changed."""

from datetime import datetime
from decimal import Decimal

from forbear.actions.strategies.in_force import in_force_text
from forbear.actions.strategies.strategy_versions import draft_strategy
from forbear.core.base.problem import Problem
from forbear.core.strategy.parse import parse_strategy
from forbear.store.business_date import business_date
from forbear.store.models import Staff, StrategyVersion


def draft_with_budget(
    complaints: Decimal, staff: Staff, now: datetime
) -> StrategyVersion | Problem | list[Problem]:
    """A draft with that budget for 1,000 borrowers; it is tried, proposed and signed by another like any other."""
    text = in_force_text(business_date(now)).replace("\r\n", "\n")
    choose = parse_strategy(text, "strategy").choose
    if choose is None or choose.complaints_at is None:
        return Problem(
            "harm_budget_missing",
            "the strategy in force has no `complaints` among the limits of `choose`; write one into a draft first",
        )
    start, end = choose.complaints_at
    # the places are those of a text without the mark of its encoding
    text = text.removeprefix("\ufeff")
    return draft_strategy(text[:start] + f"{complaints.normalize():f}" + text[end:], staff, now)
