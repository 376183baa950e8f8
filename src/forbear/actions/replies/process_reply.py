"""What somebody wrote back: understood where it is clear, acted on at once, and left to a person where it isn't."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.holds.holds import place_hold
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.channels.transport import Reply
from forbear.core.base.canonical import writable
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import THIRD_PARTIES
from forbear.core.permits.permit import moment_text
from forbear.core.replies.demands import demands, wished_from
from forbear.core.replies.measure import held_until_read, stops
from forbear.core.replies.understanding import Understood, understand
from forbear.store import evidence
from forbear.store.models import Borrower, ContactPoint, Inbound, ReplyAlarm
from forbear.store.situation import lock_borrower

#: Holds that follow from what is demanded or said: their kind, and how long they run unless somebody lifts them;
#: None is open.
HOLD_ON_DEMAND: dict[str, tuple[str, timedelta | None]] = {
    "cease": ("cease", None),
    "refusal": ("refusal", None),
    "bankrupt": ("bankrupt", None),
    "moratorium": ("moratorium", timedelta(days=60)),
    "counsellor": ("counsellor", timedelta(days=30)),
    "fraud": ("dispute", None),
    "verification": ("verification", None),
    "bereavement": ("bereavement", timedelta(days=14)),
}
#: How sure the reading of a bare word of command is.
_COMMAND = 95
#: The hold that follows from what was said, where nothing else has to be asked first.
HOLD_FOR = {
    "dispute": "dispute",
    "hardship": "hardship",
    "lawyer": "lawyer",
    "deceased": "deceased",
    "complaint": "complaint",
}
#: Of a longer reply the rest is left out; nobody writes so much to a lender, and a program's mistake is no evidence.
LONGEST_REPLY = 100_000
_LONGEST_REFERENCE, _LONGEST_SENDER = 160, 300
_KIND_OF = {"sms": "phone", "voice": "phone", "call": "phone", "email": "email", "push": "device"}


def process_reply(reply: Reply, now: datetime) -> Inbound | Problem:
    """Keep the reply and do what follows. Delivered again it is the same reply.

    A number that belongs to several borrowers says stop for all of them; anything else then goes to a person.
    """
    text = writable(reply.text[:LONGEST_REPLY])
    reply = replace(reply, text=text, provider_ref=_reference(reply.provider_ref))
    meant = _commanded(understand(text), reply.command)
    digest, points = _points(reply)
    owners = [point.borrower_id for point in points]
    asked = demands(text)
    with transaction.atomic():
        for owner in owners:
            lock_borrower(owner)
        try:
            with transaction.atomic():
                inbound = Inbound.objects.create(
                    provider=reply.provider,
                    provider_ref=reply.provider_ref,
                    kind="reply",
                    channel=reply.channel,
                    point_digest=digest,
                    party=points[0].party if points else "",
                    borrower_id=owners[0] if len(owners) == 1 else None,
                    text=text,
                    intent=meant.intent,
                    asked=list(asked),
                    sender="" if points else writable(reply.sender[:_LONGEST_SENDER]),
                    at=reply.at,
                    needs_person=_for_a_person(meant, asked, points),
                    urgent=meant.urgent,
                    held=_held_until_read(meant, asked, points),
                )
        except IntegrityError:
            return Inbound.objects.get(provider=reply.provider, provider_ref=reply.provider_ref, kind="reply")
        for owner in owners:
            _log_reply(owner, reply, meant, digest, now)
            if stops(meant, asked):
                _stop(owner, meant, reply.channel, digest, now)
        if meant.urgent:
            _alarm(inbound, owners, now)
        if len(points) == 1:
            _follow(points[0], meant, asked, reply, now)
        return inbound


def _commanded(meant: Understood, command: str) -> Understood:
    """What it means when the provider itself took it as a stop or a start; danger in it stays danger."""
    if not command or meant.intent == command:
        return meant
    also = tuple(name for name in (meant.intent, *meant.also) if name not in ("unclear", "stop", "start"))
    return replace(meant, intent=command, confidence=_COMMAND, also=also)


def _reference(given: str) -> str:
    """A provider's reference as it can be kept: one that is too long by its digest."""
    plain = writable(given)
    if len(plain) <= _LONGEST_REFERENCE:
        return plain
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def _alarm(inbound: Inbound, owners: list[str], now: datetime) -> None:
    """Words of suicide or violence: nobody asks this person for money until somebody has spoken with them."""
    ReplyAlarm.objects.create(inbound=inbound, borrower_id=inbound.borrower_id, at=now)
    for owner in owners:
        place_hold(owner, "crisis", now, actor="borrower", source="reply")
    body = {"inbound": inbound.pk, "borrower": inbound.borrower_id or "", "at": moment_text(inbound.at)}
    enqueue_webhooks("reply.alarm", body, now)


def _points(reply: Reply) -> tuple[str, list[ContactPoint]]:
    """The digest of the sender, and the numbers and addresses on file that it is.

    A centre may leave the plus of a foreign number out, so a number that nobody has is read as one with it too.
    """
    kind = _KIND_OF.get(reply.channel, "phone")
    readings = [reply.sender]
    if kind == "phone" and reply.sender.strip().isdigit():
        readings.append(f"+{reply.sender.strip()}")
    digests = [digest_of(kind, reading) for reading in readings]
    for digest in digests:
        if points := list(ContactPoint.objects.filter(digest=digest).order_by("borrower_id")):
            return digest, points
    return digests[0], []


