"""The lender's day: on which date a moment falls where the lender is, and when a date begins and ends there."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def business_date(now: datetime) -> date:
    """The lender's business date."""
    return now.astimezone(ZoneInfo(settings.HOME.timezone)).date()


def local_time(now: datetime) -> datetime:
    """The moment as a clock at the lender's shows it."""
    return now.astimezone(ZoneInfo(settings.HOME.timezone))


def day_start(day: date) -> datetime:
    """The moment at which the day begins at the lender's, in UTC; the first one there is for the first of all days."""
    try:
        return datetime.combine(day, time(), ZoneInfo(settings.HOME.timezone)).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if day.year == 1 else datetime.max.replace(tzinfo=UTC)


def day_end(day: date) -> datetime:
    """The moment at which the day is over at the lender's, in UTC: the next one's beginning, if there is a next one."""
    return day_start(day + timedelta(days=1)) if day < date.max else datetime.max.replace(tzinfo=UTC)
