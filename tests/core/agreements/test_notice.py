"""Goal: each pack has its own form, an answer has the days the rule gives, and an account adds up to what is owed."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.agreements.notice import account_of, answer_until, form_of, remedy_until
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.loan import Amounts, Instalment, Loan, Payment, Product

TODAY = date(2026, 4, 1)
LINES = tuple(
    Instalment(n, date(2026, n, 10), Amounts(10_000, 300, 50, 7 * max(0, 4 - n))) for n in (1, 2, 3, 4, 5)
)


def loan_of(payments, **changes) -> Loan:
    paid = tuple(Payment(f"P{n}", *each) for n, each in enumerate(payments))
    loan = Loan("L", "B", "p", "USD", 50_000, date(2025, 12, 10), "active", LINES, paid)
    return replace(loan, **changes)


@pytest.mark.parametrize(
    ("packs", "form"),
    [
        (["cn"], ("cn", "written_notice")),
        (["us"], ("us", "validation_notice")),
        (["house", "uk"], ("uk", "arrears_notice")),
        (["house"], ("cn", "written_notice")),
        (["us", "cn"], ("us", "validation_notice")),
    ],
)
def test_the_form(packs, form):
    assert form_of(packs) == form


@pytest.mark.parametrize(
    ("pack", "sent", "until"),
    [
        ("cn", date(2026, 3, 10), date(2026, 4, 9)),
        ("us", date(2026, 3, 10), date(2026, 4, 16)),  # received on Tuesday the 17th
        ("us", date(2026, 7, 1), date(2026, 8, 8)),  # 3 July is a holiday, so received on the 9th
    ],
)
def test_until_when_one_may_answer(pack, sent, until):
    assert answer_until(pack, sent) == until


@pytest.mark.parametrize(
    ("pack", "sent", "until"),
    [
        ("cn", date(2026, 3, 2), date(2026, 3, 16)),
        ("uk", date(2026, 3, 2), date(2026, 3, 18)),  # served on the 4th; the 18th is the fourteenth day
        ("uk", date(2026, 4, 2), date(2026, 4, 22)),  # before Easter: served on Wednesday the 8th
    ],
)
def test_until_when_a_default_can_be_put_right(pack, sent, until):
    assert remedy_until(pack, sent) == until


def test_the_account_by_hand():
    """Three instalments are due: 900 interest, 150 fees, 42 penalty; 10,400 was paid, which covers the first."""
    account = account_of(loan_of([(date(2026, 2, 1), 10_400)]), Product("p"), TODAY)
    assert (account.on, account.amount, account.interest, account.fees) == (
        date(2025, 12, 10),
        50_000,
        900,
        192,
    )
    assert (account.paid, account.credited, account.now) == (10_400, 0, 40_692)
    assert [spread.instalment.number for spread in account.past_due] == [2, 3]
    assert account.late == Amounts(20_000, 600, 71, 21)


def test_a_line_that_was_corrected_is_a_credit():
    lines = (replace(LINES[0], amounts=Amounts(4_000, 300, 50, 0)), *LINES[1:])
    account = account_of(loan_of([], instalments=lines), Product("p"), TODAY)
    assert (account.amount, account.credited) == (50_000, 6_000)
    assert account.now == 50_000 - 6_000 + 900 + 150 + 21


@pytest.mark.parametrize("change", [{"disbursed_on": None}, {"principal": 49_999}])
def test_what_is_not_known_is_not_stated(change):
    assert account_of(loan_of([], **change), Product("p"), TODAY) is None


@given(st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2026, 6, 1)), st.integers(1, 30_000)), max_size=4))
def test_an_account_adds_up_and_agrees_with_the_arrears(payments):
    loan = loan_of(payments)
    account, state = account_of(loan, Product("p"), TODAY), arrears(loan, Product("p"), TODAY)
    assert account.amount + account.interest + account.fees - account.paid - account.credited == account.now
    assert account.late == state.past_due
    assert state.past_due_amount <= account.now <= state.outstanding
