"""A person reads what somebody wrote, and sees to an alarm."""

from datetime import datetime

from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Inbound, ReplyAlarm, Staff


def mark_reply_read(inbound_id: int, staff: Staff, now: datetime) -> Inbound | Problem:
    """Note that somebody has read a reply: what was held for it may go on. Read again it changes nothing.

    Problem when there is no such reply.
    """
    with transaction.atomic():
        inbound = Inbound.objects.filter(pk=inbound_id, kind="reply").first()
        if inbound is None:
            return Problem("no_such_reply", "there is no reply %(number)s", number=inbound_id)
        reader = f"staff:{staff.number}"
        changed = Inbound.objects.filter(pk=inbound_id, read_at=None).update(read_at=now, read_by=reader)
        if changed and inbound.borrower_id:
            evidence.append(
                "note",
                at=now,
                actor=reader,
                borrower=inbound.borrower_id,
                body={
                    "what": "reply read",
                    "provider": inbound.provider,
                    "provider_ref": inbound.provider_ref,
                },
            )
        inbound.refresh_from_db()
        return inbound


def see_reply_alarm(alarm_id: int, words: str, staff: Staff, now: datetime) -> ReplyAlarm | Problem:
    """Somebody has seen to an alarm, and says what was done. The hold stays until it is lifted."""
    if not words.strip():
        return Problem("alarm_measures_missing", "say what was done")
    with transaction.atomic():
        seen = ReplyAlarm.objects.filter(pk=alarm_id, seen_at=None).update(
            seen_at=now, seen_by=staff, words=words.strip()[:300]
        )
        if not seen:
            return Problem("alarm_closed", "somebody has dealt with this alarm already")
        return ReplyAlarm.objects.get(pk=alarm_id)
