"""Goal: an account's lines are its balance, and what is owed follows from its snapshot alone.

Method: Hypothesis rows of every kind a lender may send, with payments before and after them, beside what is
counted by hand.
"""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.loans.account import MINIMUM_LINE, NOT_DUE, lines_of, snapshot_of, with_payments
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.loan import Payment, Product
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
    if not since:
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
