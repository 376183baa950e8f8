"""What an agency earns: a share of each payment that came while it had the case, to the cent and both ways.

A rate depends on how late the case was when it was placed, so nobody gains by waiting. A payment counts by its value
date. One that is reversed later takes exactly its own commission back, on the next statement, so that lender and
agency always come to the same sum from the same rows.
"""

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.base.canonical import canonical
from forbear.core.base.problem import Problem

#: A rate in basis points: 1/100 of a percent.
WHOLE = 10_000
#: Nothing dearer than this is ever agreed.
HIGHEST = 5_000


@dataclass(frozen=True, slots=True)
class Band:
    """From this many days past due on at placing, this rate in basis points."""

    from_days: int
    rate: int


def read_schedule(data: object) -> tuple[Band, ...] | Problem:
    """A schedule from `[[30, 1500], [90, 2500]]`, rising in days."""
    shape = Problem(
        "commission_not_rows",
        "a commission schedule is rows of days past due and basis points, as [[30, 1500], [90, 2500]]",
    )
    if not isinstance(data, list) or not data:
        return shape
    bands = []
    for row in data:
        whole = isinstance(row, list | tuple) and len(row) == 2 and all(type(number) is int for number in row)
        if not whole:
            return shape
        bands.append(Band(*row))
    if any(a.from_days >= b.from_days for a, b in itertools.pairwise(bands)) or bands[0].from_days < 0:
        return Problem("commission_days_not_rising", "the days of a commission schedule rise from row to row")
    if not all(0 <= band.rate <= HIGHEST for band in bands):
        return Problem(
            "commission_out_of_range",
            "a commission is between 0 and %(highest)s basis points (%(percent)s%%)",
            highest=HIGHEST,
            percent=HIGHEST // 100,
        )
    return tuple(bands)


def rate_for(schedule: Sequence[Band], days_past_due: int) -> int:
    """The rate of a case that was so late when it was placed; earlier than the first band it is the first's."""
    assert schedule, "an agency has its schedule"
    fitting = [band.rate for band in schedule if band.from_days <= days_past_due]
    return fitting[-1] if fitting else schedule[0].rate


def commission(amount: int, rate: int) -> int:
    """The commission on a payment, in its minor units; half a unit is rounded up.

    A reversal has the negative of the payment's own commission, never one rounded again.
    """
    assert amount >= 0, "a reversal takes the payment's own commission back"
    assert 0 <= rate <= WHOLE, rate
    return (amount * rate * 2 + WHOLE) // (WHOLE * 2)


@dataclass(frozen=True, slots=True)
class Placed:
    """A placement as commission sees it: which loans, from when to when (None: still), at which rate.

    A payment of the placement's last day counts, and so does one of the `tail_days` after it where the agency's work
    ended by the term alone; a recall has no tail.
    """

    placement: int
    loans: tuple[str, ...]
    first: date
    last: date | None
    rate: int
    tail_days: int = 0

    def covers(self, loan_id: str, paid_on: date) -> bool:
        """Whether a payment of that day on that loan came while the agency had it."""
        ends = None if self.last is None else self.last + timedelta(days=self.tail_days)
        return loan_id in self.loans and self.first <= paid_on and (ends is None or paid_on <= ends)


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment: `reversed_on` is the value date of what took it back, None while it stands."""

    payment_id: str
    loan_id: str
    paid_on: date
    amount: int
    currency: str
    reversed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement, in minor units; a line that takes back is negative in both amounts."""

    placement: int
    payment_id: str
    loan_id: str
    paid_on: date
    currency: str
    amount: int
    rate: int
    commission: int

    @property
    def back(self) -> bool:
        """Whether it takes a former line back."""
        return self.amount < 0


def statement(
    placed: Iterable[Placed],
    payments: Iterable[Paid],
    reported: Mapping[str, Line],
    until: date,
) -> list[Line]:
    """The lines of a statement up to `until`, given every line `reported` before, by payment and not taken back since.

    A payment is on one statement only, at the rate of the placement that covers it (the earlier one where a tail
    meets the next). One reported before whose reversal has come is taken back to the cent. One that came and went
    before it was ever reported is left out.
    """
    covering: dict[str, list[Placed]] = {}
    for placement in placed:
        for loan in placement.loans:
            covering.setdefault(loan, []).append(placement)
    lines = []
    for paid in sorted(payments, key=lambda one: (one.paid_on, one.payment_id)):
        gone = paid.reversed_on is not None and paid.reversed_on <= until
        before = reported.get(paid.payment_id)
        if before is not None:
            if gone:
                lines.append(taken_back(before))
            continue
        if gone or paid.paid_on > until:
            continue
        fitting = [one for one in covering.get(paid.loan_id, []) if one.covers(paid.loan_id, paid.paid_on)]
        if fitting:
            one = min(fitting, key=lambda fit: (fit.first, fit.placement))
            earned = commission(paid.amount, one.rate)
            lines.append(
                Line(one.placement, paid.payment_id, paid.loan_id, paid.paid_on, paid.currency, paid.amount, one.rate,
                     earned)
            )  # fmt: skip
    return lines


def taken_back(line: Line) -> Line:
    """The line that undoes another, to the cent."""
    assert not line.back, "what was taken back is not taken back again"
    return Line(
        line.placement, line.payment_id, line.loan_id, line.paid_on, line.currency, -line.amount, line.rate,
        -line.commission,
    )  # fmt: skip


def totals(lines: Iterable[Line]) -> dict[str, tuple[int, int]]:
    """(paid, commission) by currency; the sums of a statement."""
    sums: dict[str, tuple[int, int]] = {}
    for line in lines:
        paid, earned = sums.get(line.currency, (0, 0))
        sums[line.currency] = (paid + line.amount, earned + line.commission)
    return sums


def digest(lines: Iterable[Line]) -> str:
    """The SHA-256 over a statement's lines in their order: what both sides hold when they hold the same statement.

    Each line is canonical JSON (RFC 8785) of [placement, payment, loan, day, currency, amount, rate, commission].
    """
    hasher = hashlib.sha256()
    for line in lines:
        values = [
            line.placement, line.payment_id, line.loan_id, line.paid_on.isoformat(), line.currency, line.amount,
            line.rate, line.commission,
        ]  # fmt: skip
        hasher.update(canonical(values) + b"\n")
    return hasher.hexdigest()
