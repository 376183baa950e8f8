"""An agency's cases: which are ours, what may be done now, and doing it. A case that came back is not found."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.agency_work.casework import accept_placement, ask_call, hand_in
from forbear.actions.agency_work.casework import give_back as back
from forbear.actions.agreements.plans import Proposed, late_loans, plan_offers, propose_plan
from forbear.actions.contacts.next_case import planned_call
from forbear.actions.contacts.permit_gate import preview
from forbear.actions.requests.requests import LONGEST_WORDS, Asked, make_request
from forbear.actions.selectors.ledger import with_snapshots
from forbear.core.agreements.plan import Budget, PlanLine
from forbear.core.base.problem import Problem
from forbear.store.access import (
    contact_for,
    contacts_for,
    conversations_for,
    masked_name,
    masked_point,
    placement_for,
    placements_for,
    recording_requests_for,
    reports_of_case,
)
from forbear.store.loan_states import loans_that_may
from forbear.store.models import Contact, Loan, Placement, Plan, Promise
from forbear.web.agency.listings import AGENCY_CASES
from forbear.web.budget import BudgetForm, PlanForm
from forbear.web.call_forms import (
    CaseForm,
    OutcomeForm,
    PastDue,
    PromiseForm,
    flash_problems,
    message_to_leave,
    write_outcome,
    write_promise,
)
from forbear.web.fields import UploadField
from forbear.web.forms import ButtonForm, Form, ReasonForm, form_on, refused
from forbear.web.guard import permission_required
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import when

#: Contacts that are on their way, so that the page looks again by itself.
_UNDERWAY = ("waiting", "claimed", "sending")


def placement_of(request: StaffRequest, placement_id: int) -> Placement:
    """The placement, if it is with this person's agency now."""
    found = placement_for(request.user, placement_id)
    if found is None:
        raise Http404
    return found


@permission_required("agency:case:work")
def cases(request: StaffRequest) -> HttpResponseBase:
    """The cases with us, those nobody has looked at first, then by amount."""

    def more(shown: ShownList) -> dict[str, object]:
        rows = placements_for(request.user)
        assert shown.filters is not None
        waiting = recording_requests_for(request.user).filter(answered_at=None).order_by("due_at")
        return {
            "which": shown.filters.form.cleaned_data.get("which", ""),
            **rows.aggregate(all=Count("pk"), new=Count("pk", filter=Q(acknowledged_at=None))),
            "recording_requests": waiting,
            "agency": request.user.agency,
        }

    return answer(request, AGENCY_CASES, "agency/cases.html", more)


@permission_required("agency:case:work")
def case(request: StaffRequest, placement_id: int) -> HttpResponse:
    """One case: who (masked), what is owed, whether we may call now, what was said."""
    return render(request, "agency/case.html", everything(request, placement_of(request, placement_id)))


def everything(request: StaffRequest, found: Placement) -> dict:
    """All the page shows, in a fixed number of queries."""
    borrower, now = found.borrower, request.now
    loans = [
        loan for loan in borrower.loans.order_by("-days_past_due", "loan_id") if loan.loan_id in found.loans
    ]
    planned = replace(
        planned_call(borrower, by=request.user), agency=found.agency_id, loans=tuple(found.loans)
    )
    decision = preview(borrower.borrower_id, [planned], now)[0] if planned.point else None
    contacts = list(
        contacts_for(request.user)
        .filter(borrower=borrower, channel="call", queued_at__gte=found.placed_at)
        .order_by("-queued_at")[:20]
    )
    point = borrower.points.filter(digest=planned.point).first() if planned.point else None
    open_call = next(
        (one for one in contacts if one.state == "sent" and one.outcome == "pending"), None
    ) or next((one for one in contacts if one.state == "sent" and not _told(one)), None)
    awaited = {"contact": open_call.contact_id if open_call else ""}
    debt = debt_of_placement(found, loans, now)
    return {
        "placement": found,
        "borrower": borrower,
        "name": masked_name(borrower.name),
        "number": masked_point(point.kind, point.value) if point else "",
        "loans": loans,
        "owed": with_snapshots(borrower.pk, loans),
        "decision": decision,
        "contacts": [
            (one, form_on(request, RecordingForm, key=one.contact_id, initial={"contact": one.contact_id}))
            for one in contacts
        ],
        "underway": any(one.state in _UNDERWAY for one in contacts),
        "open_call": open_call,
        "to_leave": message_to_leave(request.user, borrower) if open_call else "",
        "talks": list(conversations_for(request.user).filter(borrower=borrower).order_by("-at")[:10]),
        "reports": list(reports_of_case(request.user, borrower.pk)[:5]),
        "promises": _about(found, borrower.promises.order_by("-pk"))[:3],
        "plans": _about(found, borrower.plans.order_by("-pk"))[:2],
        "forms": {
            "outcome": form_on(request, OutcomeForm, debt=debt, now=now, callback=False, initial=awaited),
            "promise": form_on(request, PromiseForm, debt=debt, now=now),
        },
        "minor_unit": found.minor_unit,
        "currency": found.currency,
        "total": debt.past_due,
        "demanded": set(
            recording_requests_for(request.user)
            .filter(contact__in=[one.pk for one in contacts], answered_at=None)
            .values_list("contact_id", flat=True)
        ),
        **_plan(request, found),
    }


