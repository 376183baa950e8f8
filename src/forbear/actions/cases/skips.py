"""A collector passes a case over, with the reason: others get it, and it comes back later."""

from datetime import datetime, timedelta

from django.db import transaction

from forbear.actions.cases.reassignment import hand_over
from forbear.core.agencies.skips import SKIPS
from forbear.core.base.problem import Problem
from forbear.store.models import Case, Staff
from forbear.store.situation import lock_borrower


def skip_case(case_id: int, reason: str, staff: Staff, now: datetime) -> Case | Problem:
    """Put the person's own case back into the queue until the reason's time is over; on record."""
    if reason not in SKIPS:
        return Problem("skip_reason_missing", "Say why you skip this case.")
    with transaction.atomic():
        owner = Case.objects.filter(pk=case_id, closed_on=None).values_list("borrower_id", flat=True).first()
        if owner is None or lock_borrower(owner) is None:
            return Problem("no_such_open_case", "there is no such open case")
        case = Case.objects.select_related("collector").get(pk=case_id)
        if case.collector_id != staff.pk or case.leased_until is None or case.leased_until <= now:
            return Problem("case_not_yours", "This case is not with you, so there is nothing to skip.")
        case.next_at = now + timedelta(minutes=SKIPS[reason].minutes)
        case.save(update_fields=["next_at"])
        hand_over(case, None, None, now, actor=f"staff:{staff.number}", skipped=True, reason=reason)
        return case
