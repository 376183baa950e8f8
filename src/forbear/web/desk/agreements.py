"""Plans and settlements at the desk: the forms on a case, and what waits to be signed."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
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
from forbear.core.agreements.plan import Budget, PlanLine
from forbear.core.base.money import parse_amount
from forbear.core.base.problem import Problem
from forbear.store.access import (
    masked_name,
    plan_for,
    settlement_for,
)
from forbear.store.models import Case, Plan, Settlement
from forbear.web.budget import BUDGET, read_budget
from forbear.web.call_forms import flash_result
from forbear.web.desk.acts import act
from forbear.web.desk.case import case_of
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest


@permission_required("desk:agreement:take")
def plan(request: StaffRequest, borrower_id: str) -> HttpResponse:
    """The plans that policy allows for what this borrower can afford."""
    found = case_of(request, borrower_id)
    late = late_loans(borrower_id)
    currency, unit = (late[0].currency, late[0].minor_unit) if late else ("", 100)
    budget = read_budget(request.GET, currency) if late else None
    wrong = budget if isinstance(budget, Problem) else ""
    offered = plan_offers(borrower_id, budget, request.now) if isinstance(budget, Budget) else []
    shown = {
        "case": found,
        "borrower": found.borrower,
        "name": masked_name(found.borrower.name),
        "late": late,
        "owed": sum(loan.past_due_amount for loan in late),
        "currency": currency,
        "minor_unit": unit,
        "budget": budget if isinstance(budget, Budget) else None,
        "fields": [(name, words, request.GET.get(name, "")) for name, words in BUDGET.items()],
        "offers": [{"months": len(lines), "lines": lines} for lines in offered],
        "wrong": wrong,
    }
    return render(request, "desk/plan.html", shown)


@act("desk:agreement:take")
def take_plan(request: StaffRequest, found: Case) -> Problem | list[Problem] | None:
    """Propose one of the offered plans."""
    late = late_loans(found.borrower_id)
    if not late:
        return Problem("nothing_past_due", "nothing is past due")
    budget = read_budget(request.POST, late[0].currency)
    if not isinstance(budget, Budget):
        return budget or Problem("budget_missing", "Fill in the budget first.")
    lines = chosen(plan_offers(found.borrower_id, budget, request.now), request.POST.get("months", ""))
    if lines is None:
        return Problem("plan_choice_missing", "Choose one of the plans.")
    wanted = Proposed(found.borrower_id, tuple(loan.loan_id for loan in late), tuple(lines), budget)
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


def chosen(offered: list[list[PlanLine]], months: str) -> list[PlanLine] | None:
    """The offered plan of that many months."""
    return next((lines for lines in offered if str(len(lines)) == months), None)


@act("desk:agreement:take")
def stop_plan(request: StaffRequest, found: Case, plan_id: int) -> Problem | None:
    """End a plan at the borrower's wish."""
    named = plan_for(request.user, plan_id)
    if named is None or named.borrower_id != found.borrower_id:
        return Problem("no_such_plan", "There is no such plan.")
    made = end_plan(
        plan_id, request.now, actor=f"staff:{request.user.number}", note=request.POST.get("note", "")
    )
    return made if isinstance(made, Problem) else None


@act("desk:agreement:take")
def settle(request: StaffRequest, found: Case) -> Problem | list[Problem] | None:
    """Propose a settlement of all loans of one currency."""
    loans = list(found.borrower.loans.filter(outstanding__gt=0).order_by("-days_past_due"))
    if not loans:
        return Problem("nothing_outstanding", "Nothing is outstanding.")
    amount = parse_amount(request.POST.get("amount", "").replace(",", ""), loans[0].currency)
    if isinstance(amount, Problem):
        return amount
    try:
        by = date.fromisoformat(request.POST.get("by", ""))
    except ValueError:
        return Problem("offer_day_missing", "Give the last day of the offer.")
    same = tuple(loan.loan_id for loan in loans if loan.currency == loans[0].currency)
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


@act("desk:agreement:take")
def ask(request: StaffRequest, found: Case) -> Problem | None:
    """Write down what the borrower asked for on the phone."""
    kind = request.POST.get("kind", "")
    asked = Asked(found.borrower_id, kind, request.POST.get("words", "").strip(), source="desk")
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
def sign(request: StaffRequest, what: str, agreement_id: int) -> HttpResponse:
    """Sign or decline one of them."""
    find = {"plan": plan_for, "settlement": settlement_for}.get(what)
    if find is None or find(request.user, agreement_id) is None:
        raise Http404
    note, now = request.POST.get("note", ""), request.now
    if request.POST.get("decline"):
        made = (
            end_plan(agreement_id, now, actor=f"staff:{request.user.number}", note=note)
            if what == "plan"
            else end_settlement(agreement_id, request.user, now, note)
        )
    else:
        made = (sign_plan if what == "plan" else sign_settlement)(agreement_id, request.user, now)
    flash_result(request, made)
    return redirect("desk:approvals")
