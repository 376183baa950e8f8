"""Cash from borrowers in collections: today and this month, against the same days of last month, and what moved.

A payment counts on its value date, for a borrower whose case was open that day, unless it was taken back. It counts for
the agency that had the case then, else for the lender's own team. Amounts are minor units of the currency with most of
these loans.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from forbear.actions.selectors.payments import payments_on
from forbear.insight.scope import Scope
from forbear.store.business_date import business_date, day_end, day_start
from forbear.store.models import Case, Loan, Placement

VERSION = 1
#: The key of the lender's own team among the agencies' codes.
IN_HOUSE = ""


@dataclass(frozen=True, slots=True)
class CashRow:
    """A payment that counts: whose, when, how much, and who had the case."""

    payment_id: str
    loan_id: str
    borrower_id: str
    paid_on: date
    amount: int
    product: str
    agency: str


@dataclass(frozen=True, slots=True)
class Mover:
    """What a part of the book brought this month and last month to the same day."""

    key: str
    now: int
    before: int

    @property
    def change(self) -> int:
        """How much more it brought, below 0 for less."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Cash:
    """The cash of this month and the last, up to `today` and `same_day`; `by_day` has every day of both.

    `products` and `agencies` are what moved, the most first.
    """

    today: date
    same_day: date
    currency: str
    minor_unit: int
    by_day: Mapping[date, int] = field(default_factory=dict)
    products: Sequence[Mover] = ()
    agencies: Sequence[Mover] = ()

    @property
    def of_today(self) -> int:
        """What came in today so far."""
        return self.by_day.get(self.today, 0)

    @property
    def of_same_day(self) -> int:
        """What came in on the same day of last month."""
        return self.by_day.get(self.same_day, 0)

    @property
    def month(self) -> int:
        """This month up to today."""
        return self._sum(self.today)

    @property
    def last_month(self) -> int:
        """Last month up to the same day."""
        return self._sum(self.same_day)

    def _sum(self, last: date) -> int:
        return sum(amount for day, amount in self.by_day.items() if last.replace(day=1) <= day <= last)

    def curve(self, last: date) -> list[int]:
        """What had come in by each day of the month of `last`, up to it."""
        days = (last.replace(day=1) + timedelta(days=n) for n in range(last.day))
        sums, total = [], 0
        for day in days:
            total += self.by_day.get(day, 0)
            sums.append(total)
        return sums

    def target_to_date(self, monthly: int) -> int:
        """What a target of the month asks for by today: its share of the month's days, rounded down."""
        return monthly * self.today.day // _days_in_month(self.today)


def _days_in_month(day: date) -> int:
    return ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


def same_day_of_last_month(today: date) -> date:
    """The same day of last month, or its last where it has fewer."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(today.day, last.day))


def cash_rows(today: date, scope: Scope) -> tuple[str, int, list[CashRow]]:
    """The currency, its minor unit, and every payment since the first of last month that counts, by value date."""
    first = same_day_of_last_month(today).replace(day=1)
    loans = {
        loan: (borrower, product, currency, unit)
        for loan, borrower, product, currency, unit in scope.narrow(
            Loan.objects.all(), day_start(first), day_end(today)
        ).values_list("loan_id", "borrower_id", "product", "currency", "minor_unit")
    }
    counts = Counter((currency, unit) for _, _, currency, unit in loans.values())
    if not counts:
        return "", 100, []
    main, unit = max(counts, key=lambda each: (counts[each], each))
    open_on, placed = _open_days(first), _placed(first)
    rows = []
    for paid in payments_on(loans, first):
        borrower, product, currency, _ = loans[paid.loan_id]
        if currency != main or paid.reversed_on is not None or paid.paid_on > today:
            continue
        if any(begun <= paid.paid_on <= ended for begun, ended in open_on.get(borrower, ())):
            agency = next(
                (code for code, begun, ended in placed.get(borrower, ()) if begun <= paid.paid_on <= ended),
                IN_HOUSE,
            )
            rows.append(
                CashRow(paid.payment_id, paid.loan_id, borrower, paid.paid_on, paid.amount, product, agency)
            )
    return main, unit, rows


def _open_days(first: date) -> dict[str, list[tuple[date, date]]]:
    """By borrower from when to when a case was open; one that a payment closed is open through that day."""
    found: dict[str, list[tuple[date, date]]] = defaultdict(list)
    cases = Case.objects.exclude(closed_on__lt=first).values_list("borrower_id", "opened_on", "closed_on")
    for borrower, opened, closed in cases.iterator():
        found[borrower].append((opened, closed or date.max))
    return found


def _placed(first: date) -> dict[str, list[tuple[str, date, date]]]:
    """By borrower which agency had the case from when to when."""
    found: dict[str, list[tuple[str, date, date]]] = defaultdict(list)
    rows = Placement.objects.exclude(ended_at__lt=day_start(first)).order_by("-placed_at")
    for borrower, agency, begun, ended in rows.values_list(
        "borrower_id", "agency_id", "placed_at", "ended_at"
    ).iterator():
        last = business_date(ended) if ended else date.max
        found[borrower].append((agency, business_date(begun), last))
    return found


def cash(today: date, scope: Scope) -> Cash:
    """The cash of this month and of last month, and what moved between them."""
    currency, unit, rows = cash_rows(today, scope)
    same_day = same_day_of_last_month(today)
    by_day: dict[date, int] = {}
    for row in rows:
        by_day[row.paid_on] = by_day.get(row.paid_on, 0) + row.amount
    found = Cash(
        today,
        same_day,
        currency,
        unit,
        by_day,
        list(_movers(rows, "product", today, same_day)),
        list(_movers(rows, "agency", today, same_day)),
    )
    for movers in (found.products, found.agencies):
        assert sum(each.now for each in movers) == found.month, "the parts sum to the month"
        assert sum(each.before for each in movers) == found.last_month, "the parts sum to last month"
    return found


def _movers(rows: Sequence[CashRow], by: str, today: date, same_day: date) -> Iterator[Mover]:
    sums: dict[str, list[int]] = {}
    for row in rows:
        pair = sums.setdefault(getattr(row, by), [0, 0])
        if row.paid_on >= today.replace(day=1):
            pair[0] += row.amount
        elif row.paid_on <= same_day:
            pair[1] += row.amount
    movers = [Mover(key, now, before) for key, (now, before) in sums.items()]
    yield from sorted(movers, key=lambda each: (-abs(each.change), each.key))


def as_json(found: Cash) -> dict[str, object]:
    """Cash as a JSON column keeps it, with the version of what counts."""
    return {
        "version": VERSION,
        "today": found.today.isoformat(),
        "same_day": found.same_day.isoformat(),
        "currency": found.currency,
        "minor_unit": found.minor_unit,
        "by_day": {day.isoformat(): amount for day, amount in found.by_day.items()},
        "products": [[each.key, each.now, each.before] for each in found.products],
        "agencies": [[each.key, each.now, each.before] for each in found.agencies],
    }


def from_json(kept: Mapping[str, Any]) -> Cash | None:
    """The same read back; None where another release counted it."""
    if kept.get("version") != VERSION:
        return None
    return Cash(
        date.fromisoformat(kept["today"]),
        date.fromisoformat(kept["same_day"]),
        kept["currency"],
        kept["minor_unit"],
        {date.fromisoformat(day): amount for day, amount in kept["by_day"].items()},
        [Mover(*each) for each in kept["products"]],
        [Mover(*each) for each in kept["agencies"]],
    )
