"""A payment that a borrower tells of is recorded before the book has it; what waits for its amount stops at once.

Nothing that is owed changes: the book and the lender's own reports decide on that. A large one, or one after a report
that never came, needs proof and a second person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from forbear.actions.access.uploads import Uploaded, store_upload
from forbear.actions.agreements.reported_payments import (
    evaluate_reported_payments,
    log_report,
    payments_on_record,
)
from forbear.actions.cases.payments import cancel_pending_contacts
from forbear.actions.cases.recompute_case import recompute_case
from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.agreements.loan_state import refusal
from forbear.core.agreements.reported_payment import WAYS, needs_second, report_problem
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.evidence import attachment_path
from forbear.store.loan_states import loan_states
from forbear.store.models import Attachment, Borrower, Loan, ReportedPayment, Staff
from forbear.store.permissions import may
from forbear.store.situation import lock_borrower

#: After a report that never came, so long the next one on the loan needs a second person.
_REMEMBERED = timedelta(days=90)
MOST_PROOFS = 3


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """What the borrower says: `amount` in minor units on a loan, when and how, and what the receipt is called."""

    borrower_id: str
    loan_id: str
    amount: int
    paid_on: date
    way: str
    reference: str = ""


def report_payment(
    report: PaymentReport, proofs: Sequence[Uploaded], staff: Staff, now: datetime
) -> ReportedPayment | Problem:
    """Record it. Until the book has it, or its last day, nobody asks for this amount.

    Recorded again while it counts it is the same report.
    """
    assert report.way in WAYS, report.way
    today, terms = business_date(now), policy(settings.HOME).reported_payment
    with transaction.atomic():
        borrower = lock_borrower(report.borrower_id)
        loan = Loan.objects.filter(pk=report.loan_id, borrower_id=report.borrower_id).first()
        if borrower is None or loan is None:
            return Problem("reported_loan_invalid", "name one of this borrower's loans")
        if wrong := refusal(loan_states([loan], now)[loan.pk], "pay"):
            return wrong
        same = {"loan": loan, "state": "unconfirmed", "paid_on": report.paid_on, "amount": report.amount}
        if known := ReportedPayment.objects.filter(**same).first():
            return known
        lapsed = ReportedPayment.objects.filter(loan=loan, state="lapsed", reported_at__gt=now - _REMEMBERED)
        second = needs_second(report.amount, loan.currency, terms, lapsed_before=lapsed.exists())
        on_record = payments_on_record(borrower).get(loan.pk, [])
        flaw = report_problem(
            *(report.amount, report.paid_on, max(loan.payoff, loan.outstanding), today, on_record),
            second=second,
            proof=bool(proofs),
        )
        if flaw is not None:
            return flaw
        stored = [store_upload(file) for file in proofs]
        if wrong := next((each for each in stored if isinstance(each, Problem)), None):
            return wrong
        row = ReportedPayment.objects.create(
            borrower=borrower,
            loan=loan,
            paid_on=report.paid_on,
            amount=report.amount,
            counts=report.amount,
            way=report.way,
            reference=report.reference.strip(),
            proofs=stored,
            known=sorted(each.payment_id for each in on_record),
            ends_on=today + timedelta(days=terms.unsigned_days if second else terms.days),
            needs_second=second,
            reported_at=now,
            reported_by=staff,
        )
        _record(row, borrower, [str(each) for each in stored], staff, now)
        return row


def _record(row: ReportedPayment, borrower: Borrower, proofs: list[str], staff: Staff, now: datetime) -> None:
    """On record; contacts that chase the loan stop, and its rest begins where the report covers what is past due."""
    actor, reason = f"staff:{staff.number}", Reason.of("reported_payment", state="unconfirmed")
    body = {
        "report": row.pk, "state": row.state, "loan": row.loan_id, "amount": row.amount, "counts": row.counts,
        "currency": row.loan.currency, "way": row.way, "paid_on": row.paid_on.isoformat(),
        "ends_on": row.ends_on.isoformat(), "needs_second": row.needs_second,
    }  # fmt: skip
    evidence.append(
        "reported_payment",
        at=now,
        actor=actor,
        borrower=borrower.borrower_id,
        body=body,
        personal={"reference": row.reference} if row.reference else None,
        attachments=proofs,
    )
    cancel_pending_contacts(borrower, {row.loan_id}, now, actor=actor, reason=reason)


def approve_report(report_id: int, staff: Staff, now: datetime) -> ReportedPayment | Problem:
    """The second person has looked at it: it counts for its full time."""
    with transaction.atomic():
        row = _locked(report_id)
        if isinstance(row, Problem):
            return row
        if not row.needs_second or row.decided_by_id is not None:
            return Problem("report_needs_no_approval", "this payment needs no approval, or has it")
        if wrong := _not_second(row, staff, now):
            return wrong
        row.decided_by, row.decided_at = staff, now
        since = business_date(row.reported_at)
        row.ends_on = max(row.ends_on, since + timedelta(days=policy(settings.HOME).reported_payment.days))
        row.save(update_fields=["decided_by", "decided_at", "ends_on"])
        actor = f"staff:{staff.number}"
        log_report(row, now, actor=actor, before=row.state)
        evaluate_reported_payments(row.borrower, now, actor=actor)
        row.refresh_from_db()
        return row


def end_report(report_id: int, staff: Staff, now: datetime, *, note: str) -> ReportedPayment | Problem:
    """It counts no more: withdrawn by who recorded it, refused by a person who may approve; `note` says why."""
    if not note.strip():
        return Problem("report_note_missing", "Say why it counts no more.")
    with transaction.atomic():
        row = _locked(report_id)
        if isinstance(row, Problem):
            return row
        own = row.reported_by_id == staff.pk
        if not own and not may(staff.role, "desk:payment:approve"):
            return Problem("report_not_yours", "only who recorded it withdraws it, or a lead refuses it")
        before = row.state
        row.state, row.counts, row.note = "withdrawn" if own else "refused", 0, note.strip()
        row.decided_by, row.decided_at = staff, now
        row.save(update_fields=["state", "counts", "note", "decided_by", "decided_at"])
        actor, reason = f"staff:{staff.number}", Reason.of("reported_payment", state=row.state)
        log_report(row, now, actor=actor, before=before, personal={"note": row.note})
        recompute_case(row.borrower, now, actor=actor, reason=reason)
        row.refresh_from_db()
        return row


def view_proof(row: ReportedPayment, place: int, staff: Staff, now: datetime) -> tuple[Path, str] | None:
    """A proof, the first at 1, with its media type; None where there is none any more. Who looked is on record."""
    if not 0 < place <= len(row.proofs):
        return None
    kept = Attachment.objects.filter(pk=row.proofs[place - 1], erased_at=None).first()
    if kept is None or not attachment_path(kept.sha256).is_file():
        return None
    with transaction.atomic():
        body = {"report": row.pk, "sha256": kept.sha256}
        evidence.append("view", at=now, actor=f"staff:{staff.number}", borrower=row.borrower_id, body=body)
    return attachment_path(kept.sha256), kept.media_type


def _locked(report_id: int) -> ReportedPayment | Problem:
    """The report, while it counts, and its borrower held."""
    found = ReportedPayment.objects.filter(pk=report_id).values_list("borrower_id", flat=True).first()
    if found is not None:
        lock_borrower(found)
    rows = ReportedPayment.objects.select_related("borrower", "loan")
    return rows.filter(pk=report_id, state="unconfirmed").first() or Problem(
        "report_decided", "this reported payment counts no more"
    )


def _not_second(row: ReportedPayment, staff: Staff, now: datetime) -> Problem | None:
    if row.reported_by_id == staff.pk:
        return Problem("report_own_approval", "a second person approves it, not who recorded it")
    return signature_problem([row.reported_by_id], staff, now)
