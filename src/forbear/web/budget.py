"""The form of a month's income and spending, for collectors and borrowers alike."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from forbear.core.agreements.plan import Budget
from forbear.core.base.money import parse_amount
from forbear.core.base.problem import Problem
from forbear.web.languages import pair_of

#: The parts of a month's budget, with their words; income first, the rest is spent.
BUDGET = {
    "income": _("Income"),
    "housing": _("Rent or mortgage"),
    "living": _("Living"),
    "dependants": _("People who depend on you"),
    "other_debts": _("Other debts"),
}


def read_budget(form: Mapping[str, str], currency: str) -> Budget | Problem | None:
    """A month's budget from a form; None when it was left empty."""
    if not any(form.get(name, "").strip() for name in BUDGET):
        return None
    values = {}
    for name, words in BUDGET.items():
        text = form.get(name, "").replace(",", "").replace("，", "").strip() or "0"
        amount = parse_amount(text, currency)
        if isinstance(amount, Problem) or amount < 0:
            zh, en = pair_of(words)
            return Problem(f"“{en}” is an amount such as 3000.", f"“{zh}”请填写金额，如 3000。")
        values[name] = amount
    return Budget(**values)
