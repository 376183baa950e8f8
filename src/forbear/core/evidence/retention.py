"""Until when personal data in the evidence is kept.

The clock starts when the last case is closed or, if later, with the last thing that was done about it: the longer
keeping of China's consumer-finance rule (five years from the case's end) and of Regulation F, 12 CFR 1006.100
(three years from the last collection activity). It never runs while a case is open. How many years is a parameter
of the rule packs, `retention_years`; of several packs the longest counts.
"""

from datetime import date, timedelta
from typing import Annotated

from forbear.core.base.problem import noop
from forbear.core.base.setting import settings_class, whole

#: For packs that fix none: the longest of those that ship for China.
DEFAULT_YEARS = 5
#: Holds that keep everything while they run: somebody may have to prove what was done.
KEEPING = frozenset({"dispute", "moratorium", "plan", "promise", "forbearance", "other"})
#: Kinds of events that are about the log itself. They are no collection activity and start no clock.
NO_ACTIVITY = frozenset({"view", "export", "erasure", "correction", "access", "change"})


@settings_class
class CreditFilePolicy:
    """For how many days a file that was made for a credit bureau is kept. What it reported of each loan is kept
    apart."""

    keep_days: Annotated[
        int, whole(noop("Kept for"), noop("Then a file made for a bureau is erased"), "days")
    ] = 730

    def until(self, made_on: date) -> date:
        """The last day on which a file made that day is there."""
        return made_on + timedelta(days=self.keep_days)


@settings_class
class StrangerPolicy:
    """For how many days the words of somebody whom nobody knows are kept once they were read: no case keeps them."""

    keep_days: Annotated[
        int, whole(noop("Kept for"), noop("Then what a stranger wrote is erased"), "days")
    ] = 180

    def first_kept(self, today: date) -> date:
        """The first day whose messages are still kept on `today`."""
        return today - timedelta(days=self.keep_days)


def retained_until(
    closed_on: date | None, last_activity: date | None, years: int, *, case_open: bool
) -> date | None:
    """The last day on which the data must be kept; None while that isn't known yet.

    `closed_on` is when the last case was closed, `last_activity` the day of the last event that is one.
    """
    days = [day for day in (closed_on, last_activity) if day is not None]
    if case_open or not days:
        return None
    return years_after(max(days), years)


def years_after(day: date, years: int) -> date:
    """The same day a number of years later, earlier where negative.

    It is 1 March after a 29 February, so that nothing is erased a day too early.
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
