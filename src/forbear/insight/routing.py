"""A day's routes for pairs of visitors, worked out by a solver (OR-Tools): the most worth first, then the least way.

Each visit has its hours from the rules themselves, asked as of that day. A pair takes only visits it may make: an
agency's people those of their agency. What fits on no route says why. The same question has the same answer: the search
ends when nothing gets better, and only a very large day is cut off by the clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from forbear.actions.visits.routes import Stop, Way, save_routes
from forbear.actions.visits.visit_hours import VisitHours, planned_visit
from forbear.core.base.problem import Problem
from forbear.core.visits.visit import Place, VisitPolicy, travel_minutes
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date
from forbear.store.models import Loan, Staff, Visit, VisitRoute
from forbear.store.situation import lock_borrower

#: Visits looked at for a day, and the seconds after which a search is cut off.
MOST = 400
_SECONDS = 20
#: Leaving a visit out costs as much as this many minutes of way, and more by what it is worth.
_LEFT_OUT = 10_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two visitors who go together, with their agency ("" for the lender's own)."""

    first: int
    second: int
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A visit to be routed: where, whose, in which minutes of the day the two may arrive, and what it is worth."""

    visit_id: str
    place: Place | None
    area: str
    agency: str
    opens: int
    closes: int
    worth: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer: for each pair its calls with (call, arrival minute, minutes of way, metres, how), and who is left."""

    ways: Mapping[int, Sequence[tuple[Call, int, int, int, str]]]
    left_out: Mapping[str, str]


def pairs_of(agency: str | None = None) -> list[Pair]:
    """Visitors two by two, of one agency and team, in the order of their numbers; who is alone stays home."""
    rows = Staff.objects.filter(role="visitor", is_active=True).order_by("agency_id", "team", "number")
    groups: dict[tuple[str, str], list[int]] = {}
    for person in rows:
        groups.setdefault((person.agency_id or "", person.team), []).append(person.pk)
    return [
        Pair(group[at], group[at + 1], named)
        for (named, _), group in groups.items()
        if agency is None or named == agency
        for at in range(0, len(group) - 1, 2)
    ]


def calls_of(day: date, now: datetime) -> tuple[list[Call], dict[str, str]]:
    """The approved visits that may be made that day, the largest first; and why others may not."""
    terms = policy(settings.HOME).visit
    rows = Visit.objects.filter(state="approved").select_related("borrower", "point")
    owed = dict(
        Loan.objects.filter(borrower__in=rows.values("borrower"))
        .values_list("borrower_id")
        .annotate(Sum("past_due_amount"))
    )
    calls, left = [], {}
    for visit in sorted(rows, key=lambda row: (-(owed.get(row.borrower_id) or 0), row.visit_id))[:MOST]:
        hours = _hours(visit, day, now, terms)
        if hours is None:
            left[visit.visit_id] = "not_that_day"
            continue
        point = visit.point
        place = None
        if point.latitude is not None and point.longitude is not None:
            place = Place(point.latitude, point.longitude)
        calls.append(
            Call(
                visit.visit_id,
                place,
                point.area,
                visit.agency_id or "",
                hours[0] * 60,
                hours[1] * 60 - terms.door_minutes,
                owed.get(visit.borrower_id) or 0,
            )
        )
    return calls, left


def _hours(visit: Visit, day: date, now: datetime, terms: VisitPolicy) -> tuple[int, int] | None:
    """The hours the rules allow that day, as if the announcement went out now where one is needed."""
    with transaction.atomic():
        borrower = lock_borrower(visit.borrower_id)
        assert borrower is not None, "a visit has its borrower"
        planned = planned_visit(visit.point, tuple(visit.loans), visit.agency_id or "")
        ahead = (day - business_date(now)).days
        if visit.notice_days > ahead:
            return None
        # a notice that goes out today is `ahead` whole days old on that day at the hour it went out
        return VisitHours(borrower, planned, now).hours(day, terms, ahead if visit.notice_days else None)


def work_out(calls: Sequence[Call], pairs: Sequence[Pair], terms: VisitPolicy) -> Plan:
    """Share the calls out and put them in order. Problem cases are reported, never dropped silently."""
    reachable = [call for call in calls if any(pair.agency == call.agency for pair in pairs)]
    left = {call.visit_id: "no_pair" for call in calls if call not in reachable}
    if not reachable:
        return Plan({}, left)
    ways = _solve(reachable, pairs, terms)
    taken = {call.visit_id for way in ways.values() for call, *_ in way}
    left |= {call.visit_id: "no_room" for call in reachable if call.visit_id not in taken}
    return Plan(ways, left)


