"""Promises to pay: one amount by one date, kept or broken by the payments themselves.

A promise is kept when what was paid towards it by its last day reaches its amount less the policy's tolerance. A
payment goes to the promise that falls due first and never counts twice. A reversed payment counts as never made,
so a promise may be taken back from kept to broken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from forbear.core.base.problem import Problem, noop
from forbear.core.base.setting import settings_class, whole

STATES = ("open", "kept", "broken", "cancelled")


@settings_class
class PromisePolicy:
    """What a lender accepts as a promise.

    `longest_days` from today to its date, `least_share` of the past-due amount in percent, `grace_days` after
    the date in which a payment still keeps it, `tolerance` in percent of the amount, `most_broken` promises
    after which only a lead may take another.
    """

    longest_days: Annotated[
        int, whole(noop("Longest promise"), noop("From today to the promised day"), "days")
    ] = 14
    least_share: Annotated[int, whole(noop("Least share"), noop("Of what is past due"), "percent")] = 10
    grace_days: Annotated[
        int,
        whole(noop("Grace"), noop("A payment within this time after the day still counts as kept"), "days"),
    ] = 1
    tolerance: Annotated[
        int, whole(noop("Tolerance"), noop("A shortfall up to this still counts as kept"), "percent")
    ] = 5
    most_broken: Annotated[
        int,
        whole(noop("Broken promises limit"), noop("After this many only a lead records another"), "times"),
    ] = 3


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise: `amount` in minor units by `due_on`, made on `made_on` about these loans."""

    promise_id: str
    made_on: date
    due_on: date
    amount: int
    loans: tuple[str, ...]
    cancelled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that counts (not reversed), by value date."""

    payment_id: str
    loan_id: str
    paid_on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a promise stands: its state, how much was paid towards it, and when it was decided."""

    promise_id: str
    state: str
    paid: int
    decided_on: date | None


def check_promise(
    amount: int, due_on: date, today: date, past_due: int, broken: int, policy: PromisePolicy
) -> list[Problem]:
    """What is wrong with a promise somebody wants to give; nothing when it can be taken."""
    problems = []
    if amount <= 0 or amount > past_due:
        problems.append(
            Problem("promise_amount_invalid", "the amount must be above 0 and at most what is past due")
        )
    elif amount * 100 < past_due * policy.least_share:
        problems.append(
            Problem(
                "promise_amount_too_small",
                "the amount must be at least %(percent)s%% of what is past due",
                percent=policy.least_share,
            )
        )
    if not today <= due_on <= today + timedelta(days=policy.longest_days):
        last = today + timedelta(days=policy.longest_days)
        problems.append(
            Problem(
                "promise_date_invalid", "the date must be from %(today)s to %(last)s", today=today, last=last
            )
        )
    if broken >= policy.most_broken:
        problems.append(
            Problem(
                "promises_broken",
                "promises broken so far: %(broken)s; a lead must record the next one",
                broken=broken,
            )
        )
    return problems


def last_day(promise: Promised, policy: PromisePolicy) -> date:
    """The last value date of a payment that keeps the promise."""
    return promise.due_on + timedelta(days=policy.grace_days)


def promise_states(
    promises: Sequence[Promised], payments: Sequence[Paid], today: date, policy: PromisePolicy
) -> list[Kept]:
    """Where every promise of a borrower stands at the end of `today`, in the order given.

    Each payment is spread over the promises open at its date, the one due first first; what a promise doesn't
    need any more goes on to the next.
    """
    left = {promise.promise_id: promise.amount for promise in promises}
    paid: dict[str, int] = dict.fromkeys(left, 0)
    reached: dict[str, date] = {}
    in_turn = sorted(promises, key=lambda promise: (promise.due_on, promise.made_on, promise.promise_id))
    for payment in sorted(payments, key=lambda payment: (payment.paid_on, payment.payment_id)):
        money = payment.amount if payment.paid_on <= today else 0
        for promise in in_turn:
            if not money or not _takes(promise, payment, policy):
                continue
            taken = min(money, left[promise.promise_id])
            left[promise.promise_id] -= taken
            paid[promise.promise_id] += taken
            money -= taken
            if _enough(promise, paid[promise.promise_id], policy):
                reached.setdefault(promise.promise_id, payment.paid_on)
    assert all(0 <= paid[p.promise_id] <= p.amount for p in promises), "no promise takes more than its amount"
    return [_judged(promise, paid[promise.promise_id], reached, today, policy) for promise in promises]


def _takes(promise: Promised, payment: Paid, policy: PromisePolicy) -> bool:
    return (
        payment.loan_id in promise.loans
        and promise.made_on <= payment.paid_on <= last_day(promise, policy)
        and (promise.cancelled_on is None or payment.paid_on < promise.cancelled_on)
    )


def _enough(promise: Promised, paid: int, policy: PromisePolicy) -> bool:
    return paid * 100 >= promise.amount * (100 - policy.tolerance)


def _judged(
    promise: Promised, paid: int, reached: dict[str, date], today: date, policy: PromisePolicy
) -> Kept:
    if promise.promise_id in reached:
        return Kept(promise.promise_id, "kept", paid, reached[promise.promise_id])
    if promise.cancelled_on is not None:
        return Kept(promise.promise_id, "cancelled", paid, promise.cancelled_on)
    end = last_day(promise, policy)
    if today > end:
        return Kept(promise.promise_id, "broken", paid, end + timedelta(days=1))
    return Kept(promise.promise_id, "open", paid, None)
