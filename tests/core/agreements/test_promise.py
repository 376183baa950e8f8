"""Promises to pay, by hand: what may be promised, which payment goes to which promise, and when one is broken."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.agreements.promise import Paid, Promised, PromisePolicy, check_promise, promise_states

#: A tenth at least, within a fortnight; a day of grace, five percent short is enough; a lead after three broken.
POLICY = PromisePolicy(longest_days=14, least_share=10, grace_days=1, tolerance=5, most_broken=3)
MADE = date(2026, 3, 2)
DUE = date(2026, 3, 10)
DAY = timedelta(days=1)


def promise(name: str = "p", amount: int = 10_000, due_on: date = DUE, **more: object) -> Promised:
    return Promised(name, MADE, due_on, amount, ("L1",), **more)


def paid(amount: int, on: date = DUE, name: str = "a", loan: str = "L1") -> Paid:
    return Paid(name, loan, on, amount)


def states(promises: list[Promised], payments: list[Paid], today: date) -> dict[str, tuple]:
    """Of each promise its state, what was paid towards it, and when that was decided."""
    kept = promise_states(promises, payments, today, POLICY)
    return {one.promise_id: (one.state, one.paid, one.decided_on) for one in kept}


@pytest.mark.parametrize(
    ("payments", "today", "expected"),
    [
        ([], DUE, ("open", 0, None)),
        ([], DUE + DAY, ("open", 0, None)),
        ([], DUE + 2 * DAY, ("broken", 0, DUE + 2 * DAY)),
        ([paid(10_000)], DUE, ("kept", 10_000, DUE)),
        ([paid(10_000, DUE + DAY)], DUE + DAY, ("kept", 10_000, DUE + DAY)),
        ([paid(10_000, DUE + 2 * DAY)], DUE + 2 * DAY, ("broken", 0, DUE + 2 * DAY)),
        ([paid(10_000, MADE)], MADE, ("kept", 10_000, MADE)),
        ([paid(10_000, MADE - DAY)], DUE, ("open", 0, None)),
        ([paid(9_500)], DUE + 2 * DAY, ("kept", 9_500, DUE)),
        ([paid(9_499)], DUE + 2 * DAY, ("broken", 9_499, DUE + 2 * DAY)),
        ([paid(6_000, DUE - DAY), paid(4_000, DUE, "b")], DUE, ("kept", 10_000, DUE)),
        ([paid(10_000, DUE)], DUE - DAY, ("open", 0, None)),
        ([paid(10_000, loan="L2")], DUE, ("open", 0, None)),
        ([paid(25_000)], DUE, ("kept", 10_000, DUE)),
    ],
    ids=[
        "nothing on its day",
        "nothing on the day of grace",
        "nothing after it",
        "all on its day",
        "all on the day of grace",
        "all too late",
        "all on the day it was made",
        "all before it was made",
        "short by the tolerance",
        "short by a cent more",
        "in two parts",
        "all, but only tomorrow",
        "on another loan",
        "more than promised",
    ],
)
def test_one_promise(payments, today, expected):
    assert states([promise()], payments, today) == {"p": expected}


def test_a_payment_goes_to_the_promise_due_first_and_what_is_left_to_the_next():
    both = [promise("later", 8_000, DUE + 5 * DAY), promise("sooner", 10_000)]
    found = states(both, [paid(12_000)], DUE)
    assert found == {"sooner": ("kept", 10_000, DUE), "later": ("open", 2_000, None)}


def test_one_payment_never_counts_twice():
    both = [promise("one"), promise("other")]
    assert states(both, [paid(10_000)], DUE) == {"one": ("kept", 10_000, DUE), "other": ("open", 0, None)}


@pytest.mark.parametrize(("on", "towards"), [(DUE - 2 * DAY, 3_000), (DUE - DAY, 0), (DUE, 0)])
def test_from_the_day_it_is_cancelled_nothing_goes_to_it(on, towards):
    cancelled = promise(cancelled_on=DUE - DAY)
    assert states([cancelled], [paid(3_000, on)], DUE) == {"p": ("cancelled", towards, DUE - DAY)}


def test_a_promise_fulfilled_before_it_was_cancelled_stays_so():
    cancelled = promise(cancelled_on=DUE)
    assert states([cancelled], [paid(10_000, MADE)], DUE) == {"p": ("kept", 10_000, MADE)}


@given(
    st.lists(st.tuples(st.integers(1, 20_000), st.integers(0, 20)), max_size=6),
    st.lists(st.tuples(st.integers(1, 20_000), st.integers(0, 14)), min_size=1, max_size=4),
)
def test_no_more_goes_to_promises_than_was_paid(payments, promises):
    made = [promise(str(n), amount, MADE + days * DAY) for n, (amount, days) in enumerate(promises)]
    money = [paid(amount, MADE + days * DAY, str(n)) for n, (amount, days) in enumerate(payments)]
    found = promise_states(made, money, MADE + 30 * DAY, POLICY)
    assert sum(one.paid for one in found) <= sum(payment.amount for payment in money)
    assert {one.state for one in found} <= {"kept", "broken"}


def codes(amount: int = 5_000, due_on: date = DUE, past_due: int = 10_000, broken: int = 0) -> set[str]:
    return {problem.code for problem in check_promise(amount, due_on, MADE, past_due, broken, POLICY)}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"amount": 10_000}, set()),
        ({"amount": 10_001}, {"promise_amount_invalid"}),
        ({"amount": 0}, {"promise_amount_invalid"}),
        ({"amount": 1_000}, set()),
        ({"amount": 999}, {"promise_amount_too_small"}),
        ({"due_on": MADE}, set()),
        ({"due_on": MADE - DAY}, {"promise_date_invalid"}),
        ({"due_on": MADE + 14 * DAY}, set()),
        ({"due_on": MADE + 15 * DAY}, {"promise_date_invalid"}),
        ({"broken": 2}, set()),
        ({"broken": 3}, {"promises_broken"}),
    ],
    ids=str,
)
def test_what_may_be_promised(asked, expected):
    assert codes(**asked) == expected
