"""The inbox: what people wrote that a person has to read, the urgent first."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.replies.reading import mark_reply_read, see_reply_alarm
from forbear.core.base.problem import Problem
from forbear.store.access import replies_for, reply_for
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest

_SHOWN = 50


@permission_required("desk:request:answer")
def inbox(request: StaffRequest) -> HttpResponse:
    """What waits for a reader: danger first, then the oldest; or all, the newest first."""
    state = request.GET.get("state", "waiting")
    rows = replies_for(request.user)
    if state == "waiting":
        rows = rows.filter(Q(needs_person=True) | Q(held=True), read_at=None)
        rows = rows.order_by("-urgent", "at", "pk")
    else:
        rows = rows.order_by("-at", "-pk")
    page = Paginator(rows, _SHOWN).get_page(request.GET.get("page"))
    return render(request, "desk/inbox.html", {"page": page, "state": state})


@require_POST
@permission_required("desk:request:answer")
def read(request: StaffRequest, inbound_id: int) -> HttpResponse:
    """Somebody has read it, and of an alarm says what was done."""
    found = reply_for(request.user, inbound_id)
    if found is None:
        raise Http404
    alarm = getattr(found, "alarm", None)
    if alarm is not None and alarm.seen_at is None:
        seen = see_reply_alarm(alarm.pk, request.POST.get("words", ""), request.user, request.now)
        if isinstance(seen, Problem):
            flash_problems(request, seen)
            return redirect("desk:inbox")
    flash_result(request, mark_reply_read(found.pk, request.user, request.now), gettext("Marked as read."))
    return redirect("desk:inbox")
