"""What a person does on the case page: each form is one act, answered by the page again."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.agreements.promises import cancel_promise
from forbear.actions.cases.unmasking import unmask
from forbear.actions.contacts.next_case import planned_call
from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.actions.contacts.staff_calls import make_contact, taken_by_other
from forbear.actions.holds.holds import place_hold
from forbear.actions.holds.lifts import lift_by_staff
from forbear.actions.replies.correct_outcome import correct_outcome
from forbear.core.base.problem import Problem, joined
from forbear.core.base.reason import Reason
from forbear.core.facts.contact import PlannedContact
from forbear.store.access import contact_for, conversations_for, hold_for, promise_for
from forbear.store.models import Case, Conversation
from forbear.web.call_forms import (
    CaseForm,
    CorrectForm,
    OutcomeForm,
    PromiseForm,
    debt_of,
    flash_effects,
    flash_problems,
    write_outcome,
    write_promise,
)
from forbear.web.desk.case import case, case_of, everything, relay_points, wishes
from forbear.web.desk.case_forms import HoldForm, LiftForm, MessageForm, UnmaskForm
from forbear.web.desk.holds import said_of
from forbear.web.forms import Form, refused
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest

#: Whom the case page calls: the borrower, or who acts for them.
CALLED = ("debtor", "lawyer", "helper")
#: The text by which a third person is asked to pass on a wish to be called back.
RELAY = "third_party_relay"
#: What only who has the case may do. What somebody says who calls in is written down by who answers.
_LOCKED = ("desk:case:contact",)


def act(permission: str, kind: type[CaseForm] | None = None, key: str = "") -> Callable:
    """An act on a case: by POST, with the permission, on a case this person may see; then the page again.

    An act with a form is given it, once it is valid; `key` is the part of the address that tells apart the forms of
    several rows. The act returns what went wrong, or None. What is wrong is said in the form, as it was typed.
    """

    def made(view: Callable[..., Problem | list[Problem] | None]) -> Callable:
        @require_POST
        @permission_required(permission)
        @wraps(view)
        def acted(request: StaffRequest, borrower_id: str, **kwargs: Any) -> HttpResponseBase:
            found = case_of(request, borrower_id)
            lock = taken_by_other(borrower_id, request.user, request.now) if permission in _LOCKED else None
            if kind is None:
                flash_problems(request, lock or view(request, found, **kwargs) or [])
                return redirect("desk:case", borrower_id)
            debt = debt_of(found.borrower.loans.order_by("-days_past_due", "loan_id"))
            form = kind(request.POST, key=kwargs.get(key, ""), debt=debt, now=request.now)
            wrong = lock or (view(request, found, form, **kwargs) if form.is_valid() else ())
            if wrong or not form.is_valid():
                return refused(request, form, lambda: case(request, borrower_id), wrong or ())
            return redirect("desk:case", borrower_id)

        acted.__dict__["permission"] = permission
        return acted

    return made


class CalledForm(Form):
    """Who is to be called: the borrower, or who acts for them."""

    party = forms.ChoiceField(choices=[(each, each) for each in CALLED], required=False)


@act("desk:case:contact")
def call(request: StaffRequest, found: Case) -> Problem | None:
    """Ask for a permit to call now."""
    actor, form = f"staff:{request.user.number}", CalledForm(request.POST)
    party = (form.cleaned_data["party"] or "debtor") if form.is_valid() else ""
    if not party or (
        party != "debtor" and not found.borrower.points.filter(party=party, invalid_at=None).exists()
    ):
        return Problem("no_such_phone", "There is no such number of this borrower.")
    wanted = ContactDraft(
        found.borrower_id, planned_call(found.borrower, party=party, by=request.user), staff=request.user
    )
    made = make_contact(wanted, request.now, actor=actor)
    if isinstance(made, Problem):
        return made
    if made.answer.permit is None:
        assert made.answer.decision is not None, "what is refused was decided"
        rules = joined(each.with_clause() for each in made.answer.decision.refusals)
        return Problem("call_refused_by_rules", "The rules don't allow a call now: %(rules)s", rules=rules)
    messages.success(
        request,
        gettext(
            "Call allowed for three minutes. Give the verification code %(code)s so that they can check the call."
        )
        % {"code": made.contact.code},
    )
    return None


@act("desk:case:contact", MessageForm)
def message(request: StaffRequest, found: Case, form: MessageForm) -> Problem | None:
    """Put a message in the person's own words into the outbox; it is screened first and needs its permit to leave."""
    given = form.cleaned_data
    planned = next(
        (each for each in wishes(found.borrower, request.user) if each.channel == given["channel"]), None
    )
    if planned is None:
        return Problem("channel_address_missing", "There is no number or address for it.")
    planned = replace(planned, automated=False)
    wanted = ContactDraft(
        found.borrower_id, planned, body=given["body"], staff=request.user, confirmed=form.confirmed
    )
    made = queue_contact(wanted, request.now, actor=f"staff:{request.user.number}")
    if isinstance(made, Problem):
        return made
    messages.success(request, gettext("Queued. It is sent as soon as contact is allowed."))
    return None


