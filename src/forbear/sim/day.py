"""What happens by day: messages leave, providers report, people are called and answer in their own words."""

import math
from datetime import date, datetime, timedelta
from random import Random
from typing import Protocol

from forbear.actions.make_contact import make_contact
from forbear.actions.next_case import call_wish, next_case
from forbear.actions.send import claim, prepare, recover, send_one
from forbear.actions.take_outcome import Outcome, take_outcome
from forbear.actions.take_promise import Offered, take_promise
from forbear.actions.take_reply import take_reply
from forbear.actions.take_report import take_report
from forbear.actions.wish_contact import Wanted
from forbear.channels.transport import Reply, Report
from forbear.core.problem import Problem
from forbear.sim.faults import Faults, Wire
from forbear.sim.people import Person
from forbear.store.models import Borrower, Contact, Promise, Staff

_WORKER = "sim-worker"
#: How many calls one person makes a day.
_CALLS = 40


class Living(Protocol):
    """What a day needs of a world."""

    chance: Random
    faults: Faults
    wire: Wire
    by_id: dict[str, Person]
    staff: list[Staff]


def send_messages(world: Living, now: datetime) -> None:
    """Everything due now leaves, or dies on the way as the schedule says; then what died is taken back."""
    providers = dict.fromkeys(world.wire.channels, world.wire)
    while claimed := claim(_WORKER, now, limit=200, channels=world.wire.channels):
        for contact_id in claimed:
            if world.faults.strikes("worker_dies_before"):
                prepare(contact_id, _WORKER, now, providers)
            elif world.faults.strikes("worker_dies_after"):
                ready = prepare(contact_id, _WORKER, now, providers)
                if hasattr(ready, "permit") and hasattr(ready, "message"):
                    world.wire.send(ready.permit, ready.message)
            else:
                send_one(contact_id, _WORKER, providers, lambda moment=now: moment)
        now += timedelta(seconds=31)
    recover(now + timedelta(minutes=5))


def tell_reports(world: Living, today: date, now: datetime) -> None:
    """The provider says what became of each message; who read one may answer."""
    told, world.wire.unreported = world.wire.unreported, []
    owners = dict(
        Contact.objects.filter(contact_id__in=[name for name, _ in told]).values_list(
            "contact_id", "borrower_id"
        )
    )
    for contact_id, reference in told:
        if world.faults.strikes("report_early"):
            early = take_report(Report("sim", f"{reference}-early", "delivered", now), now)
            assert isinstance(early, Problem), "a report of nothing is not kept"
        state = "delivered" if world.chance.random() < 0.93 else "undelivered"
        report = Report("sim", reference, state, now)
        take_report(report, now)
        if world.faults.strikes("report_twice"):
            take_report(report, now + timedelta(minutes=1))
        if state == "delivered":
            person = world.by_id[owners[contact_id]]
            person.contacted.append(today)
            _reply(world, person, contact_id, now)


def _reply(world: Living, person: Person, contact_id: str, now: datetime) -> None:
    habit, roll = person.habit, world.chance.random()
    for chance, words in (
        (habit.stops, "TD"),
        (habit.disputes, "这不是我的贷款"),
        (habit.trouble, "我失业了还不上"),
    ):
        if roll < chance:
            reply = Reply("sim", f"r-{contact_id}", "sms", person.phone, "", words, now)
            taken = take_reply(reply, now + timedelta(minutes=5))
            assert not isinstance(taken, Problem), taken
            return
        roll -= chance


def call_people(world: Living, today: date, now: datetime) -> None:
    """Each collector takes cases from the queue and calls until the day's calls are done."""
    pace = timedelta(minutes=4)
    for staff in world.staff:
        moment = now
        for _ in range(_CALLS):
            handed = next_case(staff, moment)
            if handed is None:
                break
            _call(world, staff, world.by_id[handed.case.borrower_id], today, moment)
            moment += pace


def _call(world: Living, staff: Staff, person: Person, today: date, now: datetime) -> None:
    borrower_id, actor = person.borrower_id, f"staff:{staff.number}"
    wish = call_wish(Borrower.objects.get(pk=borrower_id))
    made = make_contact(Wanted(borrower_id, wish, staff=staff), now, actor=actor)
    assert not isinstance(made, Problem), made
    if made.answer.permit is None:
        return
    result = _how_it_ends(world, person)
    told = Outcome(made.contact.contact_id, result, seconds=math.ceil(world.chance.random() * 240))
    taken = take_outcome(told, staff, now + timedelta(minutes=3))
    assert not isinstance(taken, Problem), taken
    if result in ("no_answer", "voicemail"):
        return
    person.contacted.append(today)
    if result == "promise":
        _promise(world, staff, person, today, now + timedelta(minutes=3))


def _how_it_ends(world: Living, person: Person) -> str:
    habit, chance = person.habit, world.chance
    if chance.random() > habit.answers:
        return "voicemail" if chance.random() < 0.2 else "no_answer"
    if chance.random() < habit.disputes:
        return "disputes"
    if chance.random() < habit.trouble:
        return "cannot_pay"
    return "promise" if chance.random() < habit.promises else "will_pay"


def _promise(world: Living, staff: Staff, person: Person, today: date, now: datetime) -> None:
    owed = {loan.loan_id: late for loan in person.loans if (late := loan.late(today, told=True)[0])}
    if not owed:
        return
    by, amount = today + timedelta(days=world.chance.randrange(1, 8)), sum(owed.values())
    made = take_promise(
        Offered(person.borrower_id, tuple(owed), amount, by), now, actor=f"staff:{staff.number}", staff=staff
    )
    if isinstance(made, Promise):
        person.promised = (by, amount, world.chance.random() < person.habit.keeps)
