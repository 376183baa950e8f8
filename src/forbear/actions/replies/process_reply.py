"""What somebody wrote back: understood where it is clear, acted on at once, and left to a person where it isn't."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.holds.holds import place_hold
from forbear.channels.transport import Reply
from forbear.core.base.canonical import writable
from forbear.core.base.problem import Problem
from forbear.core.replies.understanding import Understood, understand
from forbear.store import evidence
from forbear.store.models import Borrower, ContactPoint, Inbound
from forbear.store.situation import lock_borrower

#: The hold that follows from what was said, where nothing else has to be asked first.
HOLD_FOR = {"dispute": "dispute", "hardship": "hardship", "lawyer": "lawyer", "deceased": "deceased"}
#: Of a longer reply the rest is left out; nobody writes so much to a lender, and a program's mistake is no evidence.
LONGEST_REPLY = 100_000
_KIND_OF = {"sms": "phone", "voice": "phone", "call": "phone", "email": "email", "push": "device"}


def process_reply(reply: Reply, now: datetime) -> Inbound | Problem:
    """Keep the reply and do what follows. Delivered again it is the same reply.

    A number that belongs to several borrowers says stop for all of them; anything else then goes to a person.
    """
    text = writable(reply.text[:LONGEST_REPLY])
    meant = understand(text)
    digest, owners = _owners(reply)
    with transaction.atomic():
        for owner in owners:
            lock_borrower(owner)
        try:
            with transaction.atomic():
                inbound = Inbound.objects.create(
                    provider=reply.provider,
                    provider_ref=reply.provider_ref,
                    kind="reply",
                    borrower_id=owners[0] if len(owners) == 1 else None,
                    text=text[:4000],
                    intent=meant.intent,
                    at=reply.at,
                    needs_person=meant.needs_person or len(owners) != 1 or meant.intent not in _CERTAIN,
                )
        except IntegrityError:
            return Inbound.objects.get(provider=reply.provider, provider_ref=reply.provider_ref, kind="reply")
        for owner in owners:
            _log_reply(owner, replace(reply, text=text), meant, digest, now)
            if meant.intent == "stop" or "stop" in meant.also:
                agree(owner, False, now, actor="borrower", point=digest, source=f"reply {reply.channel}")
        if len(owners) == 1 and not meant.needs_person and meant.intent in _FOLLOW:
            _FOLLOW[meant.intent](owners[0], meant, digest, now)
        return inbound


def _owners(reply: Reply) -> tuple[str, list[str]]:
    """The digest of the sender, and the borrowers it belongs to.

    A centre may leave the plus of a foreign number out, so a number that nobody has is read as one with it too.
    """
    kind = _KIND_OF.get(reply.channel, "phone")
    readings = [reply.sender]
    if kind == "phone" and reply.sender.strip().isdigit():
        readings.append(f"+{reply.sender.strip()}")
    digests = [digest_of(kind, reading) for reading in readings]
    for digest in digests:
        points = ContactPoint.objects.filter(digest=digest).order_by("borrower_id")
        if owners := list(points.values_list("borrower_id", flat=True)):
            return digest, owners
    return digests[0], []


def _log_reply(owner: str, reply: Reply, meant: Understood, digest: str, now: datetime) -> None:
    evidence.append(
        "inbound",
        at=now,
        actor="borrower",
        borrower=owner,
        body={
            "channel": reply.channel,
            "point": digest,
            "intent": meant.intent,
            "also": list(meant.also),
            "provider": reply.provider,
            "provider_ref": reply.provider_ref,
        },
        personal={"text": reply.text},
    )


def _hold(owner: str, meant: Understood, digest: str, now: datetime) -> None:
    place_hold(owner, HOLD_FOR[meant.intent], now, actor="borrower", source="reply")


def _start(owner: str, meant: Understood, digest: str, now: datetime) -> None:
    agree(owner, True, now, actor="borrower", point=digest, source="reply")


def _wrong_person(owner: str, meant: Understood, digest: str, now: datetime) -> None:
    """Somebody else has this number: nothing goes there any more."""
    borrower = Borrower.objects.get(pk=owner)
    ContactPoint.objects.filter(borrower=borrower, digest=digest).update(stopped_at=now, invalid_at=now)
    evidence.append(
        "point", at=now, actor="borrower", borrower=owner, body={"point": digest, "what": "wrong person"}
    )
    agree(owner, False, now, actor="borrower", point=digest, source="wrong person")


_FOLLOW: dict[str, Callable[[str, Understood, str, datetime], None]] = {
    "start": _start,
    "wrong_person": _wrong_person,
    **dict.fromkeys(HOLD_FOR, _hold),
}
#: What needs nobody to read it; a claim to have paid or a promise is read, since money is only moved by money.
_CERTAIN = ("stop", "start")
