"""Put the cases of somebody who may not work them any more back into the queue: locked, ended, or of another role.

It follows the act that took the right away, in a transaction of its own: that act holds the person and this one the
borrowers, and anyone who holds both at once would wait for a colleague who holds them the other way round. The
timetable does the same again and again, for a process that died between the two.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from forbear.actions.cases.reassignment import hand_over
from forbear.core.base.reason import Reason
from forbear.store.models import Case, Staff
from forbear.store.permissions import ROLE_PERMISSIONS
from forbear.store.situation import lock_borrower

_WORKING = tuple(role for role, allowed in ROLE_PERMISSIONS.items() if "desk:case:work" in allowed)


def release_cases(now: datetime, *, actor: str = "timetable", staff: Staff | None = None) -> int:
    """Put back what is leased to people who may not work it, or to this one alone; how many cases."""
    gone = Q(collector__is_active=False) | ~Q(collector__role__in=_WORKING)
    rows = Case.objects.filter(gone, closed_on=None, leased_until__gt=now, collector__isnull=False)
    if staff is not None:
        rows = rows.filter(collector=staff)
    done = 0
    for case_id, owner in rows.order_by("borrower_id").values_list("pk", "borrower_id"):
        with transaction.atomic():
            lock_borrower(owner)
            case = rows.select_related("collector").filter(pk=case_id).first()
            if case is None:
                continue  # somebody was quicker
            assert case.collector is not None, "a leased case has its collector"
            hand_over(case, None, None, now, actor=actor, reason=Reason.of("collector_left").as_dict())
            done += 1
    return done


def release_after(staff: Staff, now: datetime, *, actor: str) -> None:
    """Put their cases back as soon as the act that may have taken the right away is committed."""
    transaction.on_commit(lambda: release_cases(now, actor=actor, staff=staff))
