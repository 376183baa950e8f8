"""A few visits in the demo, by the real code: one month ago some that were made, today some to be made or decided.

What happens at a door comes from one list here; leave, proof, holds and evidence are the product's own doing.
"""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from forbear.actions.field.visit_events import record_visit_events, take_recording
from forbear.actions.field.visits import Leave, set_out
from forbear.actions.staff.new_staff import make_staff
from forbear.actions.visits.decisions import approve_visit
from forbear.actions.visits.proposals import propose_due, propose_visit
from forbear.actions.visits.routes import give_route, save_routes
from forbear.core.base.problem import Problem
from forbear.insight.routing import work_out_day
from forbear.sim import phone
from forbear.store.models import Case, Staff, Visit

PASSWORD = "forbear-demo-2026"
#: The demo's visitors: name and number.
VISITORS = (("ning", "F2001"), ("bai", "F2002"))
#: How the visits of a month ago ended, and how many seconds each took; of one the recording never came.
ENDED = (("not_home", 45), ("will_pay", 90), ("asked_to_leave", 30), ("cannot_pay", 75))
_LOST = "not_home"
_BECAUSE = "电话和信函都没有回音"
_RATE = 8000


def people(now: datetime) -> list[Staff]:
    """The two visitors; made on the first call."""
    staff = []
    for name, number in VISITORS:
        known = Staff.objects.filter(number=number).first()
        member = known or make_staff(name, PASSWORD, "visitor", number, now, actor="demo")
        assert isinstance(member, Staff), member
        staff.append(member)
    return staff


def silence(seconds: int, number: int) -> bytes:
    """A recording of nothing, of its own length and bytes."""
    return phone.recording(bytes([128 + number % 2]) * (_RATE * seconds), _RATE)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of that day where the lender is."""
    return datetime.combine(day, time(hour, minute), ZoneInfo(settings.HOME.timezone))


def _candidates() -> Iterator[str]:
    """Borrowers long in arrears whom somebody could visit, the largest first."""
    rows = Case.objects.filter(
        closed_on=None,
        held=False,
        borrower__points__kind="address",
        borrower__points__latitude__isnull=False,
        borrower__visits=None,
    )
    rows = rows.exclude(borrower__placements__ended_at=None, borrower__placements__isnull=False)
    for borrower, facts in rows.order_by("-value", "pk").values_list("borrower_id", "facts")[:400]:
        if int(facts.get("days_past_due", 0)) >= 60:
            yield borrower


def _approved(number: int, collector: Staff, lead: Staff, now: datetime) -> int:
    """Propose and approve that many; how many the rules let through."""
    done = 0
    for borrower in _candidates():
        visit = propose_visit(borrower, _BECAUSE, collector, now)
        if isinstance(visit, Visit):
            done += isinstance(approve_visit(visit.pk, lead, now), Visit)
        if done == number:
            break
    return done


def _routed(day: date, lead: Staff, now: datetime) -> list[Visit]:
    """The day's visits, on the route of the two."""
    worked = work_out_day(day, now)
    if isinstance(worked, Problem) or not worked[0]:
        return []
    for route in save_routes(day, *worked, now, lead):
        give_route(route.pk, lead, now)
    return list(Visit.objects.filter(state="planned", route__day=day).order_by("position"))


def live_past(day: date, collector: Staff, lead: Staff) -> int:
    """The visits of a day a month ago; how many were made."""
    two = people(at(day, 8))
    _approved(len(ENDED), collector, lead, at(day, 9))
    done = 0
    for number, (visit, (outcome, seconds)) in enumerate(
        zip(_routed(day, lead, at(day, 9, 10)), ENDED, strict=False)
    ):
        assert visit.arrives_at is not None, "a visit on a route has its hour"
        arrival = visit.arrives_at + timedelta(minutes=15)
        done += _live_visit(visit, two, arrival, outcome, seconds, number)
    return done


def _live_visit(
    visit: Visit, two: list[Staff], now: datetime, outcome: str, seconds: int, number: int
) -> bool:
    left = set_out(visit.pk, two[0], now)
    if not isinstance(left, Leave) or left.answer.permit is None:
        return False
    point = visit.point
    assert point.latitude is not None, "the demo's addresses have a place"
    assert point.longitude is not None, "both of its numbers"
    place = {
        "latitude": point.latitude / 1_000_000 + 0.0002,
        "longitude": point.longitude / 1_000_000,
        "accuracy": 15,
    }
    began, sound = now + timedelta(minutes=20), silence(seconds, number)
    ended, ids = began + timedelta(seconds=seconds), (str(uuid.uuid4()), str(uuid.uuid4()))
    start, end = phone.events(visit.pk, ids, began, seconds, place, outcome, sound)
    record_visit_events([start], two[0], began)
    (answer,) = record_visit_events([end], two[0], ended)
    if outcome != _LOST:
        take_recording(visit.pk, phone.Recorded(sound), two[0], ended + timedelta(minutes=5))
    return bool(answer.get("ok"))


def live_today(day: date, collector: Staff, lead: Staff, now: datetime) -> None:
    """Today's route, the strategy's proposals, and some that wait for a decision."""
    people(now)
    _approved(4, collector, lead, now)
    _routed(day, lead, now)
    propose_due(now)
    waiting = 0
    for borrower in _candidates():
        waiting += isinstance(propose_visit(borrower, _BECAUSE, collector, now), Visit)
        if waiting == 2:
            break
