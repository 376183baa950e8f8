"""When the keeping of personal data ends."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.evidence.kinds import KINDS
from forbear.core.evidence.retention import NO_ACTIVITY, retained_until

DAYS = st.dates(date(2000, 1, 1), date(2080, 1, 1))


@pytest.mark.parametrize(
    ("closed_on", "last", "years", "is_open", "expected"),
    [
        (date(2026, 3, 31), None, 5, False, date(2031, 3, 31)),
        (date(2026, 3, 31), date(2026, 1, 1), 5, False, date(2031, 3, 31)),
        (date(2026, 3, 31), date(2026, 4, 2), 3, False, date(2029, 4, 2)),
        (None, date(2026, 4, 2), 3, False, date(2029, 4, 2)),
        (date(2026, 3, 31), date(2026, 4, 2), 5, True, None),
        (None, None, 5, False, None),
        (date(2028, 2, 29), None, 5, False, date(2033, 3, 1)),
        (date(2028, 2, 29), None, 4, False, date(2032, 2, 29)),
    ],
)
def test_worked_examples(closed_on, last, years, is_open, expected):
    assert retained_until(closed_on, last, years, case_open=is_open) == expected


@given(st.none() | DAYS, st.none() | DAYS, st.integers(1, 15), st.integers(0, 5))
def test_more_never_ends_it_earlier(closed_on, last, years, more):
    end = retained_until(closed_on, last, years, case_open=False)
    if end is None:
        assert closed_on is last is None
        return
    assert all(end.year >= day.year + years for day in (closed_on, last) if day is not None)
    assert retained_until(closed_on, last, years + more, case_open=False) >= end


def test_what_is_no_activity_is_a_known_kind():
    assert set(KINDS) > NO_ACTIVITY
