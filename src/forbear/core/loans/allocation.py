"""Which instalment a payment pays.

All money counted at a date fills the schedule from the oldest instalment on, and inside an instalment the
components in the product's order. So the result depends on how much was paid and not on the order in which
it was received: late, backdated, bounced and corrected payments need no case of their own. Nothing is lost
or made: what goes in is spread or left over as credit, asserted on every call.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise

from forbear.core.base.calendar import falls_due_on
from forbear.core.loans.loan import COMPONENTS, Amounts, Instalment, Payment


@dataclass(frozen=True, slots=True)
class Spread:
    """What one instalment got, and what is left of it. `falls_due_on` has the due-date rule applied."""

    instalment: Instalment
    falls_due_on: date
    paid: Amounts
    unpaid: Amounts


@dataclass(frozen=True, slots=True)
class Allocation:
    """All instalments in paying order, with what each got; `credit` is what no instalment needed."""

    spreads: tuple[Spread, ...]
    credit: int

    @property
    def paid(self) -> int:
        """The money that went in: spread or left over."""
        return sum(spread.paid.total for spread in self.spreads) + self.credit


@dataclass(frozen=True, slots=True)
class PaymentAllocation:
    """What one payment did: the instalments it touched, each with what is unpaid after it, and its credit."""

    payment: Payment
    spreads: tuple[Spread, ...]
    credit: int


def counted_payments(payments: Iterable[Payment], as_of: date) -> list[Payment]:
    """The payments that count at `as_of`, by value date and then id.

    The value date decides, not the day a payment was received. A payment that any reversal names counts as
    never made, however late the reversal came: yesterday's figure was then wrong, and today's is right.
    """
    payments = list(payments)
    reversed_ids = {payment.reverses for payment in payments if payment.reverses}
    counted = [
        payment
        for payment in payments
        if not payment.reverses and payment.paid_on <= as_of and payment.payment_id not in reversed_ids
    ]
    return sorted(counted, key=_by_date)


def allocate(
    instalments: Sequence[Instalment],
    paid: int,
    order: Sequence[str],
    *,
    due_date_rule: str = "none",
    calendar: str = "",
) -> Allocation:
    """Spread `paid` minor units over the instalments, oldest first, each by `order`.

    Oldest is by the day an instalment falls due under the due-date rule, and by number among those of one
    day.
    """
    assert paid >= 0
    assert sorted(order) == sorted(COMPONENTS), f"{order!r} is not an order of all components"
    left = paid
    spreads = []
    for falls_due, instalment in oldest_first(instalments, due_date_rule, calendar):
        got, left = _pay(instalment.amounts, left, order)
        spreads.append(Spread(instalment, falls_due, got, instalment.amounts - got))
    allocation = Allocation(tuple(spreads), left)
    assert allocation.paid == paid, "allocation lost or made money"
    assert all(spread.unpaid.not_negative() for spread in spreads), "an instalment was paid more than once"
    return allocation


def allocate_each(
    instalments: Sequence[Instalment],
    payments: Iterable[Payment],
    order: Sequence[str],
    *,
    due_date_rule: str = "none",
    calendar: str = "",
) -> list[PaymentAllocation]:
    """How each counted payment was spread, in the order of value date and id, for explaining a balance.

    Each is the difference between allocating all money up to it and all money before it, so together they are
    `allocate` of their sum to the last cent.
    """
    in_turn = sorted(payments, key=_by_date)
    assert not any(payment.reverses for payment in in_turn), "only counted payments can be allocated"
    totals = accumulate((payment.amount for payment in in_turn), initial=0)
    steps = [
        allocate(instalments, total, order, due_date_rule=due_date_rule, calendar=calendar)
        for total in totals
    ]
    return [
        _difference(payment, before, after)
        for payment, (before, after) in zip(in_turn, pairwise(steps), strict=True)
    ]


def _by_date(payment: Payment) -> tuple[date, str]:
    return payment.paid_on, payment.payment_id


def oldest_first(
    instalments: Sequence[Instalment], due_date_rule: str, calendar: str
) -> list[tuple[date, Instalment]]:
    """The instalments in the order in which money reaches them, each with the day it falls due."""
    dated = [(falls_due_on(line.due_on, due_date_rule, calendar), line) for line in instalments]
    return sorted(dated, key=lambda pair: (pair[0], pair[1].number))


def _pay(owed: Amounts, money: int, order: Sequence[str]) -> tuple[Amounts, int]:
    """What `owed` takes of `money`, component by component, and the money left."""
    if money >= owed.total:
        return owed, money - owed.total
    taken = {}
    for component in order:
        taken[component] = min(money, getattr(owed, component))
        money -= taken[component]
    return Amounts(**taken), money


def _difference(payment: Payment, before: Allocation, after: Allocation) -> PaymentAllocation:
    touched = [
        Spread(new.instalment, new.falls_due_on, new.paid - old.paid, new.unpaid)
        for old, new in zip(before.spreads, after.spreads, strict=True)
        if new.paid != old.paid
    ]
    allocation = PaymentAllocation(payment, tuple(touched), after.credit - before.credit)
    assert sum(spread.paid.total for spread in touched) + allocation.credit == payment.amount
    return allocation
