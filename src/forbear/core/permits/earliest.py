"""When might a rule stop refusing? The moments worth asking about, from the rule's own `until`.

These are only candidates: the decision asks the rule itself at each of them.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from forbear.core.facts.contact import PlannedContact
from forbear.core.facts.context import ContactContext
from forbear.core.facts.where import served_after
from forbear.core.permits.rules import Rule

#: How many days ahead the clock is looked at: longer than a week, and than the longest joined holidays.
_DAYS_OF_CLOCK = 22


def moments(rule: Rule, situation: ContactContext, planned: PlannedContact, now: datetime) -> list[datetime]:
    """Candidate moments after `now`, in order; none when the rule doesn't pass with time."""
    if rule.until is None:
        return []
    places = [ZoneInfo(zone) for zone in situation.zones]
    times: set[datetime] = set()
    if rule.until.kind == "next_local_hour":
        for place in places:
            times |= {_at(now, day, rule.until.number, place) for day in range(_DAYS_OF_CLOCK)}
    elif rule.until.kind == "preferred_hours":
        hour = int(situation.facts.get("preferred_from", 0))
        for place in places:
            times |= {_at(now, day, hour, place) for day in range(_DAYS_OF_CLOCK)}
    elif rule.until.kind == "next_local_day":
        for place in places:
            times |= {_at(now, day, 0, place) for day in range(_DAYS_OF_CLOCK)}
    elif rule.until.kind == "window":
        assert rule.count is not None, "a window belongs to a count"
        for place in places:
            for past in situation.past:
                times.add(_at(past.at, rule.count.days, 0, place))
    elif rule.until.kind == "hold_ends":
        times |= {span.ends for span in situation.spans if span.ends is not None}
    elif rule.until.kind == "service":
        served = [given for given in situation.notices if given.kind == rule.until.notice]
        for place in places:
            times |= {served_after(given, rule.until.number, place.key) for given in served}
    else:
        days = timedelta(days=rule.until.number)
        times |= {
            given.at.astimezone(UTC) + days for given in situation.notices if given.kind == rule.until.notice
        }
    for place in places:  # a rule that is not in force yet, or no longer, changes at a midnight
        if rule.ends.year < 9999:
            times.add(datetime.combine(rule.ends, time(), place).astimezone(now.tzinfo))
    return sorted(moment.astimezone(now.tzinfo) for moment in times if now < moment)


def _at(moment: datetime, days: int, hour: int, place: ZoneInfo) -> datetime:
    """The full hour of the local day `days` after that of `moment`, as an instant.

    Goes through UTC: an hour that daylight saving skips becomes the moment the clocks jump to.
    """
    local = moment.astimezone(place)
    wall = datetime.combine(local.date() + timedelta(days=days), time(hour), place)
    return wall.astimezone(ZoneInfo("UTC")).astimezone(moment.tzinfo)
