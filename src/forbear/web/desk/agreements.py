"""Plans and settlements at the desk: the forms on a case, and what waits to be signed."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.agreements.plans import (
    Proposed,
    end_plan,
    late_loans,
    plan_offers,
    propose_plan,
    sign_plan,
)
from forbear.actions.agreements.settlements import (
    SettlementWanted,
    end_settlement,
    propose_settlement,
    sign_settlement,
)
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.base.problem import Problem
from forbear.store.access import (
    masked_name,
    plan_for,
    settlement_for,
)
from forbear.store.models import Case, Loan, Plan, Settlement
from forbear.web.budget import BudgetForm, PlanForm
from forbear.web.call_forms import flash_result
from forbear.web.desk.acts import act
from forbear.web.desk.approvals import approvals
from forbear.web.desk.case import case_of
from forbear.web.desk.case_forms import AskForm, EndPlanForm, SettleForm
from forbear.web.forms import ButtonForm, ReasonForm, refused
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest


@permission_required("desk:agreement:take")
def plan(request: StaffRequest, borrower_id: str) -> HttpResponse:
    """The plans that policy allows for what this borrower can afford."""
    found = case_of(request, borrower_id)
    late = late_loans(borrower_id)
    currency, unit = (late[0].currency, late[0].minor_unit) if late else ("", 100)
    form = request.__dict__.get("failed") or BudgetForm(
        currency, request.GET if "income" in request.GET else None
    )
    assert isinstance(form, BudgetForm)
    form.is_valid()
    budget = form.budget if form.is_budget_valid and late else None
    offered = plan_offers(borrower_id, budget, request.now) if budget else []
    shown = {
        "case": found,
        "borrower": found.borrower,
        "name": masked_name(found.borrower.name),
        "late": late,
        "owed": sum(loan.past_due_amount for loan in late),
        "currency": currency,
        "minor_unit": unit,
        "form": form,
        "fields": [form[name] for name in form.parts],
        "budget": budget,
        "offers": [{"months": len(lines), "lines": lines} for lines in offered],
    }
    return render(request, "desk/plan.html", shown)


@require_POST
@permission_required("desk:agreement:take")
def take_plan(request: StaffRequest, borrower_id: str) -> HttpResponseBase:
    """Propose one of the offered plans."""
    found = case_of(request, borrower_id)
    late = late_loans(borrower_id)
    form = PlanForm(late[0].currency if late else "", request.POST)
    wrong = _proposed(request, found, late, form) if form.is_valid() else ()
    if wrong or not form.is_valid():
        return refused(request, form, lambda: plan(request, borrower_id), wrong or ())
    return redirect("desk:case", borrower_id)


def _proposed(
    request: StaffRequest, found: Case, late: list[Loan], form: PlanForm
) -> Problem | list[Problem] | None:
    lines = form.chosen(plan_offers(found.borrower_id, form.budget, request.now))
    if isinstance(lines, Problem):
        return lines
    wanted = Proposed(found.borrower_id, tuple(loan.loan_id for loan in late), tuple(lines), form.budget)
    made = propose_plan(wanted, request.now, actor=f"staff:{request.user.number}", staff=request.user)
    if not isinstance(made, Plan):
        return made
    messages.success(
        request,
        gettext("Plan active. No collection while it is kept.")
        if made.state == "active"
        else gettext("Plan submitted for approval."),
    )
    return None


@act("desk:agreement:take", EndPlanForm, key="plan_id")
def stop_plan(request: StaffRequest, found: Case, form: EndPlanForm, plan_id: int) -> Problem | None:
    """End a plan at the borrower's wish."""
    named = plan_for(request.user, plan_id)
    if named is None or named.borrower_id != found.borrower_id:
        return Problem("no_such_plan", "There is no such plan.")
    note = form.cleaned_data["note"]
    made = end_plan(plan_id, request.now, actor=f"staff:{request.user.number}", note=note)
    return made if isinstance(made, Problem) else None


@act("desk:agreement:take", SettleForm)
def settle(request: StaffRequest, found: Case, form: SettleForm) -> Problem | list[Problem] | None:
    """Propose a settlement of all loans of one currency."""
    loans = list(found.borrower.loans.filter(payoff__gt=0).order_by("-days_past_due", "loan_id"))
    if not loans:
        return Problem("nothing_outstanding", "Nothing is outstanding.")
    amount, by = form.cleaned_data["amount"], form.cleaned_data["by"]
    same = tuple(loan.loan_id for loan in loans if loan.one_debt == loans[0].one_debt)
    made = propose_settlement(
        SettlementWanted(found.borrower_id, same, amount, by), request.user, request.now
    )
    if not isinstance(made, Settlement):
        return made
    messages.success(
        request,
        gettext("Settlement offer active.")
        if made.state == "offered"
        else gettext("Submitted for approval."),
    )
    return None


@act("desk:agreement:take", AskForm)
def ask(request: StaffRequest, found: Case, form: AskForm) -> Problem | None:
    """Write down what the borrower asked for on the phone."""
    given = form.cleaned_data
    asked = Asked(found.borrower_id, given["kind"], given["words"], source="desk", came_by="call")
    made = make_request(asked, request.now, actor=f"staff:{request.user.number}")
    if isinstance(made, Problem):
        return made
    messages.success(
        request,
        gettext("Saved as %(number)s, to be answered by %(due_on)s. Please inform the borrower.")
        % {"number": made.number, "due_on": made.due_on},
    )
    return None


@require_POST
@permission_required("desk:agreement:sign")
def sign(request: StaffRequest, what: str, agreement_id: int) -> HttpResponseBase:
    """Sign one of them, or decline it with the reason that the borrower reads."""
    find = {"plan": plan_for, "settlement": settlement_for}.get(what)
    if find is None or find(request.user, agreement_id) is None:
        raise Http404
    if ButtonForm(request.POST, "decline").value("decline"):
        return _declined(request, what, agreement_id)
    made = (sign_plan if what == "plan" else sign_settlement)(agreement_id, request.user, request.now)
    flash_result(request, made)
    return redirect("desk:approvals")


def _declined(request: StaffRequest, what: str, agreement_id: int) -> HttpResponseBase:
    form, now = ReasonForm(request.POST, key=f"{what}{agreement_id}"), request.now
    if not form.is_valid():
        return refused(request, form, lambda: approvals(request))
    made = (
        end_plan(agreement_id, now, actor=f"staff:{request.user.number}", note=form.reason)
        if what == "plan"
        else end_settlement(agreement_id, request.user, now, form.reason)
    )
    if isinstance(made, Problem):
        return refused(request, form, lambda: approvals(request), made)
    flash_result(request, made)
    return redirect("desk:approvals")
