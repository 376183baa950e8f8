"""A person settles a contact that could not be sent, or whose fate nobody knows: what became of it, and who says so."""

from datetime import datetime

from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Contact, Staff
from forbear.store.situation import lock_borrower

#: What a person may say: (the contact's outcome). It is never sent again, whatever they say.
FATES = {"delivered": "delivered", "undelivered": "undelivered", "not_sent": "not_sent"}


def resolve_contact(contact_id: str, fate: str, note: str, staff: Staff, now: datetime) -> Contact | Problem:
    """Write down what became of it. One that may have reached the borrower goes on counting against the caps."""
    if fate not in FATES:
        return Problem("contact_result_missing", "choose the result: one of %(fates)s", fates=tuple(FATES))
    if not note.strip():
        return Problem("contact_source_missing", "say how you know; it goes into the evidence")
    with transaction.atomic():
        owner = Contact.objects.filter(pk=contact_id).values_list("borrower_id", flat=True).first()
        if owner is None or lock_borrower(owner) is None:
            return Problem("no_such_contact", "there is no such contact")
        contact = Contact.objects.get(pk=contact_id)
        if contact.state not in ("unknown", "dead"):
            return Problem(
                "contact_result_known",
                "a person records the result only where it is unknown, or where the contact could not be sent",
            )
        if contact.state == "dead" and fate != "not_sent":
            return Problem("contact_never_sent", "this contact was never sent")
        before = contact.state
        contact.state = "failed" if fate == "not_sent" else "sent"
        contact.outcome, contact.ended_at = FATES[fate], now
        contact.save()
        evidence.append(
            "correction",
            at=now,
            actor=f"staff:{staff.number}",
            borrower=owner,
            body={"contact": contact_id, "from": before, "outcome": contact.outcome},
            personal={"note": note.strip()[:300]},
        )
        return contact
