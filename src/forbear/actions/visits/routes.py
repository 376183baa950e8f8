"""Routes: kept as they were worked out, given to their pair by a person, undone while nobody has set out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from forbear.actions.contacts.notify_borrower import NOTICE as MUST
from forbear.actions.contacts.notify_borrower import notify_borrower
from forbear.actions.visits.decisions import held_visit
from forbear.actions.visits.proposals import log_visit
from forbear.actions.visits.visit_hours import NOTICE, announced_hours
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.visits.visit import after
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Contact, RouteSearch, Staff, Visit, VisitRoute


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit on a route: when the two arrive and leave, how far it was, and how that was worked out."""

    visit_id: str
    arrives_at: datetime
    leaves_at: datetime
    minutes: int
    metres: int
    how: str


@dataclass(frozen=True, slots=True)
class Way:
    """A pair and its stops in their order."""

    first: int
    second: int
    stops: tuple[Stop, ...]


def ask_routes(day: date, by: Staff, now: datetime) -> None:
    """Have a day's routes worked out, by a worker and not while somebody waits; once, however often it is asked."""
    with transaction.atomic():
        search = RouteSearch.objects.select_for_update().filter(pk=day).first()
        if search is not None and search.state in ("waiting", "running"):
            return
        defaults = {"state": "waiting", "asked_at": now, "asked_by": by, "begun_at": None, "said": []}
        RouteSearch.objects.update_or_create(pk=day, defaults=defaults)


def save_routes(
    day: date, ways: Sequence[Way], left_out: dict[str, str], now: datetime, by: Staff | None
) -> list[VisitRoute]:
    """Keep what was worked out for a day, so that what is given is what was seen. Nothing is planned yet.

    What was worked out for that day before and not given is dropped. `left_out` says why of each visit on no route.
    """
    with transaction.atomic():
        VisitRoute.objects.filter(day=day, state="proposed").update(state="undone")
        routes = []
        for way in ways:
            first = Staff.objects.get(pk=way.first)
            routes.append(
                VisitRoute.objects.create(
                    day=day,
                    first=first,
                    second_id=way.second,
                    agency_id=first.agency_id,
                    state="proposed",
                    made_at=now,
                    made_by=by,
                    stops=[
                        [
                            s.visit_id,
                            s.arrives_at.isoformat(),
                            s.leaves_at.isoformat(),
                            s.minutes,
                            s.metres,
                            s.how,
                        ]
                        for s in way.stops
                    ],
                    details={
                        "minutes": sum(stop.minutes for stop in way.stops),
                        "metres": sum(stop.metres for stop in way.stops),
                        "left_out": left_out,
                    },
                )
            )
        return routes


def give_route(route_id: int, by: Staff, now: datetime) -> VisitRoute | Problem:
    """Give a route to its pair: its visits are planned, and announced where the rules ask for it."""
    with transaction.atomic():
        route = VisitRoute.objects.select_for_update().filter(pk=route_id, state="proposed").first()
        if route is None:
            return Problem("no_route_waiting", "no such route is waiting")
        if route.day < business_date(now):
            return Problem("route_day_passed", "its day is over; work out a new one")
        names = sorted(
            Visit.objects.filter(pk__in=[stop[0] for stop in route.stops]).values_list(
                "borrower_id", flat=True
            )
        )
        # borrowers are held in the order of their names, as everywhere
        list(Borrower.objects.select_for_update().filter(pk__in=names).order_by("pk").values_list("pk"))
        planned = [
            visit
            for position, stop in enumerate(route.stops, 1)
            if (visit := _planned(route, position, stop, by, now)) is not None
        ]
        if not planned:
            return Problem(
                "route_visits_gone", "none of its visits can be planned any more; work out a new one"
            )
        route.state, route.given_at, route.given_by = "given", now, by
        route.save()
        return route


def _planned(route: VisitRoute, position: int, stop: list, by: Staff, now: datetime) -> Visit | None:
    """Plan one visit; None where it has changed meanwhile."""
    visit = held_visit(stop[0])
    if visit is None or visit.state != "approved" or isinstance(after(visit.state, "plan"), Problem):
        return None
    visit.state, visit.route, visit.position = "planned", route, position
    visit.arrives_at, visit.leaves_at = datetime.fromisoformat(stop[1]), datetime.fromisoformat(stop[2])
    visit.agency = route.agency
    visit.why = {"minutes": stop[3], "metres": stop[4], "how": stop[5]}
    if visit.notice_days:
        _announce(visit, now)
        if visit.notice is None:
            # nobody could be notified; it waits for an address, or for somebody to call it off
            return None
    visit.save()
    log_visit(
        visit,
        "planned",
        now,
        actor=f"staff:{by.number}",
        day=route.day.isoformat(),
        visitors=[route.first.number, route.second.number],
        announced=visit.notice_id or "",
    )
    return visit


def _announce(visit: Visit, now: datetime) -> None:
    """Tell the borrower when two people would come, that they may say no, and how to check who they are."""
    hours = announced_hours(visit)
    assert hours is not None, "a visit on a route has its hours"
    starts, ends = hours
    visit.notice = notify_borrower(
        visit.borrower,
        NOTICE,
        now,
        loans=tuple(visit.loans),
        manner=MUST,
        on=starts.date(),
        time=f"{starts:%H:%M}–{ends:%H:%M}",
    )


def undo_route(route_id: int, by: Staff, now: datetime) -> VisitRoute | Problem:
    """Take a route back: visits for which nobody has set out wait for another."""
    with transaction.atomic():
        route = VisitRoute.objects.select_for_update().filter(pk=route_id, state="given").first()
        if route is None:
            return Problem("no_such_route", "there is no such route")
        waiting = route.visits.filter(state="planned", contact=None).order_by("borrower_id")
        for pk in list(waiting.values_list("pk", flat=True)):
            visit = held_visit(pk)
            if visit is None or visit.state != "planned" or visit.contact_id:
                continue
            _take_off(visit, "taken off its route", now, actor=f"staff:{by.number}")
        route.state = "undone"
        route.save()
        return route


def put_back_due(now: datetime) -> int:
    """Visits of a day that is over, that no phone reported, wait for another route; how many.

    A day is left for phones that had no network. A permit that was taken and not used was no contact.
    """
    over = business_date(now) - timedelta(days=1)
    rows = Visit.objects.filter(state="planned", route__day__lt=over).order_by("borrower_id")
    done = 0
    for pk in list(rows.values_list("pk", flat=True)):
        with transaction.atomic():
            visit = held_visit(pk)
            if visit is None or visit.state != "planned":
                continue
            Contact.objects.filter(pk=visit.contact_id, state="sent", outcome="pending").update(
                state="cancelled", outcome="not_sent", ended_at=now, **Reason.of("nobody_set_out").columns()
            )
            _take_off(visit, "not made", now, actor="timetable")
            done += 1
    return done


def _take_off(visit: Visit, what: str, now: datetime, *, actor: str) -> None:
    """Off its route, and waiting for another."""
    state = after(visit.state, "unplan")
    assert isinstance(state, str), "a planned visit can be taken off its route"
    visit.state, visit.route, visit.position = state, None, 0
    visit.arrives_at = visit.leaves_at = None
    visit.save()
    log_visit(visit, what, now, actor=actor)
