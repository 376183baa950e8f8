"""What a borrower asks for: written down with a number and a clock, and acted on at once.

What a person answers, and what that does, is in `actions.answers`.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.cancellation import cancel_answers
from forbear.actions.contacts.notify_borrower import notify_borrower
from forbear.actions.holds.holds import lift_running, place_known_hold
from forbear.actions.requests.complaint_register import complaint_clock, enter_complaint
from forbear.core.agreements.request import KINDS, due_on, hold_of
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import OF_HOLD, OF_THIRD_PARTY, Borrower, Hold, Loan, Request
from forbear.store.situation import lock_borrower

LONGEST_WORDS = 4000
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
#: The evidence of a request is of this kind; whatever isn't here is a note of the borrower's.
_EVENT = {"hardship": "hardship", "dispute": "dispute", "complaint": "complaint", "plan": "plan"}


#: The approved texts that say that a request has arrived.
RECEIVED = ("hardship_received", "dispute_received", "complaint_received")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was made. `source` is portal, desk, call, agency or reply, `came_by` the channel
    of a reply; `attachments` are kept files' digests.
    """

    borrower_id: str
    kind: str
    words: str = ""
    source: str = "portal"
    loans: tuple[str, ...] = ()
    line: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()
    came_by: str = ""


def make_request(draft: Asked, now: datetime, *, actor: str) -> Request | Problem:
    """Write it down, start its clock and place its hold, all at once.

    The same open request is not made twice: asked again with other words, the words are added to it.
    """
    if draft.kind not in KINDS:
        return Problem("request_kind_unknown", "`%(kind)s` is no kind of request", kind=draft.kind)
    if len(draft.words) > LONGEST_WORDS:
        return Problem("words_too_long", "please say it in at most %(most)s characters", most=LONGEST_WORDS)
    with transaction.atomic():
        borrower = _borrower_of(draft)
        if isinstance(borrower, Problem):
            return borrower
        terms = policy(settings.HOME)
        what = {
            "borrower": borrower,
            "kind": draft.kind,
            "line": draft.line,
            "loans": sorted(draft.loans),
            # a third person's is never added to the borrower's own
            "third_party": str(draft.details.get(OF_THIRD_PARTY, "")),
            "hold_kind": str(draft.details.get(OF_HOLD, "")),
        }
        same = Request.objects.filter(**what, state="open").first()
        if same is not None:
            return _added(same, draft, now, actor)
        hold = _held(draft, borrower, now, actor)
        request = Request.objects.create(
            **what,
            number=_number(),
            words=draft.words,
            details=dict(draft.details),
            attachments=list(draft.attachments),
            source=draft.source,
            opened_at=now,
            due_on=due_on(draft.kind, business_date(now), terms.calendar, _clocks(draft.kind, terms.clocks)),
            hold=hold,
            opened_by=actor[:64],
        )
        if request.kind == "complaint":
            enter_complaint(request, draft.came_by or draft.source, now)
        log_request(
            request, "opened", now, actor, {"words": draft.words} if draft.words else None, draft.attachments
        )
        if f"{draft.kind}_received" in RECEIVED:
            notify_borrower(
                borrower,
                f"{draft.kind}_received",
                now,
                loans=draft.loans,
                reference=request.number,
                about=f"request:{request.number}",
                until=request.due_on,
            )
        return request


def carry_on_disputes(holds: Sequence[Hold], now: datetime, *, actor: str) -> dict[int, Request]:
    """A request for each dispute that stood before us, by its hold: its clock runs since it was raised there.

    The borrower was answered then that it has arrived, so nothing is sent. The caller holds the borrowers.
    """
    terms = policy(settings.HOME)
    requests = [
        Request(
            number=_number(),
            borrower_id=hold.borrower_id,
            kind="dispute",
            loans=sorted(hold.loans),
            words=hold.reason,
            source=hold.source,
            opened_at=hold.starts_at,
            due_on=due_on("dispute", business_date(hold.starts_at), terms.calendar, terms.clocks),
            hold=hold,
            opened_by=actor[:64],
        )
        for hold in holds
        if hold.kind == "dispute" and (hold.ends_at is None or hold.ends_at > now)
    ]
    made = Request.objects.bulk_create(requests, batch_size=500)
    return {request.hold.pk: request for request in made if request.hold is not None}


