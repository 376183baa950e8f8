"""A payment received by day: what was waiting about that loan stops in the same transaction."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from forbear.actions.cases.recompute_case import recompute_case
from forbear.actions.contacts.cancellation import cancel_contacts
from forbear.actions.holds.holds import NOT_CHASING
from forbear.actions.selectors.ledger import Ledger, book_lines_of, ledger_of
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.loans.incoming import IncomingPayment, payment_flaw
from forbear.core.loans.loan import Payment as BookPayment
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Loan, Payment
from forbear.store.situation import lock_borrower


def record_payment(incoming: IncomingPayment, now: datetime, *, actor: str) -> Payment | Problem:
    """Write it down once; reported again with the same id and content it is the same payment.

    It is held to what `core.loans.incoming` asks of every payment, on all that is known of the loan.
    Every contact that chases this loan is cancelled, and the case, its promises and its place in the queue are
    recomputed, all in one transaction. A reversal undoes it the same way.
    """
    with transaction.atomic():
        loan = Loan.objects.filter(pk=incoming.loan_id).first()
        if loan is None:
            return Problem(
                "no_such_open_loan",
                "there is no loan %(loan_id)s with an open case",
                loan_id=incoming.loan_id,
            )
        borrower = lock_borrower(loan.borrower_id)
        assert borrower is not None, "a loan has its borrower"
        known = Payment.objects.filter(loan=loan, payment_id=incoming.payment_id).first()
        if known is not None:
            return known if _is_same(known, incoming) else _reused(incoming)
        lines = book_lines_of([loan.borrower_id]).get(loan.borrower_id)
        flaw = _flaw(incoming, loan, ledger_of(loan.borrower_id, lines), business_date(now))
        if flaw is not None:
            return flaw
        payment = Payment(
            payment_id=incoming.payment_id,
            loan=loan,
            paid_on=incoming.paid_on,
            amount=incoming.amount,
            reverses=incoming.reverses,
            received_at=now,
        )
        evidence.append(
            "payment",
            at=now,
            actor=actor,
            borrower=borrower.borrower_id,
            body={
                "payment": incoming.payment_id,
                "loan": incoming.loan_id,
                "paid_on": incoming.paid_on.isoformat(),
                "amount": incoming.amount,
                "currency": loan.currency,
                "reverses": incoming.reverses,
            },
            new_rows=[payment],
        )
        reason = Reason.of("payment", payment=incoming.payment_id)
        cancel_pending_contacts(
            borrower, {incoming.loan_id}, now, actor=actor, reason=reason, book_lines=lines
        )
        details = {"payment_id": incoming.payment_id, "loan_id": incoming.loan_id, "amount": incoming.amount}
        enqueue_webhooks("payment.recorded", details, now)
        return payment


def cancel_pending_contacts(
    borrower: Borrower,
    loans: Collection[str],
    now: datetime,
    *,
    actor: str,
    reason: Reason,
    book_lines: Ledger | None = None,
) -> None:
    """What a payment overtakes: contacts that chase these loans, and the case. The caller holds the borrower.

    `book_lines` as in `recompute_case`.
    """
    cancel_contacts(
        borrower,
        now,
        actor=actor,
        reason=reason,
        which=lambda contact: (
            contact.purpose not in NOT_CHASING
            and (not contact.loans or bool(set(loans) & set(contact.loans)))
        ),
    )
    recompute_case(borrower, now, actor=actor, reason=reason, book_lines=book_lines)


def _flaw(incoming: IncomingPayment, loan: Loan, ledger: Ledger | None, today: date) -> Problem | None:
    """What is wrong with a payment that is new to the desk; the book may have it already, told otherwise."""
    booked = next(
        (each for each in (ledger[0].loans if ledger else ()) if each.loan_id == loan.loan_id), None
    )
    if booked is None:
        known = [
            BookPayment(row.payment_id, row.paid_on, row.amount, row.reverses)
            for row in Payment.objects.filter(loan=loan)
        ]
    else:
        known = list(booked.all_payments)
    same = next((payment for payment in known if payment.payment_id == incoming.payment_id), None)
    if same is not None and not _is_same(same, incoming):
        return _reused(incoming)
    return payment_flaw(
        incoming,
        known,
        today=today,
        disbursed_on=booked.disbursed_on if booked else None,
        minor_unit=loan.minor_unit,
    )


def _is_same(known: Payment | BookPayment, incoming: IncomingPayment) -> bool:
    """Whether what is known by this id is what was reported; a reversal in the book may have no amount of its own."""
    same_amount = known.amount == incoming.amount or bool(known.reverses and not known.amount)
    return same_amount and (known.paid_on, known.reverses) == (incoming.paid_on, incoming.reverses)


def _reused(incoming: IncomingPayment) -> Problem:
    return Problem(
        "payment_id_reused",
        "payment %(payment_id)s was reported before with other content; give each payment its own id",
        payment_id=incoming.payment_id,
    )