def _for_a_person(meant: Understood, asked: tuple[str, ...], points: list[ContactPoint]) -> bool:
    """Whether somebody has to read it; a third person's stop needs nobody."""
    if len(points) == 1 and points[0].party in THIRD_PARTIES and stops(meant, asked):
        return meant.urgent
    if set(asked) - {"cease"}:
        return True
    return meant.needs_person or len(points) != 1 or meant.intent not in _CERTAIN


def _held_until_read(meant: Understood, asked: tuple[str, ...], points: list[ContactPoint]) -> bool:
    """Whether nothing but notices goes to this number until somebody has read it.

    It may be a stop that nobody understood, one of a person whom nobody knows, or of one among several who share the
    number. Of a death it isn't sure whose it is.
    """
    if stops(meant, asked) and points:
        return meant.urgent
    return held_until_read(meant, asked) or len(points) != 1 or "bereavement" in asked


def _stop(owner: str, meant: Understood, channel: str, digest: str, now: datetime) -> None:
    """Nothing goes to this number any more. A bare word of command stops texts, and what a robot says, not people."""
    bare = meant.confidence >= _COMMAND and channel in ("sms", "push", "email")
    for stopped in (channel, "voice") if bare and channel == "sms" else (channel if bare else "",):
        agree(owner, False, now, actor="borrower", channel=stopped, point=digest, source=f"reply {channel}")
    third = ContactPoint.objects.filter(
        borrower_id=owner, digest=digest, party__in=(*THIRD_PARTIES, "helper")
    )
    if third.filter(stopped_at=None).update(stopped_at=now):
        evidence.append(
            "point", at=now, actor="third_person", borrower=owner, body={"point": digest, "what": "stopped"}
        )


def _follow(
    point: ContactPoint, meant: Understood, asked: tuple[str, ...], reply: Reply, now: datetime
) -> None:
    """What follows from a reply whose sender is known."""
    owner = point.borrower_id
    if point.party == "debtor":
        for name in asked:
            _act_on_demand(point, name, now)
        hour = wished_from(reply.text)
        if hour is not None:
            _prefer_from(owner, hour, now)
    if meant.needs_person or meant.intent not in (*_FOLLOW, "start"):
        return
    if meant.intent == "deceased" and "bereavement" in asked and point.party == "debtor":
        return  # somebody close to them has died, or somebody close writes: a person finds out
    if meant.intent == "hardship" and {"bankrupt", "moratorium"} & set(asked):
        return  # the hold of its own kind is stricter
    if meant.intent == "start":
        _start(owner, reply.channel, point.digest, now)
    else:
        _FOLLOW[meant.intent](owner, meant, point.digest, now)


def _act_on_demand(point: ContactPoint, name: str, now: datetime) -> None:
    """A demand or a piece of news has its effect at once; a person checks it (the reply is marked for one)."""
    owner = point.borrower_id
    if name in HOLD_ON_DEMAND:
        kind, length = HOLD_ON_DEMAND[name]
        ends = now + length if length is not None else None
        place_hold(owner, kind, now, actor="borrower", source="reply", ends_at=ends)
    elif name == "call_me":
        agree(owner, True, now, actor="borrower", channel="call", point=point.digest, source="asked")
    elif name == "workplace":
        at_work = ContactPoint.objects.filter(borrower_id=owner, at_workplace=True)
        named = at_work if at_work.exists() else ContactPoint.objects.filter(pk=point.pk)
        named.update(at_workplace=True, workplace_forbidden=True)
        evidence.append(
            "point",
            at=now,
            actor="borrower",
            borrower=owner,
            body={"point": point.digest, "what": "not at work"},
        )


def _prefer_from(owner: str, hour: int, now: datetime) -> None:
    Borrower.objects.filter(pk=owner).update(preferred_from=hour)
    evidence.append(
        "note", at=now, actor="borrower", borrower=owner, body={"what": "preferred hours", "from": hour}
    )


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
            "urgent": meant.urgent,
            "provider": reply.provider,
            "provider_ref": reply.provider_ref,
        },
        personal={"text": reply.text},
    )


def _hold(owner: str, meant: Understood, digest: str, now: datetime) -> None:
    place_hold(owner, HOLD_FOR[meant.intent], now, actor="borrower", source="reply")


def _start(owner: str, channel: str, digest: str, now: datetime) -> None:
    """Consent to what was replied to: texts are texts again, a robot's voice needs a consent of its own."""
    agree(owner, True, now, actor="borrower", channel=channel, point=digest, source="reply")


def _wrong_person(owner: str, meant: Understood, digest: str, now: datetime) -> None:
    """Somebody else has this number: nothing goes there any more."""
    borrower = Borrower.objects.get(pk=owner)
    ContactPoint.objects.filter(borrower=borrower, digest=digest).update(stopped_at=now, invalid_at=now)
    evidence.append(
        "point", at=now, actor="borrower", borrower=owner, body={"point": digest, "what": "wrong person"}
    )
    agree(owner, False, now, actor="borrower", point=digest, source="wrong person")


_FOLLOW: dict[str, Callable[[str, Understood, str, datetime], None]] = {
    "wrong_person": _wrong_person,
    **dict.fromkeys(HOLD_FOR, _hold),
}
#: What needs nobody to read it; a claim to have paid or a promise is read, since money is only moved by money.
_CERTAIN = ("stop", "start")
