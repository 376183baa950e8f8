"""From which hour work goes on: the earliest moment at which something that waits may be done, as far as is known."""

from datetime import datetime

from django.db.models import Min, Q, QuerySet

from forbear.actions.selectors.due_calls import planned_now
from forbear.store.models import Case, Contact


def work_goes_on_at(now: datetime) -> datetime | None:
    """When the next waiting message or planned call may be made; None where one may be now, or nothing waits.

    A moment is known once the rules were asked about a contact and named one.
    """
    waiting = Contact.objects.filter(state="waiting")
    if waiting.filter(not_before__lte=now).exists() or _calls(now).filter(_free(now)).exists():
        return None
    moments = (waiting.aggregate(first=Min("not_before"))["first"], calls_go_on_at(now))
    return min((moment for moment in moments if moment is not None), default=None)


def calls_go_on_at(now: datetime) -> datetime | None:
    """When the first case with a planned call returns to the queue; None where one is there now, or none is planned."""
    calls = _calls(now)
    return None if calls.filter(_free(now)).exists() else calls.aggregate(first=Min("next_at"))["first"]


def _calls(now: datetime) -> QuerySet[Case]:
    return Case.objects.filter(planned_now(now), closed_on=None, held=False)


def _free(now: datetime) -> Q:
    return Q(next_at=None) | Q(next_at__lte=now)
