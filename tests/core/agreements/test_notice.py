"""Goal: each pack has its own form, an answer has the days the rule gives, and an itemization adds up."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.agreements.notice import answer_until, form_of, itemize
from forbear.core.loans.loan import Amounts, Instalment, Loan, Payment, Product


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


@given(st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2026, 4, 1)), st.integers(1, 20_000)), max_size=4))
def test_an_itemization_adds_up(payments):
    lines = tuple(Instalment(n, date(2026, n, 10), Amounts(10_000, 300, 50)) for n in (1, 2, 3))
    paid = tuple(Payment(f"P{n}", *each) for n, each in enumerate(payments))
    loan = Loan("L", "B", "p", "USD", 30_000, date(2025, 12, 10), "active", lines, paid)
    one = itemize(loan, Product("p"), date(2026, 4, 1))
    assert one.amount + one.interest + one.fees - one.paid == one.now
    assert one.now == max(0, 31_050 - sum(amount for _, amount in payments))
    assert one.on == max((day for day, _ in payments), default=date(2025, 12, 10))
