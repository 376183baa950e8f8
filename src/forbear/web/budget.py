"""The form of a month's income and spending, for collectors and borrowers alike."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forbear.core.agreements.plan import Budget, PlanLine
from forbear.core.base.problem import Problem
from forbear.web.fields import AmountField, TextField
from forbear.web.forms import Form

#: The parts of a month's budget, with their words and whether they must be filled in; income first, the rest is spent.
Parts = Mapping[str, tuple[str | Promise, bool]]


class BudgetForm(Form):
    """A month's income and spending, in a currency."""

    parts: ClassVar[Parts] = {
        "income": (_("Income"), True),
        "housing": (_("Rent or mortgage"), False),
        "living": (_("Living"), False),
        "dependants": (_("Costs for children and others you support"), False),
        "other_debts": (_("Other debts"), False),
    }

    def __init__(self, currency: str, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for name, (label, required) in self.parts.items():
            self.fields[name] = AmountField(currency, label=label, required=required, least=0)

    @property
    def budget(self) -> Budget:
        """The budget, once the form is valid."""
        return Budget(**{name: self.cleaned_data[name] or 0 for name in self.parts})

    @property
    def is_budget_valid(self) -> bool:
        """Whether all that belongs to the budget can be read."""
        return self.is_bound and not set(self.errors) & set(self.parts)


class PlanForm(BudgetForm):
    """A budget, and which of the plans that it allows is chosen."""

    months = TextField(4, label=_("Months"), error_messages={"required": _("Choose one of the plans.")})

    def chosen(self, offered: list[list[PlanLine]]) -> list[PlanLine] | Problem:
        """The plan that was chosen of these."""
        months = self.cleaned_data["months"]
        missing = Problem("plan_choice_missing", "Choose one of the plans.")
        return next((lines for lines in offered if str(len(lines)) == months), missing)
