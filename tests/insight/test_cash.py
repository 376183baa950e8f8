"""Goal: cash is what came in on open cases by value date, and this month stands beside the same days of the last."""

from datetime import UTC, date, datetime, timedelta

import pytest

from forbear.insight.cash import Cash, Mover, as_json, cash, cash_rows, from_json, same_day_of_last_month
from forbear.insight.kpi_cache import cache_kpis, cached_cash
from forbear.insight.scope import ALL, Scope
from forbear.store import large_book
from forbear.store.models import Borrower, Case, Loan, Payment, Placement, PublishedNight
from tests.factories.agencies import make_agency
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = date(2026, 3, 10)


def paid(loan: str, day: date, amount: int, name: str = "", reverses: str = "") -> None:
    Payment.objects.create(
        payment_id=name or f"{loan}-{day}",
        loan_id=loan,
        paid_on=day,
        amount=amount,
        received_at=NOON,
        reverses=reverses,
    )


@pytest.fixture
def book():
    house_rules()
    for name in ("B1", "B2"):
        make_borrower(name, phone=f"+86139000000{name[1]}0")
    Case.objects.update(opened_on=date(2026, 1, 20))
    Loan.objects.filter(borrower="B2").update(product="card")
    agency = make_agency()
    Placement.objects.create(
        borrower=Borrower.objects.get(pk="B2"), agency=agency, loans=["B2-L1"],
        placed_at=datetime(2026, 3, 5, tzinfo=UTC), due_back_on=date(2026, 6, 1), amount=1, currency="CNY",
        minor_unit=100,
    )  # fmt: skip
    paid("B1-L1", TODAY, 100_00)
    paid("B1-L1", date(2026, 3, 2), 50_00)
    paid("B2-L1", date(2026, 3, 9), 400_00)
    paid("B2-L1", date(2026, 2, 4), 20_00)
    paid("B1-L1", date(2026, 2, 10), 500_00)
    paid("B1-L1", date(2026, 2, 20), 7_00)


@pytest.mark.parametrize(
    ("today", "same"),
    [
        (date(2026, 3, 10), date(2026, 2, 10)),
        (date(2026, 3, 31), date(2026, 2, 28)),
        (date(2026, 1, 5), date(2025, 12, 5)),
        (date(2024, 3, 30), date(2024, 2, 29)),
    ],
)
def test_the_same_day_of_last_month(today, same):
    assert same_day_of_last_month(today) == same


def test_today_and_the_month_stand_beside_the_last(book):
    found = cash(TODAY, ALL)
    assert (found.of_today, found.of_same_day) == (100_00, 500_00)
    assert (found.month, found.last_month) == (550_00, 520_00), "what came after the same day is left out"
    assert found.products == [Mover("card", 400_00, 20_00), Mover("cash", 150_00, 500_00)]
    by_agency = {each.key: (each.now, each.before) for each in found.agencies}
    assert by_agency == {"": (150_00, 520_00), "huaxin": (400_00, 0)}, "it counts for who had the case then"
    assert found.curve(TODAY)[-1] == found.month
    assert sum(row.amount for row in cash_rows(TODAY, ALL)[2]) == 550_00 + 527_00
    assert found.target_to_date(3_100_00) == 1_000_00


def test_what_was_taken_back_or_came_on_no_open_case_is_no_cash(book):
    paid("B1-L1", TODAY, 100_00, "back", f"B1-L1-{TODAY}")
    assert cash(TODAY, ALL).of_today == 0
    Case.objects.filter(borrower="B2").update(closed_on=date(2026, 3, 9))
    assert cash(TODAY, ALL).month == 450_00, "the payment that closes a case counts"
    Case.objects.filter(borrower="B2").update(closed_on=date(2026, 3, 8))
    assert cash(TODAY, ALL).month == 50_00


def test_a_choice_has_its_own_cash_and_parts_add_up(book):
    whole = cash(TODAY, ALL)
    parts = [cash(TODAY, Scope(product=product)) for product in ("cash", "card")]
    assert sum(part.month for part in parts) == whole.month
    assert sum(part.last_month for part in parts) == whole.last_month
    assert cash(TODAY, Scope(agency="huaxin")).month == 400_00


def test_a_large_book_is_counted_ahead(book, monkeypatch):
    assert from_json(as_json(cash(TODAY, ALL))) == cash(TODAY, ALL)
    assert from_json({"version": 0}) is None
    PublishedNight.objects.create(
        as_of=TODAY - timedelta(days=1), version="v", published_at=NOON - timedelta(hours=9),
        counts={"open_cases": large_book.LARGE + 1},
    )  # fmt: skip
    assert cached_cash(TODAY, ALL, NOON) is None
    assert cache_kpis(NOON)
    assert cached_cash(TODAY, ALL, NOON) == cash(TODAY, ALL)
    assert cached_cash(TODAY, Scope(product="card"), NOON) is None, "a choice is counted when it is asked for"
    assert cached_cash(TODAY, ALL, NOON + timedelta(hours=1)) is None, (
        "what a stopped worker left is not shown"
    )


def test_without_any_loan_there_is_nothing():
    found = cash(TODAY, ALL)
    assert isinstance(found, Cash)
    assert (found.month, found.last_month, found.currency) == (0, 0, "")
