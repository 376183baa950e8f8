"""A plan from a month's budget to its last instalment: compare, sign, keep, change or end it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.agreements.plan_paper import write_plan_paper
from forbear.actions.agreements.plans import (
    Proposed,
    end_plan,
    late_loans,
    lines_of,
    plan_offers,
    propose_plan,
    running_instalments,
)
from forbear.actions.agreements.reminders import PLAN_TEMPLATE
from forbear.actions.contacts.notify_borrower import REMINDER, reachable
from forbear.core.agreements.plan import (
    Budget,
    PlanLine,
    busiest_month,
    needs_second_signature,
    outstanding_lines,
)
from forbear.interchange.home.policy import policy
from forbear.store.access import plan_for
from forbear.store.business_date import business_date
from forbear.store.models import Document, Loan, Plan
from forbear.web.call_forms import flash_problems
from forbear.web.portal.forms import AmountField
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest
from forbear.web.templatetags.forbear import chinese, said

#: The parts of a month's budget, and which of them must be filled in: 0 is an answer, nothing is none.
_PARTS = {
    "income": (_("Your income in a month"), True),
    "housing": (_("Rent or mortgage (0 if none)"), True),
    "living": (_("Food, travel and daily life"), True),
    "dependants": (_("People who depend on you"), False),
    "other_debts": (_("Other debts, not with us"), False),
}


class BudgetForm(forms.Form):
    """A month's income and spending, in a currency."""

    def __init__(self, currency: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        for name, (label, required) in _PARTS.items():
            self.fields[name] = AmountField(currency, label=label, required=required)

    @property
    def budget(self) -> Budget:
        """The budget, once the form is valid."""
        return Budget(**{name: self.cleaned_data[name] or 0 for name in _PARTS})


@own
def plan(request: BorrowerRequest) -> HttpResponse:
    """Fill in, compare, choose, sign. What is filled in travels in the form alone, never in an address."""
    borrower, now = request.borrower, request.now
    late = late_loans(borrower.borrower_id)
    running = borrower.plans.filter(state__in=("proposed", "active")).first()
    changing = "change" in request.GET or "change" in request.POST
    shown: dict[str, object] = {"late": late, "running": running, "changing": changing}
    if not late or (running and not changing):
        return render(request, "portal/plan.html", shown)
    form = BudgetForm(late[0].currency, request.POST if "income" in request.POST else None)
    shown |= {"form": form, "currency": late[0].currency, "minor_unit": late[0].minor_unit}
    if not form.is_valid():
        return render(request, "portal/plan.html", shown)
    budget = form.budget
    offered = plan_offers(borrower.borrower_id, budget, now)
    if "months" in request.POST:
        made = _sign(request, late, offered, budget, replaces=changing)
        if isinstance(made, Plan):
            return redirect("portal:signed", made.pk)
        shown["wrong"] = made
    shown |= {
        "budget": budget,
        "fields": [(name, request.POST.get(name, "")) for name in _PARTS],
        "owed": sum(loan.past_due_amount for loan in late),
        "offers": _compared(request, offered, late[0].currency),
        "promise": borrower.promises.filter(state="open").first(),
    }
    return render(request, "portal/plan.html", shown)


def _compared(
    request: BorrowerRequest, offered: list[list[PlanLine]], currency: str
) -> list[dict[str, object]]:
    """The plans side by side: each instalment, with the regular ones beside it, and whether a second person checks."""
    today, terms = business_date(request.now), policy(settings.HOME).plan
    running = running_instalments(request.borrower.borrower_id, currency, today)
    return [
        {
            "months": len(lines),
            "lines": lines,
            "each": lines[0].amount,
            "regular": busiest_month(running, lines, today),
            "together": lines[0].amount + busiest_month(running, lines, today),
            "checked": needs_second_signature(lines, terms),
        }
        for lines in offered
    ]


def _sign(
    request: BorrowerRequest,
    late: list[Loan],
    offered: list[list[PlanLine]],
    budget: Budget,
    *,
    replaces: bool,
) -> Plan | list[str]:
    lines = next((lines for lines in offered if str(len(lines)) == request.POST["months"]), None)
    if lines is None:
        return [gettext("Please choose one of the plans.")]
    loans = tuple(loan.loan_id for loan in late)
    replaces = replaces or request.borrower.promises.filter(state="open").exists()
    wanted = Proposed(request.borrower.borrower_id, loans, tuple(lines), budget, replaces)
    made = propose_plan(wanted, request.now, actor="borrower")
    return made if isinstance(made, Plan) else [said(each) for each in made]


@own
def signed(request: BorrowerRequest, plan_id: int) -> HttpResponse:
    """A plan: what comes next first, then each instalment and what became of it, its paper, and changing it."""
    found = plan_for(request.borrower, plan_id)
    if found is None:
        raise Http404
    today, lines = business_date(request.now), lines_of(found)
    left = {line.number: line.amount for line in outstanding_lines(lines, found.paid)}
    coming = next((line for line in outstanding_lines(lines, found.paid)), None)
    terms = policy(settings.HOME).plan
    shown = {
        "plan": found,
        "next": coming if found.state == "active" else None,
        "rows": [
            (line, left.get(line.number, 0), line.number in left and line.due_on < today) for line in lines
        ],
        "grace": terms.grace_days,
        "missed_to_end": terms.missed_to_break,
        "reminded": reachable(request.borrower, PLAN_TEMPLATE, REMINDER),
        "late": bool(late_loans(request.borrower.borrower_id)),
        "today": today,
    }
    return render(request, "portal/signed.html", shown)


@require_POST
@own
def paper(request: BorrowerRequest, plan_id: int) -> HttpResponse:
    """The agreement as a paper, to keep."""
    if plan_for(request.borrower, plan_id) is None:
        raise Http404
    language = "zh" if chinese() else "en"
    made = write_plan_paper(request.borrower.borrower_id, plan_id, language, request.now)
    if isinstance(made, Document):
        return redirect("portal:document", made.code)
    flash_problems(request, made)
    return redirect("portal:signed", plan_id)


@require_POST
@own
def end(request: BorrowerRequest, plan_id: int) -> HttpResponse:
    """End a plan that can't be kept, or isn't wanted any more."""
    if plan_for(request.borrower, plan_id) is None:
        raise Http404
    note = request.POST.get("words", "").strip() or gettext("Ended by the borrower")
    made = end_plan(plan_id, request.now, actor="borrower", note=note)
    if isinstance(made, Plan):
        messages.success(request, gettext("Your plan has ended."))
    else:
        flash_problems(request, made)
    return redirect("portal:signed", plan_id)
