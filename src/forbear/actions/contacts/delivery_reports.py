"""Take what a provider says of a message or call it had taken. Delivered twice or out of order, it counts once."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Upper

from forbear.actions.contacts.notices import note_notice, recall_notice
from forbear.actions.contacts.staff_texts import note_staff_report
from forbear.actions.webhooks.webhook_events import enqueue_contact_webhook
from forbear.channels.transport import Report
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.models import Contact, ContactPoint, Inbound, MissingRecording, StaffText
from forbear.store.situation import lock_borrower

#: A report's state to the outcome of the contact, and how final it is: a later report never makes it less so.
OUTCOME = {
    "delivered": ("delivered", 2),
    "answered": ("connected", 2),
    "voicemail": ("voicemail", 2),
    "limited_message": ("limited_message", 2),
    "unanswered": ("unanswered", 1),
    "undelivered": ("undelivered", 1),
    "bounced": ("undelivered", 3),
    "complained": ("delivered", 3),
    "invalid": ("invalid", 3),
}
#: How long a report that fits no contact is asked for again, and how far back one is matched by a guess.
PATIENCE, RECENT = timedelta(minutes=2), timedelta(days=7)
_RANK = {"pending": 0, "unanswered": 1, "undelivered": 1, "invalid": 3, "conversation": 9}


def record_delivery_report(report: Report, now: datetime) -> Contact | Inbound | StaffText | Problem:
    """Write the report down. Problem when no contact has this reference yet: its sender sends it again.

    One that still fits nothing after `PATIENCE` is kept as it is, so that nobody sends it for ever.
    """
    with transaction.atomic():
        unlocked = _contact_of(report, now)
        if unlocked is not None:
            lock_borrower(unlocked.borrower_id)
        contact = Contact.objects.select_for_update().get(pk=unlocked.pk) if unlocked else None
        if contact is None and (own := note_staff_report(report)):
            return own  # of a text to the lender's own people
        if contact is None:
            return _unmatched(report, now)
        if _first_time(report, contact):
            _apply(contact, report, now)
        return contact


def _contact_of(report: Report, now: datetime) -> Contact | None:
    """The contact that a report is about, by its reference or by another spelling of it that is one contact's alone."""
    named = Contact.objects.filter(provider=report.provider)
    if exact := named.filter(provider_ref=report.provider_ref).order_by("contact_id").first():
        return exact
    if not report.spellings:
        return None
    # only what left of late: a spelling is a guess, and a centre uses its numbers again
    recent = named.filter(at__gte=now - RECENT)
    refs = list(recent.filter(provider_ref__in=report.spellings).values_list("provider_ref", flat=True)[:200])
    for spelling in report.spellings:
        if refs.count(spelling) == 1:
            return recent.get(provider_ref=spelling)
    alike = recent.annotate(plain=Upper("provider_ref")).filter(plain=report.provider_ref.upper())[:2]
    found = list(alike)
    return found[0] if len(found) == 1 else None


def _unmatched(report: Report, now: datetime) -> Inbound | Problem:
    """A report that fits no contact: said to its sender, until it has waited long enough to be kept for good.

    It may have come before the answer that brings the reference, so at first nothing is done and it has to come again.
    """
    kept, new = Inbound.objects.get_or_create(
        provider=report.provider,
        provider_ref=report.provider_ref[:160],
        kind="unmatched",
        defaults={"at": now, "text": f"{report.state} {report.detail}".strip()},
    )
    if not new and now - kept.at >= PATIENCE:
        return kept
    return Problem(
        "no_such_provider_reference",
        "no contact has the reference %(provider_ref)s of %(provider)s",
        provider_ref=report.provider_ref,
        provider=report.provider,
    )


def _first_time(report: Report, contact: Contact) -> bool:
    try:
        with transaction.atomic():
            Inbound.objects.create(
                provider=report.provider,
                provider_ref=contact.provider_ref,
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
