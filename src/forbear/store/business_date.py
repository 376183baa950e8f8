"""The lender's day: on which date a moment falls where the lender is, and when a date begins and ends there."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def today_of(now: datetime) -> date:
    """The lender's business date."""
    return now.astimezone(ZoneInfo(settings.HOME.timezone)).date()


def start_of(day: date) -> datetime:
    """The moment at which the day begins at the lender's, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(settings.HOME.timezone)).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The moment at which the day is over at the lender's, in UTC: the next one's beginning."""
    return start_of(day + timedelta(days=1))
