"""Penalty interest (罚息) and interest on it (复利), recomputed from a loan's own lines.

On each instalment that is late the product's daily rate is charged on what is unpaid of it, from its first day past
due, day by day; with monthly compounding the penalty that is still unpaid bears penalty itself from each month after
the due date on. Where the instalment is settled within the product's grace nothing is charged at all.

The contract's rate with its factor is the lender's own. Chinese lenders add 30 to 50 percent to the contract rate
(银发〔2003〕251号). What a borrower pays in all, interest, fees and penalty together, is cut at an annual rate on the
unpaid principal: 24 percent in China (法发〔2017〕22号 art. 2), by the rule pack. What was cut is never charged later.

Amounts are whole minor units. Every stretch of days is exact inside and rounded where it is shown, half up on the
running total, so that the stretches of an instalment sum to what it costs, and cutting one in two changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from forbear.core.base.calendar import add_months, falls_due_on
from forbear.core.loans.allocation import counted_payments
from forbear.core.loans.delinquency import days_paused
from forbear.core.loans.loan import COMPONENTS, Loan, Pause, PenaltyTerms, Product

#: The days in a year of the cap.
CAP_YEAR = 365


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of one base: after `since` up to and including `until`, `days` of them counted, at `amount` in all.

    `of_penalty` is how much of `base` is unpaid penalty that bears penalty; `cut` is what the cap took off.
    """

    number: int
    since: date
    until: date
    days: int
    base: int
    of_penalty: int
    amount: int
    cut: int


@dataclass(frozen=True, slots=True)
class InstalmentPenalty:
    """What lateness cost on one instalment: charged so far, and how much of that is paid."""

    number: int
    charged: int
    paid: int
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Penalty:
    """What lateness cost on a loan at the end of a day; `cut` is what the cap took off.

    `room` is how much more the cap would let be charged: below 0 where interest and fees alone go beyond it. None
    without a cap.
    """

    charged: int = 0
    unpaid: int = 0
    cut: int = 0
    room: int | None = None
    instalments: tuple[InstalmentPenalty, ...] = ()


NONE = Penalty()


@dataclass(slots=True)
class _Line:
    """One instalment while the days go by."""

    number: int
    starts: date
    grace_ends: date
    months: frozenset[date]
    unpaid: dict[str, int]
    interest: int
    fee: int
    stated: int
    exact: Fraction = Fraction(0)
    charged: int = 0
    paid: int = 0
    bearing: int = 0
    pending: list[Stretch] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def owed(self) -> int:
        """What is unpaid of it without penalty."""
        return sum(self.unpaid.values())


def penalty(
    loan: Loan,
    product: Product,
    as_of: date,
    *,
    cap_percent: int | None = None,
    free: Sequence[Pause] = (),
    mark: date | None = None,
) -> Penalty:
    """What lateness has cost on `loan` at the end of `as_of`; nothing where the product has no terms for it or
    the loan has no schedule.

    `cap_percent` is the all-in annual rate. In `free` periods, as while a plan is kept, nothing is charged; nor in
    the loan's pauses where the product stops its clock for them. No stretch goes
    across `mark`. The penalty in the instalments is read only for how much of it payments may have paid.
    """
    terms = product.penalty
    # of an account nobody but its lender knows when each part began to bear penalty
    if terms is None or not loan.owes(as_of) or not loan.instalments or loan.account is not None:
        return NONE
    return _Computation(loan, product, terms, as_of, cap_percent, free, mark or as_of).result()


def growth(
    loan: Loan,
    product: Product,
    today: date,
    day: date,
    *,
    cap_percent: int | None = None,
    free: Sequence[Pause] = (),
) -> list[Stretch]:
    """What lateness will cost from `today` to a later `day` if nothing is paid, stretch by stretch."""
    assert day >= today
    before, after = (
        penalty(loan, product, until, cap_percent=cap_percent, free=free, mark=today)
        for until in (today, day)
    )
    known = {
        (stretch.number, stretch.since, stretch.until)
        for line in before.instalments
        for stretch in line.stretches
    }
    return [
        stretch
        for line in after.instalments
        for stretch in line.stretches
        if (stretch.number, stretch.since, stretch.until) not in known
    ]


