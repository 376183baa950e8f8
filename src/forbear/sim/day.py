"""What happens by day: messages leave, providers report, people are called and answer in their own words."""

import math
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Protocol

from forbear.actions.agreements.plans import late_loans
from forbear.actions.contacts.delivery_reports import record_delivery_report
from forbear.actions.contacts.next_case import Handed, next_case, planned_call
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.send import ReadyContact, claim, prepare, recover, send_one
from forbear.actions.contacts.staff_calls import make_contact
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.replies.reading import mark_reply_read, see_reply_alarm
from forbear.actions.replies.record_outcome import Outcome, record_outcome
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem
from forbear.sim.behaviour import behaviour
from forbear.sim.chance import Chance
from forbear.sim.crashes import Trouble
from forbear.sim.faults import Faults, Wire
from forbear.sim.people import Person, Portfolio
from forbear.sim.place import Place
from forbear.sim.words import HOSTILE, WORDS
from forbear.store.models import (
    Borrower,
    Contact,
    ContactPoint,
    Conversation,
    Inbound,
    ReplyAlarm,
    Staff,
)

WORKER = "sim-worker"
#: How many calls one person makes a day.
_CALLS = 40


class Living(Protocol):
    """What a day needs of a world."""

    chance: Chance
    faults: Faults
    trouble: Trouble
    wire: Wire
    place: Place
    portfolio: Portfolio
    staff: list[Staff]

    def reached(self, person: Person, today: date, now: datetime, *, talk: bool) -> None: ...


def send_messages(world: Living, now: datetime, limit: int = 0) -> None:
    """Everything due now leaves, or dies on the way as the schedule says; then what died is taken back.

    With `limit` only that many are tried.
    """
    now = world.faults.moment(now, "sending", now)
    for turn in count():
        ask = partial(claim, WORKER, now, limit=limit or 200, channels=world.wire.channels)
        claimed = world.trouble.doing(ask, "claim", now, turn)
        if not claimed:
            break
        rows = Contact.objects.filter(contact_id__in=claimed).values_list(
            "contact_id", "borrower_id", "channel", "template"
        )
        about = {name: (*rest, now) for name, *rest in rows}
        for contact_id in claimed:
            _send(world, contact_id, about[contact_id], now)
        now += timedelta(seconds=31)
        if limit:
            break
    world.trouble.doing(partial(recover, now + timedelta(minutes=5)), "recover", now)


def _send(world: Living, contact_id: str, about: tuple, now: datetime) -> None:
    providers = dict.fromkeys(world.wire.channels, world.wire)
    if world.faults.strikes("worker_dies_before", *about):
        prepare(contact_id, WORKER, now, providers)
    elif world.faults.strikes("worker_dies_after", *about):
        ready = prepare(contact_id, WORKER, now, providers)
        if isinstance(ready, ReadyContact):
            world.wire.send(ready.permit, ready.message)
    else:
        late = world.faults.strikes("permit_runs_out", *about)
        moments = iter((now,))

        def clock() -> datetime:
            return next(moments, now + timedelta(minutes=10) if late else now)

        # anyone who died here does not try again: what they had is taken back as lost
        sending = partial(send_one, contact_id, WORKER, providers, clock)
        world.trouble.doing(sending, "send", *about, again=lambda: "")


