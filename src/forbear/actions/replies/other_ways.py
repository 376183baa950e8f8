"""Messages that no provider brings: what is written on the portal, a letter, a voice message, an e-mail by hand."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from forbear.actions.access.uploads import Uploaded, store_upload
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.replies.consequences import HOLD_ON_DEMAND, Origin, place_demanded_hold
from forbear.actions.replies.process_reply import process_reading, raise_alarm, read_reply
from forbear.channels.transport import Reply
from forbear.core.base.problem import Problem
from forbear.core.replies.demands import demands
from forbear.core.replies.understanding import understand
from forbear.interchange.home.second_reader import tables
from forbear.store.models import Borrower, ContactPoint, Inbound, Request, Staff

#: By which ways a person may record a message: as they are answered.
RECORDED_WAYS = ("letter", "voice", "call", "email", "sms")
_KIND_OF = {"letter": "address", "email": "email", "voice": "phone", "call": "phone", "sms": "phone"}
LONGEST_RECORDED = 20_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message as a person wrote it down: how it came, its words, and the case or the number it is from."""

    channel: str
    words: str
    borrower_id: str = ""
    sender: str = ""
    file: Uploaded | None = None


def record_message(draft: Recorded, staff: Staff, now: datetime) -> Inbound | Problem:
    """Put it into the inbox; what follows from its words follows at once, as from a text.

    Problem, and nothing changed, for no words, no such case, and a file that can't be kept.
    """
    if draft.channel not in RECORDED_WAYS or not draft.words.strip():
        return Problem("message_incomplete", "Choose a channel and write something.")
    with transaction.atomic():
        files: tuple[str, ...] = ()
        if draft.file is not None:
            kept = store_upload(draft.file)
            if isinstance(kept, Problem):
                transaction.set_rollback(True)
                return kept
            files = (kept,)
        origins = _origins(draft)
        if isinstance(origins, Problem):
            transaction.set_rollback(True)
            return origins
        digest = origins[0].digest if origins else ""
        if not origins and draft.sender:
            digest = digest_of(_KIND_OF[draft.channel], draft.sender)
        words = draft.words.strip()[:LONGEST_RECORDED]
        reply = Reply("desk", uuid.uuid4().hex, draft.channel, draft.sender, "", words, now)
        actor = f"staff:{staff.number}"
        return process_reading(read_reply(reply, digest, tuple(origins), files=files, actor=actor), now)


def _origins(draft: Recorded) -> list[Origin] | Problem:
    """The cases it is from: by the number or address where it is on file, else the case that was named."""
    kind = _KIND_OF[draft.channel]
    digest = digest_of(kind, draft.sender) if draft.sender else ""
    points = ContactPoint.objects.filter(digest=digest).order_by("borrower_id") if digest else None
    if not draft.borrower_id:
        return [Origin(point.borrower_id, digest, point.party) for point in points or ()]
    borrower = Borrower.objects.filter(pk=draft.borrower_id).first()
    if borrower is None:
        return Problem(
            "no_such_borrower",
            "there is no borrower %(borrower_id)s with a case",
            borrower_id=draft.borrower_id,
        )
    named = points.filter(borrower=borrower).first() if points is not None else None
    if named is None and not draft.sender:
        own = borrower.points.filter(kind=kind, party="debtor", invalid_at=None).order_by("-pk")
        named = own.first() if draft.channel in ("letter", "email") else None
    return [Origin(borrower.pk, named.digest, named.party) if named else Origin(borrower.pk)]


def note_portal_words(request: Request, words: str, now: datetime) -> Inbound | None:
    """What a borrower wrote with a request on the portal stands in the inbox, too; danger in it raises an alarm.

    None where they wrote nothing. What they demand besides has its effect at once.
    """
    if not words.strip():
        return None
    meant, asked = understand(words, readers=tables("replies")), demands(words)
    with transaction.atomic():
        inbound, new = Inbound.objects.get_or_create(
            provider="portal",
            provider_ref=f"{request.number}:{uuid.uuid5(uuid.NAMESPACE_OID, words).hex}",
            kind="reply",
            defaults={
                "channel": "portal",
                "party": "debtor",
                "borrower": request.borrower,
                "text": words,
                "intent": meant.intent,
                "asked": list(asked),
                "at": now,
                "needs_person": True,
                "urgent": meant.urgent,
                "sorted_as": request.kind,
                "request": request,
                "attachments": list(request.attachments),
            },
        )
        if new:
            for name in asked:
                if name in HOLD_ON_DEMAND:
                    place_demanded_hold(request.borrower_id, name, now)
            if meant.urgent:
                raise_alarm(inbound, [request.borrower_id], now)
        return inbound
