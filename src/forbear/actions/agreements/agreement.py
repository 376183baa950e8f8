"""What a promise, a plan and a settlement share: whose loans they are about."""

from collections.abc import Collection
from datetime import datetime

from forbear.core.agreements.loan_state import refusal
from forbear.core.base.problem import MessageId, Problem
from forbear.store.loan_states import loan_states
from forbear.store.models import Borrower, Loan
from forbear.store.situation import lock_borrower


def agreed_loans(
    borrower_id: str, loan_ids: Collection[str], what: MessageId, now: datetime
) -> tuple[Borrower, list[Loan]] | Problem:
    """The borrower, held, and the loans that an agreement is to be about: all theirs, of one currency
    and one creditor, to be agreed on.

    `what` names the agreement, as in "a plan", for a message.
    """
    borrower = lock_borrower(borrower_id)
    loans = list(Loan.objects.filter(borrower_id=borrower_id, loan_id__in=loan_ids))
    if borrower is None or not loans or len(loans) != len(set(loan_ids)):
        return Problem(
            "agreement_loans_invalid", "%(what)s is about loans of one borrower with an open case", what=what
        )
    if len({loan.currency for loan in loans}) > 1:
        return Problem(
            "agreement_currencies_mixed", "%(what)s is in one currency; agree one for each", what=what
        )
    if len({loan.creditor for loan in loans}) > 1:
        return Problem(
            "agreement_creditors_mixed", "%(what)s is with one creditor; agree one for each", what=what
        )
    states = loan_states(loans, now)
    for loan in loans:
        if wrong := refusal(states[loan.pk], "plan"):
            return wrong
    return borrower, loans
