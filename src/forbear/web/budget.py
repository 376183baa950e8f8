"""The form of a month's income and spending, for collectors and borrowers alike."""

from collections.abc import Mapping

from forbear.core.agreements.plan import Budget
from forbear.core.base.money import parse_amount
from forbear.core.base.problem import Problem

#: The parts of a month's budget, with their words; income first, the rest is spent.
BUDGET = {
    "income": ("每月收入", "Income"),
    "housing": ("房租或房贷", "Rent or mortgage"),
    "living": ("生活开支", "Living"),
    "dependants": ("赡养老人、抚养子女", "People who depend on you"),
    "other_debts": ("其他还款", "Other debts"),
}


def read_budget(form: Mapping[str, str], currency: str) -> Budget | Problem | None:
    """A month's budget from a form; None when it was left empty."""
    if not any(form.get(name, "").strip() for name in BUDGET):
        return None
    values = {}
    for name, (zh, en) in BUDGET.items():
        text = form.get(name, "").replace(",", "").replace("，", "").strip() or "0"
        amount = parse_amount(text, currency)
        if isinstance(amount, Problem) or amount < 0:
            return Problem(f"“{en}” is an amount such as 3000.", f"“{zh}”请填写金额，如 3000。")
        values[name] = amount
    return Budget(**values)
