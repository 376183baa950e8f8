"""Who answered for a feed or a night that was stopped, in the evidence."""

from datetime import datetime

from django.db import transaction

from forbear.store import evidence
from forbear.store.models import Staff

#: The roles that may answer for a feed that changes more than the limits let pass.
ROLES = ("manager", "compliance", "administrator")


def may_accept(name: str) -> bool:
    """Whether the account NAME may answer for a feed; as long as nobody at the desk may, any name will do."""
    able = Staff.objects.filter(role__in=ROLES, is_active=True)
    return able.filter(username=name).exists() or not able.exists()


def record_acceptance(what: str, version: str, name: str, reason: str, now: datetime) -> None:
    """Write it down: `what` is `feed` or `night`, `version` that of the book or the night's date."""
    staff = Staff.objects.filter(username=name).first()
    actor = f"staff:{staff.number}" if staff else "command line"
    body = {"what": f"{what}_accepted", "version": version, "by": name, "note": reason[:300]}
    with transaction.atomic():
        evidence.append("change", at=now, actor=actor, body=body)
