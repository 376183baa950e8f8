"""What somebody wrote back: understood where it is clear, acted on at once, and left to a person where it isn't."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.holds.holds import place_hold
from forbear.actions.replies.consequences import (
    HELD_BY_REQUEST,
    HOLD_FOR,
    HOLD_ON_DEMAND,
    REQUEST_FOR,
    SPEAKS_FOR_BORROWER,
    Origin,
    confirm_stop,
    forbid_workplace,
    open_for_hold,
    open_request,
    place_demanded_hold,
    prefer_from,
    request_kinds,
    send_login_link,
    stop_number,
    take_start,
    wrong_person,
)
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.channels.transport import Reply
from forbear.core.base.canonical import writable
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import THIRD_PARTIES
from forbear.core.permits.permit import moment_text
from forbear.core.replies.demands import demands, wished_from
from forbear.core.replies.measure import held_until_read, stops
from forbear.core.replies.understanding import Understood, understand
from forbear.interchange.home.second_reader import tables
from forbear.store import evidence
from forbear.store.models import ContactPoint, Inbound, ReplyAlarm
from forbear.store.situation import lock_borrower

#: How sure the reading of a bare word of command is.
COMMAND = 95
#: Of a longer reply the rest is left out; nobody writes so much to a lender, and a program's mistake is no evidence.
LONGEST_REPLY = 100_000
_LONGEST_REFERENCE, _LONGEST_SENDER = 160, 300
_KIND_OF = {"sms": "phone", "voice": "phone", "call": "phone", "email": "email", "push": "device"}
#: What needs nobody to read it; a claim to have paid or a promise is read, since money is only moved by money.
_CERTAIN = ("stop", "start")
#: What may be said beside it without a person having to read it.
_BESIDE_CERTAIN = ("stop", "start", "question", "abuse", "wrong_person")


@dataclass(frozen=True, slots=True)
class Reading:
    """A reply as it was understood: what it means, what it demands besides, and from where it came.

    `origins` are the cases that have the number or address, `digest` its name, `files` digests of what came with it.
    """

    reply: Reply
    meant: Understood
    asked: tuple[str, ...]
    digest: str
    origins: tuple[Origin, ...]
    files: tuple[str, ...] = ()
    actor: str = "borrower"

    @property
    def stops(self) -> bool:
        """Whether messages to the number end by it."""
        return stops(self.meant, self.asked)


def process_reply(reply: Reply, now: datetime) -> Inbound | Problem:
    """Keep the reply and do what follows. Delivered again it is the same reply.

    A number that belongs to several borrowers says stop for all of them; anything else then goes to a person.
    """
    digest, points = _points(reply)
    origins = tuple(Origin(point.borrower_id, point.digest, point.party) for point in points)
    return process_reading(read_reply(reply, digest, origins), now)


def read_reply(
    reply: Reply,
    digest: str,
    origins: tuple[Origin, ...],
    *,
    files: tuple[str, ...] = (),
    actor: str = "borrower",
) -> Reading:
    """What a reply means, its text in a form that can be kept."""
    text = writable(reply.text[:LONGEST_REPLY])
    reply = replace(reply, text=text, provider_ref=_reference(reply.provider_ref))
    meant, asked = _commanded(understand(text, readers=tables("replies")), reply.command), demands(text)
    if "bereavement" in asked and len(origins) == 1 and origins[0].party == "debtor":
        meant = _of_somebody_else(meant)
    return Reading(reply, meant, asked, digest, origins, files, actor)


def _of_somebody_else(meant: Understood) -> Understood:
    """Who writes that somebody close to them has died is not dead: the next thing they say is what they mean."""
    if meant.intent != "deceased":
        return replace(meant, also=tuple(name for name in meant.also if name != "deceased"))
    if not meant.also:
        return replace(meant, intent="unclear", confidence=0)
    return replace(meant, intent=meant.also[0], also=meant.also[1:])


def process_reading(read: Reading, now: datetime) -> Inbound:
    """Keep what was read and do what follows, in one transaction. The same reference is the same message."""
    owners = [origin.borrower_id for origin in read.origins]
    with transaction.atomic():
        for owner in owners:
            lock_borrower(owner)
        try:
            with transaction.atomic():
                inbound = _kept(read)
        except IntegrityError:
            same = Inbound.objects.filter(provider=read.reply.provider, kind="reply")
            return same.get(provider_ref=read.reply.provider_ref)
        for owner in owners:
            _log_reply(owner, read, now)
        if read.stops:
            _stop(inbound, read, now)
        if read.meant.urgent:
            raise_alarm(inbound, owners, now)
        if len(read.origins) == 1:
            _follow(inbound, read, now)
        return inbound


def _kept(read: Reading) -> Inbound:
    """The row of the inbox."""
    reply, meant = read.reply, read.meant
    owner = read.origins[0] if len(read.origins) == 1 else None
    held = _held_until_read(read)
    return Inbound.objects.create(
        provider=reply.provider,
        provider_ref=reply.provider_ref,
        kind="reply",
        channel=reply.channel,
        point_digest=read.digest,
        party=read.origins[0].party if read.origins else "",
        borrower_id=owner.borrower_id if owner else None,
        text=reply.text,
        intent=meant.intent,
        asked=list(read.asked),
        sender="" if read.origins else writable(reply.sender[:_LONGEST_SENDER]),
        at=reply.at,
        needs_person=held or _for_a_person(read),
        urgent=meant.urgent,
        held=held,
        attachments=list(read.files),
    )


def _commanded(meant: Understood, command: str) -> Understood:
    """What it means when the provider itself took it as a stop or a start; danger in it stays danger."""
    if not command or meant.intent == command:
        return meant
    also = tuple(name for name in (meant.intent, *meant.also) if name not in ("unclear", "stop", "start"))
    return replace(meant, intent=command, confidence=COMMAND, also=also)


def _reference(given: str) -> str:
    """A provider's reference as it can be kept: one that is too long by its digest."""
    plain = writable(given)
    if len(plain) <= _LONGEST_REFERENCE:
        return plain
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def raise_alarm(inbound: Inbound, owners: list[str], now: datetime) -> None:
    """Words of suicide or violence: nobody asks this person for money until somebody has spoken with them."""
    ReplyAlarm.objects.create(inbound=inbound, borrower_id=inbound.borrower_id, at=now)
    for owner in owners:
        hold = place_hold(owner, "crisis", now, actor="borrower", source="reply")
        open_for_hold(owner, hold, now, actor="borrower", inbound=inbound)
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