def lender_penalty(loan: Loan) -> int:
    """The penalty that the lender's own lines hold, all instalments together."""
    return sum(line.amounts.penalty for line in loan.instalments)


class _Computation:
    """One loan's days in their order."""

    def __init__(
        self,
        loan: Loan,
        product: Product,
        terms: PenaltyTerms,
        as_of: date,
        cap_percent: int | None,
        free: Sequence[Pause],
        mark: date,
    ) -> None:
        self.product, self.terms, self.as_of, self.cap, self.mark = product, terms, as_of, cap_percent, mark
        self.a_day = terms.a_day
        self.tolerance = product.tolerance_minor(loan.currency)
        stopped = loan.pauses if product.pauses == "stop_the_clock" else ()
        self.free = [*stopped, *free]
        self.lines = self._lines(loan)
        first = min(line.starts for line in self.lines)
        self.opened = min(loan.disbursed_on or add_months(first, -1), as_of)
        self.payments = [
            (payment.paid_on, payment.amount) for payment in counted_payments(loan.payments, as_of)
        ]
        self.ceiling = Fraction(0)

    def _lines(self, loan: Loan) -> list[_Line]:
        early = timedelta(days=int(self.product.due_date_counts))
        grace = timedelta(days=self.product.grace_days)
        lines = []
        for instalment in loan.instalments:
            due = falls_due_on(instalment.due_on, self.product.due_date_rule, self.product.calendar) - early
            owed = {part: getattr(instalment.amounts, part) for part in COMPONENTS if part != "penalty"}
            months = frozenset(_months(due, self.as_of) if self.terms.compounding == "monthly" else ())
            lines.append(
                _Line(
                    instalment.number,
                    due,
                    due + grace,
                    months,
                    owed,
                    owed["interest"],
                    owed["fee"],
                    instalment.amounts.penalty,
                )
            )
        return sorted(lines, key=lambda line: (line.starts, line.number))

    def result(self) -> Penalty:
        """Go through the days from event to event."""
        days = self._events()
        paying = dict.fromkeys(days, 0)
        for paid_on, amount in self.payments:
            paying[max(paid_on, self.opened)] += amount
        self._take(paying[days[0]])
        for since, until in pairwise(days):
            self._pass(since, until)
            self._take(paying[until])
            self._compound(until)
        charged = sum(line.charged for line in self.lines)
        penalties = [
            InstalmentPenalty(line.number, line.charged, line.paid, tuple(line.stretches))
            for line in self.lines
            if line.stretches
        ]
        return Penalty(
            charged=charged,
            unpaid=charged - sum(line.paid for line in self.lines),
            cut=sum(stretch.cut for instalment in penalties for stretch in instalment.stretches),
            room=None if self.cap is None else self._room(self.as_of) - charged,
            instalments=tuple(penalties),
        )

    def _events(self) -> list[date]:
        """Every day on which something may change, the first to the last."""
        days = {
            self.opened,
            self.mark,
            self.as_of,
            *(max(paid_on, self.opened) for paid_on, _ in self.payments),
        }
        for line in self.lines:
            days |= {line.starts, line.grace_ends, *line.months}
        for pause in self.free:
            days |= {pause.starts_on, pause.ends_on or self.as_of}
        return sorted(day for day in days if self.opened <= day <= self.as_of)

    def _pass(self, since: date, until: date) -> None:
        """The days after `since` up to `until`: charge each late line, and cut what the cap doesn't allow."""
        if self.cap is not None:
            principal = sum(line.unpaid["principal"] for line in self.lines)
            self.ceiling += Fraction(principal * self.cap * (until - since).days, 100 * CAP_YEAR)
        days = (until - since).days - days_paused(self.free, since, until)
        if not days:
            return
        before = sum(line.charged for line in self.lines)
        touched = [
            (line, self._charge(line, since, until, days)) for line in self.lines if line.starts <= since
        ]
        if self.cap is not None:
            grown = sum(line.charged for line in self.lines) - before
            excess = grown - min(grown, max(0, self._room(until) - before))
            for line, added in reversed(touched):
                excess -= _cut(line, min(added, excess))

    def _charge(self, line: _Line, since: date, until: date, days: int) -> int:
        """One line's days; what was charged for them, and for the days of grace that it let go by."""
        if line.owed <= self.tolerance:
            line.pending.clear()
            return 0
        base = sum(line.unpaid[part] for part in self.terms.bears) + line.bearing
        new = Stretch(line.number, since, until, days, base, line.bearing, 0, 0)
        if since < line.grace_ends:
            line.pending.append(new)
            return 0
        before = line.charged
        for stretch in (*line.pending, new):
            if stretch.base:
                line.exact += stretch.base * stretch.days * self.a_day
                amount = _half_up(line.exact) - line.charged
                line.charged += amount
                self._keep(line, replace(stretch, amount=amount))
        line.pending.clear()
        return line.charged - before

    def _keep(self, line: _Line, new: Stretch) -> None:
        """Add a stretch, or let the last one go on where nothing of its base has changed."""
        last = line.stretches[-1] if line.stretches else None
        if (
            last is not None
            and (last.until, last.base, last.of_penalty) == (new.since, new.base, new.of_penalty)
            and new.since != self.mark
        ):
            amount, days = last.amount + new.amount, last.days + new.days
            line.stretches[-1] = replace(last, until=new.until, days=days, amount=amount)
        else:
            line.stretches.append(new)

    def _room(self, day: date) -> int:
        """What penalty may come to at `day`: the cap's amount less the interest and fees of the days gone by."""
        used, before = Fraction(0), self.opened
        for line in self.lines:
            if line.starts <= day:
                used += line.interest + line.fee
            elif before < day:
                used += Fraction(line.interest * (day - before).days, (line.starts - before).days)
            before = max(before, line.starts)
        return (self.ceiling - used).__floor__()

    def _take(self, money: int) -> None:
        """Spread a payment: the oldest instalment first, inside it by the product's order.

        Penalty takes of it what was charged by then, but no more than the lender's lines hold: what the lender never
        asked for nobody has paid.
        """
        for line in self.lines:
            for part in self.product.allocation_order:
                if not money:
                    return
                if part == "penalty":
                    got = max(0, min(money, min(line.charged, line.stated) - line.paid))
                    line.paid += got
                    line.bearing = min(line.bearing, line.charged - line.paid)
                else:
                    got = min(money, line.unpaid[part])
                    line.unpaid[part] -= got
                money -= got

    def _compound(self, day: date) -> None:
        """On each month after its due date, a line's unpaid penalty begins to bear penalty itself."""
        for line in self.lines:
            if day in line.months:
                line.bearing = line.charged - line.paid


