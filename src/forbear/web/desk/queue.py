"""The first page of the day: what is there to do, and the next case at one key."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.contacts.certificates import uncertified
from forbear.actions.contacts.next_case import next_case
from forbear.actions.selectors.desk_counts import latest_night, open_case_stages, own_day, planned_work
from forbear.actions.selectors.my_day import my_day
from forbear.actions.selectors.work_hours import calls_go_on_at
from forbear.actions.visits.visit_hours import at_hour
from forbear.core.base.problem import InputError
from forbear.interchange.home.strategies import strategy
from forbear.store.access import cases_for
from forbear.store.business_date import business_date
from forbear.store.models import Case, Staff
from forbear.store.permissions import may
from forbear.web.desk.night_state import night_state
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.templatetags.forbear import said, when


@permission_required("desk:case:read")
def queue(request: StaffRequest) -> HttpResponse:
    """The queue by stage, the person's own day, and the cases they hold."""
    now = request.now
    cases = cases_for(request.user).filter(closed_on=None)
    midnight = at_hour(business_date(now), 0)
    book = counted(
        f"queue:{request.user.role}:{request.user.creditors}", lambda: _book(request.user, cases, now), now
    )
    return render(
        request,
        "desk/queue.html",
        {
            "night": latest_night(),
            "uncertified": uncertified(request.user, now)
            if may(request.user.role, "desk:case:work")
            else None,
            "state": night_state(now),
            "day": my_day(request.user, now) if may(request.user.role, "desk:case:work") else None,
            **own_day(request.user, midnight),
            "book": book,
            **book.found,
        },
    )


def _book(staff: Staff, cases: QuerySet[Case], now: datetime) -> dict[str, object]:
    """What is counted over every open case, planned call and waiting message."""
    return {"stages": in_order(open_case_stages(cases, now), now), **planned_work(staff, now)}


def in_order(stages: Iterable[dict], now: datetime) -> list[dict]:
    """Counts by stage in the order in which the strategy in force has them; what it has no more comes last."""
    try:
        names = [rule.stage for rule in strategy(settings.HOME, business_date(now)).stages]
    except InputError:  # said elsewhere; the counts are right all the same
        names = []
    return sorted(stages, key=lambda row: names.index(row["stage"]) if row["stage"] in names else len(names))


@require_POST
@permission_required("desk:case:work")
def hand_out(request: StaffRequest) -> HttpResponse:
    """Hand out the next case that may be contacted now."""
    handed = next_case(request.user, request.now)
    if handed is None and (problem := uncertified(request.user, request.now)):
        messages.error(request, said(problem))
        return redirect("desk:queue")
    if handed is None:
        sentence = gettext(
            "No case can be contacted now. Each returns to the queue as soon as the rules allow."
        )
        if first := calls_go_on_at(request.now):
            sentence = gettext("No case can be contacted now. The first returns at %(time)s.") % {
                "time": when(first)
            }
        messages.info(request, sentence)
        return redirect("desk:queue")
    return redirect("desk:case", handed.case.borrower_id)
