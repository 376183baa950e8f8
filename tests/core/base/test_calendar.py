"""Business days by country, and the shift of due dates."""

import subprocess
import sys
from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.base.calendar import (
    DUE_DATE_RULES,
    falls_due_on,
    is_business_day,
    is_known_calendar,
    known_calendars,
    next_business_day,
)
from tests.core.strategies import CALENDARS

any_day = st.dates(date(2019, 1, 1), date(2027, 12, 31))
calendar = st.sampled_from(CALENDARS)


@pytest.mark.parametrize(
    ("day", "country", "business"),
    [
        (date(2024, 2, 9), "CN", True),  # the day before New Year's Eve's holiday
        (date(2024, 2, 10), "CN", False),  # 春节
        (date(2024, 2, 12), "CN", False),  # a Monday inside it
        (date(2024, 2, 4), "CN", True),  # a Sunday that is worked instead
        (date(2024, 2, 18), "CN", True),  # and another
        (date(2024, 2, 25), "CN", False),  # a plain Sunday
        (date(2024, 10, 1), "CN", False),
        (date(2024, 10, 12), "CN", True),  # a Saturday that is worked instead
        (date(2024, 2, 12), "US", True),
        (date(2024, 7, 4), "US", False),
        (date(2021, 12, 31), "US", False),  # New Year's Day 2022 is a Saturday, observed in the old year
        (date(2024, 2, 4), "US", False),
        (date(2024, 12, 26), "GB", False),
        (date(2024, 12, 26), "US", True),
        (date(2024, 2, 29), "GB", True),
    ],
)
def test_days_worked(day, country, business):
    assert is_business_day(day, country) is business


def test_a_make_up_workday_before_the_new_year_is_known():
    """China worked the last weekend of 2006 for a holiday that began on 1 January 2007."""
    assert is_business_day(date(2006, 12, 31), "CN")
    assert is_business_day(date(2006, 12, 30), "CN")


@pytest.mark.parametrize(
    ("day", "country", "moved"),
    [
        (date(2024, 2, 10), "CN", date(2024, 2, 18)),  # over the whole festival, to a worked Sunday
        (date(2024, 2, 4), "CN", date(2024, 2, 4)),
        (date(2024, 3, 29), "GB", date(2024, 4, 1)),  # Good Friday; Easter Monday is not off in all of the UK
        (date(2024, 3, 30), "US", date(2024, 4, 1)),
        (date(2023, 12, 30), "GB", date(2024, 1, 2)),
        (date(2024, 5, 15), "CN", date(2024, 5, 15)),
    ],
)
def test_the_next_business_day(day, country, moved):
    assert next_business_day(day, country) == moved


def test_names_of_calendars():
    assert is_known_calendar("CN")
    assert not any(is_known_calendar(name) for name in ("", "cn", "China", "CHN", "ZZ", "UK", "US-CA"))
    assert {"CN", "US", "GB", "IN", "KE"} <= set(known_calendars())
    assert set(known_calendars()) == set(holidays.list_supported_countries(include_aliases=False))


def test_a_rule_or_calendar_nobody_knows_is_a_bug():
    with pytest.raises(AssertionError, match="due-date rule"):
        falls_due_on(date(2024, 1, 1), "preceding", "CN")
    with pytest.raises(AssertionError, match="holiday calendar"):
        is_business_day(date(2024, 1, 1), "ZZ")


def test_years_without_tables_have_weekends_only():
    assert is_business_day(date(9999, 12, 31), "CN")  # a Friday, and the last day there is
    assert not is_business_day(date(9000, 1, 4), "CN")


@given(any_day, calendar)
def test_a_due_date_never_moves_back_and_lands_on_a_business_day(day, country):
    moved = falls_due_on(day, "following", country)
    assert moved >= day
    assert is_business_day(moved, country)
    assert all(not is_business_day(day + timedelta(n), country) for n in range((moved - day).days))


@given(any_day, any_day, st.sampled_from(DUE_DATE_RULES), calendar)
def test_the_order_of_due_dates_is_kept(one, other, rule, country):
    first, second = sorted((one, other))
    assert falls_due_on(first, rule, country) <= falls_due_on(second, rule, country)


@given(any_day, calendar)
def test_a_moved_due_date_stays(day, country):
    moved = falls_due_on(day, "following", country)
    assert falls_due_on(moved, "following", country) == moved


@given(any_day)
def test_without_a_rule_the_due_date_stands(day):
    assert falls_due_on(day, "none", "") == day


def test_holiday_tables_are_not_loaded_before_they_are_needed():
    code = "import sys; from forbear.core.loans import delinquency, products; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
