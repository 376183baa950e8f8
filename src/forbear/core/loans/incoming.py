"""What a payment must be to count, whether it is reported by a program, a payment provider or the lender's feed.

The feed asks the same of millions of rows in SQL (`interchange/book/sql/partition_reversals.sql` and
`interchange/book/feed_check.py`), with the same sentences; a test compares the two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.base.problem import Problem
from forbear.core.loans.loan import Payment

#: Earlier days are typing errors in consumer lending, not facts.
FIRST_DAY = date(1950, 1, 1)
#: How far ahead of the lender's day a value date may lie: a payment of tonight is tomorrow's by some clocks.
AHEAD = timedelta(days=1)
#: The largest payment, in the currency's unit: sums of a loan's rows then stay far inside 64 bits.
LARGEST_AMOUNT = 10**11
_ITSELF = Problem("reverses_itself", "the row reverses itself")
_NOTHING = Problem("reverses_nothing", "reverses names no accepted payment of this loan")
_REVERSAL = Problem(
    "reverses_reversal",
    "reverses names a row that is itself a reversal; send the payment again under a new payment_id",
)
_OTHER_AMOUNT = Problem("reverses_other_amount", "amount is not that of the payment it reverses")
_ALREADY = Problem("reversed_already", "the payment it reverses is reversed already")
#: What is wrong with a reversal, by its code: the sentences that the feed's quarantine has too.
REVERSAL_FLAWS: dict[str, str] = {
    flaw.code: str(flaw) for flaw in (_ITSELF, _NOTHING, _REVERSAL, _OTHER_AMOUNT, _ALREADY)
}


@dataclass(frozen=True, slots=True)
class IncomingPayment:
    """A payment as somebody reported it. `amount` in minor units; `reverses` names the payment it takes back."""

    payment_id: str
    loan_id: str
    paid_on: date
    amount: int
    reverses: str = ""


def payment_flaw(
    incoming: IncomingPayment,
    known: Iterable[Payment],
    *,
    today: date,
    disbursed_on: date | None = None,
    minor_unit: int = 100,
) -> Problem | None:
    """Why this can't be a payment on its loan, or a reversal; None when it can.

    `known` are the loan's payments and reversals so far, `today` is the lender's day, `minor_unit` how many minor units
    make one of the loan's currency.
    """
    return (
        _flaw_of_name(incoming)
        or _flaw_of_amount(incoming, minor_unit)
        or _flaw_of_day(incoming, today, disbursed_on)
        or _flaw_of_reversal(incoming, {payment.payment_id: payment for payment in known})
    )


def _flaw_of_name(incoming: IncomingPayment) -> Problem | None:
    if not incoming.payment_id or not incoming.loan_id:
        return Problem("payment_unnamed", "a payment has an id and the id of its loan")
    return None


def _flaw_of_amount(incoming: IncomingPayment, minor_unit: int) -> Problem | None:
    if incoming.amount <= 0:
        return Problem(
            "payment_not_positive",
            "the amount of a payment is above 0; a payment is reversed with `reverses`",
        )
    if incoming.amount > LARGEST_AMOUNT * minor_unit:
        return Problem("payment_too_large", "the amount is larger than any consumer loan")
    return None


def _flaw_of_day(incoming: IncomingPayment, today: date, disbursed_on: date | None) -> Problem | None:
    if not FIRST_DAY <= incoming.paid_on <= today + AHEAD:
        return Problem(
            "payment_day_impossible",
            "paid_on %(day)s is no day of a payment: it is before 1950 or lies ahead",
            day=incoming.paid_on,
        )
    if disbursed_on is not None and incoming.paid_on < disbursed_on:
        return Problem(
            "payment_before_disbursement",
            "paid_on %(day)s is before the loan was disbursed on %(disbursed_on)s",
            day=incoming.paid_on,
            disbursed_on=disbursed_on,
        )
    return None


def _flaw_of_reversal(incoming: IncomingPayment, known: dict[str, Payment]) -> Problem | None:
    named = incoming.reverses
    if not named:
        return None
    if named == incoming.payment_id:
        return _ITSELF
    payment = known.get(named)
    if payment is None:
        return _NOTHING
    if payment.reverses:
        return _REVERSAL
    if payment.amount != incoming.amount:
        return _OTHER_AMOUNT
    others = (other for other in known.values() if other.payment_id != incoming.payment_id)
    if any(other.reverses == named for other in others):
        return _ALREADY
    return None
