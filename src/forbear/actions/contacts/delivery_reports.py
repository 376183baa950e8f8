"""Take what a provider says of a message or call it had taken. Delivered twice or out of order, it counts once."""

from datetime import datetime

from django.db import IntegrityError, transaction

from forbear.actions.contacts.notices import note_notice, recall_notice
from forbear.actions.webhooks.webhook_events import enqueue_contact_webhook
from forbear.channels.transport import Report
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.models import Contact, ContactPoint, Inbound, MissingRecording
from forbear.store.situation import lock_borrower

#: A report's state to the outcome of the contact, and how final it is: a later report never makes it less so.
OUTCOME = {
    "delivered": ("delivered", 2),
    "answered": ("connected", 2),
    "voicemail": ("voicemail", 2),
    "unanswered": ("unanswered", 1),
    "undelivered": ("undelivered", 1),
    "bounced": ("undelivered", 3),
    "complained": ("delivered", 3),
    "invalid": ("invalid", 3),
}
_RANK = {"pending": 0, "unanswered": 1, "undelivered": 1, "invalid": 3, "conversation": 9}


def record_delivery_report(report: Report, now: datetime) -> Contact | Problem:
    """Write the report down. Problem when no contact has this reference yet: its sender sends it again."""
    with transaction.atomic():
        named = Contact.objects.filter(provider=report.provider, provider_ref=report.provider_ref)
        unlocked = named.order_by("contact_id").first()
        if unlocked is not None:
            lock_borrower(unlocked.borrower_id)
        contact = Contact.objects.select_for_update().get(pk=unlocked.pk) if unlocked else None
        if contact is None:
            # it may have superseded the answer that brings the reference: nothing is kept, it has to be sent again
            return Problem(
                "no_such_provider_reference",
                "no contact has the reference %(provider_ref)s of %(provider)s",
                provider_ref=report.provider_ref,
                provider=report.provider,
            )
        if _first_time(report, contact):
            _apply(contact, report, now)
        return contact


def _first_time(report: Report, contact: Contact) -> bool:
    try:
        with transaction.atomic():
            Inbound.objects.create(
                provider=report.provider,
                provider_ref=report.provider_ref,
                kind=report.state,
                contact=contact,
                borrower_id=contact.borrower_id,
                at=report.at,
            )
    except IntegrityError:
        return False
    return True


def _apply(contact: Contact, report: Report, now: datetime) -> None:
    outcome, rank = OUTCOME[report.state]
    if contact.state in ("sending", "unknown"):
        contact.state = "sent"
    if rank >= _RANK.get(contact.outcome, 2):
        contact.outcome = outcome
    contact.seconds = max(contact.seconds, report.seconds)
    contact.ended_at = contact.ended_at or report.at
    attachments: tuple[str, ...] = ()
    if report.recording:
        contact.recording = evidence.store_attachment(report.recording, report.recording_type)
        attachments = (contact.recording,)
        MissingRecording.objects.filter(contact=contact, gone_at=None).update(gone_at=now)
    contact.save(update_fields=["state", "outcome", "seconds", "ended_at", "recording"])
    if report.state in ("invalid", "bounced") and contact.point_id is not None:
        ContactPoint.objects.filter(pk=contact.point_id, invalid_at=None).update(invalid_at=report.at)
    evidence.append(
        "report",
        at=now,
        actor=report.provider,
        borrower=contact.borrower_id,
        body={
            "contact": contact.contact_id,
            "state": report.state,
            "seconds": report.seconds,
            "detail": report.detail,
        },
        attachments=attachments,
    )
    if outcome in ("undelivered", "invalid"):
        recall_notice(
            contact, now, actor=report.provider, reason=Reason.of("notice_not_delivered", outcome=outcome)
        )
    else:
        note_notice(contact, now)
    enqueue_contact_webhook("contact.ended", contact, now)