def _about(found: Placement, agreements: Iterable[Promise] | Iterable[Plan]) -> list[Promise | Plan]:
    """Agreements about a loan that is with us; those about no loan by name are about all."""
    return [each for each in agreements if not each.loans or set(each.loans) & set(found.loans)]


def _told(contact: Contact) -> bool:
    """Whether somebody has written down how it went."""
    return contact.conversation_set.exists()


def debt_of_placement(found: Placement, loans: Iterable[Loan], now: datetime) -> PastDue:
    """What is past due on the loans that are with us; nothing on one that was sold, settled or paid off."""
    owed = loans_that_may("pay", list(loans), now)
    past_due = sum(loan.past_due_amount for loan in owed if loan.currency == found.currency)
    return PastDue(found.currency, past_due)


def _plan(request: StaffRequest, found: Placement) -> dict:
    """The plans policy allows for a budget told on this page."""
    late = late_loans(found.borrower_id, found.loans)
    failed = request.__dict__.get("failed")
    typed = request.GET if "income" in request.GET else None
    form = failed if isinstance(failed, BudgetForm) else BudgetForm(found.currency, typed)
    form.is_valid()
    budget = form.budget if form.is_budget_valid and late else None
    offered = _offers(request, found, budget) if budget else []
    return {
        "budget": budget,
        "budget_form": form,
        "fields": [form[name] for name in form.parts],
        "offers": [{"months": len(lines), "lines": lines} for lines in offered],
        "late": late,
    }


def _offers(request: StaffRequest, found: Placement, budget: Budget) -> list[list[PlanLine]]:
    """The plans that policy allows for the loans that are with us."""
    return plan_offers(found.borrower_id, budget, request.now, among=found.loans)


def act(make: Callable[[StaffRequest, Placement], Form] | None = None) -> Callable:
    """An act on one of our cases: by POST; then the page again, or the list when the case is gone.

    `make` is the form that the act is given, once it is valid. What is wrong is said in it, as it was typed.
    """

    def made(view: Callable[..., Problem | list[Problem] | None]) -> Callable:
        @require_POST
        @permission_required("agency:case:work")
        @wraps(view)
        def acted(request: StaffRequest, placement_id: int) -> HttpResponseBase:
            found = placement_of(request, placement_id)
            form = make(request, found) if make else None
            if form is not None and not form.is_valid():
                return refused(request, form, lambda: case(request, placement_id))
            wrong = view(request, found, *([form] if form is not None else []))
            if wrong and form is not None and form.visible_fields():
                return refused(request, form, lambda: case(request, placement_id), wrong)
            flash_problems(request, wrong or [])
            still = placement_for(request.user, placement_id)
            return redirect("agency:case", placement_id) if still else redirect("agency:cases")

        acted.__dict__["permission"] = "agency:case:work"
        return acted

    return made


def _talk_form(kind: type[CaseForm], **more: Any) -> Callable[[StaffRequest, Placement], Form]:
    """A form of a talk about the loans of a case that are with us."""

    def make(request: StaffRequest, found: Placement) -> Form:
        loans = found.borrower.loans.filter(loan_id__in=found.loans)
        return kind(request.POST, debt=debt_of_placement(found, loans, request.now), now=request.now, **more)

    return make


