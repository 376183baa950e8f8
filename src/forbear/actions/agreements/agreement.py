"""What a promise, a plan and a settlement share: whose loans they are about."""

from collections.abc import Collection

from forbear.core.base.problem import Problem
from forbear.store.models import Borrower, Loan
from forbear.store.situation import lock_borrower


def agreed_loans(
    borrower_id: str, loan_ids: Collection[str], what: str, what_zh: str
) -> tuple[Borrower, list[Loan]] | Problem:
    """The borrower, held, and the loans that an agreement is to be about: all theirs, of one currency.

    `what` names the agreement, as in "a plan", for whoever reads what is wrong.
    """
    borrower = lock_borrower(borrower_id)
    loans = list(Loan.objects.filter(borrower_id=borrower_id, loan_id__in=loan_ids))
    if borrower is None or not loans or len(loans) != len(set(loan_ids)):
        return Problem(
            f"{what} is about loans of one borrower with an open case",
            f"{what_zh}只针对同一借款人、有未结案件的贷款",
        )
    if len({loan.currency for loan in loans}) > 1:
        return Problem(
            f"{what} is in one currency; agree one for each", f"{what_zh}只能用一种货币，请按货币分别商定"
        )
    return borrower, loans
