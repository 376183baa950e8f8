"""Keep an address of a list under a name, for oneself or the team, and drop it again."""

from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.store.models import SavedView, Staff

#: A person's views of one list: more than anybody finds their way in.
MOST = 30


def save_view(
    staff: Staff, listing: str, name: str, query: str, *, shared: bool, is_default: bool
) -> SavedView | Problem:
    """Save it; one of the same name is replaced. A shared one is found by the person's team."""
    if shared and not staff.team:
        return Problem("no_team_to_share_with", "You belong to no team, so a view can't be shared with one.")
    with transaction.atomic():
        Staff.objects.select_for_update().get(pk=staff.pk)
        own = SavedView.objects.filter(staff=staff, listing=listing)
        if own.exclude(name=name).count() >= MOST:
            return Problem(
                "too_many_views", "A list has at most %(most)s views of yours. Remove one first.", most=MOST
            )
        if is_default:
            own.exclude(name=name).update(is_default=False)
        team = staff.team if shared else ""
        view, _made = SavedView.objects.update_or_create(
            staff=staff,
            listing=listing,
            name=name,
            defaults={"query": query, "team": team, "is_default": is_default},
        )
        return view


def remove_view(staff: Staff, view_id: int) -> SavedView | Problem:
    """Remove one's own view; a colleague's stays."""
    view = SavedView.objects.filter(pk=view_id, staff=staff).first()
    if view is None:
        return Problem("no_such_view", "There is no such view of yours.")
    view.delete()
    return view
