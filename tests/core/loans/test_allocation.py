"""Where money goes: oldest instalment first, by the product's order, and none of it lost."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forbear.core.loans.allocation import allocate, allocate_each, counted_payments
from forbear.core.loans.loan import COMPONENTS, DEFAULT_ALLOCATION_ORDER, Amounts, Instalment, Payment
from tests.core.strategies import as_of_dates, days, payments, priced_loans, schedules

orders = st.permutations(COMPONENTS)
JANUARY, FEBRUARY = date(2024, 1, 10), date(2024, 2, 10)
FULL = Amounts(principal=1000, interest=100, fee=10, penalty=1)


def total(parts):
    return sum(parts, start=Amounts.ZERO)


@pytest.mark.parametrize("order", list(permutations(COMPONENTS)))
def test_every_order_is_followed_to_the_unit(order):
    """Enough for the first two components and a half of the third; the fourth gets nothing."""
    owed = Amounts(principal=40, interest=20, fee=60, penalty=80)
    by_name = {component: getattr(owed, component) for component in order}
    money = by_name[order[0]] + by_name[order[1]] + by_name[order[2]] // 2
    (spread,) = allocate([Instalment(1, JANUARY, owed)], money, order).spreads
    got = [getattr(spread.paid, component) for component in order]
    assert got == [by_name[order[0]], by_name[order[1]], by_name[order[2]] // 2, 0]


def test_the_oldest_instalment_is_paid_first_whatever_its_number():
    later, earlier = Instalment(1, FEBRUARY, FULL), Instalment(2, JANUARY, FULL)
    allocation = allocate([later, earlier], 1112, DEFAULT_ALLOCATION_ORDER)
    assert [spread.instalment.number for spread in allocation.spreads] == [2, 1]
    assert [spread.paid for spread in allocation.spreads] == [FULL, Amounts(fee=1)]


def test_instalments_that_fall_due_together_are_paid_by_number():
    """Saturday's is number 2 and Sunday's number 1; under the rule both fall due on Monday."""
    saturday = Instalment(2, date(2024, 5, 18), FULL)
    sunday = Instalment(1, date(2024, 5, 19), FULL)
    plain = allocate([saturday, sunday], 5, DEFAULT_ALLOCATION_ORDER)
    moved = allocate(
        [saturday, sunday], 5, DEFAULT_ALLOCATION_ORDER, due_date_rule="following", calendar="CN"
    )
    assert plain.spreads[0].instalment is saturday
    assert moved.spreads[0].instalment is sunday
    assert {spread.falls_due_on for spread in moved.spreads} == {date(2024, 5, 20)}


def test_what_no_instalment_needs_is_credit():
    assert allocate([Instalment(1, JANUARY, FULL)], 2000, DEFAULT_ALLOCATION_ORDER).credit == 889
    assert allocate([], 7, DEFAULT_ALLOCATION_ORDER).credit == 7


def test_an_order_that_leaves_a_component_out_is_a_bug():
    with pytest.raises(AssertionError, match="order of all components"):
        allocate([], 0, ("fee", "penalty", "interest"))


def test_value_date_counts_and_not_the_day_a_reversal_was_heard():
    paid = Payment("P1", JANUARY, 100)
    late_reversal = Payment("R1", FEBRUARY, 100, reverses="P1")
    other = Payment("P2", JANUARY - timedelta(days=1), 50)
    assert counted_payments([paid, other], JANUARY) == [other, paid]
    assert counted_payments([paid, other], JANUARY - timedelta(days=1)) == [other]
    assert counted_payments([paid, late_reversal, other], JANUARY) == [other]


def test_reversing_a_reversal_or_nothing_changes_nothing():
    paid = Payment("P1", JANUARY, 100)
    reversal = Payment("R1", JANUARY, 100, reverses="P1")
    assert counted_payments([paid, reversal, Payment("R2", JANUARY, 100, reverses="R1")], FEBRUARY) == []
    assert counted_payments([paid, Payment("R3", JANUARY, 100, reverses="lost")], FEBRUARY) == [paid]


def test_allocating_a_reversal_is_a_bug():
    with pytest.raises(AssertionError, match="counted payments"):
        allocate_each([], [Payment("R", JANUARY, 1, reverses="P")], DEFAULT_ALLOCATION_ORDER)


def test_each_payment_shows_what_it_touched_and_what_it_left():
    lines = [Instalment(1, JANUARY, FULL), Instalment(2, FEBRUARY, FULL)]
    first, second = allocate_each(
        lines, [Payment("B", FEBRUARY, 1200), Payment("A", JANUARY, 111)], DEFAULT_ALLOCATION_ORDER
    )
    assert first.payment.payment_id == "A"
    assert [(spread.instalment.number, spread.paid) for spread in first.spreads] == [
        (1, Amounts(interest=100, fee=10, penalty=1))
    ]
    assert [(spread.instalment.number, spread.paid, spread.unpaid) for spread in second.spreads] == [
        (1, Amounts(principal=1000), Amounts.ZERO),
        (2, Amounts(principal=89, interest=100, fee=10, penalty=1), Amounts(principal=911)),
    ]


@given(schedules(), st.integers(0, 10**8), orders)
def test_money_in_is_money_out(lines, money, order):
    allocation = allocate(lines, money, order)
    spread = total(part.paid for part in allocation.spreads)
    unpaid = total(part.unpaid for part in allocation.spreads)
    assert spread.total + allocation.credit == money
    assert spread + unpaid == total(line.amounts for line in lines)
    assert spread.not_negative()
    assert unpaid.not_negative()
    assert allocation.credit == 0 or unpaid == Amounts.ZERO


@given(schedules(), st.integers(0, 10**6), orders)
def test_no_instalment_is_begun_before_the_one_ahead_is_paid(lines, money, order):
    parts = allocate(lines, money, order).spreads
    begun = [part for part in parts if part.paid != Amounts.ZERO]
    for part in begun[:-1]:
        assert part.unpaid == Amounts.ZERO
    for part in begun:
        waiting = [component for component in order if getattr(part.unpaid, component)]
        if waiting:
            after = order[order.index(waiting[0]) + 1 :]
            assert all(getattr(part.paid, component) == 0 for component in after)


@given(schedules(), st.integers(0, 10**6), st.integers(0, 10**6), orders)
def test_more_money_never_pays_any_component_less(lines, money, more, order):
    before = allocate(lines, money, order).spreads
    after = allocate(lines, money + more, order).spreads
    assert all((new.paid - old.paid).not_negative() for old, new in zip(before, after, strict=True))


@given(schedules().flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))), orders)
def test_the_order_of_the_rows_does_not_matter(both, order):
    lines, shuffled = both
    assert allocate(lines, 12345, order) == allocate(shuffled, 12345, order)


@given(priced_loans(), as_of_dates())
def test_single_payments_add_up_to_the_whole(priced, as_of):
    product, loan = priced
    rule = {"due_date_rule": product.due_date_rule, "calendar": product.calendar}
    counted = counted_payments(loan.payments, as_of)
    each = allocate_each(loan.instalments, counted, product.allocation_order, **rule)
    money = sum(payment.amount for payment in counted)
    whole = allocate(loan.instalments, money, product.allocation_order, **rule)
    for part in whole.spreads:
        shares = [s.paid for one in each for s in one.spreads if s.instalment == part.instalment]
        assert total(shares) == part.paid
    assert sum(one.credit for one in each) == whole.credit
    for one in each:
        assert sum(spread.paid.total for spread in one.spreads) + one.credit == one.payment.amount
        assert all(spread.paid != Amounts.ZERO for spread in one.spreads)


@given(st.data(), as_of_dates())
def test_counting_does_not_depend_on_the_order_of_arrival(data, as_of):
    rows = data.draw(payments(data.draw(schedules())))
    shuffled = data.draw(st.permutations(rows))
    assert counted_payments(rows, as_of) == counted_payments(shuffled, as_of)


@given(st.data(), days(), as_of_dates())
def test_a_reversed_payment_equals_its_absence(data, heard_on, as_of):
    rows = data.draw(payments(data.draw(schedules())))
    made = [row for row in rows if not row.reverses]
    assume(made)
    bounced = data.draw(st.sampled_from(made))
    reversal = Payment("news", heard_on, bounced.amount, reverses=bounced.payment_id)
    without = [row for row in rows if bounced.payment_id not in (row.payment_id, row.reverses)]
    assert counted_payments([*rows, reversal], as_of) == counted_payments(without, as_of)
