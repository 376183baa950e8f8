"""Goal: a record goes on the day the law says, and the estimate never gets better by waiting to pay."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.bureaus.standing import Spell, estimate, gone_on, spells
from forbear.core.loans.loan import Amounts, Instalment, Loan, Payment, Product


@pytest.mark.parametrize(
    ("pack", "late", "settled", "worst", "gone"),
    [
        ("cn", date(2026, 1, 5), date(2026, 3, 10), 64, date(2031, 3, 10)),
        ("cn", date(2026, 1, 5), None, 64, None),
        ("cn", date(2023, 1, 5), date(2024, 2, 29), 64, date(2029, 3, 1)),
        ("us", date(2026, 1, 5), None, 180, date(2033, 7, 4)),
        ("us", date(2026, 1, 5), date(2026, 2, 19), 45, date(2033, 1, 5)),
        ("uk", date(2026, 1, 5), date(2030, 1, 1), 1457, date(2032, 1, 5)),
    ],
)
def test_the_day_a_record_goes(pack, late, settled, worst, gone):
    assert gone_on(pack, late, settled, worst) == gone


@given(st.integers(0, 2000), st.integers(0, 400))
def test_more_days_late_are_never_better(days, more):
    assert estimate(days + more).points <= estimate(days).points


@given(st.integers(0, 2000), st.integers(0, 5000), st.integers(0, 400))
def test_time_after_settling_heals_and_no_further_than_before(days, ago, more):
    now, later = estimate(days, ago), estimate(days, ago + more)
    assert estimate(days).points <= now.points <= later.points <= 100
    assert now.points == 100 - now.taken + now.given_back


def a_loan(*payments: tuple[date, int]) -> Loan:
    lines = tuple(Instalment(n, date(2026, n, 10), Amounts(10_000)) for n in (1, 2, 3))
    paid = tuple(Payment(f"P{n}", day, amount) for n, (day, amount) in enumerate(payments))
    return Loan("L", "B", "p", "CNY", 30_000, date(2025, 12, 10), "active", lines, paid)


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([(date(2026, 1, 10), 30_000)], []),
        ([(date(2026, 1, 13), 10_000), (date(2026, 2, 1), 20_000)], []),  # within the grace of three days
        ([(date(2026, 1, 14), 10_000), (date(2026, 2, 1), 20_000)], []),  # before the first late day had ended
        ([(date(2026, 1, 15), 10_000), (date(2026, 2, 1), 20_000)], [Spell(date(2026, 1, 10), date(2026, 1, 15), 4)]),
        ([(date(2026, 1, 30), 10_000), (date(2026, 2, 1), 10_000)],
         [Spell(date(2026, 1, 10), date(2026, 1, 30), 19), Spell(date(2026, 3, 10), None, 21)]),
        ([], [Spell(date(2026, 1, 10), None, 80)]),
    ],
)  # fmt: skip
def test_when_a_loan_was_late(payments, expected):
    found = spells(a_loan(*payments), Product("p", grace_days=3), date(2026, 3, 31))
    assert found == expected


@given(st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2026, 5, 1)), st.integers(1, 20_000)), max_size=5))
def test_spells_follow_one_another_and_only_the_last_is_open(payments):
    found = spells(a_loan(*payments), Product("p", grace_days=3), date(2026, 5, 1))
    assert all(each.cured is not None and each.worst_days > 0 for each in found[:-1])
    assert all(a.cured <= b.cured for a, b in pairwise(found[:-1]))
