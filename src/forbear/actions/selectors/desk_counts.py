"""What the desk's first pages count over the whole book: the queue, the team's day, what waits for somebody."""

from datetime import date, datetime

from django.db.models import Count, Max, Q, QuerySet

from forbear.actions.selectors.due_calls import planned_now
from forbear.store.access import cases_for, contacts_for, treatments_for
from forbear.store.models import (
    Case,
    Contact,
    Conversation,
    Hold,
    MissingRecording,
    PenaltyDifference,
    Permit,
    Promise,
    PublishedNight,
    Request,
    Review,
    RouteSearch,
    Staff,
    Treatment,
)


def latest_night() -> PublishedNight | None:
    """The newest night that the desk works on."""
    return PublishedNight.objects.order_by("-as_of").first()


def open_case_stages(cases: QuerySet[Case], now: datetime) -> QuerySet:
    """By stage and handler: the `number` of cases, how many are `stopped` by a hold, how many are `free`.

    Free is what may be handed out now: a call is planned for today and not put off.
    """
    # a hold of today counts at once; the night's word on a case is of yesterday
    running = Hold.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), lifted_at=None)
    due = planned_now(now)
    stopped = Q(held=True) | Q(borrower_id__in=running.values("borrower_id"))
    return (
        cases.order_by("stage")
        .values("stage", "handler")
        .annotate(
            number=Count("id"),
            stopped=Count("id", filter=stopped),
            free=Count("id", filter=~stopped & due & (Q(next_at=None) | Q(next_at__lte=now))),
        )
    )


def cases_by_stage() -> dict[str, int]:
    """How many open cases are at each stage."""
    rows = Case.objects.filter(closed_on=None).order_by().values_list("stage")
    return dict(rows.annotate(Count("pk")))


def planned_work(staff: Staff, now: datetime) -> dict[str, int]:
    """Planned `calls` that the own team makes today, who can't be reached as planned (`no_address`), and contacts that
    are `waiting`; of the borrowers whom somebody limited to creditors may see, else of all.
    """
    limited = bool(staff.only_creditors)
    cases = cases_for(staff) if limited else Case.objects
    treatments = treatments_for(staff) if limited else Treatment.objects
    contacts = contacts_for(staff) if limited else Contact.objects
    night = PublishedNight.objects.aggregate(latest=Max("as_of"))["latest"]
    return {
        "calls": cases.filter(planned_now(now), closed_on=None, held=False).count(),
        # of this night, and not for want of the lender's app: that is nobody's wrong number
        "no_address": treatments.filter(state="no_address", planned_on=night)
        .exclude(channel="push")
        .values("borrower")
        .distinct()
        .count(),
        "waiting": contacts.filter(state="waiting").count(),
    }


def own_day(staff: Staff, since: datetime) -> dict[str, int]:
    """What a person had `spoken` since then, reviews they have not read, contacts whose result nobody knows."""
    unsure = contacts_for(staff) if staff.only_creditors else Contact.objects
    return {
        "spoken": Conversation.objects.filter(staff=staff, at__gte=since).count(),
        "unread": Review.objects.filter(staff=staff, seen_at=None).count(),
        "unsure": unsure.filter(state__in=("unknown", "dead")).count(),
    }


def conversations_by_staff(since: datetime) -> dict[int | None, int]:
    """How many conversations each person wrote down since then."""
    rows = Conversation.objects.filter(at__gte=since).values_list("staff").annotate(Count("pk"))
    return dict(rows.order_by())


def promises_by_staff(since: date) -> QuerySet:
    """By `taken_by`: promises `given` since that day, how many are `decided`, and how many were kept (`well`)."""
    return (
        Promise.objects.filter(made_on__gte=since)
        .values("taken_by")
        .annotate(
            given=Count("pk"),
            decided=Count("pk", filter=Q(state__in=("kept", "broken"))),
            well=Count("pk", filter=Q(state="kept")),
        )
        .order_by()
    )


def contact_states(since: datetime) -> list[dict]:
    """How many contacts that were queued since then are in each state, the most first."""
    rows = Contact.objects.filter(queued_at__gte=since).values("state")
    return [dict(row) for row in rows.annotate(number=Count("pk")).order_by("-number")]


def compliance_backlog(today: date) -> dict[str, int]:
    """Requests that are `overdue`, open penalty `differences` against borrowers, calls that are `unrecorded`."""
    differences = PenaltyDifference.objects.filter(gone_at=None, settled_at=None, too_much__gt=0)
    return {
        "overdue": Request.objects.filter(state="open", due_on__lt=today).count(),
        "differences": differences.count(),
        "unrecorded": MissingRecording.objects.filter(gone_at=None, settled_at=None).count(),
    }


def recorded_shares(outcomes: tuple[str, ...], since: datetime) -> QuerySet:
    """By provider: calls with these outcomes after that moment (`answered`), and how many have a recording (`kept`)."""
    calls = Contact.objects.filter(channel__in=("call", "voice"), outcome__in=outcomes, at__gt=since)
    return (
        calls.exclude(provider="")
        .values("provider")
        .annotate(answered=Count("pk"), kept=Count("pk", filter=~Q(recording="")))
        .order_by("provider")
    )


def reviews_after(day: date, team: str = "") -> QuerySet[Review]:
    """Reviews made after that day, with whose contact it was; of a team or of all."""
    rows = Review.objects.filter(at__date__gt=day).select_related("staff")
    return rows.filter(staff__team=team) if team else rows


def contacts_moved(since: datetime) -> dict[str, int]:
    """By state the contacts that were made or ended from that moment on, and under `waiting` all that wait."""
    moved = Contact.objects.filter(Q(at__gte=since) | Q(ended_at__gte=since)).exclude(state="waiting")
    rows = moved.order_by("state").values_list("state").annotate(Count("pk"))
    return {**dict(rows), "waiting": Contact.objects.filter(state="waiting").count()}


def permits_between(since: datetime, until: datetime) -> int:
    """How many permits were issued between the two moments, both included."""
    return Permit.objects.filter(issued_at__gte=since, issued_at__lte=until).count()


def route_search_of(day: date) -> RouteSearch | None:
    """What became of working out that day's routes."""
    return RouteSearch.objects.filter(pk=day).first()
