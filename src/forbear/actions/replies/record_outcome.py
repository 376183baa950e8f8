"""Write down how a call ended, and what follows from it at once: holds, a stopped number, a time to call again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from forbear.actions.contacts.cancellation import cancel_contacts
from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.staff_calls import end_contact
from forbear.actions.holds.holds import place_hold
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.models import Case, Contact, ContactPoint, Conversation, Staff, Treatment
from forbear.store.models.agreement import SITUATIONS, WILLINGNESS

#: The most days a promise to call back may lie ahead.
_FURTHEST = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Result:
    """What a result means: the contact's outcome, the hold it places ("" for none), the pause before the next try."""

    outcome: str
    hold: str = ""
    pause: timedelta = timedelta(days=1)
    spoke: bool = True


#: How a call can end, in the order of the keys at the desk.
RESULTS: dict[str, Result] = {
    "promise": Result("conversation", pause=timedelta(days=1)),
    "will_pay": Result("conversation", pause=timedelta(days=2)),
    "cannot_pay": Result("conversation", "hardship"),
    "disputes": Result("conversation", "dispute"),
    "call_back": Result("connected", pause=timedelta(hours=4)),
    "no_answer": Result("unanswered", pause=timedelta(hours=4), spoke=False),
    "voicemail": Result("voicemail", pause=timedelta(hours=4), spoke=False),
    "wrong_person": Result("connected"),
    "invalid": Result("invalid", pause=timedelta(0), spoke=False),
    "cease": Result("conversation", "cease"),
    "lawyer": Result("conversation", "lawyer"),
    "deceased": Result("connected", "deceased"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call's end as the collector wrote it down."""

    contact_id: str
    result: str
    willingness: str = ""
    situation: str = ""
    note: str = ""
    seconds: int = 0
    disclosed: tuple[str, ...] = ()
    again_at: datetime | None = None
    loans: tuple[str, ...] = field(default=())


def record_outcome(outcome: Outcome, staff: Staff, now: datetime) -> Conversation | Problem:
    """Write it down and do what follows, in one transaction. An agency's people end only their agency's contacts.

    Reported again by the same person with the same result, as by a page that is sent twice, it is the same
    conversation.
    """
    if (
        outcome.result not in RESULTS
        or outcome.willingness not in WILLINGNESS
        or outcome.situation not in SITUATIONS
    ):
        return Problem("call_result_missing", "choose a result, and answers from the lists")
    if outcome.again_at is not None and not now < outcome.again_at <= now + _FURTHEST:
        return Problem("callback_too_far", "the call-back must lie within %(days)s days", days=_FURTHEST.days)
    result, actor = RESULTS[outcome.result], f"staff:{staff.number}"
    with transaction.atomic():
        contact = end_contact(
            outcome.contact_id,
            result.outcome,
            now,
            actor=actor,
            seconds=outcome.seconds,
            agency=staff.agency_id or "",
        )
        if isinstance(contact, Problem):
            return contact
        borrower = contact.borrower
        same = Conversation.objects.filter(contact=contact, staff=staff, result=outcome.result)
        before = same.order_by("pk").first()
        if before is not None:
            return before
        conversation = Conversation.objects.create(
            borrower=borrower,
            contact=contact,
            staff=staff,
            at=now,
            result=outcome.result,
            willingness=outcome.willingness,
            situation=outcome.situation,
            note=outcome.note[:4000],
            disclosed=list(outcome.disclosed),
        )
        evidence.append(
            "note",
            at=now,
            actor=actor,
            borrower=borrower.borrower_id,
            body={
                "contact": contact.contact_id,
                "result": outcome.result,
                "willingness": outcome.willingness,
                "situation": outcome.situation,
                "disclosed": sorted(outcome.disclosed),
            },
            personal={"note": outcome.note} if outcome.note else None,
        )
        if result.hold:
            place_hold(
                borrower.borrower_id, result.hold, now, actor=actor, reason=outcome.note[:300], source="call"
            )
        if outcome.result == "call_back" and contact.party == "debtor":
            _asked_for_call(contact, now, actor)
        if outcome.result == "wrong_person":
            _wrong_number(contact, now, actor)
        _close_treatments(contact, now)
        Case.objects.filter(borrower=borrower, closed_on=None).update(
            leased_until=None, next_at=outcome.again_at or now + result.pause
        )
        return conversation


def _asked_for_call(contact: Contact, now: datetime, actor: str) -> None:
    """Who asks to be called back agrees to calls, for as long as the rules let that count."""
    agree(
        contact.borrower_id,
        True,
        now,
        actor=actor,
        channel="call",
        point=contact.point_digest,
        source="asked",
    )


def _wrong_number(contact: Contact, now: datetime, actor: str) -> None:
    """Somebody else answers there: the number is never used for this borrower again."""
    if contact.point is None:
        return
    ContactPoint.objects.filter(pk=contact.point.pk).update(stopped_at=now, invalid_at=now)
    evidence.append(
        "point",
        at=now,
        actor=actor,
        borrower=contact.borrower_id,
        body={"point": contact.point_digest, "what": "belongs to somebody else"},
    )
    cancel_contacts(
        contact.borrower,
        now,
        actor=actor,
        reason=Reason.of("wrong_person"),
        which=lambda waiting: waiting.point_digest == contact.point_digest,
    )


def _close_treatments(contact: Contact, now: datetime) -> None:
    """The call the strategy wanted has been made."""
    planned = Treatment.objects.filter(borrower_id=contact.borrower_id, channel="call", state="planned")
    planned.update(state="done", contact=contact)
