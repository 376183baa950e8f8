"""Goal: what was granted counts over the feed's lines, never asks for more or sooner, and ends when the feed agrees."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.loans.adjustments import SOLD, Adjustment, adjusted, feed_state, reduced_line
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.loan import Amounts, Instalment, Loan, Pause, Payment, Product
from tests.profile import examples

CASH = Product("cash")
TODAY = date(2026, 3, 10)
LINES = (
    Instalment(1, date(2026, 1, 25), Amounts(400, 12, 5, 9)),
    Instalment(2, date(2026, 3, 25), Amounts(400, 12, 0, 0)),
)
LOAN = Loan("L1", "B1", "cash", "CNY", 800, date(2026, 1, 1), "active", LINES)
WRONG = Adjustment(
    "line", "L1", TODAY, 1, before=LINES[0].amounts, most=reduced_line(LINES[0].amounts, 100), paid_before=0
)
MOVED = Adjustment(
    "due_date", "L1", TODAY, 2, on=date(2026, 4, 14), before_on=LINES[1].due_on, most=LINES[1].amounts
)
PLANNED = Adjustment("plan", "L1", TODAY, plan_lines=((date(2026, 4, 1), 412),))
RESTS = Adjustment("pause", "L1", TODAY, on=date(2026, 6, 11))


def with_line(number: int, **changed: object) -> Loan:
    return replace(
        LOAN, instalments=tuple(replace(line, **changed) if line.number == number else line for line in LINES)
    )


def test_a_wrong_amount_is_a_charge_before_it_is_money_that_was_lent():
    assert reduced_line(Amounts(400, 12, 5, 9), 20) == Amounts(400, 6, 0, 0)
    assert reduced_line(Amounts(400, 12, 5, 9), 426) == Amounts.ZERO


@given(by=st.integers(0, 426), paid=st.integers(0, 900), days=st.integers(0, 400))
@settings(max_examples=examples(100))
def test_no_adjustment_asks_for_more_or_sooner(by, paid, days):
    loan = replace(LOAN, payments=(Payment("P", date(2026, 1, 2), paid),) if paid else ())
    on, most = TODAY + timedelta(days=days), reduced_line(LINES[0].amounts, by)
    line = Adjustment("line", "L1", TODAY, 1, before=LINES[0].amounts, most=most, paid_before=paid)
    before = arrears(loan, CASH, on)
    for granted in ([line], [MOVED], [RESTS], [line, MOVED], [Adjustment("settled", "L1", TODAY)]):
        after = arrears(adjusted(loan, granted), CASH, on)
        assert after.past_due_amount <= before.past_due_amount
        assert after.days_past_due <= before.days_past_due
        assert after.outstanding <= before.outstanding
    assert before.outstanding - arrears(adjusted(loan, [line]), CASH, on).outstanding <= by


def test_a_settled_and_a_sold_loan_ask_for_nothing():
    for kind in ("settled", SOLD):
        assert arrears(adjusted(LOAN, [Adjustment(kind, "L1", TODAY)]), CASH, TODAY).outstanding == 0


@pytest.mark.parametrize(
    ("loan", "granted", "state"),
    [
        (LOAN, WRONG, "open"),
        (with_line(1, amounts=WRONG.most), WRONG, "booked"),
        (with_line(1, amounts=replace(WRONG.most, penalty=WRONG.most.penalty + 9)), WRONG, "booked"),
        (with_line(1, amounts=Amounts(400, 12, 5, 30)), WRONG, "open"),
        (with_line(1, amounts=Amounts(450, 12, 5, 9)), WRONG, "contradicted"),
        (replace(LOAN, payments=(Payment("P", TODAY, 100),)), WRONG, "booked"),
        (replace(LOAN, payments=(Payment("P", TODAY + timedelta(days=1), 100),)), WRONG, "open"),
        (replace(LOAN, status="closed"), WRONG, "booked"),
        (None, WRONG, "booked"),
        (LOAN, MOVED, "open"),
        (with_line(2, due_on=MOVED.on), MOVED, "booked"),
        (with_line(2, due_on=date(2026, 4, 30)), MOVED, "contradicted"),
        (LOAN, RESTS, "open"),
        (replace(LOAN, pauses=(Pause(TODAY, date(2026, 6, 11)),)), RESTS, "booked"),
        (replace(LOAN, pauses=(Pause(TODAY),)), RESTS, "booked"),
        (replace(LOAN, pauses=(Pause(TODAY, date(2026, 4, 1)),)), RESTS, "contradicted"),
        (LOAN, Adjustment("settled", "L1", TODAY), "open"),
        (LOAN, PLANNED, "open"),
        (with_line(2, due_on=date(2026, 4, 1)), PLANNED, "booked"),
    ],
)  # fmt: skip
def test_what_the_feed_says_of_it(loan, granted, state):
    assert feed_state(loan, granted) == state


def test_penalty_of_a_corrected_line_does_not_grow_before_it_is_booked():
    grown = with_line(1, amounts=Amounts(400, 12, 5, 60))
    assert arrears(adjusted(grown, [WRONG]), CASH, TODAY).past_due_amount == WRONG.most.total
