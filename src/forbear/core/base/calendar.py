"""Business days of a country, and the day an instalment falls due.

A calendar is named by its ISO 3166 two-letter country code; the days come from the `holidays` library. For
China that includes the State Council's make-up workdays: a weekend day that is worked is a business day.
Years whose arrangement has not been announced yet know the statutory holidays only, so a future date may
still move by a few days once it is; the night recomputes everything, so nothing has to be corrected by
hand. Only holidays of the whole country count: Easter Monday, which Scotland works, is a business day in GB.
"""

import importlib
from datetime import date, timedelta
from functools import cache
from types import ModuleType

DUE_DATE_RULES = ("none", "following")

_ONE_DAY = timedelta(days=1)


@cache
def _library() -> ModuleType:
    """The holiday tables, loaded when first asked for: half a second that most books never need."""
    return importlib.import_module("holidays")


@cache
def known_calendars() -> tuple[str, ...]:
    """All calendar names, in order: from the library's register, since to list them itself it loads every country."""
    return tuple(sorted(_library().registry.EntityLoader.get_country_codes(include_aliases=False)))


def is_known_calendar(name: str) -> bool:
    """Whether `name` is a country code for which public holidays are known."""
    return name in known_calendars()


@cache
def _days_off(calendar: str, year: int) -> frozenset[date]:
    """The days of `year` on which the country doesn't work.

    The neighbouring years are loaded too: China announces a make-up workday at the end of December with the
    next year's holidays, and a New Year's Day on a Saturday is observed in the old year.
    """
    country, _, part = calendar.partition("-")
    assert is_known_calendar(country), f"{calendar!r} is not a known holiday calendar"
    years = range(max(year - 1, date.min.year), min(year + 1, date.max.year) + 1)
    days = _library().country_holidays(country, subdiv=part or None, years=years)
    length = (date(year, 12, 31) - date(year, 1, 1)).days + 1
    all_days = (date(year, 1, 1) + timedelta(days=n) for n in range(length))
    return frozenset(day for day in all_days if not days.is_working_day(day))


def is_business_day(day: date, calendar: str) -> bool:
    """Whether the country, or the part of it that `GB-ENG` names, works on `day`. The calendar must be a known one."""
    return day not in _days_off(calendar, day.year)


def next_business_day(day: date, calendar: str) -> date:
    """The first business day on or after `day`: the day itself if it is one."""
    while not is_business_day(day, calendar):
        day += _ONE_DAY
    return day


def falls_due_on(due_on: date, rule: str, calendar: str) -> date:
    """The day on which an instalment written as due on `due_on` falls due.

    Rule `none` leaves it; `following` moves it to the next business day of `calendar` when it isn't one.
    The result is never earlier than `due_on`, and a later `due_on` never falls due earlier.
    """
    assert rule in DUE_DATE_RULES, f"{rule!r} is not a due-date rule"
    return due_on if rule == "none" else next_business_day(due_on, calendar)


def add_months(day: date, months: int) -> date:
    """The same day a number of months later, or the month's last day where it has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))
