"""Propose a visit: the strategy by a treatment, or a person at the desk. Nothing happens at a door because of it."""

import uuid
from datetime import datetime

from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.core.visits.visit import OPEN
from forbear.store import evidence
from forbear.store.models import Agency, Borrower, Case, ContactPoint, Placement, Staff, Treatment, Visit
from forbear.store.situation import lock_borrower

#: Treatments looked at in one go.
_BATCH = 500


def propose_visit(borrower_id: str, note: str, staff: Staff, now: datetime) -> Visit | Problem:
    """A person proposes it, and says why."""
    note = note.strip()
    if not note:
        return Problem("visit_reason_missing", "say why a visit is better than a call or a letter")
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        if borrower is None or not Case.objects.filter(borrower=borrower, closed_on=None).exists():
            return Problem(
                "no_open_case_of_borrower",
                "borrower %(borrower_id)s has no open case",
                borrower_id=borrower_id,
            )
        return _propose(borrower, note[:300], now, actor=f"staff:{staff.number}", staff=staff)


def propose_due(now: datetime) -> int:
    """Make proposals of the visits that the strategy wants; how many. Without an address its state is `no_address`."""
    wanted = list(
        Treatment.objects.filter(channel="visit", state="planned").order_by("borrower_id", "pk")[:_BATCH]
    )
    return sum(isinstance(_of_treatment(treatment, now), Visit) for treatment in wanted)


def _of_treatment(treatment: Treatment, now: datetime) -> Visit | Problem | None:
    with transaction.atomic():
        borrower = lock_borrower(treatment.borrower_id)
        mine = Treatment.objects.filter(pk=treatment.pk, state="planned")
        if borrower is None or not mine.exists():
            return None
        if Visit.objects.filter(borrower=borrower, state__in=OPEN).exists():
            mine.update(state="queued")  # the one that is open is this one too
            return None
        visit = _propose(borrower, "", now, actor="night", treatment=treatment)
        mine.update(state="no_address" if isinstance(visit, Problem) else "queued")
        return visit


def _propose(
    borrower: Borrower,
    note: str,
    now: datetime,
    *,
    actor: str,
    staff: Staff | None = None,
    treatment: Treatment | None = None,
) -> Visit | Problem:
    """Write it down; the caller holds the borrower."""
    point = address_of(borrower)
    if point is None:
        return Problem("visit_address_missing", "there is no address on file; nobody can be sent there")
    if Visit.objects.filter(borrower=borrower, state__in=OPEN).exists():
        return Problem("visit_open", "a visit to this borrower is open already")
    late = borrower.loans.filter(past_due_amount__gt=0).order_by("loan_id")
    loans = list(late.values_list("loan_id", flat=True))
    if not loans:
        return Problem("nothing_past_due", "nothing is past due")
    agency = visiting_agency(borrower)
    visit = Visit.objects.create(
        visit_id=str(uuid.uuid4()),
        borrower=borrower,
        loans=loans,
        point=point,
        agency=agency,
        treatment=treatment,
        state="proposed",
        reason_note=note,
        proposed_at=now,
        proposed_by=staff,
    )
    log_visit(visit, "proposed", now, actor=actor, personal={"note": note} if note else None)
    return visit


def address_of(borrower: Borrower) -> ContactPoint | None:
    """The newest address on file that works."""
    rows = ContactPoint.objects.filter(
        borrower=borrower, kind="address", party="debtor", invalid_at=None, stopped_at=None
    )
    return rows.order_by("-pk").first()


def visiting_agency(borrower: Borrower) -> Agency | None:
    """The agency that has the case, if it makes visits; None is the lender's own people."""
    placed = Placement.objects.filter(borrower=borrower, ended_at=None).select_related("agency").first()
    if placed is None or "visit" not in placed.agency.file.get("methods", ()):
        return None
    return placed.agency


def log_visit(
    visit: Visit,
    what: str,
    now: datetime,
    *,
    actor: str,
    personal: dict | None = None,
    attachments: tuple[str, ...] = (),
    **more: object,
) -> None:
    """One step of a visit into the borrower's evidence, in the caller's transaction."""
    body = {"visit": visit.visit_id, "what": what, "state": visit.state, "loans": visit.loans, **more}
    evidence.append(
        "visit",
        at=now,
        actor=actor,
        borrower=visit.borrower_id,
        body=body,
        personal=personal,
        attachments=attachments,
    )
