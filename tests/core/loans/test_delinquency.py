"""Arrears: the guarantees that hold for any loan, and agreement with a slow retelling of the rules."""

from dataclasses import astuple, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forbear.core.loans.delinquency import (
    FIVE_CLASSES,
    NOTHING_OWED,
    arrears,
    bucket_of,
    days_paused,
    five_class_of,
)
from forbear.core.loans.loan import DEFAULT_BUCKETS, Amounts, Instalment, Loan, Pause, Payment, Product
from tests.core.naive import slow_arrears
from tests.core.strategies import FIRST_DUE, LAST_AS_OF, as_of_dates, books, days, pauses, priced_loans
from tests.profile import examples

ONE_DAY = timedelta(days=1)
DUE = date(2024, 1, 10)


def one_instalment(amount: int = 10000, **more) -> Loan:
    lines = (Instalment(1, DUE, Amounts(principal=amount)),)
    return Loan("L1", "B1", "a", "CNY", amount, instalments=lines, **more)


@given(books(), as_of_dates())
@settings(max_examples=examples(100, long=2000))
def test_agrees_with_the_slow_retelling(book, as_of):
    products, loans = book
    for loan in loans:
        product = products.get(loan.product)
        state = arrears(loan, product, as_of)
        told = slow_arrears(loan, product, as_of)
        said = {name: getattr(state, name) for name in told}
        if "past_due" in said:
            said["past_due"] = astuple(state.past_due)
        assert said == told


@given(priced_loans(), as_of_dates())
def test_days_and_amount_are_past_due_together(priced, as_of):
    product, loan = priced
    state = arrears(loan, product, as_of)
    assert (state.days_past_due == 0) == (state.past_due_amount == 0) == (state.oldest_unpaid_due_on is None)
    assert (state.instalments_past_due == 0) == (state.oldest_unpaid_number is None)
    assert state.past_due.total == state.past_due_amount
    assert state.past_due_amount <= state.outstanding
    assert state.past_due_amount == 0 or state.past_due_amount > product.tolerance_minor(loan.currency)


@given(priced_loans(), as_of_dates())
def test_what_was_paid_is_in_the_schedule_or_in_credit(priced, as_of):
    product, loan = priced
    state = arrears(loan, product, as_of)
    assume(state is not NOTHING_OWED)
    scheduled = sum(line.amounts.total for line in loan.instalments)
    assert state.paid - state.credit == scheduled - state.outstanding
    assert state.credit == 0 or state.outstanding == 0


@given(priced_loans(), as_of_dates(), st.data())
def test_the_order_of_rows_does_not_matter(priced, as_of, data):
    product, loan = priced
    shuffled = replace(
        loan,
        instalments=tuple(data.draw(st.permutations(loan.instalments))),
        payments=tuple(data.draw(st.permutations(loan.payments))),
        pauses=tuple(data.draw(st.permutations(loan.pauses))),
    )
    assert arrears(shuffled, product, as_of) == arrears(loan, product, as_of)


@given(priced_loans(), as_of_dates(), days(), st.integers(1, 10**7))
def test_a_payment_and_its_reversal_leave_no_trace(priced, as_of, paid_on, amount):
    product, loan = priced
    rows = (Payment("new", paid_on, amount), Payment("undone", LAST_AS_OF, amount, reverses="new"))
    assert arrears(replace(loan, payments=loan.payments + rows), product, as_of) == arrears(
        loan, product, as_of
    )


@given(priced_loans(), as_of_dates(), days(), st.integers(1, 10**7))
def test_paying_more_never_makes_a_loan_later(priced, as_of, paid_on, amount):
    product, loan = priced
    more = replace(loan, payments=(*loan.payments, Payment("new", paid_on, amount)))
    before, after = arrears(loan, product, as_of), arrears(more, product, as_of)
    assert after.days_past_due <= before.days_past_due
    assert after.days_delinquent <= before.days_delinquent
    assert after.past_due_amount <= before.past_due_amount
    assert after.outstanding <= before.outstanding
    assert after.paid - before.paid in (0, amount)