def _for_a_person(read: Reading) -> bool:
    """Whether somebody has to read it; a third person's stop needs nobody.

    A stop that says more than that is read for the rest.
    """
    meant = read.meant
    if len(read.origins) == 1 and read.origins[0].party in THIRD_PARTIES and read.stops:
        return meant.urgent
    if set(read.asked) - {"cease"} or set(meant.also) - set(_BESIDE_CERTAIN):
        return True
    return meant.needs_person or len(read.origins) != 1 or meant.intent not in _CERTAIN


def _held_until_read(read: Reading) -> bool:
    """Whether nothing but notices goes to this number until somebody has read it.

    It may be a stop that nobody understood, one of a person whom nobody knows, or of one among several who share the
    number. Of a death it isn't sure whose it is.
    """
    if read.stops and read.origins:
        return read.meant.urgent
    return held_until_read(read.meant, read.asked) or len(read.origins) != 1 or "bereavement" in read.asked


def _stop(inbound: Inbound, read: Reading, now: datetime) -> None:
    """Nothing goes to this number any more. A bare word of command stops texts, and what a robot says, not people."""
    channel = read.reply.channel
    bare = read.meant.confidence >= COMMAND and channel in ("sms", "push", "email")
    channels = (channel, "voice") if bare and channel == "sms" else (channel if bare else "",)
    for origin in read.origins:
        stop_number(origin, now, actor="borrower", channels=channels, source=f"reply {channel}")
    if read.origins and not read.meant.urgent:
        confirm_stop(inbound, read.origins[0], now)