def _borrower_of(draft: Asked) -> Borrower | Problem:
    """Who asks, locked, if what they ask about is theirs."""
    borrower = lock_borrower(draft.borrower_id)
    if borrower is None:
        return Problem(
            "no_such_borrower",
            "there is no borrower %(borrower_id)s with a case",
            borrower_id=draft.borrower_id,
        )
    loans = Loan.objects.filter(borrower=borrower, loan_id__in=draft.loans)
    if draft.loans and loans.count() != len(set(draft.loans)):
        return Problem("request_loans_invalid", "a request is about the borrower's own loans")
    return borrower


def _held(draft: Asked, borrower: Borrower, now: datetime, actor: str) -> Hold | None:
    """The hold that the kind asks for: what a call or reply stopped becomes this request's, another's stays its own."""
    kind = hold_of(draft.kind, draft.details)
    if not kind:
        return None
    taken = Request.objects.filter(borrower=borrower, state="open").exclude(hold=None)
    return place_known_hold(
        borrower.borrower_id,
        kind,
        now,
        actor=actor,
        loans=draft.loans,
        source="request",
        besides=list(taken.values_list("hold_id", flat=True)),
    )


def own_line(borrower: Borrower, line: str) -> str:
    """The line of a loan that a request is about, as LOAN:INSTALMENT; "" when the loan is not the borrower's.

    Another line makes another request, so nobody makes lines up.
    """
    loan, colon, part = line.rpartition(":")
    known = bool(colon) and (part == "penalty" or (part.isdecimal() and len(part) <= 4))
    return line if known and Loan.objects.filter(borrower=borrower, loan_id=loan).exists() else ""


def _clocks(kind: str, own: Mapping[str, int]) -> Mapping[str, int]:
    """The lender's own days by kind; a complaint's are never more than the packs give."""
    return {**own, kind: complaint_clock().days} if kind == "complaint" else own


def _added(request: Request, draft: Asked, now: datetime, actor: str) -> Request:
    """More about what was asked already."""
    if draft.words and draft.words not in request.words:
        request.words = f"{request.words}\n\n{draft.words}".strip()[-LONGEST_WORDS:]
    new = [attachment for attachment in draft.attachments if attachment not in request.attachments]
    request.attachments = [*request.attachments, *new]
    request.details = {**request.details, **draft.details}
    request.save()
    log_request(request, "added", now, actor, {"words": draft.words} if draft.words else None, tuple(new))
    return request


def _number() -> str:
    """A number to tell on the phone; long enough that nobody guesses another's."""
    while True:
        number = "R" + "".join(secrets.choice(_SIGNS) for _ in range(9))
        if not Request.objects.filter(number=number).exists():
            return number


def log_request(
    request: Request,
    what: str,
    now: datetime,
    actor: str,
    personal: Mapping[str, str] | None,
    attachments: tuple[str, ...] = (),
) -> None:
    """What was done with a request, as evidence; `personal` are the words of it."""
    evidence.append(
        _EVENT.get(request.kind, "note"),
        at=now,
        actor=actor,
        borrower=request.borrower_id,
        body=what_was_done(request, what),
        personal=personal,
        attachments=attachments,
    )


def what_was_done(request: Request, what: str) -> dict[str, object]:
    """What the evidence says of a request, without anybody's words."""
    return {
        "request": request.number,
        "kind": request.kind,
        "what": what,
        "due_on": request.due_on.isoformat(),
        "outcome": request.outcome,
        "line": request.line,
        "source": request.source,
        "granted": request.granted,
    }


def withdraw_request(number: str, now: datetime, *, actor: str, reason: Reason) -> Request | Problem:
    """Take an open request back, as when it was written down by mistake: its hold ends, and nothing confirms it."""
    with transaction.atomic():
        existing = Request.objects.filter(number=number).first()
        if existing is None or lock_borrower(existing.borrower_id) is None:
            return Problem("no_such_request", "there is no request %(number)s", number=number)
        request = Request.objects.select_related("hold", "borrower").get(pk=existing.pk)
        if request.state != "open":
            return Problem("request_answered", "this request was answered already")
        request.state = "withdrawn"
        request.save(update_fields=["state"])
        lift_running(request.hold, now, actor=actor, reason=reason)
        cancel_answers(request.borrower, f"request:{number}", now, actor=actor, reason=reason)
        log_request(request, "withdrawn", now, actor, None)
        return request
