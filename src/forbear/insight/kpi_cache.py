"""The dashboard's figures of a large book, counted when a night is published and every ten minutes since.

What is kept serves only as long as it is fresh and no night was published after it; else anyone who asks counts.
"""

from datetime import date, datetime, timedelta

from forbear.insight.cash import Cash, as_json, cash, from_json
from forbear.insight.kpi import KPIS, Figure, Period, figures
from forbear.insight.scope import ALL, Scope
from forbear.store.business_date import business_date
from forbear.store.large_book import is_large
from forbear.store.models import CachedKpis, PublishedNight

#: How many days up to today the dashboard covers.
DAYS = (7, 30, 90)
#: The timetable counts again every ten minutes; what is so old was counted by a worker that has stopped.
_FRESH = timedelta(minutes=25)


def last_days(days: int, now: datetime) -> Period:
    """This many days of the lender, today the last."""
    today = business_date(now)
    return Period(today - timedelta(days=days - 1), today)


def cache_kpis(now: datetime) -> bool:
    """Count the figures of each period and keep them, where the book is large; whether it was."""
    if not is_large():
        return False
    names = []
    for days in DAYS:
        period = last_days(days, now)
        counted = {
            figure.kpi.key: [figure.kpi.version, figure.part, figure.whole, figure.currency]
            for figure in figures(period)
        }
        names.append(_name(period))
        CachedKpis.objects.update_or_create(name=names[-1], defaults={"found": counted, "at": now})
    today = business_date(now)
    names.append(f"cash:{today}")
    CachedKpis.objects.update_or_create(
        name=names[-1], defaults={"found": as_json(cash(today, ALL)), "at": now}
    )
    CachedKpis.objects.exclude(name__in=names).delete()
    return True


def cached_kpis(period: Period, now: datetime) -> tuple[list[Figure], datetime] | None:
    """The figures as they were kept, and when they were counted; None where they have to be counted."""
    if not is_large() or not period.scope.is_all:
        return None
    row = CachedKpis.objects.filter(name=_name(period), at__gt=now - _FRESH).first()
    if row is None or PublishedNight.objects.filter(published_at__gt=row.at).exists():
        return None
    cached_figures = []
    for kpi in KPIS:
        version, part, whole, currency = row.found.get(kpi.key, (0, 0, 0, ""))
        if version != kpi.version:  # another release counted them
            return None
        cached_figures.append(Figure(kpi, part, whole, currency))
    return cached_figures, row.at


def cached_cash(today: date, scope: Scope, now: datetime) -> Cash | None:
    """The cash of the month as it was kept; None where it has to be counted."""
    if not is_large() or not scope.is_all:
        return None
    row = CachedKpis.objects.filter(name=f"cash:{today}", at__gt=now - _FRESH).first()
    if row is None or PublishedNight.objects.filter(published_at__gt=row.at).exists():
        return None
    return from_json(row.found)  # None when another release counted it


def _name(period: Period) -> str:
    return f"{period.first}:{period.last}"
