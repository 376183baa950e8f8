"""Goal: a due date is moved at once just inside each limit, and not a day or an instalment outside it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.loans.due_dates import ExtensionPolicy, NextDue, check_extension

TODAY, DUE = date(2026, 3, 10), date(2026, 3, 25)
POLICY = ExtensionPolicy()


def due(**changed: object) -> NextDue:
    return NextDue(**{"number": 6, "due_on": DUE, "amount": 100, "paid_before": 5, "late": False} | changed)


def test_inside_every_limit_it_is_agreed():
    assert (
        check_extension(due(), DUE + timedelta(days=30), TODAY, [TODAY - timedelta(days=365)], POLICY) == []
    )


@pytest.mark.parametrize(
    ("changed", "to", "moved"),
    [
        ({"late": True}, DUE + timedelta(days=1), []),
        ({"paid_before": 4}, DUE + timedelta(days=1), []),
        ({"due_on": DUE - timedelta(days=1)}, DUE + timedelta(days=1), []),
        ({}, DUE + timedelta(days=31), []),
        ({}, DUE, []),
        ({}, DUE - timedelta(days=1), []),
        ({}, DUE + timedelta(days=1), [TODAY - timedelta(days=364)]),
    ],
)
def test_outside_one_limit_that_one_is_told(changed, to, moved):
    assert len(check_extension(due(**changed), to, TODAY, moved, POLICY)) == 1


@given(st.integers(0, 60), st.integers(0, 20), st.integers(0, 60), st.integers(0, 5))
def test_what_is_agreed_keeps_every_limit(ahead, paid, by, before):
    found = check_extension(
        due(due_on=TODAY + timedelta(days=ahead), paid_before=paid),
        TODAY + timedelta(days=ahead + by),
        TODAY,
        [TODAY] * before,
        POLICY,
    )
    assert (found == []) == (ahead >= 15 and paid >= 5 and 1 <= by <= 30 and before == 0)
