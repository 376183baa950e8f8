"""Move the next due date: at once where the policy allows it, otherwise as a request that a person answers.

The schedule is the lender's. What is agreed here is on record and sent to its programs by webhook; until the feed
brings the new schedule nothing of it is chased.
"""

from datetime import date, datetime

from forbear.actions.selectors.ledger import ledger_of
from forbear.core.loans.allocation import allocate, counted_payments
from forbear.core.loans.due_dates import NextDue
from forbear.core.loans.loan import Loan, Product
from forbear.store.business_date import business_date


def next_dues(borrower_id: str, now: datetime) -> dict[str, NextDue]:
    """By loan, the next instalment that isn't due yet; loans without one are left out."""
    ledger, today = ledger_of(borrower_id), business_date(now)
    if ledger is None:
        return {}
    dues = {loan.loan_id: _next(loan, ledger[1].get(loan.product), today) for loan in ledger[0].loans}
    return {loan_id: due for loan_id, due in dues.items() if due is not None}


def _next(loan: Loan, product: Product, today: date) -> NextDue | None:
    if (
        not loan.owes(today) or loan.account is not None
    ):  # an account has no schedule in which a date could move
        return None
    paid = sum(payment.amount for payment in counted_payments(loan.payments, today))
    spreads = allocate(
        loan.instalments,
        paid,
        product.allocation_order,
        due_date_rule=product.due_date_rule,
        calendar=product.calendar,
    ).spreads
    ahead = [
        allocation for allocation in spreads if allocation.unpaid.total and allocation.falls_due_on >= today
    ]
    if not ahead:
        return None
    late = any(allocation.unpaid.total and allocation.falls_due_on < today for allocation in spreads)
    before = sum(not allocation.unpaid.total for allocation in spreads)
    first = ahead[0]
    return NextDue(first.instalment.number, first.falls_due_on, first.unpaid.total, before, late)
