"""From which hour work goes on: the earliest moment at which something that waits may be done, as far as is known."""

from datetime import datetime

from django.db.models import Min, Q

from forbear.actions.selectors.due_calls import planned_now
from forbear.store.models import Case, Contact


def work_goes_on_at(now: datetime) -> datetime | None:
    """When the next waiting message or planned call may be made; None where one may be now, or nothing waits.

    A moment is known once the rules were asked about a contact and named one.
    """
    waiting = Contact.objects.filter(state="waiting")
    calls = Case.objects.filter(planned_now(now), closed_on=None, held=False)
    if waiting.filter(not_before__lte=now).exists():
        return None
    if calls.filter(Q(next_at=None) | Q(next_at__lte=now)).exists():
        return None
    moments = (
        waiting.aggregate(first=Min("not_before"))["first"],
        calls.aggregate(first=Min("next_at"))["first"],
    )
    return min((moment for moment in moments if moment is not None), default=None)
