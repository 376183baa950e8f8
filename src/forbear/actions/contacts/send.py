"""From the outbox to the wire, at most once.

A worker claims a contact by a conditional update, asks the permit gate in a transaction that ends with the contact
marked `sending`, hands the message over, and writes down the answer. A worker that dies before the mark has
sent nothing: the claim runs out and another takes it. One that dies after it may have sent: the contact
becomes `unknown`, is never sent again, and waits for the provider's report or a person.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from forbear.actions.contacts.compose import compose
from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.notices import note_notice
from forbear.actions.contacts.permit_gate import PermitResult, give_permit, rules_of
from forbear.actions.webhooks.webhook_events import enqueue_contact_webhook
from forbear.channels.transport import Message, Receipt, Transport
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason, of_problem, refused_by
from forbear.core.permits.permit import Permit, holds
from forbear.interchange.documents.enclosures import read_enclosure
from forbear.interchange.home.feed_moment import UNKNOWN
from forbear.interchange.home.keys import signing_key
from forbear.interchange.home.texts import templates
from forbear.store import evidence, rows
from forbear.store.models import Contact, ContactPoint, Treatment
from forbear.store.situation import lock_borrower, planned_contact_of

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 6
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)
#: How soon it is seen that somebody carries a channel now.
_WITHOUT_PROVIDER = timedelta(minutes=10)

#: What preparing, and what settling or waiting, may change of a contact.
_PREPARED = (
    "state",
    "attempts",
    "provider",
    "subject",
    "body",
    "claimed_until",
    "at",
    "template_version",
    "arms",
)
_SETTLED = (
    *("state", "outcome", "reason_code", "reason_params", "claimed_by", "claimed_until", "not_before", "at"),
    *("ended_at", "provider", "provider_ref"),
)
_STOPPED = Reason.of("worker_stopped")
#: A receipt's answer to the state it leaves the contact in.
_STATE_AFTER = {"accepted": "sent", "refused": "failed", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class ReadyContact:
    """A permit and the message it is for: what a transport needs."""

    permit: Permit
    message: Message
    provider: str


def claim(
    worker: str, now: datetime, *, limit: int = 20, channels: Collection[str] | None = None
) -> dict[str, str]:
    """Claim due contacts for a worker: their ids in order, and each one's channel.

    `channels` are those that the worker can send by, which may be none at all; None stands for every channel. Nobody
    else gets them while the lease runs. While the newest feed is a refused one, what a night planned waits, notices
    too: the lender's ledger has moved on, and we don't know how. In a shadow run everything waits.
    """
    if settings.HOME.in_shadow:
        return {}
    with transaction.atomic():
        due = Contact.objects.filter(state="waiting", not_before__lte=now).order_by(
            # those of one borrower come to one worker together, who else would wait for another's lock
            "not_before",
            "borrower_id",
            "channel",
            "contact_id",
        )
        if settings.HOME.feed_at == UNKNOWN:
            due = due.filter(~Exists(Treatment.objects.filter(contact=OuterRef("pk"))))
        if channels is not None:
            due = due.filter(channel__in=channels)
        claimed = dict(due.select_for_update(skip_locked=True).values_list("contact_id", "channel")[:limit])
        Contact.objects.filter(contact_id__in=claimed, state="waiting").update(
            state="claimed", claimed_by=worker, claimed_until=now + LEASE
        )
        return claimed


def recover(now: datetime) -> tuple[int, int]:
    """Take back what dead workers left: (claimed ones that wait again, sending ones now unknown)."""
    again = Contact.objects.filter(state="claimed", claimed_until__lt=now).update(
        state="waiting", claimed_by="", claimed_until=None
    )
    lost = 0
    for contact in Contact.objects.filter(state="sending", claimed_until__lt=now):
        with transaction.atomic():
            moved = Contact.objects.filter(contact_id=contact.contact_id, state="sending").update(
                state="unknown", **_STOPPED.columns()
            )
            if moved:
                lost += 1
                _log_event(contact, "unknown", now, provider=contact.provider, reason=_STOPPED)
    return again, lost


def prepare(
    contact_id: str, worker: str, now: datetime, providers: Mapping[str, Transport]
) -> ReadyContact | PermitResult | Problem:
    """Ask the permit gate for a claimed contact. Ready: its intent is committed and the caller sends at once.

    An Answer without a permit: the rules refused, and the contact waits for the lawful time or has ended. A
    Problem: it was cancelled, taken over, or can't be composed.
    """
    with transaction.atomic():
        named = rows.get(Contact, contact_id)
        if not _mine(named, worker):
            return Problem("contact_claim_lost", "this contact is no longer claimed by this worker")
        borrower = lock_borrower(named.borrower_id)
        contact = rows.get_for_update(Contact, contact_id)
        if not _mine(contact, worker) or borrower is None:
            return Problem("contact_cancelled", "this contact was cancelled meanwhile")
        if contact.point_id is not None:
            contact.point = rows.get(ContactPoint, contact.point_id)
        transport = providers.get(contact.channel)
        if transport is None:
            away = Problem(
                "provider_missing", "no provider is set up for %(channel)s", channel=contact.channel
            )
            _wait_for_provider(contact, now)
            return away
        message = compose(contact, borrower, now)
        if isinstance(message, Problem):
            return _end(contact, "dead", now, message, of_problem(message))
        content = "" if contact.channel == "call" else message.digest()
        answer = give_permit(borrower, contact, planned_contact_of(contact), content, now, actor=worker)
        if answer.permit is None:
            _wait_or_refuse(contact, answer, now)
            return answer
        contact.state = "sending"
        contact.attempts += 1
        contact.provider = transport.provider
        contact.subject, contact.body = message.subject, message.body
        contact.claimed_until = now + LEASE
        rows.update_fields(contact, *_PREPARED)
        _keep_letter(contact, message, now, worker)
        return ReadyContact(answer.permit, message, transport.provider)


def _keep_letter(contact: Contact, message: Message, now: datetime, worker: str) -> None:
    """The sheet as it goes out is evidence, kept in the transaction that decides it may."""
    sheets = [attachment for attachment in message.attachments if contact.channel == "letter"]
    if sheets:
        evidence.append(
            "letter",
            at=now,
            actor=worker,
            borrower=contact.borrower_id,
            body={
                "contact": contact.contact_id,
                "template": contact.template,
                "version": contact.template_version,
                **_enclosed(contact),
            },
            attachments=[evidence.store_attachment(sheet.content, sheet.media_type) for sheet in sheets],
        )


def _enclosed(contact: Contact) -> dict[str, dict[str, str]]:
    """The paper that the letter has behind it, by its name, with the SHA-256 of the lender's file."""
    template = templates(settings.HOME).find(contact.template, "letter") if contact.template else None
    if template is None or not template.encloses:
        return {}
    enclosure = read_enclosure(settings.HOME, template.encloses)
    return {} if isinstance(enclosure, Problem) else {"encloses": {enclosure.name: enclosure.digest}}


