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
        return Problem(
            f"a contact is settled as one of {', '.join(FATES)}", f"请选择结果：{'、'.join(FATES)}"
        )
    if not note.strip():
        return Problem("say how you know; it goes into the evidence", "请写明如何得知，会记入证据")
    with transaction.atomic():
        owner = Contact.objects.filter(pk=contact_id).values_list("borrower_id", flat=True).first()
        if owner is None or lock_borrower(owner) is None:
            return Problem("there is no such contact", "没有这次联系")
        contact = Contact.objects.get(pk=contact_id)
        if contact.state not in ("unknown", "dead"):
            return Problem(
                "only contacts of unknown fate, or that could not be sent, are settled by a person",
                "只有结果不明或未能发出的联系才由人工处理",
            )
        if contact.state == "dead" and fate != "not_sent":
            return Problem("this one never left", "这次联系从未发出")
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
