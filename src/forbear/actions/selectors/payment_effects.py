"""Where each payment of a borrower went: which instalments it paid, and what of them is left."""

from dataclasses import dataclass
from datetime import date

from forbear.actions.selectors.ledger import ledger_of
from forbear.core.loans.allocation import PaymentAllocation, allocate_each, counted_payments
from forbear.core.loans.loan import Payment


@dataclass(frozen=True, slots=True)
class PaymentMade:
    """One payment of a loan: whether the bank took it back, and what it paid; no effect where it counts for nothing."""

    loan_id: str
    currency: str
    payment: Payment
    returned: bool
    effect: PaymentAllocation | None


def payments_made(borrower_id: str, today: date) -> list[PaymentMade]:
    """Every payment on record, of the book and since, the oldest first; none of a borrower whom no book knows."""
    ledger = ledger_of(borrower_id)
    if ledger is None:
        return []
    record, products = ledger
    made = []
    for loan in record.loans:
        product = products.get(loan.product)
        effects = {
            each.payment.payment_id: each
            for each in allocate_each(
                loan.instalments,
                counted_payments(loan.payments, today),
                product.allocation_order,
                due_date_rule=product.due_date_rule,
                calendar=product.calendar,
            )
        }
        back = {payment.reverses for payment in loan.all_payments if payment.reverses}
        made += [
            PaymentMade(
                loan.loan_id,
                loan.currency,
                payment,
                payment.payment_id in back,
                effects.get(payment.payment_id),
            )
            for payment in loan.all_payments
            if not payment.reverses
        ]
    return sorted(made, key=lambda one: (one.payment.paid_on, one.loan_id, one.payment.payment_id))


def payment_effects(borrower_id: str, today: date) -> dict[tuple[str, str], PaymentAllocation]:
    """By loan and payment what it did; payments that bounced or aren't of any book's loan are left out."""
    made = payments_made(borrower_id, today)
    return {(one.loan_id, one.payment.payment_id): one.effect for one in made if one.effect is not None}
