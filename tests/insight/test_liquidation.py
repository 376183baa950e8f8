"""Goal: each batch's liquidation is its cash over its balance, computed again from the payments one by one."""

from datetime import date, timedelta

import pytest

from forbear.insight.liquidation import Placed, batches, placed
from forbear.store.models import Loan, Payment, Placement
from tests.factories.agencies import make_agency
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = date(2026, 3, 10)
#: (borrower, days since placed, amount, came back after so many days or None, [(day after placing, paid)]).
CASES = [
    ("B1", 100, 1_000, None, [(0, 100), (30, 50), (31, 25), (95, 500)]),
    ("B2", 95, 3_000, 45, [(10, 300), (50, 900)]),
    ("B3", 70, 2_000, None, [(60, 333)]),
    ("B4", 10, 5_000, None, [(1, 5_000)]),
]


@pytest.fixture
def agency():
    house_rules()
    made = make_agency("huaxin")
    for name, ago, amount, stayed, paid in CASES:
        borrower = make_borrower(name, phone=f"+86100000000{name[1]}")
        at = NOON - timedelta(days=ago)
        Placement.objects.create(
            agency=made, borrower=borrower, loans=[f"{name}-L1"], placed_at=at, amount=amount, currency="CNY",
            rate=1_550,
            ended_at=None if stayed is None else at + timedelta(days=stayed),
        )  # fmt: skip
        for number, (after, cash) in enumerate(paid):
            Payment.objects.create(
                payment_id=f"{name}-{number}", loan=Loan.objects.get(pk=f"{name}-L1"), amount=cash, received_at=NOON,
                paid_on=at.date() + timedelta(days=after),
            )  # fmt: skip
    return made


def by_hand(cases: list, age: int, *, stayed_only: bool = False) -> float | None:
    """Cash within the age while placed, over the balance."""
    cash = whole = 0
    for _, ago, amount, stayed, paid in cases:
        if ago < age or (stayed_only and stayed is not None and stayed < age):
            continue
        last = age if stayed is None else min(age, stayed)
        cash += sum(each for after, each in paid if after <= last)
        whole += amount
    return cash / whole if whole else None


@pytest.mark.postgresql
def test_batches_by_hand(agency):
    currency, rows = placed(NOON)
    assert currency == "CNY"
    found = {batch.month: batch for batch in batches(rows)}
    months: dict[date, list] = {}
    for case in CASES:
        months.setdefault((TODAY - timedelta(days=case[1])).replace(day=1), []).append(case)
    assert found.keys() == months.keys() | {None}
    for month, cases in months.items():
        batch = found[month]
        assert (batch.cases, batch.amount) == (len(cases), sum(case[2] for case in cases))
        assert list(batch.shares) == [age for age in (30, 60, 90) if min(case[1] for case in cases) >= age]
        for age, (share, stayed, _) in batch.shares.items():
            assert (share, stayed) == (by_hand(cases, age), by_hand(cases, age, stayed_only=True))
    every = found[None]
    assert (every.cases, every.recalled) == (4, 1)
    assert {age: row[0] for age, row in every.shares.items()} == {
        age: by_hand(CASES, age) for age in (30, 60, 90)
    }
    assert every.shares[90][0] == (175 + 300) / 4_000, "what came after it went back is not the agency's"
    assert every.shares[90][1] == 175 / 1_000


def test_net_back_takes_the_agencys_share_off_to_the_cent():
    one = Placed(1, "B1", "a", TODAY, 1_000, 1_550, {30: 101}, None)
    # 15.5 % of 1.01 is 0.15655, so 0.16 goes to the agency
    assert one.net(30) == 101 - 16
    assert batches([one])[0].shares[30][2] == 85 / 1_000
    assert batches([]) == []
