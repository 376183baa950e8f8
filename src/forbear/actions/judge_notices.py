"""Recall the notices that a payment shows to have been wrong, and say sorry; its reversal puts them back.

A payment counts from its value date. One that is heard of late may show that a loan was not late on the day on which
the borrower was told so: nothing may follow from that notice, and they hear that it was wrong. If the payment is taken
back before the apology has left, the notice was right after all.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from forbear.actions.cancel_contacts import cancel_contacts
from forbear.actions.give_notice import recall_notices, restore_notices
from forbear.actions.tell_borrower import NOTICE, tell_borrower
from forbear.core.delinquency import arrears
from forbear.core.products import Products
from forbear.interchange.book_read import BorrowerRecord
from forbear.store.lender_day import today_of
from forbear.store.models import Borrower, Contact, Notice

APOLOGY = "notice_recalled"
#: Says nothing of arrears, so no payment makes it wrong.
_STANDS = "assignment_notice"
_Judge = Callable[[Notice], bool]


def judge_notices(
    borrower: Borrower, record: BorrowerRecord, products: Products, now: datetime, *, actor: str, because: str
) -> int:
    """Judge the borrower's notices by the payments known now; how many were recalled. The caller holds them."""
    assert transaction.get_connection().in_atomic_block, "a payment and what it undoes commit together"
    loans = {loan.loan_id: loan for loan in record.loans}

    def was_late(notice: Notice) -> bool:
        """Whether the loan was late when the notice was given; where the book has no such loan, it stands.

        What came on that very day may have come after the notice, so it says nothing.
        """
        loan = loans.get(notice.loan_id)
        if loan is None:
            return True
        day = today_of(notice.given_at)
        before = tuple(each for each in loan.payments if each.reverses or each.paid_on < day)
        found = arrears(replace(loan, payments=before), products.get(loan.product), day)
        return found.past_due_amount > 0

    given = list(Notice.objects.filter(borrower=borrower).exclude(kind=_STANDS))
    if not given:
        return 0
    _put_back(borrower, given, was_late, now, actor, because)
    wrong = [notice for notice in given if notice.recalled_at is None and not was_late(notice)]
    if wrong:
        recall_notices(wrong, now, actor=actor, because=because)
        told = today_of(max(notice.given_at for notice in wrong))
        about = tuple(sorted({notice.loan_id for notice in wrong}))
        tell_borrower(borrower, APOLOGY, now, loans=about, manner=NOTICE, on=told)
    return len(wrong)


def _put_back(
    borrower: Borrower, given: list[Notice], was_late: _Judge, now: datetime, actor: str, because: str
) -> None:
    """Let notices stand again that were recalled by a payment which is taken back while the apology waits."""
    for apology in Contact.objects.filter(borrower=borrower, template=APOLOGY, state="waiting"):
        recalled = [notice for notice in given if notice.recalled_at == apology.wished_at]
        if recalled and all(was_late(notice) for notice in recalled):
            restore_notices(recalled, now, actor=actor, because=because)
            cancel_contacts(
                borrower, now, actor=actor, because=because, which=lambda each, pk=apology.pk: each.pk == pk
            )
