"""Visits by the lender's own two people: wished for, approved by another, routed, announced, and made by their phones.

What happens at a door is drawn; leave, announcement, proof, holds and evidence are the product's own doing.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from forbear.actions.field.visit_events import record_visit_events, take_recording
from forbear.actions.field.visits import Leave, set_out
from forbear.actions.visits.cancellation import call_off_due
from forbear.actions.visits.decisions import approve_visit, refuse_visit
from forbear.actions.visits.proposals import propose_due, propose_visit
from forbear.actions.visits.routes import give_route, put_back_due, save_routes
from forbear.core.base.problem import Problem
from forbear.insight.routing import work_out_day
from forbear.sim import phone
from forbear.sim.behaviour import behaviour
from forbear.sim.chance import Chance
from forbear.sim.crashes import Trouble
from forbear.sim.faults import Faults
from forbear.sim.people import Person, Portfolio
from forbear.store.models import Borrower, Staff, Visit

_BECAUSE = "电话和信函都没有回音"
_WHY_NOT = "金额较小，先电话联系"
#: Samples of sound in a second: enough for a file that is one.
_RATE = 400
_SPOKE = ("will_pay", "cannot_pay", "disputes", "asked_to_leave")


class Visiting(Protocol):
    """What visits need of a world."""

    chance: Chance
    faults: Faults
    trouble: Trouble
    portfolio: Portfolio
    staff: list[Staff]
    manager: Staff
    phones: list["Phone"]

    def reached(self, person: Person, today: date, now: datetime, *, talk: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Phone:
    """What a visitor's phone has still to report: events, if it had no network at the door, and the recording."""

    visit: str
    staff: Staff
    events: tuple[dict, ...]
    sound: bytes
    about: tuple


def plan(world: Visiting, today: date, now: datetime, *, first: bool) -> None:
    """In the morning: what is superseded goes, visits are wished for once a week, decided on, routed and announced."""
    doing = world.trouble.doing
    doing(partial(call_off_due, now), "visits superseded", today)
    doing(partial(put_back_due, now), "visits put back", today)
    doing(partial(propose_due, now), "visits wanted", today)
    if first or today.weekday() == 0:
        _propose(world, today, now)
    for visit in Visit.objects.filter(state="proposed").order_by("borrower_id"):
        about = ("decide visit", visit.borrower_id, today)
        deciding: Callable[[], object] = partial(refuse_visit, visit.pk, _WHY_NOT, world.manager, now)
        if world.chance.draw(*about) < behaviour().visits.approved:
            deciding = partial(approve_visit, visit.pk, world.manager, now)
        doing(deciding, *about)
    _route(world, today, now)


def _propose(world: Visiting, today: date, now: datetime) -> None:
    terms = behaviour().visits
    rows = Borrower.objects.filter(
        points__kind="address", loans__days_past_due__gte=terms.from_days, cases__closed_on=None
    )
    for name in rows.distinct().order_by("pk").values_list("pk", flat=True):
        if world.chance.draw("visit", name, today) < terms.proposed:
            planned = partial(propose_visit, name, _BECAUSE, world.staff[0], now)
            world.trouble.doing(planned, "propose visit", name, today)


def _route(world: Visiting, today: date, now: datetime) -> None:
    """What needs no announcement is on today's route, the rest on that of the first day after its notice."""
    doing, waiting = world.trouble.doing, Visit.objects.filter(state="approved")
    for days in sorted(set(waiting.values_list("notice_days", flat=True))):
        day = today + timedelta(days=days + 1 if days else 0)
        worked = work_out_day(day, now)
        if isinstance(worked, Problem) or not worked[0]:
            continue
        keeping = partial(save_routes, day, *worked, now, world.manager)
        for number, route in enumerate(doing(keeping, "keep routes", day, today)):
            giving = partial(give_route, route.pk, world.manager, now)
            doing(giving, "give route", day, today, number)


