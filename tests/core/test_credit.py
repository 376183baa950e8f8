"""Goal: a record goes on the day the law says, and the estimate never gets better by waiting to pay."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.credit import estimate, gone_on


@pytest.mark.parametrize(
    ("pack", "late", "settled", "gone"),
    [
        ("cn", date(2026, 1, 5), date(2026, 3, 10), date(2031, 3, 10)),
        ("cn", date(2026, 1, 5), None, None),
        ("cn", date(2023, 1, 5), date(2024, 2, 29), date(2029, 3, 1)),
        ("us", date(2026, 1, 5), None, date(2033, 1, 5)),
        ("uk", date(2026, 1, 5), date(2030, 1, 1), date(2032, 1, 5)),
    ],
)
def test_the_day_a_record_goes(pack, late, settled, gone):
    assert gone_on(pack, late, settled) == gone


@given(st.integers(0, 2000), st.integers(0, 400))
def test_more_days_late_are_never_better(days, more):
    assert estimate(days + more).points <= estimate(days).points


@given(st.integers(0, 2000), st.integers(0, 5000), st.integers(0, 400))
def test_time_after_settling_heals_and_no_further_than_before(days, ago, more):
    now, later = estimate(days, ago), estimate(days, ago + more)
    assert estimate(days).points <= now.points <= later.points <= 100
    assert now.points == 100 - now.taken + now.given_back
