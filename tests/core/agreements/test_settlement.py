"""Goal: nobody waives more than their authority, and never below the floor of principal."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.agreements.settlement import (
    WHOLE,
    Owed,
    SettlementPolicy,
    check_settlement,
    discount,
    may_grant,
    settlement_state,
)

TODAY = date(2026, 3, 10)
BY = TODAY + timedelta(days=14)
POLICY = SettlementPolicy()
OWED = Owed(1_000_000, 800_000, 90)


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_rounding_never_lets_more_be_waived(outstanding, waived):
    amount = outstanding - min(waived, outstanding - 1)
    for role, limit in POLICY.authority.items():
        if may_grant(role, amount, outstanding, POLICY):
            assert (outstanding - amount) * WHOLE <= outstanding * limit


@pytest.mark.parametrize(
    ("role", "amount", "alone"),
    [
        ("collector", 950_000, True),
        ("collector", 949_999, False),
        ("lead", 800_000, True),
        ("lead", 799_999, False),
        ("manager", 500_000, True),
        ("auditor", 999_999, False),
    ],
)
def test_each_role_up_to_its_limit(role, amount, alone):
    assert may_grant(role, amount, 1_000_000, POLICY) == alone


@pytest.mark.parametrize(
    ("amount", "by", "owed", "good"),
    [
        (500_000, BY, OWED, True),
        (399_999, BY, OWED, False),  # below half the principal
        (499_999, BY, OWED, False),  # more than anybody may waive
        (1_000_000, BY, OWED, False),  # nothing is waived
        (0, BY, OWED, False),
        (900_000, BY, Owed(1_000_000, 800_000, 59), False),
        (900_000, BY, Owed(1_000_000, 800_000, 60), True),
        (900_000, TODAY, OWED, False),
        (900_000, TODAY + timedelta(days=30), OWED, True),
        (900_000, TODAY + timedelta(days=31), OWED, False),
    ],
)
def test_what_may_be_offered(amount, by, owed, good):
    assert (check_settlement(amount, by, owed, TODAY, POLICY) == []) == good


def test_payments_and_the_day_judge_it():
    assert settlement_state(100, BY, 99, BY) == "offered"
    assert settlement_state(100, BY, 99, BY + timedelta(days=1)) == "lapsed"
    assert settlement_state(100, BY, 100, BY + timedelta(days=99)) == "kept"
    assert discount(1, 3) == 6667


@pytest.mark.parametrize(("amount", "codes"), [(600_000, []), (599_999, ["settlement_below_principal"])])
def test_the_floor_of_principal_holds_within_everybodys_authority(amount, codes):
    """Three fifths of the principal are always paid, though a manager might waive half of everything."""
    policy = SettlementPolicy(floor=6_000)
    owed = Owed(1_000_000, 1_000_000, 90)
    assert [problem.code for problem in check_settlement(amount, BY, owed, TODAY, policy)] == codes
    assert may_grant("manager", amount, owed.outstanding, policy)
