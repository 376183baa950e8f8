"""What a person does with a message: take it, pass it on, link it, answer it, say what it is, be done with it."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.replies.answers import Answer, answer_message
from forbear.actions.replies.inbox import link_message, release_message, take_message, transfer_message
from forbear.actions.replies.reading import mark_reply_read, see_reply_alarm
from forbear.actions.replies.sorting import sort_message
from forbear.core.base.problem import Problem
from forbear.store.access import case_for
from forbear.store.models import Inbound
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.desk.inbox import message_of, show_message
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest


def _act(view: Callable[[StaffRequest, Inbound], HttpResponse]) -> Callable[..., HttpResponseBase]:
    """An act on a message that this person may see, by POST."""

    @require_POST
    @permission_required("desk:request:answer")
    @wraps(view)
    def acted(request: StaffRequest, inbound_id: int) -> HttpResponse:
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
def transfer(request: StaffRequest, inbound: Inbound) -> HttpResponse:
    """Pass it on to a person or a team."""
    to = request.POST.get("to", "")
    made = transfer_message(inbound.pk, to, request.user, request.now)
    flash_result(request, made, gettext("Passed on to %(to)s.") % {"to": to})
    return redirect("desk:reply", inbound.pk) if isinstance(made, Problem) else redirect("desk:inbox")


@_act
def link(request: StaffRequest, inbound: Inbound) -> HttpResponse:
    """Say to which case it belongs."""
    borrower_id = request.POST.get("borrower", "").strip()
    if case_for(request.user, borrower_id) is None:
        made: object = Problem("reply_case_unknown", "Name a borrower with a case.")
    else:
        own = request.POST.get("own_number") == "yes"
        made = link_message(inbound.pk, borrower_id, request.user, request.now, own_number=own)
    flash_result(request, made, gettext("Linked to the case."))
    return redirect("desk:reply", inbound.pk)


@_act
def answer(request: StaffRequest, inbound: Inbound) -> HttpResponse:
    """Answer it; what is refused stands on the page as it was typed."""
    form = request.POST
    typed = Answer(form.get("template", ""), form.get("subject", ""), form.get("body", ""))
    made = answer_message(inbound.pk, typed, request.user, request.now)
    if isinstance(made, Problem):
        flash_problems(request, made)
        return show_message(request, inbound)
    flash_result(request, made, gettext("Queued. It is sent as soon as contact is allowed."))
    return redirect("desk:inbox")


@_act
def sort(request: StaffRequest, inbound: Inbound) -> HttpResponse:
    """Say what it is, and do what follows."""
    text = request.POST.get("call_at", "")
    call_at = parse_datetime(text) if text else None
    if call_at is not None and timezone.is_naive(call_at):
        call_at = timezone.make_aware(call_at)
    made = sort_message(inbound.pk, request.POST.get("as", ""), request.user, request.now, call_at=call_at)
    if isinstance(made, Problem):
        flash_problems(request, made)
        return redirect("desk:reply", inbound.pk)
    done = gettext("Saved.")
    if made.request is not None:
        saved = gettext("Saved as %(number)s, to be answered by %(due_on)s.")
        done = saved % {"number": made.request.number, "due_on": made.request.due_on}
    flash_result(request, made, done)
    return redirect("desk:inbox")


@_act
def read(request: StaffRequest, inbound: Inbound) -> HttpResponse:
    """Somebody has read it, and of an alarm says what was done."""
    alarm = getattr(inbound, "alarm", None)
    if alarm is not None and alarm.seen_at is None:
        seen = see_reply_alarm(alarm.pk, request.POST.get("words", ""), request.user, request.now)
        if isinstance(seen, Problem):
            flash_problems(request, seen)
            return redirect("desk:reply", inbound.pk)
    if request.POST.get("then") == "stay":
        flash_result(request, inbound, gettext("Saved."))
        return redirect("desk:reply", inbound.pk)
    made = mark_reply_read(inbound.pk, request.user, request.now)
    flash_result(request, made, gettext("Marked as read."))
    return redirect("desk:reply", inbound.pk) if isinstance(made, Problem) else redirect("desk:inbox")