@act("desk:case:contact")
def relay(request: StaffRequest, found: Case, point_id: int) -> Problem | None:
    """Ask a third person to have the borrower call back; the text says nothing of a debt or of the lender."""
    point = relay_points(found.borrower).filter(pk=point_id).first()
    if point is None:
        return Problem("no_such_phone", "There is no such number of this borrower.")
    planned = PlannedContact(
        *("sms", "relay", point.party, point.digest),
        template=RELAY,
        automated=False,
        own_line=True,
        discloses_debt=False,
        states_identity=True,
        offers_opt_out=True,
    )
    wanted = ContactDraft(found.borrower_id, planned, template=RELAY, staff=request.user)
    made = queue_contact(wanted, request.now, actor=f"staff:{request.user.number}")
    if isinstance(made, Problem):
        return made
    messages.success(request, gettext("Queued. It is sent as soon as contact is allowed."))
    return None


@act("desk:case:work", OutcomeForm)
def outcome(request: StaffRequest, found: Case, form: OutcomeForm) -> Problem | list[Problem] | None:
    """Write down how the call ended."""
    named = contact_for(request.user, form.cleaned_data["contact"])
    if named is None or named.borrower_id != found.borrower_id:
        return Problem("no_such_call", "There is no such call.")
    return write_outcome(request, form)


@act("desk:agreement:take", PromiseForm)
def promise(request: StaffRequest, found: Case, form: PromiseForm) -> Problem | list[Problem] | None:
    """Record a promise to pay."""
    loans = list(found.borrower.loans.filter(past_due_amount__gt=0).values_list("loan_id", flat=True))
    if not loans:
        return Problem("nothing_past_due", "nothing is past due")
    return write_promise(request, form, found.borrower_id, loans)


@act("desk:agreement:take")
def drop_promise(request: StaffRequest, found: Case, promise_id: int) -> Problem | None:
    """Take a promise back."""
    if promise_for(request.user, promise_id, found.borrower_id) is None:
        return Problem("no_such_promise", "there is no such promise")
    actor = f"staff:{request.user.number}"
    made = cancel_promise(promise_id, request.now, actor=actor, reason=Reason.of("by_staff"))
    if isinstance(made, Problem):
        return made
    messages.success(request, gettext("Promise cancelled. Collection goes on."))
    return None


@act("desk:case:hold", HoldForm)
def hold(request: StaffRequest, found: Case, form: HoldForm) -> Problem | None:
    """Put the case on hold."""
    made = place_hold(
        found.borrower_id,
        form.cleaned_data["kind"],
        request.now,
        actor=f"staff:{request.user.number}",
        reason=form.cleaned_data["reason"],
        source="desk",
    )
    return made if isinstance(made, Problem) else None


@act("desk:case:hold", LiftForm, key="hold_id")
def lift(request: StaffRequest, found: Case, form: LiftForm, hold_id: int) -> Problem | None:
    """End a hold, or be the first of the two who agree that it ends."""
    if hold_for(request.user, hold_id, found.borrower_id) is None:
        return Problem("no_such_hold", "There is no such hold.")
    made = lift_by_staff(hold_id, request.user, form.cleaned_data["note"], request.now)
    if isinstance(made, Problem):
        return made
    messages.success(request, said_of(made))
    return None


@act("desk:case:work", CorrectForm)
def correct(
    request: StaffRequest, found: Case, form: CorrectForm, talk_id: int
) -> Problem | list[Problem] | None:
    """Give a call another result within the set time; what the wrong one did is undone."""
    if not conversations_for(request.user).filter(pk=talk_id, borrower_id=found.borrower_id).exists():
        return Problem("no_such_conversation", "there is no such call result")
    made = correct_outcome(talk_id, form.outcome(), request.user, request.now)
    if not isinstance(made, Conversation):
        return made
    flash_effects(request, made)
    return None


@require_POST
@permission_required("borrower:personal:unmask")
def show_personal(request: StaffRequest, borrower_id: str) -> HttpResponseBase:
    """The page once, with personal data in the clear; never cached, and on record."""
    found = case_of(request, borrower_id)
    debt = debt_of(found.borrower.loans.order_by("-days_past_due", "loan_id"))
    form = UnmaskForm(request.POST, debt=debt, now=request.now)
    if not form.is_valid():
        return refused(request, form, lambda: case(request, borrower_id))
    shown = unmask(found.borrower, request.user, form.cleaned_data["reason"], request.now)
    if isinstance(shown, Problem):
        return refused(request, form, lambda: case(request, borrower_id), shown)
    page = everything(request, found)
    page["name"] = shown["name"]
    page["points"] = [(point, shown[str(point.pk)]) for point, _ in page["points"]]
    page["unmasked"] = True
    answer = render(request, "desk/case.html", page)
    answer["Cache-Control"] = "no-store"
    return answer
