"""What is true of a loan at a month's end, as a credit bureau wants to know it, from the ledger alone.

Nothing is kept from the report before: a payment that comes late or bounces changes what was true then, and the
difference between what was reported and what is true now is a correction. Amounts are minor units.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

from forbear.core.base.problem import noop
from forbear.core.loans.allocation import counted_payments, oldest_first
from forbear.core.loans.delinquency import Arrears, arrears, days_since_due
from forbear.core.loans.loan import Loan, Product

#: How many months before this one a record tells.
HISTORY = 24
#: From this many days on a record is adverse, by the form it is reported in: the bureau in China counts every day, the
#: ones in the United States thirty (US-M2-01).
ADVERSE_FROM = {"cn": 1, "metro2": 30}


@dataclass(frozen=True, slots=True)
class Month:
    """One month's end: days past due, instalments past due, and what is past due; None for a month before the loan."""

    on: date
    days_past_due: int | None
    instalments: int = 0
    past_due: int = 0


@dataclass(frozen=True, slots=True)
class LoanStanding:
    """A loan at a month's end.

    `first_late_on` is the due date that began the lateness that still runs (the date of first delinquency), None while
    nothing is late; `history` the 24 months before, the newest first. `paid` is what came in within the month,
    `scheduled` what fell due in it. `disputed` says that the borrower disputes it. `sold_on` is the day on which it
    became somebody else's, `deferred_until` the day on which payments begin again after an agreed pause.
    """

    loan_id: str
    borrower_id: str
    product: str
    currency: str
    on: date
    opened_on: date | None
    principal: int
    instalments: int
    scheduled: int
    paid: int
    last_paid_on: date | None
    outstanding: int
    past_due: int
    days_past_due: int
    instalments_past_due: int
    five_class: str
    first_late_on: date | None
    status: str
    closed_on: date | None
    charged_off: int
    history: tuple[Month, ...]
    disputed: bool = False
    sold_on: date | None = None
    deferred_until: date | None = None

    def adverse(self, form: str) -> bool:
        """Whether the record is one that the person must be notified of before it is reported."""
        return (
            self.days_past_due >= ADVERSE_FROM[form] or self.charged_off > 0 or self.status == "written_off"
        )


def month_end(day: date) -> date:
    """The last day of that day's month."""
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def months_before(on: date, number: int) -> list[date]:
    """The ends of that many months before the one that ends `on`, the newest first."""
    months, day = [], on
    for _ in range(number):
        day = day.replace(day=1) - timedelta(days=1)
        months.append(day)
    return months


def reported_of(
    loan: Loan,
    product: Product,
    on: date,
    *,
    disputed: bool = False,
    sold_on: date | None = None,
    again: bool = False,
) -> LoanStanding | None:
    """The loan as it stood at the end of `on`; None before there was one, and once its last month has been reported.

    A loan that is paid off is reported once more, in the month of its last payment, and one that was sold in the month
    of the sale. `again` includes later months, for the correction of what was reported of them.
    """
    if loan.disbursed_on is not None and loan.disbursed_on > on:
        return None
    now = _as_it_stood(loan, product, on)
    payments = counted_payments(loan.payments, on)
    first = on.replace(day=1)
    last_paid = payments[-1].paid_on if payments else None
    closed = last_paid if now.outstanding == 0 else None
    if (
        not loan.instalments
        or (not again and closed is not None and closed < first)
        or (not again and sold_on is not None and sold_on < first)
        or (not now.outstanding and not payments)
    ):
        return None
    sold_on = sold_on if sold_on is not None and sold_on <= on and closed is None else None
    late_since = now.oldest_unpaid_due_on
    if loan.status == "written_off" and closed is not None:
        late_since = _as_it_stood(loan, product, closed - timedelta(days=1)).oldest_unpaid_due_on
    # what was written off while nothing was late says nothing bad until something is
    lost = loan.status == "written_off" and late_since is not None
    return LoanStanding(
        loan_id=loan.loan_id,
        borrower_id=loan.borrower_id,
        product=loan.product,
        currency=loan.currency,
        on=on,
        opened_on=loan.disbursed_on,
        principal=loan.principal,
        instalments=len(loan.instalments),
        scheduled=sum(
            instalment.amounts.total for instalment in loan.instalments if first <= instalment.due_on <= on
        ),
        paid=sum(payment.amount for payment in payments if payment.paid_on >= first),
        last_paid_on=last_paid,
        outstanding=now.outstanding,
        past_due=now.past_due_amount,
        days_past_due=now.days_past_due,
        instalments_past_due=now.instalments_past_due,
        five_class=now.five_class,
        first_late_on=late_since,
        status="sold" if sold_on else "written_off" if lost else "closed" if closed else "active",
        closed_on=closed,
        charged_off=now.outstanding if lost else 0,
        history=_history(loan, product, months_before(on, HISTORY)),
        disputed=disputed,
        sold_on=sold_on,
        deferred_until=_deferred(loan, now, on),
    )


def _deferred(loan: Loan, now: Arrears, on: date) -> date | None:
    """When payments begin again, on a loan that is paused by agreement and not late."""
    if now.days_past_due:
        return None
    ends = [pause.ends_on for pause in loan.pauses if pause.starts_on <= on and pause.ends_on is not None]
    return max((day for day in ends if on < day), default=None)


def _as_it_stood(loan: Loan, product: Product, on: date) -> Arrears:
    """The state then. A loan closed since was open as long as its lines say that something was unpaid."""
    return arrears(replace(loan, status="active") if loan.status == "closed" else loan, product, on)


def _history(loan: Loan, product: Product, days: Iterable[date]) -> tuple[Month, ...]:
    """How the loan stood at each of these days: what `arrears` says of them, with its lines put in order once."""
    lines = oldest_first(loan.instalments, product.due_date_rule, product.calendar)
    dues = list(accumulate(line.amounts.total for _, line in lines))
    payments = counted_payments(loan.payments, date.max)
    paid_on = [payment.paid_on for payment in payments]
    paid = [0, *accumulate(payment.amount for payment in payments)]
    opened = loan.disbursed_on or min(line.due_on for line in loan.instalments)
    tolerance, months = product.tolerance_minor(loan.currency), []
    for day in days:
        if opened > day:
            months.append(Month(day, None))
            continue
        so_far, late, number, amount = paid[bisect_right(paid_on, day)], 0, 0, 0
        for (falls_due_on, line), due in zip(lines, dues, strict=True):
            since = days_since_due(falls_due_on, product, day)
            if since <= 0:
                break
            unpaid = min(line.amounts.total, due - so_far)
            if unpaid > tolerance:
                late, number, amount = late or since, number + 1, amount + unpaid
        months.append(Month(day, late, number, amount))
    return tuple(months)


#: The values of `said` in their order; which of them are amounts in minor units.
SAID = (
    noop("Balance"),
    noop("Past due"),
    noop("Days past due"),
    noop("Late since"),
    noop("State"),
    noop("Closed on"),
    noop("Paid in the month"),
    noop("Class"),
)
SAID_AMOUNTS = frozenset({0, 1, 6})


def said(one: LoanStanding) -> list[int | str]:
    """What a record says of its month, as plain values: two that are equal say the same.

    History is left out: each month is corrected by itself.
    """
    return [
        one.outstanding, one.past_due, one.days_past_due, str(one.first_late_on or ""), one.status,
        str(one.closed_on or ""), one.paid, one.five_class,
    ]  # fmt: skip
