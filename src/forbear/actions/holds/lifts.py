"""A person ends a hold: with a reason, with a second person where the kind needs two, never under an open request."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from forbear.actions.holds.holds import lift_hold
from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.agreements.hold_kinds import BY_ACT_SOURCES, OF_HOLD, check_lift
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Hold, Request, Staff
from forbear.store.permissions import may
from forbear.store.situation import lock_row

#: How far ahead a hold may be looked at again.
FURTHEST = timedelta(days=366)


def lift_by_staff(hold_id: int, staff: Staff, note: str, now: datetime) -> Hold | Problem:
    """End it, or be the first of the two who agree: then it goes on until the second does. See `check_lift`."""
    with transaction.atomic():
        hold = lock_row(Hold, hold_id)
        if hold is None:
            return Problem("no_such_hold_number", "there is no hold %(number)s", number=hold_id)
        if hold.lifted_at is not None:
            return Problem("hold_lifted", "this hold was lifted already")
        request = Request.objects.filter(hold=hold, state="open").values_list("number", flat=True).first()
        wrong = check_lift(
            hold.kind,
            hold.source,
            note,
            request=request or "",
            asked_by=hold.lift_asked_by_id,
            staff=staff.pk,
            may_lift=may(staff.role, "desk:hold:lift"),
        )
        if wrong is not None:
            return wrong
        actor, words = f"staff:{staff.number}", note.strip()[:300]
        if OF_HOLD[hold.kind].two and hold.lift_asked_by_id is None:
            hold.lift_asked_by, hold.lift_asked_at, hold.lift_note = staff, now, words
            hold.save(update_fields=["lift_asked_by", "lift_asked_at", "lift_note"])
            _log_event(hold, "lift_asked", now, actor, words)
            return hold
        if OF_HOLD[hold.kind].two and (refused := signature_problem([hold.lift_asked_by_id], staff, now)):
            return refused
        return lift_hold(hold_id, now, actor=actor, reason=Reason.of("by_staff"), note=words)


def keep_hold(hold_id: int, staff: Staff, note: str, now: datetime, review_on: date) -> Hold | Problem:
    """Look at it and let it go on until another day of review; what was asked about lifting it is declined."""
    today = business_date(now)
    if not note.strip():
        return Problem("keep_reason_missing", "say why the hold goes on; it is saved with it")
    if not today < review_on <= today + FURTHEST:
        return Problem("review_date_too_far", "a review date must lie within the next year")
    with transaction.atomic():
        hold = lock_row(Hold, hold_id)
        if hold is None:
            return Problem("no_such_hold_number", "there is no hold %(number)s", number=hold_id)
        if hold.lifted_at is not None:
            return Problem("hold_lifted", "this hold was lifted already")
        hold.review_on = review_on
        hold.lift_asked_by, hold.lift_asked_at, hold.lift_note = None, None, ""
        hold.save(update_fields=["review_on", "lift_asked_by", "lift_asked_at", "lift_note"])
        _log_event(hold, "reviewed", now, f"staff:{staff.number}", note.strip()[:300])
        return hold


def _log_event(hold: Hold, what: str, now: datetime, actor: str, note: str) -> None:
    body = {
        "hold": hold.pk,
        "kind": hold.kind,
        "what": what,
        "review_on": hold.review_on.isoformat() if hold.review_on else "",
    }
    evidence.append(
        "hold", at=now, actor=actor, borrower=hold.borrower_id, body=body, personal={"note": note}
    )


def keep_holds(
    hold_ids: Collection[int], staff: Staff, note: str, now: datetime, review_on: date
) -> tuple[int, int] | Problem:
    """Let many holds go on until another day of review: how many do, and how many were left.

    Left are those that an open request keeps, those that end with what placed them, and those lifted meanwhile.
    """
    done = 0
    with transaction.atomic():
        kept = set(Request.objects.filter(hold__in=hold_ids, state="open").values_list("hold_id", flat=True))
        rows = Hold.objects.filter(pk__in=hold_ids, lifted_at=None).order_by("borrower_id", "pk")
        for hold in rows:
            if hold.pk in kept or OF_HOLD[hold.kind].by_act or hold.source in BY_ACT_SOURCES:
                continue
            made = keep_hold(hold.pk, staff, note, now, review_on)
            if isinstance(made, Problem):
                if made.code == "hold_lifted":
                    continue
                transaction.set_rollback(True)
                return made
            done += 1
    return done, len(hold_ids) - done
