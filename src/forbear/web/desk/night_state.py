"""What the first pages say of the night: whether today's is there, what it waits for, and from when work goes on."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from forbear.actions.selectors.desk_counts import latest_night
from forbear.actions.selectors.work_hours import work_goes_on_at
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.import_log import reason_to_wait
from forbear.store.business_date import business_date
from forbear.web.steady import counted


def night_state(now: datetime) -> dict[str, object]:
    """`missing` is the day whose night is not there yet, `waits` why the program would not decide it, if it wouldn't.

    `goes_on` is when the next contact may be made, None where one may be now or nothing waits.
    """
    today, night = business_date(now), latest_night()
    missing = today if night is not None and night.as_of < today else None
    return {
        "missing": missing,
        "waits": _waits_for(today) if missing else "",
        **counted("work_hours", lambda: {"goes_on": work_goes_on_at(now)}, now).found,
    }


def _waits_for(day: date) -> str:
    """Why no night of this day would be decided on the book there is; "" where one would."""
    home = settings.HOME
    try:
        manifest = open_book(home.book).manifest
    except FeedError:
        return ""
    return reason_to_wait(home.quarantine, manifest, day, home.feed.oldest_days, ZoneInfo(home.timezone))
