"""What was granted on loans and the feed doesn't show yet, as `core.loans.adjustments` counts it over the feed."""

from collections.abc import Collection, Sequence
from datetime import date

from forbear.core.loans.adjustments import SOLD, Adjustment, adjusted
from forbear.core.loans.loan import Amounts
from forbear.core.loans.loan import Loan as BookLoan
from forbear.store.business_date import business_date
from forbear.store.models import Instruction, Loan
from forbear.store.models.instruction import IN_FORCE

#: Up to this number of loans are named in a statement; of more, all that is in force is read.
_NAMED = 500
Granted = dict[str, list[Adjustment]]


def adjustment_of(row: Instruction) -> Adjustment:
    """An instruction as a value."""
    return Adjustment(
        row.kind,
        row.loan_id,
        row.granted_on,
        row.instalment,
        row.on,
        row.before_on,
        Amounts(*row.before),
        Amounts(*row.most),
        row.paid_before,
        tuple((date.fromisoformat(due_on), amount) for due_on, amount in row.plan_lines),
    )


def granted_on(loans: Collection[str], *, sold: bool = True) -> Granted:
    """By loan what counts over its lines now, in the order it was granted; loans without anything are left out.

    With `sold` a loan that was sold asks for nothing, too; a credit bureau is told of a sale in its own way.
    """
    names = sorted(set(loans))
    rows = Instruction.objects.filter(state__in=IN_FORCE)
    sales = Loan.objects.filter(sold_at__isnull=False)
    if len(names) <= _NAMED:
        rows, sales = rows.filter(loan_id__in=names), sales.filter(pk__in=names)
    granted: Granted = {}
    wanted = set(names)
    for row in rows.order_by("pk"):
        if row.loan_id in wanted:
            granted.setdefault(row.loan_id, []).append(adjustment_of(row))
    for loan_id, sold_at in sales.values_list("pk", "sold_at") if sold else ():
        if loan_id in wanted and sold_at is not None:
            granted.setdefault(loan_id, []).append(Adjustment(SOLD, loan_id, business_date(sold_at)))
    return granted


def with_granted(loans: Sequence[BookLoan], *, sold: bool = True) -> list[BookLoan]:
    """The loans with what was granted on them, asked for together."""
    granted = granted_on([loan.loan_id for loan in loans], sold=sold)
    return [adjusted(loan, granted.get(loan.loan_id, ())) for loan in loans]