def _follow(inbound: Inbound, read: Reading, now: datetime) -> None:
    """What follows from a reply whose sender is known."""
    (origin,) = read.origins
    if origin.party == "debtor":
        for name in read.asked:
            _act_on_demand(inbound, origin, name, now)
        hour = wished_from(read.reply.text)
        if hour is not None:
            prefer_from(origin.borrower_id, hour, now)
    said = _clearly_said(read)
    if "start" in said:
        take_start(origin, read.reply.channel, now)
    if "wrong_person" in said:
        wrong_person(origin, now, actor=read.actor)
    opened = origin.party in SPEAKS_FOR_BORROWER
    if opened:
        demanded = read.asked if origin.party == "debtor" else ()
        _open_requests(inbound, read, origin, [*said, *demanded], now)
    held: tuple[str, ...] = HELD_BY_REQUEST if opened else ()
    if not opened and "complaint" in said:
        held = ("complaint",)
        _open_requests(inbound, read, origin, ["complaint"], now)
    for name in said:
        if name in HOLD_FOR and name not in held:
            hold = place_hold(origin.borrower_id, HOLD_FOR[name], now, actor=read.actor, source="reply")
            open_for_hold(origin.borrower_id, hold, now, actor=read.actor, inbound=inbound)


def _clearly_said(read: Reading) -> list[str]:
    """The intents that act by themselves, the first and those beside it; none where a person has to read it first."""
    meant, asked = read.meant, read.asked
    if meant.needs_person:
        return []
    said = [name for name in (meant.intent, *meant.also) if name in (*HOLD_FOR, "wrong_person")]
    if meant.intent == "start":
        said.append("start")
    if {"bankrupt", "moratorium"} & set(asked):
        said = [name for name in said if name != "hardship"]  # the hold of its own kind is stricter
    return said


def _open_requests(inbound: Inbound, read: Reading, origin: Origin, said: list[str], now: datetime) -> None:
    """What the portal's forms would open, each with its number and clock."""
    for kind in request_kinds(said):
        request = open_request(
            origin,
            kind,
            read.reply.text,
            now,
            actor=read.actor,
            attachments=inbound.attachments,
            came_by=inbound.channel,
        )
        if inbound.request_id is None:
            inbound.request = request
            inbound.save(update_fields=["request"])


def _act_on_demand(inbound: Inbound, origin: Origin, name: str, now: datetime) -> None:
    """A demand or a piece of news has its effect at once; a person checks it (the reply is marked for one)."""
    if name in HOLD_ON_DEMAND:
        hold = place_demanded_hold(origin.borrower_id, name, now)
        if HOLD_ON_DEMAND[name][0] not in (*REQUEST_FOR, "bereavement"):
            open_for_hold(origin.borrower_id, hold, now, actor="borrower", inbound=inbound)
    elif name == "call_me":
        agree(
            origin.borrower_id,
            True,
            now,
            actor="borrower",
            channel="call",
            point=origin.digest,
            source="asked",
        )
    elif name == "workplace":
        forbid_workplace(origin, now)
    elif name == "link_broken" and not inbound.urgent:
        send_login_link(inbound, origin, now)


def _log_reply(owner: str, read: Reading, now: datetime) -> None:
    evidence.append(
        "inbound",
        at=now,
        actor=read.actor,
        borrower=owner,
        body={
            "channel": read.reply.channel,
            "point": read.digest,
            "intent": read.meant.intent,
            "also": list(read.meant.also),
            "urgent": read.meant.urgent,
            "provider": read.reply.provider,
            "provider_ref": read.reply.provider_ref,
        },
        personal={"text": read.reply.text},
        attachments=read.files,
    )
