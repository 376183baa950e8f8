"""What comes in on loans after they were written off, from the payments themselves; reversals are taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from forbear.actions.selectors.payments import payments_on
from forbear.core.agencies.commission import Paid
from forbear.store.business_date import business_date
from forbear.store.models import WriteOff


@dataclass(frozen=True, slots=True)
class Recovered:
    """A loan's write-off and what was paid on it since; amounts in minor units."""

    write_off: WriteOff
    since: date
    payments: tuple[Paid, ...]

    @property
    def amount(self) -> int:
        """What was recovered, net of reversals."""
        return sum(paid.amount for paid in self.payments)


@dataclass(frozen=True, slots=True)
class Total:
    """Written off and recovered, by currency."""

    currency: str
    minor_unit: int
    loans: int
    written_off: int
    recovered: int


def recoveries() -> list[Recovered]:
    """Every signed write-off with the payments whose value date is on or after its day, the newest write-off first."""
    rows = list(WriteOff.objects.filter(state="signed").select_related("loan").order_by("-decided_at", "pk"))
    if not rows:
        return []
    since = {row.loan_id: business_date(row.decided_at) for row in rows if row.decided_at is not None}
    paid: dict[str, list[Paid]] = {}
    for one in payments_on(since, min(since.values())):
        if one.reversed_on is None and one.paid_on >= since[one.loan_id]:
            paid.setdefault(one.loan_id, []).append(one)
    return [Recovered(row, since[row.loan_id], tuple(paid.get(row.loan_id, ()))) for row in rows]


def totals(recovered: Sequence[Recovered]) -> list[Total]:
    """The sums by currency."""
    sums: dict[tuple[str, int], list[int]] = {}
    for one in recovered:
        row = sums.setdefault((one.write_off.loan.currency, one.write_off.loan.minor_unit), [0, 0, 0])
        row[0] += 1
        row[1] += one.write_off.amount
        row[2] += one.amount
    return [Total(currency, unit, *row) for (currency, unit), row in sorted(sums.items())]


def rows_of(recovered: Sequence[Recovered], now: datetime) -> list[list[object]]:
    """Each recovery as a row for the lender's ledger: loan, payment, value date, amount, currency, written off on."""
    return [
        [
            paid.loan_id,
            paid.payment_id,
            paid.paid_on,
            paid.amount,
            paid.currency,
            one.since,
            business_date(now),
        ]
        for one in recovered
        for paid in one.payments
    ]