def deliver_reports(world: Living, today: date, now: datetime) -> None:
    """The provider says what became of each message; who read one may answer."""
    now = world.faults.moment(now, "reports", now)
    unreported, world.wire.unreported = world.wire.unreported, []
    names = ("contact_id", "borrower_id", "channel", "template")
    rows = Contact.objects.filter(contact_id__in=[name for name, _ in unreported]).values_list(*names)
    known = {name: tuple(rest) for name, *rest in rows}
    for contact_id, reference in sorted(unreported, key=lambda pair: known[pair[0]]):
        borrower, channel, _ = known[contact_id]
        about = (*known[contact_id], now)
        if world.faults.strikes("report_early", *about):
            early = record_delivery_report(Report("sim", f"{reference}-early", "delivered", now), now)
            assert isinstance(early, Problem), "a report of nothing is not kept"
        person = world.portfolio.by_id[borrower]
        state = "delivered" if world.chance.draw("delivered", *about) < 0.95 else "undelivered"
        if channel == "voice":
            state = "answered" if state == "delivered" else "unanswered"
        record = f"RIFF {contact_id}".encode() if channel == "voice" else b""
        report = Report("sim", reference, state, now, recording=record, recording_type="audio/wav")
        world.trouble.doing(partial(record_delivery_report, report, now), "report", *about)
        if world.faults.strikes("report_twice", *about):
            record_delivery_report(report, now + timedelta(minutes=1))
        if state != "delivered":
            continue
        if world.faults.strikes("report_contradicts", *about):
            after = record_delivery_report(
                Report("sim", reference, "undelivered", now), now + timedelta(minutes=2)
            )
            assert not isinstance(after, Contact) or after.outcome in ("delivered", "connected"), (
                after.outcome
            )
        if person.wrong_number and channel != "email":
            _reply(world, person, "wrong", contact_id, channel, now)
            continue
        world.reached(person, today, now, talk=False)
        _answer(world, person, contact_id, channel, today, now)


def _answer(world: Living, person: Person, contact_id: str, channel: str, today: date, now: datetime) -> None:
    """Who read a message may write back."""
    habit, drawn = person.habit_on(today), world.chance.draw("reply", person.borrower_id, today, channel)
    for chance, kind in ((habit.stops, "stops"), (habit.disputes, "disputes"), (habit.trouble, "trouble")):
        if drawn < chance:
            _reply(world, person, kind, contact_id, channel, now)
            return
        drawn -= chance
    if world.faults.strikes("reply_hostile", person.borrower_id, today, channel):
        _reply(world, person, "hostile", contact_id, channel, now)


def _reply(world: Living, person: Person, kind: str, contact_id: str, channel: str, now: datetime) -> None:
    words = HOSTILE if kind == "hostile" else WORDS[world.place.language][kind]
    text = world.chance.one_of(words, "words", person.borrower_id, now)
    # they may have another number by now, but what reached them they answer from where it reached them
    points = ContactPoint.objects.filter(borrower_id=person.borrower_id, kind="phone")
    came_to = points.filter(contact=contact_id).first() or points.order_by("-pk").first()
    assert came_to is not None, "everybody here has a telephone"
    reply = Reply("sim", f"r-{contact_id}", "sms", came_to.value, "", text, now)
    acting = partial(process_reply, reply, now + timedelta(minutes=5))
    taken = world.trouble.doing(acting, "reply", person.borrower_id, channel, now)
    assert not isinstance(taken, Problem), taken


def call_people(world: Living, today: date, now: datetime) -> None:
    """What people wrote is read; each collector takes cases from the queue and calls until the day's calls are done."""
    now = world.faults.moment(now, "calling", now)
    _read_replies(world, now)
    pace = timedelta(minutes=4)
    for staff in world.staff:
        moment = now
        for turn in range(_CALLS):
            handed: Handed | None = world.trouble.doing(
                partial(next_case, staff, moment), "next", staff.number, moment, turn
            )
            if handed is None:
                break
            _call(world, staff, handed.case.borrower, today, moment)
            moment += pace


def _read_replies(world: Living, now: datetime) -> None:
    """The first at the desk reads what nobody has read yet, so that its number is free again."""
    unread = Inbound.objects.filter(kind="reply", needs_person=True, read_at=None).order_by("provider_ref")
    for inbound in unread if world.staff else ():
        reading = partial(_read_reply, inbound.pk, world.staff[0], now)
        world.trouble.doing(reading, "read reply", inbound.provider_ref, now)