def go(world: Visiting, today: date, now: datetime) -> None:
    """The two go from door to door."""
    rows = Visit.objects.filter(state="planned", route__day=today).order_by("arrives_at", "route_id")
    for visit in rows.select_related("route__first", "route__second"):
        assert visit.arrives_at is not None, "a visit on a route has its hour"
        _visit(world, visit, today, max(now, visit.arrives_at))


def _visit(world: Visiting, visit: Visit, today: date, now: datetime) -> None:
    assert visit.route is not None, "a planned visit is on a route"
    about, staff = (visit.borrower_id, "visit", today), visit.route.first
    left = world.trouble.doing(partial(set_out, visit.pk, staff, now), "set out", *about)
    if not isinstance(left, Leave) or (left.answer.permit is None and left.answer.decision is not None):
        return  # called off, or the permit gate refuses: nobody rings
    person = world.portfolio.by_id[visit.borrower_id]
    outcome, began = _how_it_ends(world, person, today), now + timedelta(minutes=20)
    seconds = 30 + world.chance.below(90, "seconds", *about)
    sound = _sound(seconds, str(about))
    events = _events(visit, about, began, seconds, outcome, sound)
    if world.faults.strikes("phone_late", *about):
        world.phones.append(Phone(visit.pk, staff, events, sound, about))
    else:
        world.phones.append(Phone(visit.pk, staff, (), sound, about))
        if not _report_events(world, events, staff, began, seconds, about):
            return
    if outcome in _SPOKE:
        world.reached(person, today, began + timedelta(minutes=5), talk=True)


def _report_events(
    world: Visiting, events: tuple[dict, ...], staff: Staff, began: datetime, seconds: int, about: tuple
) -> bool:
    """Each event as it happens; whether the two could begin."""
    for event, at in zip(events, (began, began + timedelta(seconds=seconds)), strict=True):
        telling = partial(record_visit_events, [event], staff, at)
        (answer,) = world.trouble.doing(telling, "phone tells", event["kind"], *about)
        if world.faults.strikes("phone_twice", event["kind"], *about):
            assert telling() == [answer], "an event reported twice has the same answer"
        if "wrong" in answer:
            return False
    return True


def hand_in(world: Visiting, now: datetime) -> None:
    """In the evening there is a network: what the phones have still to tell, and the recordings."""
    phones, world.phones = world.phones, []
    for one in phones:
        if one.events:
            telling = partial(record_visit_events, list(one.events), one.staff, now)
            world.trouble.doing(telling, "phones tell late", *one.about)
        handing = partial(_hand_over, one, now + timedelta(minutes=5))
        world.trouble.doing(handing, "recording", *one.about)


def _hand_over(one: Phone, now: datetime) -> Visit | Problem:
    return take_recording(one.visit, phone.Recorded(one.sound), one.staff, now)


def _how_it_ends(world: Visiting, person: Person, today: date) -> str:
    terms, habit = behaviour().visits, person.habit_on(today)
    drawn = partial(world.chance.draw, "door", person.borrower_id, today)
    if drawn("home") >= terms.home:
        return "not_home"
    if drawn("leave") < terms.asks_to_leave:
        return "asked_to_leave"
    if drawn("disputes") < habit.disputes:
        return "disputes"
    return "cannot_pay" if drawn("trouble") < habit.trouble else "will_pay"


def _events(
    visit: Visit, about: tuple, began: datetime, seconds: int, outcome: str, sound: bytes
) -> tuple[dict, ...]:
    point = visit.point
    place = {
        "latitude": point.latitude / 1_000_000, "longitude": point.longitude / 1_000_000, "accuracy": 15
    } if point.latitude is not None and point.longitude is not None else None  # fmt: skip
    begin, end = (str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {about}")) for kind in ("start", "end"))
    return phone.events(visit.pk, (begin, end), began, seconds, place, outcome, sound)


def _sound(seconds: int, words: str) -> bytes:
    """A recording of its own, of that many seconds."""
    samples = hashlib.sha256(words.encode()).digest() + bytes([128]) * (_RATE * seconds)
    return phone.recording(samples, _RATE)
