"""Goal: penalty is what a plain day-by-day computation gives, its parts sum to it, and the cap is never passed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from forbear.core.base.calendar import add_months
from forbear.core.loans.loan import Amounts, Instalment, Loan, Pause, Payment, PenaltyTerms, Product
from forbear.core.loans.penalty import penalty

BEGUN = date(2026, 1, 15)
RATES = st.decimals(0, 36, places=2)


@st.composite
def loans(draw: st.DrawFn) -> Loan:
    count = draw(st.integers(1, 4))
    lines = [
        Instalment(
            number,
            add_months(BEGUN, number),
            Amounts(
                draw(st.integers(0, 200_000)),
                draw(st.integers(0, 9_000)),
                draw(st.integers(0, 5_000)),
                draw(st.sampled_from([0, 50, 900, 10**6])),
            ),
        )
        for number in range(1, count + 1)
    ]
    paid = draw(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 150_000)), max_size=4))
    payments = [
        Payment(f"P{n}", BEGUN + timedelta(days=days), amount) for n, (days, amount) in enumerate(paid)
    ]
    return Loan("L", "B", "p", "CNY", 0, BEGUN, "active", tuple(lines), tuple(payments))


@st.composite
def products(draw: st.DrawFn) -> Product:
    terms = PenaltyTerms(
        contract_rate=draw(RATES),
        factor=draw(st.sampled_from([Decimal(1), Decimal("1.3"), Decimal("1.5")])),
        daily_rate=draw(st.sampled_from([Decimal(0), Decimal("0.067")])),
        compounding=draw(st.sampled_from(["monthly", "none"])),
        day_count=draw(st.sampled_from([360, 365])),
        bears=draw(
            st.sampled_from([("principal",), ("principal", "interest"), ("principal", "interest", "fee")])
        ),
    )
    return Product(
        "p",
        grace_days=draw(st.integers(0, 5)),
        tolerance=draw(st.sampled_from([Decimal(0), Decimal(10)])),
        due_date_counts=draw(st.booleans()),
        penalty=terms,
    )


DAYS = st.integers(0, 400)


def day_by_day(loan: Loan, product: Product, as_of: date) -> int:
    """The same by the plainest way: one day after another, nothing left out."""
    terms, total = product.penalty, 0
    dues = [line.due_on - timedelta(days=int(product.due_date_counts)) for line in loan.instalments]
    owed = [
        {"principal": a.principal, "interest": a.interest, "fee": a.fee}
        for a in (i.amounts for i in loan.instalments)
    ]
    exact = [Fraction(0)] * len(dues)
    waiting = [Fraction(0)] * len(dues)
    paid = [0] * len(dues)
    bearing = [0] * len(dues)
    day = BEGUN
    while True:
        for n, due in enumerate(dues):
            if day <= due or day == BEGUN:
                continue
            late = (day - due).days
            if sum(owed[n].values()) <= product.tolerance * 100:
                waiting[n] = Fraction(0)
                continue
            base = sum(owed[n][part] for part in terms.bears) + bearing[n]
            waiting[n] += base * terms.a_day
            if late > product.grace_days:
                exact[n] += waiting[n]
                waiting[n] = Fraction(0)
        for money in [each.amount for each in loan.payments if each.paid_on == day]:
            left = money
            for n in range(len(dues)):
                for part in product.allocation_order:
                    charged = floor(exact[n] + Fraction(1, 2))
                    told = loan.instalments[n].amounts.penalty
                    have = max(0, min(charged, told) - paid[n]) if part == "penalty" else owed[n][part]
                    got = min(left, have)
                    left -= got
                    if part == "penalty":
                        paid[n] += got
                        bearing[n] = min(bearing[n], charged - paid[n])
                    else:
                        owed[n][part] -= got
        if terms.compounding == "monthly":
            for n, due in enumerate(dues):
                if any(day == add_months(due, months) for months in range(1, 16)):
                    bearing[n] = floor(exact[n] + Fraction(1, 2)) - paid[n]
        if day == as_of:
            break
        day += timedelta(days=1)
    total += sum(floor(each + Fraction(1, 2)) for each in exact)
    return total


@given(loans(), products(), DAYS)
def test_it_is_what_a_day_by_day_reckoning_gives(loan, product, days):
    as_of = BEGUN + timedelta(days=days)
    assert penalty(loan, product, as_of).charged == day_by_day(loan, product, as_of)


@given(loans(), products(), DAYS, st.integers(10, 36))
def test_the_parts_sum_to_the_whole(loan, product, days, cap):
    found = penalty(loan, product, BEGUN + timedelta(days=days), cap_percent=cap)
    assert found.charged == sum(each.charged for each in found.instalments)
    for each in found.instalments:
        assert each.charged == sum(stretch.amount for stretch in each.stretches)
        assert 0 <= each.paid <= each.charged
        assert all(stretch.amount >= 0 <= stretch.cut for stretch in each.stretches)
        assert all(a.until <= b.since for a, b in zip(each.stretches, each.stretches[1:], strict=False))


@given(loans(), products(), DAYS, st.integers(0, 60))
def test_waiting_never_makes_it_less(loan, product, days, more):
    as_of = BEGUN + timedelta(days=days)
    assert (
        penalty(loan, product, as_of).charged <= penalty(loan, product, as_of + timedelta(days=more)).charged
    )


@given(loans(), products(), DAYS, st.integers(10, 36))
def test_all_that_is_charged_stays_within_the_cap(loan, product, days, cap):
    """Unless interest and fees alone go beyond it, or a fee falls due after the penalty was charged."""
    as_of = BEGUN + timedelta(days=days)
    without_fees = replace(
        loan,
        instalments=tuple(
            replace(i, amounts=replace(i.amounts, interest=0, fee=0)) for i in loan.instalments
        ),
    )
    found = penalty(without_fees, product, as_of, cap_percent=cap)
    assert found.room is not None
    assert found.room >= 0
    principal = sum(line.amounts.principal for line in loan.instalments)
    assert found.charged <= Fraction(principal * cap * days, 36_500)


@given(loans(), products(), DAYS, st.integers(10, 36))
def test_a_cap_takes_off_and_never_adds(loan, product, days, cap):
    as_of = BEGUN + timedelta(days=days)
    assert penalty(loan, product, as_of, cap_percent=cap).charged <= penalty(loan, product, as_of).charged


@given(loans(), products(), DAYS)
def test_who_pays_all_on_time_is_charged_nothing(loan, product, days):
    whole = sum(line.amounts.total for line in loan.instalments)
    payments = (Payment("all", loan.instalments[0].due_on - timedelta(days=1), whole),) if whole else ()
    assert penalty(replace(loan, payments=payments), product, BEGUN + timedelta(days=days)).charged == 0


@given(loans(), products(), DAYS, st.integers(0, 100), st.integers(0, 100))
def test_nothing_is_charged_while_a_plan_runs(loan, product, days, start, length):
    as_of = BEGUN + timedelta(days=days)
    free = (Pause(BEGUN + timedelta(days=start), BEGUN + timedelta(days=start + length)),)
    found = penalty(loan, product, as_of, free=free)
    assert all(
        stretch.days <= (stretch.until - stretch.since).days
        for e in found.instalments
        for stretch in e.stretches
    )
    always = penalty(loan, product, as_of, free=(Pause(BEGUN),))
    assert always.charged == 0
    assert found.charged <= penalty(loan, product, as_of).charged


def test_a_loan_without_a_first_day_runs_from_a_month_before_its_first_instalment():
    terms = Product("p", penalty=PenaltyTerms(contract_rate=Decimal(36), compounding="none"))
    line = Instalment(1, date(2026, 3, 10), Amounts(100_000, 1_800))
    known, unknown = (
        Loan("L", "B", "p", "CNY", 100_000, begun, "active", (line,)) for begun in (date(2026, 2, 10), None)
    )
    day = date(2026, 3, 20)
    assert penalty(known, terms, day, cap_percent=24) == penalty(unknown, terms, day, cap_percent=24)
