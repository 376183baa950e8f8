"""A plan from a month's budget to its last instalment: compare, sign, keep, change or end it."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
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
from forbear.core.base.problem import Problem
from forbear.interchange.home.policy import policy
from forbear.store.access import plan_for
from forbear.store.business_date import business_date
from forbear.store.models import Document, Loan, Plan
from forbear.web.budget import Parts, PlanForm
from forbear.web.call_forms import flash_problems
from forbear.web.fields import TextField
from forbear.web.forms import ButtonForm, Form, form_on, refused
from forbear.web.portal.way_in import own
from forbear.web.recall import recalling
from forbear.web.request import BorrowerRequest
from forbear.web.templatetags.forbear import chinese

#: The parts of a month's budget, and which of them must be filled in: 0 is an answer, nothing is none.
_PARTS = {
    "income": (_("Your income in a month"), True),
    "housing": (_("Rent or mortgage (0 if none)"), True),
    "living": (_("Food, travel and daily life"), True),
    "dependants": (_("People who depend on you"), False),
    "other_debts": (_("Other debts, not with us"), False),
}


class MonthForm(PlanForm):
    """A borrower's month, and which of the plans it allows is chosen."""

    parts: ClassVar[Parts] = _PARTS

    def __init__(self, *given: Any, signs: bool = False, **more: Any) -> None:
        super().__init__(*given, auto_id="id_%s", **more)
        self.fields["months"].required = signs


@own
def plan(request: BorrowerRequest) -> HttpResponseBase:
    """Fill in, compare, choose, sign. What is filled in travels in the form alone, never in an address."""
    buttons = ButtonForm(request.POST)
    late = late_loans(request.borrower.borrower_id)
    if request.method != "POST" or not late:
        return _page(request)
    signs = buttons.pressed("months") or buttons.pressed("sign")
    form = MonthForm(late[0].currency, request.POST, signs=signs)
    changing = buttons.pressed("change")
    if not form.is_valid() and (signs or not form.is_budget_valid or recalling()):
        return refused(request, form, lambda: _page(request, changing=changing))
    if not signs:
        return _page(request, form, changing=changing)
    offered = plan_offers(request.borrower.borrower_id, form.budget, request.now)
    lines = form.chosen(offered)
    made = (
        lines if isinstance(lines, Problem) else _sign(request, late, lines, form.budget, replaces=changing)
    )
    if isinstance(made, Plan):
        return redirect("portal:signed", made.pk)
    return refused(request, form, lambda: _page(request, changing=changing), made)


def _page(
    request: BorrowerRequest, filled: MonthForm | None = None, *, changing: bool = False
) -> HttpResponse:
    """The page: the month, or with a month filled in the plans to choose from."""
    borrower, now = request.borrower, request.now
    late = late_loans(borrower.borrower_id)
    running = borrower.plans.filter(state__in=("proposed", "active")).first()
    changing = changing or "change" in request.GET
    shown: dict[str, object] = {"late": late, "running": running, "changing": changing}
    if not late or (running and not changing):
        return render(request, "portal/plan.html", shown)
    form = filled or form_on(request, MonthForm, late[0].currency)
    shown |= {"form": form, "currency": late[0].currency, "minor_unit": late[0].minor_unit}
    shown["fields"] = [form[name] for name in form.parts]
    if form.is_budget_valid:
        budget = form.budget
        shown |= {
            "budget": budget,
            "owed": sum(loan.past_due_amount for loan in late),
            "offers": _compared(request, plan_offers(borrower.borrower_id, budget, now), late[0].currency),
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
    request: BorrowerRequest, late: list[Loan], lines: list[PlanLine], budget: Budget, *, replaces: bool
) -> Plan | list[Problem]:
    loans = tuple(loan.loan_id for loan in late)
    replaces = replaces or request.borrower.promises.filter(state="open").exists()
    wanted = Proposed(request.borrower.borrower_id, loans, tuple(lines), budget, replaces)
    return propose_plan(wanted, request.now, actor="borrower")


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
        "end_form": form_on(request, EndForm),
        "next": coming if found.state == "active" else None,
        "rows": [
            (line, left.get(line.number, 0), line.number in left and line.due_on < today) for line in lines
        ],
        "grace": terms.grace_days,
        "missed_to_end": terms.missed_to_break,
        "reminded": reachable(request.borrower, PLAN_TEMPLATE, REMINDER),
        "late": bool(late_loans(request.borrower.borrower_id)),
        "running": request.borrower.plans.filter(state__in=("proposed", "active"))
        .exclude(pk=plan_id)
        .first(),
        "promise": request.borrower.promises.filter(state="open").first(),
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


class EndForm(Form):
    """Why a plan ends, if its borrower wants to say it."""

    problems_at = "words"

    words = TextField(300, label=_("Why (optional)"), required=False)


@require_POST
@own
def end(request: BorrowerRequest, plan_id: int) -> HttpResponseBase:
    """End a plan that can't be kept, or isn't wanted any more."""
    if plan_for(request.borrower, plan_id) is None:
        raise Http404
    form = EndForm(request.POST)
    if not form.is_valid():
        return refused(request, form, lambda: signed(request, plan_id))
    note = form.cleaned_data["words"] or gettext("Ended by the borrower")
    made = end_plan(plan_id, request.now, actor="borrower", note=note)
    if isinstance(made, Problem):
        return refused(request, form, lambda: signed(request, plan_id), made)
    messages.success(request, gettext("Your plan has ended."))
    return redirect("portal:signed", plan_id)
