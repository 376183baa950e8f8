"""What an agency's people do with a case they were given, each within the lender's rules and on the lender's record."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from forbear.actions.access.uploads import Uploaded, store_uploaded_recording
from forbear.actions.agencies.recalls import recall_case
from forbear.actions.contacts.next_case import planned_call
from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Contact, Placement, RecordingRequest, Staff
from forbear.store.situation import lock_borrower


def running(placement_id: int, agency: str) -> Placement | None:
    """The placement, while this agency has it."""
    rows = Placement.objects.filter(pk=placement_id, agency_id=agency, ended_at=None)
    return rows.select_related("borrower", "agency").first()


def acknowledge(placement_id: int, agency: str, now: datetime, *, actor: str) -> Placement | Problem:
    """The agency has seen the case; said again nothing changes."""
    with transaction.atomic():
        placement = running(placement_id, agency)
        if placement is None or lock_borrower(placement.borrower_id) is None:
            return Problem("case_not_with_you", "this case is not with you")
        if placement.acknowledged_at is None:
            placement.acknowledged_at = now
            placement.save(update_fields=["acknowledged_at"])
            body = {"placement": placement.pk, "agency": agency, "what": "acknowledged"}
            evidence.append("placement", at=now, actor=actor, borrower=placement.borrower_id, body=body)
        return placement


def accept_placement(placement_id: int, staff: Staff, now: datetime) -> Placement | Problem:
    """One of the agency's people works the case from now on."""
    assert staff.agency_id, "an agency's person has an agency"
    placement = acknowledge(placement_id, staff.agency_id, now, actor=f"staff:{staff.number}")
    if isinstance(placement, Placement):
        Placement.objects.filter(pk=placement.pk).update(worker=staff)
    return placement


def ask_call(placement_id: int, staff: Staff, now: datetime) -> Contact | Problem:
    """Ask for a call through the lender's own lines: the agency's line rings, then the borrower's.

    The agency never sees the number. Whether it may ring is decided as it is about to, on the newest facts.
    """
    assert staff.agency_id, "an agency's person has an agency"
    placement = running(placement_id, staff.agency_id)
    if placement is None:
        return Problem("case_not_with_you", "this case is not with you")
    planned = replace(
        planned_call(placement.borrower, by=staff), agency=staff.agency_id, loans=tuple(placement.loans)
    )
    if not planned.point:
        return Problem("phone_missing", "there is no number on file; the lender looks for one")
    return queue_contact(
        ContactDraft(placement.borrower_id, planned, staff=staff), now, actor=f"staff:{staff.number}"
    )


def give_back(placement_id: int, staff: Staff, words: str, now: datetime) -> Placement | Problem:
    """The agency gives a case back, and says why."""
    assert staff.agency_id, "an agency's person has an agency"
    if not words.strip():
        return Problem("return_reason_missing", "say why you give it back")
    actor = f"staff:{staff.number}"
    return recall_case(placement_id, "returned", now, actor=actor, agency=staff.agency_id, words=words)


def request_recording(
    contact_id: str, days: int, staff: Staff, now: datetime, due_at: datetime
) -> RecordingRequest | Problem:
    """The lender asks an agency for the recording of one of its calls or visits, by `due_at`."""
    with transaction.atomic():
        contact = Contact.objects.filter(pk=contact_id, agency__isnull=False).exclude(at=None).first()
        if contact is None or contact.channel not in ("call", "voice", "visit"):
            return Problem(
                "recording_request_invalid",
                "a recording can be requested of a call or visit that an agency made",
            )
        assert contact.agency_id is not None, "only an agency's contact was asked for"
        lock_borrower(contact.borrower_id)
        if contact.recording:
            return Problem("recording_present", "the recording is there already")
        request, new = RecordingRequest.objects.get_or_create(
            contact=contact,
            defaults={"agency_id": contact.agency_id, "made_at": now, "made_by": staff, "due_at": due_at},
        )
        if not new:
            return Problem("recording_requested", "it was requested already")
        body = {"contact": contact_id, "what": "demanded", "agency": contact.agency_id, "days": days}
        evidence.append(
            "recording", at=now, actor=f"staff:{staff.number}", borrower=contact.borrower_id, body=body
        )
        return request


def hand_in(contact_id: str, file: Uploaded, staff: Staff, now: datetime) -> Contact | Problem:
    """Hand in a recording of one's own contact; a demand for it is answered by that."""
    assert staff.agency_id, "an agency's person has an agency"
    with transaction.atomic():
        contact = Contact.objects.filter(pk=contact_id, agency_id=staff.agency_id).exclude(at=None).first()
        if contact is None or lock_borrower(contact.borrower_id) is None:
            return Problem("no_such_contact_of_yours", "there is no such contact of yours")
        if contact.recording:
            return Problem("recording_exists", "there is a recording of it already, and it is never replaced")
        digest = store_uploaded_recording(file)
        if isinstance(digest, Problem):
            return digest
        contact.recording = digest
        contact.save(update_fields=["recording"])
        RecordingRequest.objects.filter(contact=contact, answered_at=None).update(answered_at=now)
        evidence.append(
            "recording",
            at=now,
            actor=f"staff:{staff.number}",
            borrower=contact.borrower_id,
            body={"contact": contact_id, "what": "handed in", "agency": staff.agency_id},
            attachments=[digest],
        )
        return contact