@act()
def take(request: StaffRequest, found: Placement) -> Problem | None:
    """Take the case on."""
    made = accept_placement(found.pk, request.user, request.now)
    return made if isinstance(made, Problem) else None


@act()
def call(request: StaffRequest, found: Placement) -> Problem | None:
    """Ask for a call by the lender's lines."""
    made = ask_call(found.pk, request.user, request.now)
    if isinstance(made, Problem):
        return made
    messages.success(
        request,
        gettext(
            "Call requested. If it is allowed, your line rings first. "
            "Give the verification code %(code)s so that they can check the call."
        )
        % {"code": made.code},
    )
    return None


def _is_call(request: StaffRequest, found: Placement, contact_id: str) -> bool:
    """Whether it is a contact of ours with the borrower of this case."""
    contact = contact_for(request.user, contact_id)
    return contact is not None and contact.borrower_id == found.borrower_id


@act(_talk_form(OutcomeForm, callback=False))
def outcome(request: StaffRequest, found: Placement, form: OutcomeForm) -> Problem | list[Problem] | None:
    """Write down how a call ended."""
    if not _is_call(request, found, form.cleaned_data["contact"]):
        return Problem("no_such_call", "There is no such call.")
    return write_outcome(request, form, loans=found.loans)


@act(_talk_form(PromiseForm))
def promise(request: StaffRequest, found: Placement, form: PromiseForm) -> Problem | list[Problem] | None:
    """Record a promise within the lender's policy."""
    return write_promise(request, form, found.borrower_id, found.loans)


@act(lambda request, found: PlanForm(found.currency, request.POST))
def plan(request: StaffRequest, found: Placement, form: PlanForm) -> Problem | list[Problem] | None:
    """Propose one of the plans that policy allows; the case then goes back to the lender."""
    budget, lines = form.budget, form.chosen(_offers(request, found, form.budget))
    if isinstance(lines, Problem):
        return lines
    loans = tuple(loan.loan_id for loan in late_loans(found.borrower_id, found.loans))
    wanted = Proposed(found.borrower_id, loans, tuple(lines), budget)
    made = propose_plan(wanted, request.now, actor=f"staff:{request.user.number}", staff=request.user)
    if not isinstance(made, Plan):
        return made
    messages.success(
        request,
        gettext("Plan submitted. The lender continues with the case.")
        if made.state == "active"
        else gettext("Plan submitted for approval."),
    )
    return None


class RecordingForm(Form):
    """The recording of one of our calls."""

    contact = forms.CharField(max_length=64, widget=forms.HiddenInput)
    file = UploadField(label=_("Recording file"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["file"].widget.attrs["accept"] = "audio/*,video/*"


def _recording_form(request: StaffRequest, found: Placement) -> Form:
    contact = ButtonForm(request.POST, "contact").value("contact")
    return RecordingForm(request.POST, request.FILES, key=contact)


@act(_recording_form)
def recording(request: StaffRequest, found: Placement, form: RecordingForm) -> Problem | None:
    """Hand in a recording."""
    contact, file = form.cleaned_data["contact"], form.cleaned_data["file"]
    if not _is_call(request, found, contact):
        return Problem("no_such_call", "There is no such call.")
    made = hand_in(contact, file, request.user, request.now)
    if isinstance(made, Problem):
        return made
    messages.success(request, gettext("Recording saved."))
    return None


@act(lambda request, found: ReasonForm(request.POST, key="complaint", rows=2, longest=LONGEST_WORDS))
def complaint(request: StaffRequest, found: Placement, form: ReasonForm) -> Problem | None:
    """What the borrower complains of, into the lender's register: somebody of the lender's answers."""
    asked = Asked(found.borrower_id, "complaint", form.reason, "agency")
    made = make_request(asked, request.now, actor=f"staff:{request.user.number}")
    if isinstance(made, Problem):
        return made
    messages.success(
        request,
        gettext("Complaint %(number)s is with the lender. Answer by %(due_on)s.")
        % {"number": made.number, "due_on": when(made.due_on)},
    )
    return None


@act(lambda request, found: ReasonForm(request.POST, key="return"))
def give_back(request: StaffRequest, found: Placement, form: ReasonForm) -> Problem | None:
    """Give the case back."""
    made = back(found.pk, request.user, form.reason, request.now)
    if isinstance(made, Problem):
        return made
    messages.success(request, gettext("The case is back with the lender."))
    return None
