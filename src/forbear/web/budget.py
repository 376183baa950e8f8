"""The form of a month's income and spending, for collectors and borrowers alike."""

from collections.abc import Mapping

from forbear.core.agreements.plan import Budget
from forbear.core.base.money import parse_amount
from forbear.core.base.problem import Problem, noop

#: The parts of a month's budget, with their words; income first, the rest is spent.
BUDGET = {
    "income": noop("Income"),
    "housing": noop("Rent or mortgage"),
    "living": noop("Living"),
    "dependants": noop("People who depend on you"),
    "other_debts": noop("Other debts"),
}


def read_budget(form: Mapping[str, str], currency: str) -> Budget | Problem | None:
    """A month's budget from a form; None when it was left empty."""
    if not any(form.get(name, "").strip() for name in BUDGET):
        return None
    values = {}
    for name, part in BUDGET.items():
        text = form.get(name, "").replace(",", "").replace("，", "").strip() or "0"
        amount = parse_amount(text, currency)
        if isinstance(amount, Problem) or amount < 0:
            return Problem("budget_amount_invalid", "“%(part)s” is an amount such as 3000.", part=part)
        values[name] = amount
    return Budget(**values)
