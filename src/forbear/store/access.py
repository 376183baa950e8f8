"""The only door from a request to a row: who may see which borrower, and how much of them."""

from django.db.models import QuerySet

from forbear.store.models import Borrower, Case, Placement, Staff
from forbear.store.permissions import may


def cases_for(staff: Staff) -> QuerySet[Case]:
    """The cases somebody may see: none without the permission, an agency's people none here."""
    if not staff.is_active or not may(staff.role, "desk:case:read"):
        return Case.objects.none()
    return Case.objects.select_related("borrower", "collector")


def borrower_for(staff: Staff, borrower_id: str) -> Borrower | None:
    """The borrower, if this person may see them."""
    case = cases_for(staff).filter(borrower_id=borrower_id).order_by("-pk").first()
    return case.borrower if case else None


def placements_for(staff: Staff) -> QuerySet[Placement]:
    """The placements somebody may see: an agency's people those that run with their own agency, and no others."""
    rows = Placement.objects.select_related("borrower", "agency", "worker")
    if staff.is_active and may(staff.role, "desk:agency:read"):
        return rows
    if staff.is_active and staff.agency_id and may(staff.role, "agency:case:work"):
        return rows.filter(agency_id=staff.agency_id, ended_at=None)
    return rows.none()


def masked_name(name: str) -> str:
    """A name as staff see it by default: the family name and stars."""
    text = name.strip()
    if not text:
        return "—"
    if " " in text:
        return " ".join(part[0] + "*" * (len(part) - 1) for part in text.split())
    return text[0] + "*" * (len(text) - 1)


def masked_point(kind: str, value: str) -> str:
    """A number or address as staff see it by default."""
    if kind == "email":
        head, _, host = value.partition("@")
        return f"{head[:1]}***@{host}"
    if kind == "phone":
        return f"{value[:3]}{'*' * max(len(value) - 7, 3)}{value[-4:]}" if len(value) > 7 else "***"
    return f"{value[:3]}***"
