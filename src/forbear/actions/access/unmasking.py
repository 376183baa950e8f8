"""Show personal data in the clear: with a reason, and on record."""

from datetime import datetime

from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.models import Borrower, Staff
from forbear.store.permissions import may
from forbear.store.situation import lock_borrower

#: Why somebody may look; the words are on the page.
REASONS = ("identify", "correct", "complaint", "legal", "audit")


def unmask(borrower: Borrower, staff: Staff, reason: str, now: datetime) -> dict[str, str] | Problem:
    """The name and every number and address of a borrower, by the point's id; the log says who looked and why."""
    if not may(staff.role, "borrower:personal:unmask"):
        return Problem("personal_data_not_permitted", "this needs the permission to see personal data")
    if reason not in REASONS:
        return Problem("unmask_reason_missing", "choose why you need to see it")
    with transaction.atomic():
        lock_borrower(borrower.borrower_id)
        evidence.append(
            "view",
            at=now,
            actor=f"staff:{staff.number}",
            borrower=borrower.borrower_id,
            body={"reason": Reason.of("unmask", purpose=reason).as_dict(), "what": ["name", "points"]},
        )
        shown = {str(point.pk): point.value for point in borrower.points.all()}
        return shown | {"name": borrower.name}
