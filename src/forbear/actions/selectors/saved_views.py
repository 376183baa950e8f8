"""The saved views of a list that somebody finds there: their own, and those their team shares."""

from django.db.models import Q

from forbear.store.models import SavedView, Staff


def saved_views(staff: Staff, listing: str) -> list[SavedView]:
    """Of this list: the person's own first, then the team's; each by its name."""
    seen = Q(staff=staff) | Q(team=staff.team) if staff.team else Q(staff=staff)
    rows = SavedView.objects.filter(seen, listing=listing).select_related("staff").order_by("name", "pk")
    return sorted(rows, key=lambda view: view.staff_id != staff.pk)
