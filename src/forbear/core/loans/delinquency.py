"""Who is overdue, by how much, and for how long.

Everything follows from the loan's own lines and the date: there is no state kept from yesterday, so a
backdated payment or a reversal makes the next computation right and leaves nothing to patch. It is
guaranteed that days past due are zero exactly when no amount is past due, and that paying more never makes
a loan later.

Two clocks run. *Days past due* count calendar days from the oldest past-due instalment and nothing stops
them. *Days delinquent* allow for the product's grace (容时) and for agreed pauses; bucket and class follow
that clock.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.loans.allocation import Spread, allocate, counted_payments
from forbear.core.loans.loan import Amounts, Buckets, Loan, Pause, Product
from forbear.core.loans.payoff import payoff_of

# 五级分类 by days, as lower bounds: over 90 substandard, over 270 doubtful, over 360 loss; anything overdue
# at least special mention. 《商业银行金融资产风险分类办法》, in force from 2023-07-01, articles 10 to 13.
FIVE_CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")
CLASS_BOUNDS = (91, 271, 361)


@dataclass(frozen=True, slots=True)
class Arrears:
    """The state of one loan on one date. Amounts in minor units, dates None when nothing is past due.

    `outstanding` is unpaid of all instalments, due or not, and includes what tolerance lets pass; `past_due` doesn't.
    `payoff` is what settles the loan that day, without charges that are still to come, and `balance` its principal;
    `payoff_doubtful` says that the lender's own figure contradicts its instalments or is of a later day. `paid` is all
    money counted, of which `credit` exceeds all instalments. `paused` is true on both ends of a pause and whatever the
    product makes of pauses; `paused_days` are those that stopped the clock.
    """

    days_past_due: int = 0
    days_delinquent: int = 0
    oldest_unpaid_due_on: date | None = None
    delinquent_since: date | None = None
    oldest_unpaid_number: int | None = None
    instalments_past_due: int = 0
    past_due: Amounts = Amounts.ZERO
    past_due_amount: int = 0
    outstanding: int = 0
    payoff: int = 0
    balance: int = 0
    payoff_doubtful: bool = False
    credit: int = 0
    paid: int = 0
    bucket: str = "M0"
    five_class: str = "normal"
    paused_days: int = 0
    paused: bool = False


NOTHING_OWED = Arrears()


def arrears(loan: Loan, product: Product, as_of: date) -> Arrears:
    """The state of `loan` under `product` at the end of `as_of`.

    A closed loan, or one not disbursed yet, owes nothing whatever its lines say.
    """
    if not loan.owes(as_of):
        return NOTHING_OWED
    paid = sum(payment.amount for payment in counted_payments(loan.payments, as_of))
    allocation = allocate(
        loan.instalments,
        paid,
        product.allocation_order,
        due_date_rule=product.due_date_rule,
        calendar=product.calendar,
    )
    past_due = past_due_of(allocation.spreads, product, loan.currency, as_of)
    amounts = sum((spread.unpaid for spread in past_due), start=Amounts.ZERO)
    oldest = past_due[0] if past_due else None
    days_past_due = days_since_due(oldest.falls_due_on, product, as_of) if oldest else 0
    paused_days = _clock_stopped(loan.pauses, product, oldest.falls_due_on, as_of) if oldest else 0
    days_delinquent = max(0, days_past_due - product.grace_days - paused_days)
    clock = days_past_due - paused_days if days_delinquent else 0
    settles = payoff_of(loan, allocation.spreads, paid, amounts, as_of)
    state = Arrears(
        days_past_due=days_past_due,
        days_delinquent=days_delinquent,
        oldest_unpaid_due_on=oldest.falls_due_on if oldest else None,
        delinquent_since=oldest.falls_due_on + timedelta(days=product.grace_days) if oldest else None,
        oldest_unpaid_number=oldest.instalment.number if oldest else None,
        instalments_past_due=len(past_due),
        past_due=amounts,
        past_due_amount=amounts.total,
        outstanding=sum(spread.unpaid.total for spread in allocation.spreads),
        payoff=settles.amount,
        balance=settles.balance,
        payoff_doubtful=settles.doubtful or (loan.account is not None and loan.account.as_of > as_of),
        credit=allocation.credit,
        paid=paid,
        bucket=bucket_of(clock, product.buckets),
        five_class=five_class_of(clock),
        paused_days=paused_days,
        paused=any(pause.covers(as_of) for pause in loan.pauses),
    )
    assert (state.days_past_due == 0) == (state.past_due_amount == 0)
    assert state.past_due_amount <= state.outstanding
    assert state.past_due_amount <= state.payoff or state.payoff_doubtful
    return state


def days_since_due(falls_due_on: date, product: Product, as_of: date) -> int:
    """Days past due of something that fell due on `falls_due_on`: 0 on that day, or 1 if the due date counts.

    Zero or less means that it isn't due yet.
    """
    return (as_of - falls_due_on).days + int(product.due_date_counts)


def days_paused(pauses: Iterable[Pause], since: date, as_of: date) -> int:
    """How many days of [`since`, `as_of`) lie inside a pause, days in several pauses once.

    A pause takes its first day and not its last: the clock runs again from `ends_on`.
    """
    stopped = 0
    reached = since
    for pause in sorted(pauses, key=lambda pause: pause.starts_on):
        start = max(pause.starts_on, reached)
        end = min(pause.ends_on or as_of, as_of)
        if start < end:
            stopped += (end - start).days
            reached = end
    return stopped


def bucket_of(days: int, buckets: Buckets) -> str:
    """The bucket of a number of days: `M1` from the first lower bound on, `M0` below it."""
    return f"M{bisect_right(buckets, days)}"


def five_class_of(days: int) -> str:
    """The least class (五级分类) that this many days overdue allow; 0 is normal."""
    return FIVE_CLASSES[1 + bisect_right(CLASS_BOUNDS, days)] if days > 0 else "normal"


def past_due_of(spreads: Iterable[Spread], product: Product, currency: str, as_of: date) -> list[Spread]:
    """Those that are due and unpaid by more than the tolerance, oldest first."""
    tolerance = product.tolerance_minor(currency)
    return [
        spread
        for spread in spreads
        if days_since_due(spread.falls_due_on, product, as_of) > 0 and spread.unpaid.total > tolerance
    ]


def _clock_stopped(pauses: Iterable[Pause], product: Product, since: date, as_of: date) -> int:
    return days_paused(pauses, since, as_of) if product.pauses == "stop_the_clock" else 0