def _read_reply(inbound_id: int, staff: Staff, now: datetime) -> None:
    """Who reads words of danger sees to their alarm first."""
    alarm = ReplyAlarm.objects.filter(inbound_id=inbound_id, seen_at=None).first()
    if alarm is not None:
        see_reply_alarm(alarm.pk, "called, and a friend is there", staff, now)
    mark_reply_read(inbound_id, staff, now)


def _call(world: Living, staff: Staff, borrower: Borrower, today: date, now: datetime) -> None:
    person = world.portfolio.by_id[borrower.pk]
    about = (person.borrower_id, now)
    dial = partial(_dial, borrower, staff, now)
    contact_id = world.trouble.doing(dial, "dial", *about, again=lambda: _dialled(person, staff) or dial())
    if contact_id is None:
        return
    ended = now + timedelta(minutes=3)
    outcome = Outcome(contact_id, _how_it_ends(world, person, today), seconds=_seconds(world, about))
    if outcome.result == "promise":
        outcome = _promise(world, outcome, person, today)
    taken = world.trouble.doing(partial(record_outcome, outcome, staff, ended), "outcome", *about)
    if isinstance(taken, list):  # what they offer can't be promised now
        outcome = replace(outcome, result="will_pay")
        taken = world.trouble.doing(partial(record_outcome, outcome, staff, ended), "will pay", *about)
    assert isinstance(taken, Conversation), taken
    if outcome.result in ("no_answer", "voicemail", "wrong_person"):
        return
    world.reached(person, today, now, talk=True)
    if outcome.result == "promise":
        assert outcome.due_on is not None, "a promise has its day"
        kept = world.chance.draw("keeps", person.borrower_id, today) < person.habit_on(today).keeps
        person.promised = (outcome.due_on, outcome.amount, kept)


def _seconds(world: Living, about: tuple[object, ...]) -> int:
    return math.ceil(world.chance.draw("seconds", *about) * 240)


def _dial(borrower: Borrower, staff: Staff, now: datetime) -> str | None:
    """The contact that was permitted, if it was."""
    planned = planned_call(borrower)
    attempt = make_contact(
        ContactDraft(borrower.pk, planned, staff=staff), now, actor=f"staff:{staff.number}"
    )
    assert not isinstance(attempt, Problem), attempt
    return attempt.contact.contact_id if attempt.answer.permit is not None else None


def _dialled(person: Person, staff: Staff) -> str | None:
    """A call of theirs that has no outcome yet: what the page shows after it broke off."""
    rows = Contact.objects.filter(
        staff=staff, borrower_id=person.borrower_id, state="sent", outcome="pending", channel="call"
    )
    return rows.values_list("contact_id", flat=True).first()


def _how_it_ends(world: Living, person: Person, today: date) -> str:
    habit, drawn = person.habit_on(today), partial(world.chance.draw, person.borrower_id, today)
    if drawn("answers") > habit.answers:
        return "voicemail" if drawn("voicemail") < 0.2 else "no_answer"
    if person.wrong_number:
        return "wrong_person"
    if drawn("disputes") < habit.disputes:
        return "disputes"
    if drawn("trouble") < habit.trouble:
        return "cannot_pay"
    return "promise" if drawn("promises") < habit.promises else "will_pay"


def _promise(world: Living, outcome: Outcome, person: Person, today: date) -> Outcome:
    """All that is late, by a day of the next week; where nothing is, they only say that they will pay."""
    owed = sum(loan.past_due_amount for loan in late_loans(person.borrower_id))
    by = today + timedelta(days=1 + world.chance.below(7, "promise", person.borrower_id, today))
    return replace(outcome, amount=owed, due_on=by) if owed else replace(outcome, result="will_pay")


def complains(world: Living, person: Person, today: date) -> bool:
    """Whether a contact today, after those of the last days, brings a complaint."""
    terms = behaviour().complaint
    week = sum(1 for day, *_ in person.contacted if (today - day).days < 7)
    chance = terms.any + (terms.chance if week > terms.after else 0.0)
    return world.chance.draw("complains", person.borrower_id, today, week) < chance
