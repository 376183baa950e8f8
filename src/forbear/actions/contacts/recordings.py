"""Keep the recording of a call that a provider hands out only after the call has ended."""

from datetime import datetime

from django.db import transaction

from forbear.store import evidence
from forbear.store.models import Contact, MissingRecording
from forbear.store.situation import lock_borrower


def store_recording(contact_id: str, sound: bytes, media_type: str, now: datetime, *, actor: str) -> bool:
    """Keep it as evidence of its contact. False when the contact has one: what is kept stays as it is."""
    with transaction.atomic():
        owner = Contact.objects.values_list("borrower_id", flat=True).get(contact_id=contact_id)
        lock_borrower(owner)
        digest = evidence.store_attachment(sound, media_type)
        mine = Contact.objects.filter(contact_id=contact_id, recording="")
        if not mine.update(recording=digest):
            transaction.set_rollback(True)
            return False
        MissingRecording.objects.filter(contact_id=contact_id, gone_at=None).update(gone_at=now)
        evidence.append(
            "recording",
            at=now,
            actor=actor,
            borrower=owner,
            body={"contact": contact_id, "bytes": len(sound)},
            attachments=(digest,),
        )
        return True
