"""The first page of the day: what is there to do, and the next case at one key."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.contacts.next_case import next_case
from forbear.actions.visits.visit_hours import at_hour
from forbear.core.base.problem import InputError
from forbear.interchange.home.strategies import strategy
from forbear.store.access import cases_for
from forbear.store.business_date import business_date
from forbear.store.models import Case, Contact, Conversation, Hold, PublishedNight, Review, Treatment
from forbear.web.guard import permission_required
from forbear.web.steady import counted

_DAY_SECONDS = 86_400


@permission_required("desk:case:read")
def queue(request: HttpRequest) -> HttpResponse:
    """The queue by stage, the person's own day, and the cases they hold."""
    now = request.now
    cases = cases_for(request.user).filter(closed_on=None)
    midnight = at_hour(business_date(now), 0)
    book = counted(f"queue:{request.user.role}", lambda: _book(cases, now), now)
    return render(
        request,
        "desk/queue.html",
        {
            "night": PublishedNight.objects.order_by("-as_of").first(),
            "mine": cases.filter(collector=request.user, leased_until__gt=now),
            "spoken": Conversation.objects.filter(staff=request.user, at__gte=midnight).count(),
            "unread": Review.objects.filter(staff=request.user, seen_at=None).count(),
            "unsure": Contact.objects.filter(state__in=("unknown", "dead")).count(),
            "book": book,
            **book.found,
        },
    )


def _book(cases: QuerySet[Case], now: datetime) -> dict[str, object]:
    """What is counted over every open case, planned call and waiting message."""
    # a hold of today counts at once; the night's word on a case is of yesterday
    running = Hold.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), lifted_at=None)
    night = PublishedNight.objects.aggregate(latest=Max("as_of"))["latest"]
    stopped = Q(held=True) | Q(borrower_id__in=running.values("borrower_id"))
    stages = (
        cases.order_by("stage")
        .values("stage", "handler")
        .annotate(
            number=Count("id"),
            stopped=Count("id", filter=stopped),
            free=Count("id", filter=~stopped & (Q(next_at=None) | Q(next_at__lte=now))),
        )
    )
    return {
        "stages": in_order(stages, now),
        "calls": Treatment.objects.filter(state="planned", channel="call").count(),
        # of this night, and not for want of the lender's app: that is nobody's wrong number
        "impossible": Treatment.objects.filter(state="impossible", planned_on=night)
        .exclude(channel="push")
        .values("borrower")
        .distinct()
        .count(),
        "waiting": Contact.objects.filter(state="waiting").count(),
    }


def in_order(stages: Iterable[dict], now: datetime) -> list[dict]:
    """Counts by stage in the order in which the strategy in force has them; what it has no more comes last."""
    try:
        names = [rule.stage for rule in strategy(settings.HOME, business_date(now)).stages]
    except InputError:  # said elsewhere; the counts are right all the same
        names = []
    return sorted(stages, key=lambda row: names.index(row["stage"]) if row["stage"] in names else len(names))


@require_POST
@permission_required("desk:case:work")
def hand_out(request: HttpRequest) -> HttpResponse:
    """Hand out the next case that may be contacted now."""
    handed = next_case(request.user, request.now)
    if handed is None:
        messages.info(
            request,
            gettext("No case can be contacted now. Each returns to the queue as soon as the rules allow."),
        )
        return redirect("desk:queue")
    return redirect("desk:case", handed.case.borrower_id)
