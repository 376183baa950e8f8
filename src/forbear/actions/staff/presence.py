"""Whether a person is at the desk: noted once a minute while they do something, and no more once they are out."""

from datetime import datetime

from forbear.store.models import Staff


def note_active(staff: Staff, now: datetime) -> None:
    """They have just asked for a page themselves."""
    Staff.objects.filter(pk=staff.pk).update(active_at=now)


def note_gone(staff: Staff) -> None:
    """They signed out, or their session ended."""
    Staff.objects.filter(pk=staff.pk).update(active_at=None)
