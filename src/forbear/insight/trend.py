"""How a figure went: its value in each of the last eight weeks, up to the period's last day and in its scope."""

from dataclasses import replace
from datetime import timedelta

from forbear.insight.kpi import Figure, Kpi, Period, figure

WEEKS = 8
_WEEK = timedelta(days=7)


def trend(kpi: Kpi, period: Period) -> list[tuple[Period, Figure]]:
    """Each week with its figure, the oldest first; the last ends with the period."""
    weeks = [
        replace(period, first=last - _WEEK + timedelta(days=1), last=last)
        for last in (period.last - _WEEK * back for back in reversed(range(WEEKS)))
    ]
    return [(week, figure(kpi, week)) for week in weeks]