def _months(start: date, end: date) -> Iterator[date]:
    """The same day of each following month up to `end`."""
    months = 1
    while (day := add_months(start, months)) <= end:
        yield day
        months += 1


def _cut(line: _Line, excess: int) -> int:
    """Take `excess` off a line's newest stretches; it is what was taken."""
    left, at = excess, len(line.stretches) - 1
    while left:
        stretch = line.stretches[at]
        off = min(left, stretch.amount)
        line.stretches[at] = replace(stretch, amount=stretch.amount - off, cut=stretch.cut + off)
        left, at = left - off, at - 1
    if excess:
        line.charged -= excess
        line.exact = Fraction(line.charged)
    return excess


def _half_up(exact: Fraction) -> int:
    return (exact + Fraction(1, 2)).__floor__()


def percent_a_day(terms: PenaltyTerms) -> Decimal:
    """What a day costs in percent, at most six decimals."""
    exact = terms.a_day * 100
    return Decimal(exact.numerator * 10**6 // exact.denominator).scaleb(-6).normalize()


@dataclass(frozen=True, slots=True)
class Difference:
    """A lender's figure beside ours, in minor units; `too_much` is above 0 where the borrower is charged too much."""

    stated: int
    computed: int
    cut: int

    @property
    def too_much(self) -> int:
        """How much more the lender's lines hold than they should."""
        return self.stated - self.computed


def difference(loan: Loan, product: Product, computed: Penalty, allow: int) -> Difference | None:
    """How far the lender's penalty is from ours, None where it is within `allow` or there are no terms.

    Penalty that the loan's lines leave out is no difference while the lender stated nothing at all: the lender then
    charges it elsewhere, or not.
    """
    charged = lender_penalty(loan)
    if product.penalty is None or not charged or abs(charged - computed.charged) <= allow:
        return None
    return Difference(charged, computed.charged, computed.cut)
