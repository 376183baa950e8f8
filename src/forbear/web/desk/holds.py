"""Holds at the desk: all that run, by age, with who looks at them when; ending one, or letting it go on."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.holds.lifts import keep_hold, lift_by_staff
from forbear.actions.selectors.active_holds import kept_by_requests
from forbear.core.agreements.hold_kinds import BY_ACT_SOURCES, OF_HOLD
from forbear.core.base.problem import Problem
from forbear.core.facts.context import HOLD_KINDS
from forbear.store.access import holds_for, masked_name
from forbear.store.business_date import business_date
from forbear.store.models import Hold
from forbear.web.call_forms import flash_result, read_day
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest

_PAGE = 50
_DAYS_AGAIN = timedelta(days=30)


@permission_required("desk:hold:lift")
def holds(request: StaffRequest) -> HttpResponse:
    """Those that run, the oldest first; filters are in the address."""
    today, kind, which = business_date(request.now), request.GET.get("kind", ""), request.GET.get("which", "")
    rows = holds_for(request.user).filter(
        Q(ends_at=None) | Q(ends_at__gt=request.now), lifted_at=None, starts_at__lte=request.now
    )
    due, asked = rows.filter(review_on__lte=today), rows.filter(lift_asked_by__isnull=False)
    shown = {"due": due, "asked": asked}.get(which, rows)
    if kind in HOLD_KINDS:
        shown = shown.filter(kind=kind)
    shown = shown.select_related("borrower", "lift_asked_by")
    page = Paginator(shown.order_by("starts_at", "pk"), _PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "desk/holds.html",
        {
            "page": page,
            "rows": [(hold, masked_name(hold.borrower.name), by_hand(hold)) for hold in page],
            "kept": kept_by_requests([hold.pk for hold in page]),
            "kinds": list(HOLD_KINDS),
            "kind": kind,
            "which": which,
            "today": today,
            "next_review": today + _DAYS_AGAIN,
            "counts": {"all": rows.count(), "due": due.count(), "asked": asked.count()},
        },
    )


def by_hand(hold: Hold) -> bool:
    """Whether a person may end it at all."""
    return not OF_HOLD[hold.kind].by_act and hold.source not in BY_ACT_SOURCES


@require_POST
@permission_required("desk:hold:lift")
def decide(request: StaffRequest, hold_id: int) -> HttpResponse:
    """End it, agree that it ends, or let it go on until another review."""
    if not holds_for(request.user).filter(pk=hold_id).exists():
        raise Http404
    note = request.POST.get("note", "")
    if request.POST.get("act") == "keep":
        day = read_day(request.POST.get("review_on", ""))
        made = (
            keep_hold(hold_id, request.user, note, request.now, day)
            if day is not None
            else Problem("review_day_missing", "Choose the day of the next review.")
        )
        flash_result(request, made, gettext("The hold goes on."))
    else:
        flash_result(
            request, ended := lift_by_staff(hold_id, request.user, note, request.now), said_of(ended)
        )
    return redirect("desk:holds")


def said_of(made: Hold | Problem) -> str:
    """What became of a hold that somebody wanted to end."""
    if isinstance(made, Hold) and made.lifted_at is None:
        return gettext("Saved. The hold ends when a second person agrees.")
    return gettext("The hold has ended.")
