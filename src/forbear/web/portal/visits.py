"""Visits as the borrower sees them: the one that is planned, saying no to it, and what is on record of each."""

from datetime import datetime
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.holds.holds import place_hold
from forbear.actions.visits.visit_hours import announced_hours
from forbear.core.base.problem import Problem
from forbear.store.models import Borrower, Visit
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest

_NEWEST = 20


class Coming(NamedTuple):
    """A visit that may still be made, and the hours that bind those who make it."""

    visit: Visit
    starts: datetime
    ends: datetime


def coming(borrower: Borrower, now: datetime) -> Coming | None:
    """The visit that is on a pair's route, until its hours are over."""
    rows = borrower.visits.filter(state="planned").select_related("route__first", "route__second", "agency")
    visit = rows.first()
    hours = announced_hours(visit) if visit is not None else None
    if visit is None or hours is None or hours[1] <= now:
        return None
    return Coming(visit, *hours)


@own
def visits(request: BorrowerRequest) -> HttpResponse:
    """What is planned, and what was."""
    borrower, now = request.borrower, request.now
    stopped = borrower.holds.filter(kind="no_visits", lifted_at=None)
    made = borrower.visits.filter(started_at__isnull=False).select_related("contact", "agency")
    shown = {
        "coming": coming(borrower, now),
        "stopped": any(hold.ends_at is None or hold.ends_at > now for hold in stopped),
        "made": made.order_by("-started_at")[:_NEWEST],
    }
    return render(request, "portal/visits.html", shown)


@require_POST
@own
def no_visits(request: BorrowerRequest) -> HttpResponse:
    """Nobody is to come: at once, and without giving a reason."""
    done = place_hold(
        request.borrower.borrower_id, "no_visits", request.now, actor="borrower", source="portal"
    )
    assert not isinstance(done, Problem), "a borrower who is in is there"
    messages.success(request, gettext("We will not come to your door."))
    return redirect("portal:visits")
