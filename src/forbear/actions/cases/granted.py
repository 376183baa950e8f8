"""Cases whose settlement was kept since their figures were made: they are computed again, so nothing more is asked."""

from datetime import datetime

from django.db import transaction

from forbear.actions.cases.payments import cancel_pending_contacts
from forbear.core.base.reason import Reason
from forbear.store.models import Instruction, Loan
from forbear.store.models.instruction import IN_FORCE
from forbear.store.situation import lock_borrower


def recompute_settled(now: datetime, *, actor: str = "night") -> int:
    """Compute again whose settled loan still shows something owed; how many borrowers."""
    settled = Instruction.objects.filter(kind="settled", state__in=IN_FORCE).values("loan_id")
    owing = Loan.objects.filter(pk__in=settled, outstanding__gt=0).values_list("borrower_id", "pk")
    loans: dict[str, set[str]] = {}
    for borrower_id, loan_id in owing:
        loans.setdefault(borrower_id, set()).add(loan_id)
    for borrower_id in sorted(loans):
        with transaction.atomic():
            borrower = lock_borrower(borrower_id)
            assert borrower is not None, "a loan has its borrower"
            reason = Reason.of("settlement", state="kept")
            cancel_pending_contacts(borrower, loans[borrower_id], now, actor=actor, reason=reason)
    return len(loans)
