"""Goal: an account's lines are its balance, and what is owed follows from its snapshot alone.

Method: Hypothesis rows of every kind a lender may send, with payments before and after them, beside what is
counted by hand.
"""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.agreements.notice import account_of
from forbear.core.bureaus.file_checks import reported_of
from forbear.core.loans.account import (
    MINIMUM_LINE,
    NOT_DUE,
    SnapshotRow,
    account_loan,
    lines_of,
    snapshot_of,
    with_payments,
)
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.loan import Itemization, Loan, Payment, Product
from tests.core.strategies import accounts, snapshot_rows
from tests.profile import examples

CARD = Product("card")


@given(snapshot_rows(), st.booleans())
@settings(max_examples=examples(200))
def test_the_lines_are_the_balance(row, counts):
    snapshot = snapshot_of(row, due_date_counts=counts)
    lines = lines_of(snapshot)
    assert sum(line.amounts.total for line in lines) == row.balance
    assert len({line.number for line in lines}) == len(lines)
    late = [line for line in lines if line.due_on <= row.as_of and line.number != MINIMUM_LINE]
    assert sum(line.amounts.total for line in late) == snapshot.past_due.total


@given(accounts(CARD))
@settings(max_examples=examples(200))
def test_the_snapshot_says_what_is_past_due_on_its_day(loan):
    snapshot = loan.account
    state = arrears(loan, CARD, snapshot.as_of)
    if not loan.owes(snapshot.as_of):
        assert state.past_due_amount == 0
        return
    since = sum(p.amount for p in loan.payments if not p.reverses and p.paid_on <= snapshot.as_of)
    if not since and snapshot.oldest_due_on != snapshot.as_of:
        assert state.past_due_amount == snapshot.past_due.total
        assert state.payoff == snapshot.balance
    assert state.past_due_amount <= snapshot.past_due.total
    if row_days := loan.row.days_past_due:
        assert state.days_past_due in (0, row_days)


@given(accounts(CARD), st.integers(1, 1_000_000), st.integers(-60, 60))
@settings(max_examples=examples(200))
def test_another_payment_never_makes_an_account_later(loan, amount, days):
    paid_on = loan.account.as_of + timedelta(days=days)
    day = max(paid_on, loan.account.as_of)
    more = with_payments(loan, [Payment("more", paid_on, amount)])
    before, after = arrears(loan, CARD, day), arrears(more, CARD, day)
    assert after.past_due_amount <= before.past_due_amount
    assert after.days_past_due <= before.days_past_due
    assert set(more.all_payments) == {*loan.all_payments, Payment("more", paid_on, amount)}
    if paid_on <= loan.account.shown_until:
        assert after == before, "what a snapshot shows is in its balance already"


@given(accounts(CARD))
@settings(max_examples=examples(100))
def test_payments_one_by_one_or_together_are_the_same(loan):
    bare = with_payments(loan, ())
    assert bare == loan
    alone = loan
    new = [Payment("a", loan.account.as_of, 5), Payment("ar", NOT_DUE, 5, reverses="a")]
    for payment in new:
        alone = with_payments(alone, [payment])
    together = with_payments(loan, new)
    assert set(alone.payments) == set(together.payments)
    assert set(alone.shown) == set(together.shown)


@given(accounts(CARD), st.integers(0, 60))
@settings(max_examples=examples(100))
def test_a_notice_adds_up_to_what_settles_the_account(loan, later):
    day = loan.account.as_of + timedelta(days=later)
    account = account_of(loan, CARD, day)
    assert account is not None
    sums = account.amount + account.interest + account.fees - account.paid - account.credited
    assert sums == account.now == arrears(loan, CARD, day).payoff
    if loan.owes(day):
        assert account.late.total == arrears(loan, CARD, day).past_due_amount
    assert not account.event, "no itemization was given"


def bought() -> Loan:
    """An account that was charged off at 2,500.00 and bought; 100.00 came in since, and 40.00 after the snapshot."""
    row = SnapshotRow(
        date(2026, 3, 31),
        240_000,
        charge_off_on=date(2025, 10, 1),
        charge_off_amount=250_000,
        first_delinquent_on=date(2025, 4, 2),
        last_payment_on=date(2025, 12, 1),
        itemization=Itemization(date(2025, 10, 1), "charge_off", 250_000, paid=10_000),
    )
    loan = Loan("A1", "B1", "card", "USD", 250_000, date(2020, 1, 1), status="written_off")
    return with_payments(account_loan(loan, snapshot_of(row)), [Payment("P1", date(2026, 4, 3), 4_000)])


def test_an_itemization_goes_on_with_what_was_paid_since():
    account = account_of(bought(), CARD, date(2026, 4, 5))
    assert account is not None
    assert (account.on, account.event) == (date(2025, 10, 1), "charge_off")
    assert (account.amount, account.paid, account.now) == (250_000, 14_000, 236_000)
    assert account.late.total == 236_000


def test_a_bureau_is_told_of_a_card_what_its_snapshot_says():
    told = reported_of(bought(), replace(CARD, kind="revolving"), date(2026, 4, 30))
    assert told is not None
    assert (told.first_late_on, told.charged_off, told.revolving) == (date(2025, 4, 2), 250_000, True)
    assert (told.outstanding, told.paid, told.last_paid_on) == (236_000, 4_000, date(2026, 4, 3))
    days = {month.on: month.days_past_due for month in told.history}
    assert days[date(2026, 3, 31)] == 363
    assert days[date(2025, 4, 30)] == 28
    assert days[date(2025, 3, 31)] is None, "of months before the lateness the snapshot says nothing"
