"""The row of facts of a borrower, and which of their loans decides."""

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.facts.borrower import Borrower, Standing, facts_of, worst
from forbear.core.facts.vocabulary import FACTS, NEVER_DAYS
from forbear.core.loans.delinquency import Arrears
from forbear.core.loans.loan import Amounts, Instalment, Loan, Payment, Product
from forbear.core.loans.products import parse_products

PRODUCTS = parse_products("products: {}", "built-in")
DAY = date(2026, 3, 10)


def loan(loan_id: str, due_on: date, amount: int = 10_000, currency: str = "CNY", **more) -> Loan:
    instalments = (Instalment(1, due_on, Amounts(principal=amount)),)
    given = {
        "principal": amount,
        "disbursed_on": date(2026, 1, 1),
        "status": "active",
        "payments": (),
        "pauses": (),
    }
    return Loan(loan_id, "B1", "any", currency, instalments=instalments, **(given | more))


def standing(loan_id: str, days: int, amount: int, to_due: int = NEVER_DAYS) -> Standing:
    found = Arrears(days_past_due=days, past_due_amount=amount)
    return Standing(loan(loan_id, DAY), Product("any"), found, to_due, 0)


@pytest.mark.parametrize(
    ("standings", "chosen"),
    [
        ([standing("a", 1, 5), standing("b", 2, 1)], "b"),
        ([standing("a", 2, 5), standing("b", 2, 6)], "b"),
        ([standing("b", 2, 5), standing("a", 2, 5)], "a"),
        ([standing("L10", 0, 0, 3), standing("L9", 0, 0, 3)], "L10"),
        ([standing("a", 0, 0, 9), standing("b", 0, 0, 2)], "b"),
    ],
)
def test_the_worst_loan_by_days_then_amount_then_next_due_then_name(standings, chosen):
    assert worst(standings).loan.loan_id == chosen


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4))
def test_the_worst_loan_does_not_depend_on_the_order(figures):
    standings = [standing(f"L{n}", *each) for n, each in enumerate(figures)]
    found = {worst(order).loan.loan_id for order in permutations(standings)}
    assert len(found) == 1


def test_a_borrower_without_loans_is_a_bug():
    with pytest.raises(AssertionError):
        worst([])


def test_nothing_late_and_nothing_in_sight_gives_no_facts():
    assert facts_of(Borrower("B1"), [loan("a", date(2026, 6, 1))], PRODUCTS, DAY, lookahead=True) is None


def test_the_row_holds_every_fact_known_at_night_and_to_the_desk():
    row = facts_of(Borrower("B1"), [loan("a", date(2026, 3, 1))], PRODUCTS, DAY, lookahead=True)
    known = {fact.name for fact in FACTS.values() if fact.known != "moment"}
    assert known <= set(row)


def test_facts_of_a_late_loan_with_a_second_loan_due_soon():
    late = loan("a", date(2026, 3, 1), 50_000, payments=(Payment("p", date(2026, 2, 20), 20_000),))
    soon = loan("b", date(2026, 3, 12), 7_000)
    row = facts_of(Borrower("B1", born_on=date(2000, 3, 11)), [soon, late], PRODUCTS, DAY, lookahead=True)
    assert (row["days_past_due"], row["past_due_amount"], row["outstanding"]) == (9, 30_000, 30_000)
    assert (row["loans_past_due"], row["total_past_due"], row["total_outstanding"]) == (1, 30_000, 37_000)
    assert (row["days_to_due"], row["days_since_payment"], row["days_on_book"]) == (NEVER_DAYS, 18, 68)
    assert row["first_payment_missed"] is True
    assert row["age_years"] == 25, "the birthday is tomorrow"


@pytest.mark.parametrize(
    ("due_on", "days", "amount"),
    [
        (date(2026, 3, 9), NEVER_DAYS, 0),
        (date(2026, 3, 10), 0, 10_000),
        (date(2026, 4, 10), 31, 10_000),
    ],
)
def test_days_to_due_reaches_from_today_to_31_days(due_on, days, amount):
    row = facts_of(Borrower("B1"), [loan("a", due_on)], PRODUCTS, DAY, lookahead=True)
    assert (row["days_to_due"], row["next_due_amount"]) == (days, amount)


def test_without_lookahead_only_the_late_are_looked_at():
    due_soon, late = loan("a", date(2026, 3, 12)), loan("b", date(2026, 3, 1))
    assert facts_of(Borrower("B1"), [due_soon], PRODUCTS, DAY, lookahead=False) is None
    assert facts_of(Borrower("B1"), [due_soon, late], PRODUCTS, DAY, lookahead=False)["days_past_due"] == 9


def test_a_due_date_beyond_31_days_is_out_of_sight():
    assert facts_of(Borrower("B1"), [loan("a", date(2026, 4, 11))], PRODUCTS, DAY, lookahead=True) is None


def test_amounts_of_another_currency_are_not_added():
    loans = [loan("a", date(2026, 3, 1), 5_000), loan("b", date(2026, 3, 2), 900, "JPY")]
    row = facts_of(Borrower("B1"), loans, PRODUCTS, DAY, lookahead=True)
    assert (row["currency"], row["total_past_due"], row["loans_past_due"]) == ("CNY", 5_000, 2)


def test_what_the_desk_tells_is_taken_over():
    row = facts_of(
        Borrower("B1"),
        [loan("a", date(2026, 3, 1))],
        PRODUCTS,
        DAY,
        lookahead=True,
        desk={"promise_open": True},
    )
    assert row["promise_open"] is True
