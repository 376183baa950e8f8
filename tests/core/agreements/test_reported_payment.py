"""Goal: a payment that a borrower reports counts until the book has it or its day is over, and none counts twice."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.agreements.policy import PolicyError, parse_policy
from forbear.core.agreements.reported_payment import (
    BookedPayment,
    Reported,
    ReportedPaymentPolicy,
    Standing,
    covers,
    needs_second,
    report_problem,
    standings,
)
from tests.profile import examples

DAY = date(2026, 3, 10)
LAST = DAY + timedelta(days=5)


def report(number: int = 1, amount: int = 500, paid_on: date = DAY, known: tuple[str, ...] = ()) -> Reported:
    return Reported(number, paid_on, amount, LAST, frozenset(known))


def paid(name: str, amount: int, days: int = 0, *, back: bool = False) -> BookedPayment:
    return BookedPayment(name, DAY + timedelta(days=days), amount, back)


@pytest.mark.parametrize(
    ("payments", "today", "became"),
    [
        ([], DAY, Standing("unconfirmed", 500)),
        ([], LAST, Standing("unconfirmed", 500)),
        ([], LAST + timedelta(days=1), Standing("lapsed")),
        ([paid("P", 500, 2)], DAY, Standing("booked", payments=("P",))),
        ([paid("P", 500, -5)], DAY, Standing("booked", payments=("P",))),
        ([paid("P", 500, 6)], DAY, Standing("unconfirmed", 500)),
        # a late booking is found after its day, and one that bounced is said to be so
        ([paid("P", 500, 2)], LAST + timedelta(days=9), Standing("booked", payments=("P",))),
        ([paid("P", 500, back=True)], DAY, Standing("bounced", payments=("P",))),
        # a live payment of the amount goes before one that bounced
        ([paid("A", 500, back=True), paid("B", 500, 3)], DAY, Standing("booked", payments=("B",))),
        # a part of it: only the rest counts
        ([paid("P", 480)], DAY, Standing("unconfirmed", 20, ("P",))),
        ([paid("P", 480)], LAST + timedelta(days=1), Standing("lapsed", payments=("P",))),
        ([paid("P", 480, back=True)], DAY, Standing("unconfirmed", 500)),
        # several make it up, or more has come
        ([paid("A", 300), paid("B", 200, 1)], DAY, Standing("booked", payments=("A", "B"))),
        ([paid("P", 700)], DAY, Standing("booked", payments=("P",))),
    ],
)
def test_the_book_says_what_became_of_it(payments, today, became):
    assert standings([report()], payments, today, 5) == [became]


def test_what_was_on_record_before_is_not_it():
    assert standings([report(known=("P",))], [paid("P", 500)], DAY, 5) == [Standing("unconfirmed", 500)]


def test_a_payment_is_taken_for_one_report_only():
    first, second = standings([report(1), report(2)], [paid("P", 500)], DAY, 5)
    assert (first, second) == (Standing("booked", payments=("P",)), Standing("unconfirmed", 500))
    # the one of the very amount takes it, though the other was reported before
    first, second = standings([report(1, 700), report(2, 500)], [paid("P", 500)], DAY, 5)
    assert (first.counts, second.state) == (700, "booked")


AMOUNTS = st.integers(1, 1000)


@settings(max_examples=examples(100))
@given(
    reports=st.lists(AMOUNTS, min_size=1, max_size=4),
    payments=st.lists(st.tuples(AMOUNTS, st.integers(-8, 8), st.booleans()), max_size=5),
    ahead=st.integers(0, 9),
)
def test_no_money_counts_twice(reports, payments, ahead):
    told = [report(number, amount) for number, amount in enumerate(reports)]
    rows = [paid(f"P{n}", amount, days, back=back) for n, (amount, days, back) in enumerate(payments)]
    found = standings(told, rows, DAY + timedelta(days=ahead), 5)
    used = [name for one in found for name in one.payments]
    assert len(used) == len(set(used))
    by_name = {row.payment_id: row for row in rows}
    for one, asked in zip(found, told, strict=True):
        come = sum(by_name[name].amount for name in one.payments if not by_name[name].reversed)
        if one.state == "unconfirmed":
            assert one.counts + come == asked.amount
        else:
            assert one.counts == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"amount": 0}, "reported_amount_invalid"),
        ({"amount": 1001}, "reported_amount_invalid"),
        ({"paid_on": DAY + timedelta(days=1)}, "reported_day_invalid"),
        ({"paid_on": DAY - timedelta(days=61)}, "reported_day_invalid"),
        ({"known": [paid("P", 500)]}, "reported_already_booked"),
        ({"known": [paid("P", 500, back=True)]}, None),
        ({"known": [paid("P", 500, -1)]}, None),
        ({"second": True}, "reported_proof_missing"),
        ({"second": True, "proof": True}, None),
    ],
)
def test_what_can_be_reported(changed, code):
    given_ = {
        "amount": 500,
        "paid_on": DAY,
        "payoff": 1000,
        "today": DAY,
        "known": [],
        "second": False,
        "proof": False,
    }
    found = report_problem(**{**given_, **changed})
    assert (found.code if found else None) == code


def test_a_second_person_looks_at_large_ones_and_at_one_after_another_that_never_came():
    policy = ReportedPaymentPolicy()
    assert not needs_second(500_000, "CNY", policy, lapsed_before=False)
    assert needs_second(500_001, "CNY", policy, lapsed_before=False)
    assert needs_second(1, "CNY", policy, lapsed_before=True)
    assert needs_second(1, "JPY", policy, lapsed_before=False), "of a currency without a limit each"


def test_collection_rests_only_where_nothing_is_left_to_ask_for():
    assert covers(500, 500)
    assert not covers(499, 500)
    assert not covers(500, 0), "where nothing is past due nothing is asked for"


def test_the_lender_sets_its_days_and_limits():
    policy = parse_policy("reported_payment: {days: 3, second_above: {CNY: 100.00}}", "policy.yaml")
    assert policy.reported_payment.days == 3
    assert policy.reported_payment.second_above == {"CNY": 10_000}
    with pytest.raises(PolicyError):
        parse_policy("reported_payment: {days: 0}", "policy.yaml")
