"""Judge the payments that borrowers reported by what the book has: what still counts, and which loans rest for it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings

from forbear.actions.holds.holds import lift_hold, place_known_hold
from forbear.actions.selectors.ledger import ledger_of
from forbear.core.agreements.reported_payment import (
    ENDED_BY_PERSON,
    BookedPayment,
    Reported,
    Standing,
    covers,
    standings,
)
from forbear.core.base.reason import NO_REASON, Reason
from forbear.core.loans.loan import Payment as LoanPayment
from forbear.interchange.book.read import BorrowerRecord
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date, day_end
from forbear.store.models import Borrower, Hold, Loan, Payment, ReportedPayment

#: How long a report is judged again when a feed brings news: a late booking, or one that bounced.
LATELY = timedelta(days=60)
HOLD = "unconfirmed"


def booked_payments(payments: Iterable[LoanPayment]) -> list[BookedPayment]:
    """The payments of a loan, each with whether it was taken back."""
    rows = list(payments)
    back = {row.reverses for row in rows if row.reverses}
    return [
        BookedPayment(row.payment_id, row.paid_on, row.amount, row.payment_id in back)
        for row in rows
        if not row.reverses
    ]


def payments_on_record(borrower: Borrower) -> dict[str, list[BookedPayment]]:
    """By loan every payment that the book or the desk has."""
    ledger = ledger_of(borrower.borrower_id)
    if ledger is not None:
        return _of_record(ledger[0])
    found: dict[str, list[LoanPayment]] = defaultdict(list)
    for row in Payment.objects.filter(loan__borrower=borrower):
        found[row.loan_id].append(LoanPayment(row.payment_id, row.paid_on, row.amount, row.reverses))
    return {loan: booked_payments(rows) for loan, rows in found.items()}


def _of_record(record: BorrowerRecord) -> dict[str, list[BookedPayment]]:
    return {loan.loan_id: booked_payments(loan.all_payments) for loan in record.loans}


def reports_moved(
    reports: Sequence[ReportedPayment], payments: Mapping[str, Collection[BookedPayment]], today: date
) -> list[tuple[ReportedPayment, Standing]]:
    """Of a borrower's reports, the oldest first, those that stand otherwise than is written, with how."""
    match_days = policy(settings.HOME).reported_payment.match_days
    moved = []
    by_loan: dict[str, list[ReportedPayment]] = defaultdict(list)
    for row in reports:
        if row.state not in ENDED_BY_PERSON:
            by_loan[row.loan_id].append(row)
    for loan, rows in by_loan.items():
        reported = [
            Reported(row.pk, row.paid_on, row.amount, row.ends_on, frozenset(row.known)) for row in rows
        ]
        for row, now in zip(
            rows, standings(reported, payments.get(loan, ()), today, match_days), strict=True
        ):
            if (row.state, row.counts, row.payments) != (now.state, now.counts, list(now.payments)):
                moved.append((row, now))
    return moved


def unmoved_by_record(reports: Sequence[ReportedPayment], record: BorrowerRecord, today: date) -> bool:
    """Whether all of a borrower's reports stand as is written; one that counts is always looked at again."""
    return not any(row.state == "unconfirmed" for row in reports) and not reports_moved(
        reports, _of_record(record), today
    )


def evaluate_reported_payments(
    borrower: Borrower, now: datetime, *, actor: str, reason: Reason = NO_REASON
) -> int:
    """Judge a borrower's reports again; how many changed. The caller holds the borrower.

    Loans of which nothing is left to be asked for rest as long as the report counts.
    """
    reports = list(ReportedPayment.objects.filter(borrower=borrower).order_by("reported_at", "pk"))
    if not reports:
        return 0
    moved = reports_moved(reports, payments_on_record(borrower), business_date(now))
    for row, standing in moved:
        before = row.state
        row.state, row.counts, row.payments = standing.state, standing.counts, list(standing.payments)
        row.save(update_fields=["state", "counts", "payments"])
        log_report(row, now, actor=actor, before=before, reason=reason)
    return len(moved) + _rest_covered_loans(borrower, reports, now, actor=actor)


def log_report(
    row: ReportedPayment, now: datetime, *, actor: str, before: str = "", reason: Reason = NO_REASON,
    personal: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """What became of a report, on record."""
    body = {
        "report": row.pk, "before": before, "state": row.state, "loan": row.loan_id,
        "amount": row.amount, "counts": row.counts, "currency": row.loan.currency, "way": row.way,
        "paid_on": row.paid_on.isoformat(), "ends_on": row.ends_on.isoformat(),
        "payments": row.payments, "reason": reason.as_dict(),
    }  # fmt: skip
    evidence.append(
        "reported_payment", at=now, actor=actor, borrower=row.borrower_id, body=body, personal=personal
    )


def _rest_covered_loans(
    borrower: Borrower, reports: Sequence[ReportedPayment], now: datetime, *, actor: str
) -> int:
    """Hold the loans of which reports cover all that is past due, as long as they count; how many holds changed."""
    counting: dict[str, list[ReportedPayment]] = defaultdict(list)
    for row in reports:
        if row.state == "unconfirmed":
            counting[row.loan_id].append(row)
    past_due = dict(Loan.objects.filter(pk__in=counting).values_list("pk", "past_due_amount"))
    wanted = {
        loan: day_end(max(row.ends_on for row in rows))
        for loan, rows in counting.items()
        if covers(sum(row.counts for row in rows), past_due[loan])
    }
    newest = {row.loan_id: row.state for row in reports}
    changed = 0
    for hold in Hold.objects.filter(borrower=borrower, kind=HOLD, lifted_at=None).order_by("pk"):
        (loan,) = hold.loans
        if wanted.get(loan) == hold.ends_at:
            del wanted[loan]
            continue
        reason = Reason.of("reported_payment", state=newest[loan])
        lift_hold(hold.pk, now, actor=actor, reason=reason)
        changed += 1
    for loan, ends_at in sorted(wanted.items()):
        place_known_hold(
            borrower.borrower_id, HOLD, now, actor=actor, loans=(loan,), ends_at=ends_at, source="report"
        )
    return changed + len(wanted)
