"""Where each payment of a borrower went: which instalments it paid, and what of them is left."""

from datetime import date

from forbear.actions.selectors.ledger import ledger_of
from forbear.core.loans.allocation import PaymentAllocation, allocate_each, counted_payments


def payment_effects(borrower_id: str, today: date) -> dict[tuple[str, str], PaymentAllocation]:
    """By loan and payment what it did; payments that bounced or aren't of any book's loan are left out."""
    ledger = ledger_of(borrower_id)
    if ledger is None:
        return {}
    record, products = ledger
    effects = {}
    for loan in record.loans:
        product = products.get(loan.product)
        for each in allocate_each(
            loan.instalments,
            counted_payments(loan.payments, today),
            product.allocation_order,
            due_date_rule=product.due_date_rule,
            calendar=product.calendar,
        ):
            effects[loan.loan_id, each.payment.payment_id] = each
    return effects
