"""Loans that were bought and of whose assignment the borrower has no notice yet (民法典 art. 546)."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from forbear.store.models import Loan, Notice

#: The text that tells of it.
BOUGHT_DEBT_NOTICE = "bought_debt_notice"


def untold_assignments(moment: datetime, borrowers: Collection[str] | None = None) -> list[tuple[str, str]]:
    """(borrower, loan) of each, by loan; of all borrowers, or of these.

    What was sold on is its buyer's to tell of.
    """
    given = Notice.objects.filter(
        Q(recalled_at=None) | Q(recalled_at__gt=moment),
        borrower_id=OuterRef("borrower_id"),
        loan_id=OuterRef("loan_id"),
        kind="assignment_notice",
        given_at__lte=moment,
    )
    untold = Loan.objects.filter(~Exists(given), sold_at=None).exclude(bought_from="")
    if borrowers is not None:
        untold = untold.filter(borrower_id__in=borrowers)
    return list(untold.order_by("loan_id").values_list("borrower_id", "loan_id"))