@given(priced_loans(), as_of_dates(), st.integers(0, 400))
def test_time_alone_never_makes_a_loan_better(priced, as_of, later):
    product, loan = priced
    loan = replace(loan, payments=tuple(row for row in loan.payments if row.paid_on <= as_of))
    now, then = arrears(loan, product, as_of), arrears(loan, product, as_of + timedelta(days=later))
    assert now.days_past_due <= then.days_past_due
    assert now.past_due_amount <= then.past_due_amount
    assert now.days_past_due == 0 or then.days_past_due == now.days_past_due + later
    ended = all(pause.ends_on and pause.ends_on <= as_of for pause in loan.pauses)
    if product.pauses == "ignored" or (ended and now.days_past_due):
        assert now.days_delinquent <= then.days_delinquent


@given(priced_loans(), as_of_dates())
def test_paying_all_that_is_due_clears_it(priced, as_of):
    """With no tolerance that is the past-due amount itself; else the shortfalls let pass are paid along."""
    product, loan = priced
    exact = replace(product, tolerance=Decimal(0))
    due = arrears(loan, exact, as_of).past_due_amount
    assume(due)
    paid = replace(loan, payments=(*loan.payments, Payment("new", as_of, due)))
    for terms in (exact, product):
        cleared = arrears(paid, terms, as_of)
        assert cleared.days_past_due == cleared.past_due_amount == 0
    short = replace(loan, payments=(*loan.payments, Payment("new", as_of, due - 1))) if due > 1 else loan
    assert arrears(short, exact, as_of).past_due_amount == 1


@given(priced_loans(), as_of_dates(), pauses())
def test_pauses_never_add_delinquent_days_nor_touch_days_past_due(priced, as_of, more):
    product, loan = priced
    before = arrears(loan, product, as_of)
    after = arrears(replace(loan, pauses=loan.pauses + more), product, as_of)
    assert after.days_delinquent <= before.days_delinquent
    assert after.paused_days >= before.paused_days
    assert after.days_past_due == before.days_past_due
    assert after.delinquent_since == before.delinquent_since
    assert after.past_due == before.past_due


@given(priced_loans(), as_of_dates(), st.integers(0, 30))
def test_grace_moves_delinquency_and_nothing_else(priced, as_of, grace):
    product, loan = priced
    strict = arrears(loan, replace(product, grace_days=0), as_of)
    kind = arrears(loan, replace(product, grace_days=grace), as_of)
    assert kind.days_delinquent == max(0, strict.days_delinquent - grace)
    assert (kind.days_past_due, kind.past_due) == (strict.days_past_due, strict.past_due)
    if strict.oldest_unpaid_due_on:
        assert kind.delinquent_since == strict.oldest_unpaid_due_on + timedelta(days=grace)
    if kind.days_delinquent:
        assert (kind.bucket, kind.five_class) == (strict.bucket, strict.five_class)
    else:
        assert (kind.bucket, kind.five_class) == ("M0", "normal")


@given(priced_loans(), as_of_dates(), st.decimals(0, 200, places=2))
def test_more_tolerance_never_makes_a_loan_later(priced, as_of, tolerance):
    product, loan = priced
    wider = replace(product, tolerance=product.tolerance + tolerance)
    before, after = arrears(loan, product, as_of), arrears(loan, wider, as_of)
    assert after.days_past_due <= before.days_past_due
    assert after.past_due_amount <= before.past_due_amount
    assert after.outstanding == before.outstanding


@given(priced_loans(), as_of_dates())
def test_a_counted_due_date_adds_one_day(priced, as_of):
    product, loan = priced
    plain = arrears(loan, replace(product, due_date_counts=False), as_of)
    counted = arrears(loan, replace(product, due_date_counts=True), as_of)
    if plain.days_past_due:
        assert counted.days_past_due == plain.days_past_due + 1
    else:
        assert counted.days_past_due in (0, 1)


@given(priced_loans(), as_of_dates())
def test_following_business_day_never_makes_a_loan_later(priced, as_of):
    product, loan = priced
    plain = arrears(loan, replace(product, due_date_rule="none"), as_of)
    moved = arrears(loan, replace(product, due_date_rule="following", calendar="CN"), as_of)
    assert moved.days_past_due <= plain.days_past_due
    assert moved.outstanding == plain.outstanding


