"""Why another system's figures of a loan differ from ours: each likely cause is tried on the loan itself.

A cause is named only when it gives the other system's figures exactly: what if this payment had not come, if the
penalty were left out, if the days were counted from another day. Several may do so; the first in the order of `CAUSES`
is named, the plainest before the rarer. Where none does, `unexplained` says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from forbear.core.base.calendar import falls_due_on
from forbear.core.base.problem import MessageId, noop
from forbear.core.loans.delinquency import Arrears, arrears
from forbear.core.loans.loan import Loan, Payment, Product

#: Why figures differ, in the order in which they are tried, with what to look at.
CAUSES: dict[str, MessageId] = {
    "unknown_loan": noop("The loan is not in Forbear's book"),
    "missing_loan": noop("The loan is late in Forbear and not in the old system's file"),
    "currency": noop("The currency is another one"),
    "unit": noop("The amount is in another unit, such as cents"),
    "closed_here": noop("The feed says that the loan is closed"),
    "rounding": noop("The amounts differ by less than one of the currency: rounding"),
    "component": noop("One of the two leaves penalty, fees or interest out"),
    "tolerance": noop("A small shortfall counts as paid in Forbear, by the product's tolerance"),
    "reversal_only_in_feed": noop("The feed reverses a payment that still counts in the old system"),
    "payment_not_in_feed": noop("The old system has a payment that the feed lacks"),
    "payment_only_in_feed": noop("The feed has a payment that the old system lacks"),
    "other_due_date": noop("The days count from another due date"),
    "other_allocation": noop("Payments were allocated to other instalments"),
    "other_day": noop("The old system's figures are of another day"),
    "unexplained": noop("Not explained: compare the loan's lines by `forbear explain`"),
}
#: Of how many of the newest payments each is left out in turn, and how many of them together.
_NEWEST = 12
_DAYS_APART = 3
_PARTS = ("penalty", "fee", "interest")


@dataclass(frozen=True, slots=True)
class OtherFigures:
    """What the other system says of a loan; `amount` in minor units of `currency`, which is "" where it says none."""

    days_past_due: int
    amount: int
    currency: str = ""


def cause_of(loan: Loan, product: Product, as_of: date, theirs: OtherFigures, minor_unit: int) -> str:
    """The cause of a difference in days or amount, "" where there is none. The currency is looked at first."""
    if theirs.currency and theirs.currency != loan.currency:
        return "currency"
    ours = arrears(loan, product, as_of)
    if _same(ours, theirs):
        return ""
    if loan.status == "closed":
        return "closed_here"
    apart = abs(ours.past_due_amount - theirs.amount)
    if ours.days_past_due == theirs.days_past_due and apart < max(minor_unit, 2):
        return "rounding"
    for cause, figures in _tried(loan, product, as_of, theirs, ours):
        if (theirs.days_past_due, theirs.amount) in figures:
            return cause
    return "unexplained"


def _same(ours: Arrears, theirs: OtherFigures) -> bool:
    return (ours.days_past_due, ours.past_due_amount) == (theirs.days_past_due, theirs.amount)


Figures = set[tuple[int, int]]


def _tried(
    loan: Loan, product: Product, as_of: date, theirs: OtherFigures, ours: Arrears
) -> Iterator[tuple[str, Figures]]:
    """Each cause with the figures that it would give."""

    def figures(payments: tuple[Payment, ...]) -> tuple[int, int]:
        state = arrears(replace(loan, payments=payments), product, as_of)
        return state.days_past_due, state.past_due_amount

    days, amount = ours.days_past_due, ours.past_due_amount
    yield "unit", {(days, amount * 100), (days, amount // 100)}
    yield "component", {(days, amount - part) for part in _parts_of(ours) if part}
    strict = arrears(loan, replace(product, tolerance=Decimal(0)), as_of)
    yield "tolerance", {(strict.days_past_due, strict.past_due_amount)}
    unreversed = [
        tuple(each for each in loan.payments if each is not one) for one in loan.payments if one.reverses
    ]
    yield "reversal_only_in_feed", {figures(rest) for rest in unreversed}
    if amount > theirs.amount:
        more = Payment("what-if", as_of, amount - theirs.amount)
        yield "payment_not_in_feed", {figures((*loan.payments, more))}
    yield "payment_only_in_feed", {figures(rest) for rest in _without(loan.payments)}
    yield "other_due_date", {*_other_due_dates(loan, product, as_of, ours)}
    yield (
        "other_allocation",
        {((as_of - line.due_on).days, amount) for line in loan.instalments if line.due_on <= as_of},
    )
    near = [as_of + timedelta(days=apart) for apart in range(-_DAYS_APART, _DAYS_APART + 1) if apart]
    states = [arrears(loan, product, day) for day in near]
    yield "other_day", {(state.days_past_due, state.past_due_amount) for state in states}


def _parts_of(ours: Arrears) -> set[int]:
    """What is past due of penalty, fee and interest: each, and some together."""
    penalty, fee, interest = (getattr(ours.past_due, part) for part in _PARTS)
    return {
        penalty,
        fee,
        interest,
        penalty + fee,
        penalty + interest,
        fee + interest,
        penalty + fee + interest,
    }


def _without(payments: tuple[Payment, ...]) -> Iterator[tuple[Payment, ...]]:
    """The payments without one of the newest, and without the newest few together."""
    newest = sorted(payments, key=lambda payment: (payment.paid_on, payment.payment_id))[-_NEWEST:]
    for number, one in enumerate(newest):
        yield tuple(each for each in payments if each is not one)
        later = newest[number:]
        yield tuple(each for each in payments if each not in later)


def _other_due_dates(loan: Loan, product: Product, as_of: date, ours: Arrears) -> Iterator[tuple[int, int]]:
    """The days counted from the due date as it is written, from the next business day, or with the due date itself."""
    since, amount = ours.oldest_unpaid_due_on, ours.past_due_amount
    if since is None:
        return
    rules = ("none", "following") if product.calendar else ("none",)
    for line in loan.instalments:
        if falls_due_on(line.due_on, product.due_date_rule, product.calendar) == since:
            yield from (
                ((as_of - falls_due_on(line.due_on, rule, product.calendar)).days, amount) for rule in rules
            )
    for apart in (-1, 1, -product.grace_days):
        yield ours.days_past_due + apart, amount
