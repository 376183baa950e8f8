"""Look again at what an answer granted: it goes on with a new end, or it ends as agreed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from forbear.actions.answers.effects import write_pause
from forbear.actions.cases.payments import cancel_pending_contacts
from forbear.actions.holds.holds import lift_running
from forbear.actions.instructions.instructions import withdraw
from forbear.core.agreements.answers import ANSWERS, Granted, check_granted, review_on
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.business_date import business_date, day_end
from forbear.store.models import Hold, Loan, Request, Staff
from forbear.store.situation import lock_borrower


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a person decided on looking again: it goes on until a day, or (None) ends as agreed. `note` says why."""

    note: str
    until: date | None = None


def reviews_due(rows: QuerySet[Request], today: date) -> QuerySet[Request]:
    """Of these requests those whose review is due today or before, the longest overdue first."""
    return rows.filter(state="answered", review_on__lte=today, reviewed_at=None).order_by("review_on", "pk")


def review_request(number: str, review: Reviewed, staff: Staff, now: datetime) -> Request | Problem:
    """Let it go on, with its next review, or end it. What nobody reviews goes on for the days of grace, then ends."""
    if not review.note.strip():
        return Problem("review_note_missing", "say what you found; it is saved with the request")
    with transaction.atomic():
        existing = Request.objects.filter(number=number).first()
        if existing is None or lock_borrower(existing.borrower_id) is None:
            return Problem("no_such_request", "there is no request %(number)s", number=number)
        request = Request.objects.select_related("hold", "borrower").get(pk=existing.pk)
        if request.state != "answered" or request.review_on is None or request.reviewed_at is not None:
            return Problem("no_review_due", "nothing of this request waits for a review")
        made = _go_on(request, review, now, staff) if review.until else _end(request, now, staff)
        if made is not None:
            return made
        request.save()
        _log_event(request, review, now, staff)
        return request


def _go_on(request: Request, review: Reviewed, now: datetime, staff: Staff) -> Problem | None:
    """Until another day: the same as granting it again, without a gap."""
    effect, today, actor = ANSWERS[request.kind, request.outcome], business_date(now), f"staff:{staff.number}"
    granted = Granted(until=review.until)
    if "until" in effect.needs:
        if wrong := check_granted(effect, granted, today):
            return wrong[0]
        # the new hold takes the place of the old one, in one transaction
        lift_running(
            request.hold, now, actor=actor, reason=Reason.of("request_answered", request=request.number)
        )
        assert review.until is not None, "it goes on until a day"
        request.review_on = review_on(effect, granted, None, today)
        write_pause(request, review.until, effect.grace_days, now, actor=actor)
        request.granted = {**request.granted, "until": review.until.isoformat()}
        return None
    assert review.until is not None, "it goes on until a day"
    if review.until <= today:
        return Problem("review_date_invalid", "a review date must lie in the future")
    request.review_on = review.until
    if request.hold is not None:
        Hold.objects.filter(pk=request.hold.pk).update(review_on=review.until)
    return None


def _end(request: Request, now: datetime, staff: Staff) -> Problem | None:
    """It ends on the day that was agreed, or now where that is over; what two people must end stays for them."""
    request.reviewed_at, request.reviewed_by = now, staff
    until = str(request.granted.get("until", ""))
    hold, actor = request.hold, f"staff:{staff.number}"
    if hold is None or hold.kind != "forbearance" or not until:
        return None
    ends_at = max(day_end(date.fromisoformat(until)), now)
    Hold.objects.filter(pk=hold.pk).update(ends_at=ends_at, review_on=None)
    if ends_at <= now:
        withdraw(request.borrower, "request", request.number, now, actor=actor)
    cancel_pending_contacts(
        request.borrower,
        _loans(request),
        now,
        actor=actor,
        reason=Reason.of("request_answered", request=request.number),
    )
    return None


def _loans(request: Request) -> Collection[str]:
    return request.loans or list(Loan.objects.filter(borrower=request.borrower).values_list("pk", flat=True))


def _log_event(request: Request, review: Reviewed, now: datetime, staff: Staff) -> None:
    evidence.append(
        "hardship" if request.kind == "hardship" else "note",
        at=now,
        actor=f"staff:{staff.number}",
        borrower=request.borrower_id,
        body={
            "request": request.number,
            "kind": request.kind,
            "what": "reviewed",
            "goes_on_until": review.until.isoformat() if review.until else "",
            "review_on": request.review_on.isoformat() if request.review_on else "",
        },
        personal={"note": review.note.strip()[:4000]},
    )
