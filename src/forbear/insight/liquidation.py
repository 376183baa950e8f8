"""Liquidation: what came in on the cases placed with agencies, by the month they were placed and by age.

First each month's batch, then all. An age shows once the whole batch has lived it. With recalls every case placed
counts, whatever became of it; without them only those that stayed so long. Net back takes the agency's own share off.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count

from forbear.insight.kpi import Period
from forbear.insight.scorecard import STEPS, results
from forbear.store.business_date import business_date
from forbear.store.models import Placement

VERSION = 1
#: How many days back batches are shown.
BACK = 400


@dataclass(frozen=True, slots=True)
class Placed:
    """One placement: when, of how much, what came in on it by each age lived, and how long it stayed if it came back.

    Amounts in minor units; `rate` is the agency's share in basis points.
    """

    placement: int
    borrower: str
    agency: str
    on: date
    amount: int
    rate: int
    paid: dict[int, int]
    stayed: int | None

    def net(self, age: int) -> int:
        """What was left of the cash at an age after the agency's share, to the cent below."""
        return self.paid[age] - -(-self.paid[age] * self.rate // 10_000)


@dataclass(frozen=True, slots=True)
class Batch:
    """The placements of a month, or of all (`month` None): by age (share with recalls, without them, net back)."""

    month: date | None
    cases: int
    amount: int
    recalled: int
    shares: dict[int, tuple[float | None, float | None, float | None]]


def placed(now: datetime, of: Period | None = None) -> tuple[str, list[Placed]]:
    """The currency with most placements, and every placement in it of the last months, the newest first.

    `of` is a period whose scope chooses borrowers; of an agency all that was ever placed with it counts.
    """
    today = business_date(now)
    since = date.fromordinal(today.toordinal() - BACK)
    rows = Placement.objects.filter(placed_at__date__gte=since)
    top = rows.order_by().values_list("currency").annotate(n=Count("pk")).order_by("-n", "currency").first()
    currency = top[0] if top else ""
    rows = rows.filter(currency=currency)
    if of is not None and not of.scope.is_all:
        people = replace(of.scope, agency="").borrowers(of.starts, of.ends)
        rows = rows if people is None else rows.filter(borrower__in=people.values("pk"))
        rows = rows.filter(agency=of.scope.agency) if of.scope.agency else rows
    known = {row.pk: row for row in rows}
    placed_cases = []
    for one in results(now, since):
        row = known.get(one.placement)
        if row is None:
            continue
        on = business_date(row.placed_at)
        stayed = (business_date(row.ended_at) - on).days if row.ended_at else None
        paid = {step: one.paid[step] for step in STEPS if one.days >= step}
        placed_cases.append(
            Placed(row.pk, row.borrower_id, row.agency_id, on, row.amount, row.rate, paid, stayed)
        )
    return currency, sorted(placed_cases, key=lambda case: (case.on, case.placement), reverse=True)


def batches(rows: Iterable[Placed]) -> list[Batch]:
    """By month, the newest first, then all together."""
    every = list(rows)
    months = sorted({case.on.replace(day=1) for case in every}, reverse=True)
    month_batches = [
        _batch(month, [case for case in every if case.on.replace(day=1) == month]) for month in months
    ]
    return [*month_batches, _batch(None, every)] if every else []


def _batch(month: date | None, rows: list[Placed]) -> Batch:
    ages = [step for step in STEPS if all(step in case.paid for case in rows)]
    if month is None:
        # all together: at each age those that lived it
        ages = [step for step in STEPS if any(step in case.paid for case in rows)]
    shares = {}
    for age in ages:
        lived = [case for case in rows if age in case.paid]
        kept = [case for case in lived if case.stayed is None or case.stayed >= age]
        shares[age] = (
            _share(sum(case.paid[age] for case in lived), lived),
            _share(sum(case.paid[age] for case in kept), kept),
            _share(sum(case.net(age) for case in lived), lived),
        )
    recalled = sum(case.stayed is not None for case in rows)
    return Batch(month, len(rows), sum(case.amount for case in rows), recalled, shares)


def _share(cash: int, rows: list[Placed]) -> float | None:
    """Of the balance placed; None where there is none."""
    whole = sum(case.amount for case in rows)
    return cash / whole if whole else None
