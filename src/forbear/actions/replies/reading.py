"""A person reads what somebody wrote, and sees to an alarm."""

from datetime import datetime, timedelta

from django.db import transaction

from forbear.actions.replies.inbox import close_message, lock_message, taken_by_other
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem
from forbear.core.permits.permit import moment_text
from forbear.store.models import Inbound, ReplyAlarm, Staff

#: An alarm that nobody has seen to for so long is raised again, louder.
ESCALATE_AFTER = timedelta(minutes=15)


def mark_reply_read(inbound_id: int, staff: Staff, now: datetime) -> Inbound | Problem:
    """Note that somebody has read a reply: what was held for it may go on. Read again it changes nothing.

    Problem when there is no such reply, somebody else works on it, or its alarm is open.
    """
    with transaction.atomic():
        inbound = lock_message(inbound_id)
        if inbound is None:
            return Problem("no_such_reply", "there is no reply %(number)s", number=inbound_id)
        if problem := unfinished(inbound, staff, now):
            return problem
        close_message(inbound, staff, now)
        return inbound


def unfinished(inbound: Inbound, staff: Staff, now: datetime) -> Problem | None:
    """Why this person can't be done with a message yet; None when they can."""
    if problem := taken_by_other(inbound, staff, now):
        return problem
    if ReplyAlarm.objects.filter(inbound=inbound, seen_at=None).exists():
        return Problem("alarm_measures_missing", "say what was done")
    return None


def read_with_request(number: str, staff: Staff, now: datetime) -> int:
    """Who answers a request has read the messages it was opened by, and answered them; how many were waiting.

    Alarms stay.
    """
    opened = Inbound.objects.filter(request__number=number, kind="reply")
    opened.filter(answered_at=None).update(answered_at=now)
    waiting = opened.filter(read_at=None)
    done = [mark_reply_read(pk, staff, now) for pk in waiting.values_list("pk", flat=True)]
    return sum(isinstance(read, Inbound) for read in done)


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


def escalate_alarms(now: datetime) -> int:
    """Raise again each alarm that nobody has seen to for a quarter of an hour, once; how many."""
    unseen = ReplyAlarm.objects.filter(seen_at=None, escalated_at=None, at__lte=now - ESCALATE_AFTER)
    done = 0
    for alarm in unseen.order_by("at"):
        with transaction.atomic():
            if not unseen.filter(pk=alarm.pk).update(escalated_at=now):
                continue  # another process was quicker
            body = {
                "inbound": alarm.inbound_id,
                "borrower": alarm.borrower_id or "",
                "at": moment_text(alarm.at),
            }
            enqueue_webhooks("reply.alarm_unseen", body, now)
            done += 1
    return done