def _mine(contact: Contact | None, worker: str) -> TypeGuard[Contact]:
    return contact is not None and contact.state == "claimed" and contact.claimed_by == worker


def _wait_or_refuse(contact: Contact, answer: PermitResult, now: datetime) -> None:
    """A refused contact waits for the lawful time if that comes before it is pointless."""
    assert answer.decision is not None, "a refusal has its decision"
    until = answer.decision.until
    contact.reason = refused_by(answer.decision.refusals)
    contact.claimed_by, contact.claimed_until = "", None
    if until is not None and until < contact.give_up_at:
        contact.state, contact.not_before = "waiting", until
    else:
        contact.state, contact.outcome, contact.ended_at = "refused", "not_sent", now
    rows.update_fields(contact, *_SETTLED, "template_version")
    if contact.state == "refused":
        rows.insert_many(rules_of(contact))
        enqueue_contact_webhook("contact.refused", contact, now)


def _wait_for_provider(contact: Contact, now: datetime) -> None:
    """Nobody carries this channel: nothing is sent, and it waits with that reason until it is pointless."""
    lacking = Reason.of("no_provider", channel=contact.channel)
    known = contact.reason == lacking
    contact.claimed_by, contact.claimed_until, contact.reason = "", None, lacking
    if now + _WITHOUT_PROVIDER < contact.give_up_at:
        contact.state, contact.not_before = "waiting", now + _WITHOUT_PROVIDER
    else:
        contact.state, contact.outcome, contact.ended_at = "dead", "not_sent", now
    contact.save()
    if not known or contact.state == "dead":  # once, however often it is asked
        _log_event(contact, contact.state, now, provider="", reason=lacking)


