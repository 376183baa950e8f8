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
from forbear.core.loans.loan import Loan, Payment, Product

#: How many months before this one a record tells.
HISTORY = 24
#: From this many days on a record is adverse, by the form it is reported in: the bureau in China counts every day, the
#: ones in the United States thirty (US-M2-01).
ADVERSE_FROM = {"cn": 1, "metro2": 30}
#: From this many days on a bureau in the United States is told that an account is late (US-M2-01).
REPORTED_FROM = ADVERSE_FROM["metro2"]


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

    `first_late_on` is the date of first delinquency: the due date that began the unbroken chain of month ends at which
    the loan was 30 or more days late (FCRA § 623(a)(5)); of a shorter lateness its own due date, None while nothing is
    late. Of what has ended it is that of the day before, as `days_before_end` is how late it was then.
    `paid_for_less` says that it was closed while something of it was never paid. `history` the 24 months before, the
    newest first. `paid` is what came in within the month, `scheduled` what fell due in it. `disputed` says that the
    borrower disputes it. `sold_on` is the day on which it became somebody else's, `deferred_until` the day on which
    payments begin again after an agreed pause. `revolving` is a card or a line of credit.
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
    days_before_end: int = 0
    paid_for_less: bool = False
    revolving: bool = False

    def adverse(self, form: str) -> bool:
        """Whether the record is one that the person must be notified of before it is reported."""
        # a record of what has ended says in Metro 2 how late it was the day before
        ended = form == "metro2" and (self.closed_on or self.sold_on) is not None
        late = self.days_before_end if ended else self.days_past_due
        return late >= ADVERSE_FROM[form] or self.charged_off > 0 or self.status == "written_off"


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
    open_until: date | None = None,
    closing: bool = False,
) -> LoanStanding | None:
    """The loan as it stood at the end of `on`; None before there was one, and once its last month has been reported.

    A loan that is paid off is reported once more, in the month of its last payment, and one that was sold in the month
    of the sale. `again` includes later months, for the correction of what was reported of them. A loan that is closed
    though something was never paid closed with its last payment, but after `open_until`, the last day it was reported
    as open: a feed has no day of closing. With `closing` its end is reported whenever it was.
    """
    if loan.disbursed_on is not None and loan.disbursed_on > on:
        return None
    payments = counted_payments(loan.all_payments, on)
    last_paid = _last_paid(loan, payments, on)
    now = _as_it_stood(loan, product, on)
    unpaid = now.outstanding
    shut_on = _shut_on(loan, on, open_until) if loan.status == "closed" and unpaid else None
    closed = shut_on if unpaid else last_paid
    if shut_on is not None:
        now = arrears(loan, product, on)
    first = on.replace(day=1)
    over = (closed is not None and closed < first and not closing) or (
        sold_on is not None and sold_on < first
    )
    never = loan.account is None and not loan.instalments
    if never or (over and not again) or (not unpaid and last_paid is None):
        return None
    sold_on = sold_on if sold_on is not None and sold_on <= on and closed is None else None
    day = ended - timedelta(days=1) if (ended := closed or sold_on) else on
    before = _as_it_stood(loan, product, day) if ended else now
    late_since = _first_late_on(loan, product, day, before)
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
        instalments=len(loan.instalments) if loan.account is None else 1,
        scheduled=_scheduled(loan, first, on),
        paid=sum(payment.amount for payment in payments if payment.paid_on >= first),
        last_paid_on=last_paid,
        outstanding=now.payoff,
        past_due=now.past_due_amount,
        days_past_due=now.days_past_due,
        instalments_past_due=now.instalments_past_due,
        five_class=now.five_class,
        first_late_on=late_since,
        status="sold" if sold_on else "written_off" if lost else "closed" if closed else "active",
        closed_on=closed,
        charged_off=_charged_off(loan, now) if lost else 0,
        history=_history(loan, product, months_before(on, HISTORY)),
        disputed=disputed,
        sold_on=sold_on,
        deferred_until=_deferred(loan, now, on),
        days_before_end=before.days_past_due,
        paid_for_less=shut_on is not None and _is_for_less(loan, product, shut_on),
        revolving=product.kind == "revolving",
    )


def _last_paid(loan: Loan, payments: list[Payment], on: date) -> date | None:
    """The day of the last payment by then, an account's snapshot included."""
    days = [payments[-1].paid_on] if payments else []
    if loan.account is not None and loan.account.last_payment_on and loan.account.last_payment_on <= on:
        days.append(loan.account.last_payment_on)
    return max(days, default=None)


def _scheduled(loan: Loan, first: date, on: date) -> int:
    """What fell due within the month: the instalments, or the minimum payment of an account."""
    if loan.account is None:
        return sum(line.amounts.total for line in loan.instalments if first <= line.due_on <= on)
    due_on = loan.account.minimum_due_on
    return (loan.account.minimum_due or 0) if due_on is not None and first <= due_on <= on else 0


def _charged_off(loan: Loan, now: Arrears) -> int:
    """What was charged off: the lender's figure of an account, else what settles the loan."""
    given = loan.account.charge_off_amount if loan.account is not None else None
    return now.payoff if given is None else given


def _shut_on(loan: Loan, on: date, open_until: date | None) -> date | None:
    """The day on which a loan was closed that still has something unpaid; None where that was after `on`."""
    every = counted_payments(loan.payments, date.max)
    days = [every[-1].paid_on] if every else []
    if open_until is not None:
        days.append(open_until + timedelta(days=1))
    shut = max(days, default=loan.disbursed_on or on)
    return shut if shut <= on else None


def _is_for_less(loan: Loan, product: Product, shut_on: date) -> bool:
    """Whether less was paid than was lent or was due by then; interest to come that is let off is neither."""
    paid = sum(payment.amount for payment in counted_payments(loan.payments, shut_on))
    lent = sum(instalment.amounts.principal for instalment in loan.instalments)
    return paid < lent or _as_it_stood(loan, product, shut_on).past_due_amount > 0


def _first_late_on(loan: Loan, product: Product, on: date, state: Arrears) -> date | None:
    """The due date that began the lateness of `on`; of one that is reported, that of the first month of its chain."""
    if state.days_past_due and loan.account is not None and loan.account.first_delinquent_on:
        return loan.account.first_delinquent_on
    if state.days_past_due < REPORTED_FROM or not loan.instalments:
        return state.oldest_unpaid_due_on
    opened = loan.disbursed_on or min((line.due_on for line in loan.instalments), default=date.max)
    number = (on.year - opened.year) * 12 + on.month - opened.month
    first = on
    for month in _history(loan, product, months_before(on, max(number, 0))):
        if (month.days_past_due or 0) < REPORTED_FROM:
            break
        first = month.on
    return (_as_it_stood(loan, product, first) if first != on else state).oldest_unpaid_due_on


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
    opened = loan.disbursed_on or min((line.due_on for line in loan.instalments), default=date.max)
    tolerance, months = product.tolerance_minor(loan.currency), []
    for day in days:
        if opened > day or _untold(loan, day):
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


def _untold(loan: Loan, day: date) -> bool:
    """Whether an account's snapshot says nothing of an earlier day: it tells no lateness that was cured since."""
    if loan.account is None or day >= loan.account.as_of:
        return False
    since = loan.account.oldest_due_on
    return since is None or day <= since


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
