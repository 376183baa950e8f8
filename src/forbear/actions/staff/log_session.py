"""That somebody of the staff came in or went out: an event of the house that names their number and nothing else."""

from datetime import datetime

from django.db import transaction

from forbear.actions.staff.presence import note_gone
from forbear.store import evidence
from forbear.store.models import Staff

#: How a session begins and ends; `timed_out` is one that the policy ended.
WHAT = ("signed_in", "signed_out", "timed_out")


def log_session(staff: Staff, what: str, now: datetime, *, proof: str = "") -> None:
    """Log it, and on the account when it last signed in, and whether they are at the desk.

    `proof` is by what the session was begun beside a password, "" for a password alone.
    """
    assert what in WHAT, what
    with transaction.atomic():
        body = {"staff": staff.number, "what": what, "proof": proof}
        if what == "signed_in":
            Staff.objects.filter(pk=staff.pk).update(last_login=now, active_at=now)
        else:
            note_gone(staff)
        evidence.append("session", at=now, actor=f"staff:{staff.number}", body=body)