def _end(contact: Contact, state: str, now: datetime, problem: Problem, reason: Reason) -> Problem:
    contact.state, contact.reason, contact.ended_at = state, reason, now
    contact.outcome = "not_sent"
    contact.save()
    _log_event(contact, state, now, provider="", reason=reason)
    return problem


def record_receipt(contact_id: str, receipt: Receipt, now: datetime) -> str:
    """Write down what the provider answered; the contact's state after it.

    Only `busy` is tried again, later and later: the provider says that it did not take it. A report may have
    come before the answer; then the state is past `sending` and stays.
    """
    with transaction.atomic():
        named = rows.get(Contact, contact_id)
        assert named is not None, "a contact is never deleted"
        lock_borrower(named.borrower_id)
        contact = rows.get_for_update(Contact, contact_id)
        assert contact is not None, "a contact is never deleted"
        if contact.state != "sending":
            if receipt.provider_ref and not contact.provider_ref:
                Contact.objects.filter(contact_id=contact_id).update(provider_ref=receipt.provider_ref)
            return contact.state
        contact.provider, contact.provider_ref = receipt.provider, receipt.provider_ref
        contact.reason = receipt.why
        contact.claimed_by, contact.claimed_until = "", None
        if receipt.answer == "busy":
            _try_later(contact, now)
        else:
            contact.state = _STATE_AFTER[receipt.answer]
            if receipt.answer == "refused":
                contact.outcome, contact.ended_at = "not_sent", now
        rows.update_fields(contact, *_SETTLED)
        _log_event(contact, receipt.answer, now, provider=receipt.provider, reason=receipt.why)
        if contact.state == "sent":
            note_notice(contact, now)
        if receipt.opted_out:
            _note_opt_out(contact.borrower_id, contact, now)
    if receipt.opted_out:  # others who have the number, each locked alone
        points = ContactPoint.objects.filter(digest=contact.point_digest)
        for owner in points.exclude(borrower_id=contact.borrower_id).values_list("borrower_id", flat=True):
            _note_opt_out(owner, contact, now)
    return contact.state


def _note_opt_out(owner: str, contact: Contact, now: datetime) -> None:
    """The provider has a stop of this number: it counts for everybody who sends, by any provider."""
    agree(
        owner,
        False,
        now,
        actor=contact.provider,
        channel=contact.channel,
        point=contact.point_digest,
        source="provider",
    )


def _try_later(contact: Contact, now: datetime) -> None:
    """The provider did not take it: it never left, so it doesn't count, and it waits longer each time."""
    contact.at = None
    if contact.attempts >= MOST_ATTEMPTS:
        contact.state, contact.outcome, contact.ended_at = "dead", "not_sent", now
        return
    contact.state = "waiting"
    contact.not_before = now + min(_FIRST_PAUSE * 2 ** (contact.attempts - 1), _LONGEST_PAUSE)


def _log_event(contact: Contact, what: str, now: datetime, *, provider: str, reason: Reason) -> None:
    evidence.append(
        "sending",
        at=now,
        actor=provider or "forbear",
        borrower=contact.borrower_id,
        body={
            "contact": contact.contact_id,
            "answer": what,
            "provider": provider,
            "provider_ref": contact.provider_ref,
            "reason": reason.as_dict(),
        },
        personal={"subject": contact.subject, "body": contact.body} if contact.body else None,
    )


def send_one(
    contact_id: str, worker: str, providers: Mapping[str, Transport], clock: Callable[[], datetime]
) -> str:
    """Carry one claimed contact through; the state it ends in, or "" when it was no longer ours."""
    ready = prepare(contact_id, worker, clock(), providers)
    if not isinstance(ready, ReadyContact):
        return Contact.objects.values_list("state", flat=True).get(contact_id=contact_id)
    transport = providers[ready.message.channel]
    if not holds(ready.permit, signing_key(settings.HOME).public_key(), clock()):
        # the worker slept too long between the permit and the wire: nothing leaves, and the permit gate is asked again
        late = Receipt("busy", transport.provider, reason=Reason.of("permit_expired"))
        return record_receipt(contact_id, late, clock())
    receipt = transport.send(ready.permit, ready.message)
    return record_receipt(contact_id, receipt, clock())
