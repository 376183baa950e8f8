"""Which cases are to be called now: those that the night planned a call for, on the day it planned them for."""

from datetime import datetime, timedelta

from django.db.models import Q

from forbear.store.business_date import business_date

_DAY = timedelta(days=1)


def planned_now(now: datetime) -> Q:
    """Cases for which the night planned a call by the own team, on its day or the day after."""
    return Q(call_planned_on__isnull=False, call_planned_on__gte=business_date(now) - _DAY)
