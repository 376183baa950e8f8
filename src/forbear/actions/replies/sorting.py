"""Say by one click what a message is: then happens what the portal's form for it does, and the message is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from forbear.actions.contacts.consents import agree
from forbear.actions.replies.consequences import (
    REQUEST_FOR,
    Origin,
    confirm_stop,
    open_request,
    stop_number,
    wrong_person,
)
from forbear.actions.replies.inbox import close_message, lock_own
from forbear.actions.replies.reading import unfinished
from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Case, Inbound, Request, Staff

#: What a message may be found to be, in the order of the buttons. Each but `stop` and `call_back` opens a request.
SORTS = (
    *(
        "stop",
        "dispute",
        "hardship",
        "complaint",
        "wrong_person",
        "paid",
        "call_back",
        "verification",
        "lawyer",
    ),
)
_REQUESTS = {
    **{name: kind for name, kind in REQUEST_FOR.items() if name in SORTS},
    "wrong_person": "wrong_person",
    "paid": "payment_check",
}
#: How far ahead a call back may be agreed, as after a call.
FURTHEST_CALL = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Sorted:
    """What came of it: the message as it is now, and the request that was opened, if one was."""

    inbound: Inbound
    request: Request | None


def sort_message(
    inbound_id: int, what: str, staff: Staff, now: datetime, *, call_at: datetime | None = None
) -> Sorted | Problem:
    """Do what follows from it, and be done with the message.

    `call_at` is when to call back; None is as soon as somebody can. Problem, and nothing changed, for what isn't
    among SORTS, a message of somebody else's, one of no case (only a stop needs none), and an open alarm.
    """
    if what not in SORTS:
        return Problem("reply_sort_unknown", "Choose what the message is.")
    if call_at is not None and not now < call_at <= now + FURTHEST_CALL:
        return Problem(
            "callback_too_far", "the call-back must lie within %(days)s days", days=FURTHEST_CALL.days
        )
    with transaction.atomic():
        inbound = lock_own(inbound_id, staff, now)
        if isinstance(inbound, Problem):
            return inbound
        if problem := unfinished(inbound, staff, now):
            return problem
        if inbound.borrower_id is None and what != "stop":
            return Problem("reply_not_linked", "Say first to which case this message belongs.")
        inbound.sorted_as, inbound.answered_at = what, inbound.answered_at or now
        request = _follow(inbound, what, staff, now, call_at)
        inbound.request = request or inbound.request
        close_message(inbound, staff, now)
        _log_event(inbound, what, staff, now, request)
        return Sorted(inbound, request)


def _follow(
    inbound: Inbound, what: str, staff: Staff, now: datetime, call_at: datetime | None
) -> Request | None:
    if inbound.borrower_id is None:
        return None  # a stranger's stop: the number stays held, see store/sql/situation.sql
    actor = f"staff:{staff.number}"
    origin = Origin(inbound.borrower_id, inbound.point_digest, inbound.party or "debtor")
    if what == "stop":
        stop_number(origin, now, actor=actor, channels=("",), source=f"reply {inbound.channel}")
        confirm_stop(inbound, origin, now)
        return None
    if what == "call_back":
        _call_back(origin, now, call_at, actor)
        return None
    if what == "wrong_person":
        wrong_person(origin, now, actor=actor)
    return open_request(
        origin,
        _REQUESTS[what],
        inbound.text,
        now,
        actor=actor,
        attachments=inbound.attachments,
        came_by=inbound.channel,
    )


def _call_back(origin: Origin, now: datetime, call_at: datetime | None, actor: str) -> None:
    """Who asks for a call agrees to it; the case comes up in the queue at that time."""
    agree(origin.borrower_id, True, now, actor=actor, channel="call", point=origin.digest, source="asked")
    Case.objects.filter(borrower_id=origin.borrower_id, closed_on=None).update(
        next_at=call_at or now, callback_at=call_at or now, callback_by=None
    )


def _log_event(inbound: Inbound, what: str, staff: Staff, now: datetime, request: Request | None) -> None:
    if inbound.borrower_id is None:
        return
    evidence.append(
        "note",
        at=now,
        actor=f"staff:{staff.number}",
        borrower=inbound.borrower_id,
        body={
            "what": "reply sorted",
            "as": what,
            "request": request.number if request else "",
            "provider": inbound.provider,
            "provider_ref": inbound.provider_ref,
        },
    )
