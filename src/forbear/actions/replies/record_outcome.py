"""Write down how a call ended, and what follows at once: a promise, a request with its clock, a hold, a stopped number.

A result does what the form of the same name does, so that nothing depends on which of them somebody used. What it did
is kept with it, and `correct_outcome` undoes it when the result was wrong.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.agreements.plans import late_loans
from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.contacts.cancellation import cancel_contacts
from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.staff_calls import end_contact
from forbear.actions.holds.holds import place_hold
from forbear.actions.requests.requests import LONGEST_WORDS, Asked, make_request
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.facts.conversation import SITUATIONS, WILLINGNESS
from forbear.store import evidence
from forbear.store.models import Case, Contact, ContactPoint, Conversation, Hold, Request, Staff, Treatment

#: The most days a promise to call back may lie ahead.
FURTHEST = timedelta(days=14)
#: The most characters of a note.
LONGEST_NOTE = 4000


@dataclass(frozen=True, slots=True)
class Result:
    """What a result means: the contact's outcome, the request it opens or the hold it places ("" for none), and the
    pause before the next try.
    """

    outcome: str
    hold: str = ""
    request: str = ""
    pause: timedelta = timedelta(days=1)
    spoke: bool = True


#: How a call can end, in the order of the keys at the desk. More on a machine than a limited-content message is a
#: communication about the debt (12 CFR 1006.2(d)), and counts as a message that arrived.
RESULTS: dict[str, Result] = {
    "promise": Result("conversation", pause=timedelta(days=1)),
    "will_pay": Result("conversation", pause=timedelta(days=2)),
    "cannot_pay": Result("conversation", request="hardship"),
    "disputes": Result("conversation", request="dispute"),
    "call_back": Result("connected", pause=timedelta(hours=4)),
    "no_answer": Result("unanswered", pause=timedelta(hours=4), spoke=False),
    "voicemail": Result("voicemail", pause=timedelta(hours=4), spoke=False),
    "limited_message": Result("limited_message", pause=timedelta(days=1), spoke=False),
    "other_message": Result("delivered", pause=timedelta(days=2), spoke=False),
    "wrong_person": Result("connected"),
    "invalid": Result("invalid", pause=timedelta(0), spoke=False),
    "cease": Result("conversation", "cease"),
    "lawyer": Result("conversation", "lawyer"),
    "deceased": Result("connected", "deceased"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call's end as the collector wrote it down; a promise has its `amount` in minor units and its day."""

    contact_id: str
    result: str
    willingness: str = ""
    situation: str = ""
    note: str = ""
    seconds: int = 0
    disclosed: tuple[str, ...] = ()
    again_at: datetime | None = None
    loans: tuple[str, ...] = field(default=())
    amount: int = 0
    due_on: date | None = None


def record_outcome(outcome: Outcome, staff: Staff, now: datetime) -> Conversation | Problem | list[Problem]:
    """Write it down and do what follows, in one transaction. An agency's people end only their agency's contacts.

    Reported again by the same person with the same result, as by a page that is sent twice, it is the same
    conversation.
    """
    if wrong := _unfit(outcome, now):
        return wrong
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
            note=outcome.note[:LONGEST_NOTE],
            disclosed=list(outcome.disclosed),
        )
        _log_event(conversation, outcome, now, actor)
        did = do_result(outcome, contact, staff, now)
        if isinstance(did, list):
            transaction.set_rollback(True)
            return did
        conversation.effects = did
        conversation.save(update_fields=["effects"])
        _close_treatments(contact, now)
        Case.objects.filter(borrower=borrower, closed_on=None).update(
            leased_until=None,
            next_at=outcome.again_at or now + result.pause,
            call_planned_on=None,
            callback_at=outcome.again_at,
            callback_by=staff if outcome.again_at else None,
        )
        return conversation


def _unfit(outcome: Outcome, now: datetime) -> Problem | None:
    """What is missing in what was written down."""
    if (
        outcome.result not in RESULTS
        or outcome.willingness not in WILLINGNESS
        or outcome.situation not in SITUATIONS
    ):
        return Problem("call_result_missing", "choose a result, and answers from the lists")
    if outcome.again_at is not None and not now < outcome.again_at <= now + FURTHEST:
        return Problem("callback_too_far", "the call-back must lie within %(days)s days", days=FURTHEST.days)
    if outcome.result == "promise" and (outcome.amount <= 0 or outcome.due_on is None):
        return Problem("promise_incomplete", "a promise has an amount and a day; give both")
    return None


def do_result(
    outcome: Outcome, contact: Contact, staff: Staff, now: datetime
) -> dict[str, object] | list[Problem]:
    """Do what follows from a result; what was done, by name, to be undone. The caller holds the borrower."""
    result, actor, name = RESULTS[outcome.result], f"staff:{staff.number}", contact.borrower_id
    did: dict[str, object] = {}
    if result.hold:
        before = set(Hold.objects.filter(borrower=name, kind=result.hold, lifted_at=None).values_list("pk"))
        hold = place_hold(name, result.hold, now, actor=actor, reason=outcome.note[:300], source="call")
        if isinstance(hold, Hold) and (hold.pk,) not in before:
            did["hold"] = hold.pk
    if result.request:
        known = set(Request.objects.filter(borrower=name, state="open").values_list("number", flat=True))
        asked = Asked(name, result.request, outcome.note[:LONGEST_WORDS], "call", loans=outcome.loans)
        request = make_request(asked, now, actor=actor)
        if isinstance(request, Problem):
            return [request]
        did["request_added" if request.number in known else "request"] = request.number
        did["due_on"] = request.due_on.isoformat()
    if outcome.result == "promise":
        assert outcome.due_on is not None, "checked before"
        loans = outcome.loans or tuple(loan.loan_id for loan in late_loans(name, _about(contact)))
        offered = Offered(name, loans, outcome.amount, outcome.due_on)
        promise = record_promise(offered, now, actor=actor, staff=staff)
        if isinstance(promise, list):
            return promise
        did["promise"] = promise.pk
    if outcome.result == "call_back" and contact.party == "debtor":
        did["consent"] = _asked_for_call(contact, now, actor)
    if outcome.result == "wrong_person" and contact.point is not None:
        _wrong_number(contact, now, actor)
        did["point"] = contact.point.pk
    return did


def _about(contact: Contact) -> list[str]:
    """The loans that a promise in this call is about, where only some creditor's loans were spoken of."""
    return contact.loans if settings.HOME.creditors else []


def _log_event(conversation: Conversation, outcome: Outcome, now: datetime, actor: str) -> None:
    evidence.append(
        "note",
        at=now,
        actor=actor,
        borrower=conversation.borrower_id,
        body={
            "contact": conversation.contact_id,
            "result": outcome.result,
            "willingness": outcome.willingness,
            "situation": outcome.situation,
            "disclosed": sorted(outcome.disclosed),
        },
        personal={"note": outcome.note} if outcome.note else None,
    )


def _asked_for_call(contact: Contact, now: datetime, actor: str) -> int | None:
    """Who asks to be called back agrees to calls, for as long as the rules let that count; the consent's id."""
    consent = agree(
        contact.borrower_id,
        True,
        now,
        actor=actor,
        channel="call",
        point=contact.point_digest,
        source="asked",
    )
    return None if isinstance(consent, Problem) else consent.pk


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
