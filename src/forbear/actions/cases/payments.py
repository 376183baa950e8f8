"""A payment received by day: what was waiting about that loan stops in the same transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from forbear.actions.cases.recompute_case import recompute_case
from forbear.actions.contacts.cancellation import cancel_contacts
from forbear.actions.holds.holds import NOT_CHASING
from forbear.actions.selectors.ledger import Ledger
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.models import Borrower, Loan, Payment
from forbear.store.situation import lock_borrower


@dataclass(frozen=True, slots=True)
class IncomingPayment:
    """A payment as somebody reported it. `amount` in minor units; `reverses` names the payment it takes back."""

    payment_id: str
    loan_id: str
    paid_on: date
    amount: int
    reverses: str = ""


def record_payment(incoming: IncomingPayment, now: datetime, *, actor: str) -> Payment | Problem:
    """Write it down once; reported again with the same id and content it is the same payment.

    Every contact that chases this loan is cancelled, and the case, its promises and its place in the queue are
    recomputed, all in one transaction. A reversal undoes it the same way.
    """
    if incoming.amount <= 0:
        return Problem(
            "payment_not_positive",
            "the amount of a payment is above 0; a payment is reversed with `reverses`",
        )
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
        known = Payment.objects.filter(pk=incoming.payment_id).first()
        if known is not None:
            return _same(known, incoming)
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
        cancel_pending_contacts(borrower, {incoming.loan_id}, now, actor=actor, reason=reason)
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


def _same(known: Payment, incoming: IncomingPayment) -> Payment | Problem:
    details = (incoming.loan_id, incoming.paid_on, incoming.amount, incoming.reverses)
    if (known.loan_id, known.paid_on, known.amount, known.reverses) == details:
        return known
    return Problem(
        "payment_id_reused",
        "payment %(payment_id)s was reported before with other content; give each payment its own id",
        payment_id=incoming.payment_id,
    )