def _solve(
    calls: Sequence[Call], pairs: Sequence[Pair], terms: VisitPolicy
) -> dict[int, list[tuple[Call, int, int, int, str]]]:
    """The solver's answer. Node 0 is where everybody starts and ends the day: at no distance from anywhere."""
    solver, enums = (import_module(f"ortools.constraint_solver.{name}") for name in _MODULES)
    legs = [
        [travel_minutes((one.place, one.area), (other.place, other.area), terms) for other in calls]
        for one in calls
    ]
    manager = solver.RoutingIndexManager(len(calls) + 1, len(pairs), 0)
    routing = solver.RoutingModel(manager)

    def way(start: int, end: int) -> int:
        one, other = manager.IndexToNode(start) - 1, manager.IndexToNode(end) - 1
        return 0 if min(one, other) < 0 else legs[one][other][0]

    def lasts(start: int, end: int) -> int:
        return way(start, end) + (terms.door_minutes if manager.IndexToNode(start) else 0)

    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitCallback(way))
    day = terms.last_hour * 60
    routing.AddDimension(routing.RegisterTransitCallback(lasts), day, day, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for at in range(len(pairs)):
        clock.CumulVar(routing.Start(at)).SetRange(terms.first_hour * 60, day)
        routing.AddVariableMinimizedByFinalizer(clock.CumulVar(routing.Start(at)))
    counts = routing.RegisterUnaryTransitCallback(lambda index: 1 if manager.IndexToNode(index) else 0)
    routing.AddDimensionWithVehicleCapacity(counts, 0, [terms.most_a_day] * len(pairs), True, "number")
    highest_worth = max(call.worth for call in calls) or 1
    for number, call in enumerate(calls):
        index = manager.NodeToIndex(number + 1)
        clock.CumulVar(index).SetRange(call.opens, max(call.opens, call.closes))
        theirs = [at for at, pair in enumerate(pairs) if pair.agency == call.agency]
        routing.VehicleVar(index).SetValues([-1, *theirs])  # -1: on no route
        routing.AddDisjunction([index], _LEFT_OUT + _LEFT_OUT * call.worth // highest_worth)
    answer = routing.SolveWithParameters(_parameters(solver, enums))
    assert answer is not None, "visiting nobody is always possible"
    return _read(answer, routing, manager, clock, calls, legs, len(pairs))


_MODULES = ("pywrapcp", "routing_enums_pb2")


def _parameters(solver: Any, enums: Any) -> Any:
    parameters = solver.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = enums.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GREEDY_DESCENT
    parameters.time_limit.FromSeconds(_SECONDS)
    return parameters


def _read(
    answer: Any, routing: Any, manager: Any, clock: Any, calls: Sequence[Call], legs: list, pairs: int
) -> dict[int, list[tuple[Call, int, int, int, str]]]:
    ways: dict[int, list[tuple[Call, int, int, int, str]]] = {}
    for at in range(pairs):
        index, before, way = answer.Value(routing.NextVar(routing.Start(at))), -1, []
        while not routing.IsEnd(index):
            node = manager.IndexToNode(index) - 1
            minutes, metres, how = legs[before][node] if before >= 0 else (0, 0, "first")
            way.append((calls[node], answer.Min(clock.CumulVar(index)), minutes, metres, how))
            before, index = node, answer.Value(routing.NextVar(index))
        if way:
            ways[at] = way
    return ways


def plan_tonight(now: datetime) -> int:
    """In the evening, work out the routes of the days that have none: tomorrow, and the first day after each notice.

    How many routes now wait for somebody to give them.
    """
    local = now.astimezone(ZoneInfo(settings.HOME.timezone))
    if local.hour < policy(settings.HOME).visit.plan_hour:
        return 0
    notices = Visit.objects.filter(state="approved").values_list("notice_days", flat=True).distinct()
    planned = 0
    for ahead in sorted({days + 1 for days in notices}):
        day = local.date() + timedelta(days=ahead)
        if VisitRoute.objects.filter(day=day).exclude(state="undone").exists():
            continue
        worked_out = work_out_day(day, now)
        if not isinstance(worked_out, Problem) and worked_out[0]:
            planned += len(save_routes(day, *worked_out, now, None))
    return planned


def work_out_day(day: date, now: datetime) -> tuple[list[Way], dict[str, str]] | Problem:
    """The routes of a day for every pair that has none yet."""
    busy = set()
    for route in VisitRoute.objects.filter(day=day, state="given"):
        busy |= {route.first_id, route.second_id}
    pairs = [pair for pair in pairs_of() if not {pair.first, pair.second} & busy]
    if not pairs:
        return Problem("visitor_pair_missing", "there is no pair of visitors who are free that day")
    calls, left = calls_of(day, now)
    terms = policy(settings.HOME).visit
    try:
        plan = work_out(calls, pairs, terms)
    except ModuleNotFoundError:
        return Problem(
            "routes_not_installed", "routes need OR-Tools; install Forbear with its extra `routes`"
        )
    zone = ZoneInfo(settings.HOME.timezone)
    midnight = datetime.combine(day, time(), zone)
    ways = []
    for at, stops in plan.ways.items():
        visit_stops = [
            Stop(
                call.visit_id,
                midnight + timedelta(minutes=minute),
                midnight + timedelta(minutes=minute + terms.door_minutes),
                minutes,
                metres,
                how,
            )
            for call, minute, minutes, metres, how in stops
        ]
        ways.append(Way(pairs[at].first, pairs[at].second, tuple(visit_stops)))
    return ways, left | dict(plan.left_out)
