"""What a person does with a message: take it, pass it on, link it, answer it, say what it is, be done with it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.replies.answers import Answer, answer_message
from forbear.actions.replies.inbox import link_message, release_message, take_message, transfer_message
from forbear.actions.replies.reading import mark_reply_read, see_reply_alarm
from forbear.actions.replies.sorting import Sorted, sort_message
from forbear.core.base.problem import Problem
from forbear.store.access import case_for
from forbear.store.models import Inbound
from forbear.web.call_forms import flash_result
from forbear.web.desk.inbox import message_of, receivers, show_message
from forbear.web.desk.inbox_forms import AnswerForm, LinkForm, PassOnForm, SortForm
from forbear.web.forms import ButtonForm, ReasonForm, refused
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.submit import submit


def _act(view: Callable[[StaffRequest, Inbound], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """An act on a message that this person may see, by POST."""

    @require_POST
    @permission_required("desk:request:answer")
    @wraps(view)
    def acted(request: StaffRequest, inbound_id: int) -> HttpResponseBase:
        return view(request, message_of(request, inbound_id))

    acted.__dict__["permission"] = "desk:request:answer"
    return acted


@_act
def take(request: StaffRequest, inbound: Inbound) -> HttpResponse:
    """Take it for half an hour."""
    flash_result(request, take_message(inbound.pk, request.user, request.now), gettext("Assigned to you."))
    return redirect("desk:reply", inbound.pk)


@_act
def release(request: StaffRequest, inbound: Inbound) -> HttpResponse:
    """Give it back."""
    flash_result(request, release_message(inbound.pk, request.user, request.now), gettext("Given back."))
    return redirect("desk:inbox")


@_act
def transfer(request: StaffRequest, inbound: Inbound) -> HttpResponseBase:
    """Pass it on to a person or a team."""
    form = PassOnForm(*receivers(request), request.POST)

    def act(given: dict[str, Any]) -> object:
        return transfer_message(inbound.pk, given["to"], request.user, request.now)

    def then(_made: object) -> HttpResponse:
        flash_result(request, None, gettext("Passed on to %(to)s.") % {"to": form.cleaned_data["to"]})
        return redirect("desk:inbox")

    return submit(request, form, act, _page(request, inbound), then)


@_act
def link(request: StaffRequest, inbound: Inbound) -> HttpResponseBase:
    """Say to which case it belongs."""

    def act(given: dict[str, Any]) -> object:
        borrower_id = given["borrower"].strip()
        if case_for(request.user, borrower_id) is None:
            return Problem("reply_case_unknown", "Name a borrower with a case.")
        own = given["own_number"]
        return link_message(inbound.pk, borrower_id, request.user, request.now, own_number=own)

    page, done = _page(request, inbound), gettext("Linked to the case.")
    then = reverse("desk:reply", args=[inbound.pk])
    return submit(request, LinkForm(request.POST), act, page, then, done)


@_act
def answer(request: StaffRequest, inbound: Inbound) -> HttpResponseBase:
    """Answer it."""

    def act(given: dict[str, Any]) -> object:
        typed = Answer(given["template"], given["subject"], given["body"], form.confirmed)
        return answer_message(inbound.pk, typed, request.user, request.now)

    form = AnswerForm(request.POST)
    page, done = _page(request, inbound), gettext("Queued. It is sent as soon as contact is allowed.")
    return submit(request, form, act, page, reverse("desk:inbox"), done)


@_act
def sort(request: StaffRequest, inbound: Inbound) -> HttpResponseBase:
    """Say what it is, and do what follows."""

    def act(given: dict[str, Any]) -> object:
        return sort_message(inbound.pk, given["as"], request.user, request.now, call_at=given["call_at"])

    def then(made: Sorted) -> HttpResponse:
        done = gettext("Saved.")
        if made.request is not None:
            saved = gettext("Saved as %(number)s, to be answered by %(due_on)s.")
            done = saved % {"number": made.request.number, "due_on": made.request.due_on}
        flash_result(request, made, done)
        return redirect("desk:inbox")

    form = SortForm(request.POST, now=request.now)
    return submit(request, form, act, _page(request, inbound), then)


@_act
def read(request: StaffRequest, inbound: Inbound) -> HttpResponseBase:
    """Somebody has read it, and of an alarm says what was done."""
    alarm = getattr(inbound, "alarm", None)
    if alarm is not None and alarm.seen_at is None:
        form = ReasonForm(request.POST, key="alarm", name="words")
        if not form.is_valid():
            return refused(request, form, _page(request, inbound))
        seen = see_reply_alarm(alarm.pk, form.reason, request.user, request.now)
        if isinstance(seen, Problem):
            return refused(request, form, _page(request, inbound), seen)
    if ButtonForm(request.POST, "then").value("then") == "stay":
        flash_result(request, inbound, gettext("Saved."))
        return redirect("desk:reply", inbound.pk)
    made = mark_reply_read(inbound.pk, request.user, request.now)
    flash_result(request, made, gettext("Marked as read."))
    return redirect("desk:reply", inbound.pk) if isinstance(made, Problem) else redirect("desk:inbox")


def _page(request: StaffRequest, inbound: Inbound) -> Callable[[], HttpResponseBase]:
    return lambda: show_message(request, inbound)
