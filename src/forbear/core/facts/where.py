"""What the clock and the calendar say where the borrower is: hour, weekday, holiday, age, days since they asked."""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from forbear.core.base.calendar import is_business_day
from forbear.core.facts.contact import PlannedContact
from forbear.core.facts.context import ContactContext, Facts, NoticeGiven
from forbear.core.facts.fact import NEVER_DAYS

#: Facts that aren't known without a time zone.
OF_THE_CLOCK = frozenset(
    {"local_hour", "local_weekday", "local_holiday", "days_since_asked", "days_since_default_notice_served"}
)
#: Post is delivered on the second working day after it was posted (Practice Direction (QB) [1985]; Interpretation
#: Act 1978 s. 7, first class).
POST_TAKES = 2


def zone_facts(situation: ContactContext, planned: PlannedContact, now: datetime, zone: str) -> Facts:
    """What is so at `now` in `zone` (an IANA name); without a zone only the age, by the date in UTC."""
    if not zone:
        facts: Facts = {"collector_certified": _certified(situation, now.date())}
        return facts | ({"age_years": age(situation.born_on, now.date())} if situation.born_on else {})
    local = now.astimezone(ZoneInfo(zone))
    today = local.date()
    facts = {
        "local_hour": local.hour,
        "local_weekday": local.isoweekday(),
        "local_holiday": _holiday(today, country_of(zone)),
        "days_since_asked": _days_since_asked(situation, planned, now, zone),
        "days_since_default_notice_served": _days_since_served(
            situation, planned, "default_notice", zone, today
        ),
        "collector_certified": _certified(situation, today),
    }
    if situation.born_on is not None:
        facts["age_years"] = age(situation.born_on, today)
    return facts


def _certified(situation: ContactContext, today: date) -> bool:
    """Whether all who make the contact hold a certificate that is valid today."""
    return situation.certified_until is not None and today <= situation.certified_until


def age(born_on: date, today: date) -> int:
    """Completed years of age; 0 when the birthday is still to come."""
    before_birthday = (today.month, today.day) < (born_on.month, born_on.day)
    return max(0, today.year - born_on.year - before_birthday)


@cache
def country_of(zone: str) -> str:
    """The calendar of the country a zone lies in; empty where we don't know one."""
    if zone in ("Europe/London", "Europe/Belfast", "GB"):
        return "GB-ENG"  # most of those there, and the post's working days
    if zone in ("Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"):
        return "CN"
    american = ("New_York", "Chicago", "Denver", "Los_Angeles", "Phoenix", "Anchorage", "Detroit", "Boise")
    if zone.startswith("US/") or zone == "Pacific/Honolulu":
        return "US"
    return "US" if zone.removeprefix("America/") in american or zone.startswith("America/Indiana/") else ""


def _holiday(today: date, country: str) -> bool:
    """Whether the country doesn't work on a day of the week on which it usually does."""
    return bool(country) and today.isoweekday() <= 5 and not is_business_day(today, country)


def _days_since_asked(situation: ContactContext, planned: PlannedContact, now: datetime, zone: str) -> int:
    """Calendar days since the person asked for, or agreed to, contacts by this very channel."""
    place = ZoneInfo(zone)
    newest = max(
        (
            consent
            for consent in situation.agreed
            if not consent.night and consent.channel in ("", planned.channel) and consent.fits(planned)
        ),
        key=lambda consent: (consent.at, not consent.given),
        default=None,
    )
    if newest is None or not newest.given or newest.channel != planned.channel or newest.at > now:
        return NEVER_DAYS
    asked, today = newest.at.astimezone(place).date(), now.astimezone(place).date()
    return min((today - asked).days, NEVER_DAYS)


def _days_since_served(
    situation: ContactContext, planned: PlannedContact, kind: str, zone: str, today: date
) -> int:
    """Days since the newest notice of a kind was served, the fewest of the loans; NEVER_DAYS if one had none."""
    loans = planned.loans or tuple(debt.loan_id for debt in situation.debts)
    days = []
    for loan in loans:
        served = [
            served_on(notice, zone)
            for notice in situation.notices
            if notice.kind == kind and notice.loan_id == loan
        ]
        past = [day for day in served if day <= today]
        days.append((today - max(past)).days if past else NEVER_DAYS)
    return NEVER_DAYS if not days or NEVER_DAYS in days else min(days)


def served_on(notice: NoticeGiven, zone: str) -> date:
    """The day a notice counts as served: what is posted arrives on the second working day after."""
    day = notice.at.astimezone(ZoneInfo(zone)).date()
    if notice.channel != "letter":
        return day
    calendar, left = country_of(zone), POST_TAKES
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day, calendar) if calendar else day.isoweekday() <= 5
    return day


def served_after(notice: NoticeGiven, days: int, zone: str) -> datetime:
    """The midnight that begins that number of days after a notice was served."""
    return datetime.combine(served_on(notice, zone) + timedelta(days=days), time(), ZoneInfo(zone))