@given(priced_loans(), as_of_dates())
def test_the_clock_decides_bucket_and_class_alone(priced, as_of):
    product, loan = priced
    state = arrears(loan, product, as_of)
    clock = state.days_past_due - state.paused_days if state.days_delinquent else 0
    assert clock >= state.days_delinquent
    assert state.bucket == bucket_of(clock, product.buckets)
    assert state.five_class == five_class_of(clock)


@given(priced_loans(), as_of_dates())
def test_instalments_of_nothing_are_never_past_due(priced, as_of):
    product, loan = priced
    blank = tuple(replace(line, amounts=Amounts.ZERO) for line in loan.instalments)
    state = arrears(replace(loan, instalments=blank), product, as_of)
    assert state.days_past_due == state.outstanding == 0
    assert state.credit == state.paid


@given(priced_loans(), as_of_dates())
def test_a_closed_or_undisbursed_loan_owes_nothing(priced, as_of):
    product, loan = priced
    assert arrears(replace(loan, status="closed"), product, as_of) == NOTHING_OWED
    assert arrears(replace(loan, disbursed_on=as_of + ONE_DAY), product, as_of) == NOTHING_OWED
    written_off, active = (replace(loan, status=status) for status in ("written_off", "active"))
    assert arrears(written_off, product, as_of) == arrears(active, product, as_of)


@given(pauses(), days(), as_of_dates())
def test_paused_days_are_the_days_that_lie_in_a_pause(made, since, as_of):
    span = [since + timedelta(days=n) for n in range((as_of - since).days)]
    inside = [day for day in span if any(p.starts_on <= day and day < (p.ends_on or as_of) for p in made)]
    assert days_paused(made, since, as_of) == len(inside)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_classes_and_buckets_never_fall_with_more_days(one, other):
    fewer, more = sorted((one, other))
    assert FIVE_CLASSES.index(five_class_of(fewer)) <= FIVE_CLASSES.index(five_class_of(more))
    assert int(bucket_of(fewer, DEFAULT_BUCKETS)[1:]) <= int(bucket_of(more, DEFAULT_BUCKETS)[1:])


@pytest.mark.parametrize(
    ("day", "paused"),
    [
        (date(2024, 1, 31), False),
        (date(2024, 2, 1), True),
        (date(2024, 2, 9), True),
        (date(2024, 2, 10), False),
    ],
)
@pytest.mark.parametrize("rule", ["ignored", "stop_the_clock"])
def test_a_loan_is_called_paused_on_both_ends_whatever_the_product_makes_of_it(day, paused, rule):
    loan = one_instalment(pauses=(Pause(date(2024, 2, 1), date(2024, 2, 9)),))
    assert arrears(loan, Product("a", pauses=rule), day).paused is paused


def test_a_pause_without_an_end_runs_on():
    loan = one_instalment(pauses=(Pause(DUE + 5 * ONE_DAY),))
    state = arrears(loan, Product("a", pauses="stop_the_clock"), DUE + 300 * ONE_DAY)
    assert (state.days_past_due, state.paused_days, state.days_delinquent) == (300, 295, 5)
    assert state.paused
    assert (state.bucket, state.five_class) == ("M1", "special_mention")


def test_a_loan_without_instalments_owes_nothing():
    loan = Loan("L1", "B1", "a", "CNY", 0, payments=(Payment("P1", DUE, 5),))
    state = arrears(loan, Product("a"), FIRST_DUE + 365 * ONE_DAY)
    assert (state.days_past_due, state.outstanding, state.credit) == (0, 0, 5)


def test_values_that_make_no_sense_are_a_bug_of_the_caller():
    with pytest.raises(AssertionError, match="negative"):
        Instalment(1, DUE, Amounts(principal=-1))
    with pytest.raises(AssertionError, match="above zero"):
        Payment("P1", DUE, 0)
    with pytest.raises(AssertionError, match="before it starts"):
        Pause(DUE, DUE - ONE_DAY)
    with pytest.raises(AssertionError):
        one_instalment(status="sold")
