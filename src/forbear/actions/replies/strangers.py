"""Erase what people whom nobody knows wrote, once it was read and has been kept for as long as the policy says.

What belongs to a case is kept with the case. A message that was linked to one later stands in its evidence, too.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from forbear.core.base.reason import Reason
from forbear.core.evidence.log import Erasure
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date, day_start
from forbear.store.models import Inbound, ReplyAlarm

#: The chain of what belongs to no borrower.
_NOBODYS = ""


def due_strangers(now: datetime) -> QuerySet[Inbound]:
    """The messages of nobody's case that are over; one that waits to be read, or whose alarm is on, is not."""
    first = day_start(policy(settings.HOME).strangers.first_kept(business_date(now)))
    waiting = Q(needs_person=True, read_at=None) | Q(alarm__isnull=False, alarm__seen_at=None)
    kept = ~Q(text="") | ~Q(sender="") | ~Q(attachments=[])
    return Inbound.objects.filter(kept, kind="reply", borrower=None, at__lt=first).exclude(waiting)


def erase_strangers(now: datetime, *, actor: str) -> int:
    """Erase them and what came with them, with one event that says so; how many messages. It can't be undone."""
    with transaction.atomic():
        rows = list(due_strangers(now).select_for_update(of=("self",)).order_by("pk"))
        if not rows:
            return 0
        needed = _still_needed(rows)
        files = {digest for row in rows for digest in row.attachments} - needed
        dropped = evidence.drop_files(files, now)
        erasure = Erasure(evidence.lock_chain(_NOBODYS), (), tuple(dropped))
        evidence.append(
            "erasure",
            at=now,
            actor=actor,
            body={
                **erasure.body(),
                "what": "messages from strangers",
                "messages": len(rows),
                "came_until": business_date(max(row.at for row in rows)).isoformat(),
                "reason": Reason.of("retention").as_dict(),
            },
        )
        names = [row.pk for row in rows]
        ReplyAlarm.objects.filter(inbound__in=names).update(words="")
        Inbound.objects.filter(pk__in=names).update(text="", sender="", attachments=[])
        return len(rows)


def _still_needed(rows: list[Inbound]) -> set[str]:
    """The files of messages that stay."""
    kept = Inbound.objects.exclude(pk__in=[row.pk for row in rows]).exclude(attachments=[])
    return {digest for digests in kept.values_list("attachments", flat=True) for digest in digests}
