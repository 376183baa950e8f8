"""Put a hold on a borrower, and lift it: what waits and may no longer leave is cancelled in the same act."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from forbear.actions.agencies.recalls import recall_for_hold
from forbear.actions.contacts.cancellation import cancel_contacts
from forbear.actions.visits.cancellation import call_off_for_hold
from forbear.core.agreements.hold_kinds import review_day
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.facts.context import HOLD_KINDS
from forbear.core.permits.permit import moment_text
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Contact, Hold, Treatment
from forbear.store.situation import lock_borrower

#: Contacts that no hold stops: what the borrower asked for or the law demands. Rules decide on them as ever.
NOT_CHASING = ("notice", "answer", "confirm")


def place_hold(
    borrower_id: str,
    kind: str,
    now: datetime,
    *,
    actor: str,
    loans: tuple[str, ...] = (),
    ends_at: datetime | None = None,
    reason: str = "",
    source: str = "",
    review_on: date | None = None,
    own: bool = False,
    besides: Collection[int] = (),
) -> Hold | Problem:
    """Hold from now on; one of the same kind for the same loans that lasts as long is kept, unless it must be `own`.

    Who ends a hold by themselves has one of their own, and leaves those `besides`: what ends one request, agreement or
    grant ends no other's. Each has an end or a day of review: `review_on`, or what its kind says.
    """
    assert kind in HOLD_KINDS, kind
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        if borrower is None:
            return Problem(
                "no_such_borrower",
                "there is no borrower %(borrower_id)s with a case",
                borrower_id=borrower_id,
            )
        known = Hold.objects.filter(borrower=borrower, kind=kind, lifted_at=None).exclude(pk__in=besides)
        for running in () if own else known:
            lasts = running.ends_at is None or (ends_at is not None and running.ends_at >= max(ends_at, now))
            if sorted(running.loans) == sorted(loans) and lasts:
                return running
        hold = Hold.objects.create(
            borrower=borrower,
            kind=kind,
            loans=sorted(loans),
            starts_at=now,
            ends_at=ends_at,
            reason=reason,
            source=source,
            placed_by=actor[:64],
            review_on=review_on or (None if ends_at else review_day(kind, business_date(now))),
        )
        evidence.append(
            "hold",
            at=now,
            actor=actor,
            borrower=borrower_id,
            body={
                "hold": hold.pk,
                "kind": kind,
                "loans": sorted(loans),
                "ends_at": moment_text(ends_at) if ends_at else "",
                "source": source,
            },
            personal={"reason": reason} if reason else None,
        )
        cancel_contacts(
            borrower,
            now,
            actor=actor,
            reason=Reason.of("hold", kind=kind),
            which=lambda contact: _chases(contact, loans),
        )
        if kind == "forbearance":  # what the strategy wanted before is wanted no more
            Treatment.objects.filter(borrower=borrower, state="planned").update(state="superseded")
        call_off_for_hold(borrower, kind, now, actor=actor)
        recall_for_hold(borrower, kind, loans, now, actor=actor)
        return hold


def place_known_hold(
    borrower_id: str,
    kind: str,
    now: datetime,
    *,
    actor: str,
    loans: tuple[str, ...],
    source: str,
    ends_at: datetime | None = None,
    review_on: date | None = None,
    own: bool = False,
    besides: Collection[int] = (),
) -> Hold:
    """Hold a borrower who is there: the caller has them already."""
    hold = place_hold(
        borrower_id,
        kind,
        now,
        actor=actor,
        loans=loans,
        ends_at=ends_at,
        source=source,
        review_on=review_on,
        own=own,
        besides=besides,
    )
    assert isinstance(hold, Hold), "the borrower is there"
    return hold


def _chases(contact: Contact, loans: tuple[str, ...]) -> bool:
    about_them = not loans or not contact.loans or bool(set(loans) & set(contact.loans))
    return about_them and contact.purpose not in NOT_CHASING


def lift_hold(hold_id: int, now: datetime, *, actor: str, reason: Reason, note: str = "") -> Hold | Problem:
    """End a hold now; `note` is why in a person's own words. Problem when there is none or it has ended."""
    with transaction.atomic():
        hold = Hold.objects.filter(pk=hold_id).first()
        if hold is None or lock_borrower(hold.borrower_id) is None:
            return Problem("no_such_hold_number", "there is no hold %(number)s", number=hold_id)
        if not Hold.objects.filter(pk=hold_id, lifted_at=None).update(lifted_at=now):
            return Problem("hold_lifted", "this hold was lifted already")
        evidence.append(
            "hold_lifted",
            at=now,
            actor=actor,
            borrower=hold.borrower_id,
            body={"hold": hold_id, "kind": hold.kind, "reason": reason.as_dict()},
            personal={"note": note} if note else None,
        )
        hold.refresh_from_db()
        return hold


def lift_running(hold: Hold | None, now: datetime, *, actor: str, reason: Reason) -> None:
    """End a hold that something placed, if it did and the hold wasn't lifted yet."""
    if hold is not None and hold.lifted_at is None:
        lift_hold(hold.pk, now, actor=actor, reason=reason)
