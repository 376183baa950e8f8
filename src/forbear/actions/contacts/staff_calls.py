"""A contact that somebody makes by hand now: a collector dialling, an agency, two people at a door.

The permit comes first and counts from then on. Who made the contact then says how it ended; until they do,
rules count it as whatever is strictest.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from forbear.actions.contacts.permit_gate import PermitResult, give_permit
from forbear.actions.contacts.queue_contact import ContactDraft, called_by, new_contact
from forbear.actions.webhooks.webhook_events import enqueue_contact_webhook
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import OUTCOMES
from forbear.core.permits.permit import LIFETIME_BY_HAND
from forbear.store import evidence, rows
from forbear.store.models import Agency, Case, Contact, ContactPoint, Staff, Vulnerability
from forbear.store.situation import lock_borrower

#: How somebody may say that their contact ended.
ENDINGS = tuple(outcome for outcome in OUTCOMES if outcome not in ("pending", "delivered", "undelivered"))


@dataclass(frozen=True, slots=True)
class Made:
    """The contact and the permit gate's answer about it."""

    contact: Contact
    answer: PermitResult


def taken_by_other(borrower_id: str, staff: Staff, now: datetime) -> Problem | None:
    """With whom of the own team the case is now, if not with this person; None when they may contact the borrower.

    An agency's people are not of the own team: what they may do hangs on the placement.
    """
    if staff.agency_id:
        return None
    taken = Case.objects.filter(borrower_id=borrower_id, closed_on=None, leased_until__gt=now)
    other = taken.exclude(collector=staff).exclude(collector=None).values_list("collector__number").first()
    if other is None:
        return None
    return Problem(
        "case_with_other",
        "This case is with %(number)s. Ask them, or have a lead reassign it.",
        number=other[0],
    )


def not_trained(borrower_id: str, staff: Staff | None) -> Problem | None:
    """Why this person may not speak with a borrower in special care; None when they may."""
    if staff is None or staff.cares:
        return None
    if not Vulnerability.objects.filter(borrower_id=borrower_id, ended_at=None, trained_only=True).exists():
        return None
    return Problem(
        "caller_not_trained", "this borrower is in special care: only people trained for it may call"
    )


def make_contact(wanted: ContactDraft, now: datetime, *, actor: str) -> Made | Problem:
    """Ask the permit gate for a contact by hand. Without a permit the contact has ended, refused."""
    with transaction.atomic():
        borrower = lock_borrower(wanted.borrower_id)
        if borrower is None:
            return Problem(
                "no_such_borrower",
                "there is no borrower %(borrower_id)s with a case",
                borrower_id=wanted.borrower_id,
            )
        if wanted.staff is not None and (problem := taken_by_other(borrower.pk, wanted.staff, now)):
            return problem
        if wanted.planned.channel == "call" and (problem := not_trained(borrower.pk, wanted.staff)):
            return problem
        if wanted.planned.agency and not Agency.objects.filter(code=wanted.planned.agency).exists():
            return Problem("no_such_agency", "there is no agency %(agency)s", agency=wanted.planned.agency)
        contact = new_contact(wanted, borrower, now)
        contact.state, contact.provider = "sent", "by_hand"
        contact.at = now
        answer = give_permit(
            borrower, contact, called_by(wanted), "", now, actor=actor, lifetime=LIFETIME_BY_HAND, new=True
        )
        if wanted.planned.point and contact.point_id is None:
            transaction.set_rollback(True)
            return Problem("address_not_on_file", "this number or address is not on file for this borrower")
        if answer.permit is None:
            enqueue_contact_webhook("contact.refused", contact, now)
        return Made(contact, answer)


def end_contact(
    contact_id: str, outcome: str, now: datetime, *, actor: str, seconds: int = 0, agency: str = ""
) -> Contact | Problem:
    """Say how a contact made by hand ended; said again with the same outcome nothing changes.

    "delivered" is a message on a machine that says more than a limited one. `agency` limits it to that agency's
    contacts. An outcome can be made more precise (connected, then a
    conversation), never less.
    """
    assert outcome in ENDINGS or outcome == "delivered", outcome
    with transaction.atomic():
        named = rows.get(Contact, contact_id)
        if named is None or (agency and named.agency_id != agency):
            return Problem("no_such_contact_id", "there is no contact %(contact_id)s", contact_id=contact_id)
        owner, borrower = named.borrower_id, lock_borrower(named.borrower_id)
        contact = rows.get_for_update(Contact, contact_id)
        assert contact is not None, "a contact is never deleted"
        assert borrower is not None, "a contact has its borrower"
        contact.borrower = borrower
        if contact.state != "sent" or contact.at is None:
            return Problem("contact_not_made", "this contact was not made, so it has no outcome")
        if contact.outcome == outcome:
            return contact
        if contact.outcome != "pending" and not (
            outcome == "conversation" and contact.outcome == "connected"
        ):
            return Problem(
                "contact_ended", "this contact has ended already: %(outcome)s", outcome=contact.outcome
            )
        contact.outcome, contact.seconds, contact.ended_at = outcome, seconds, now
        rows.update_fields(contact, "outcome", "seconds", "ended_at")
        if outcome == "invalid" and contact.point_id is not None:
            ContactPoint.objects.filter(pk=contact.point_id, invalid_at=None).update(invalid_at=now)
        evidence.append(
            "contact",
            at=now,
            actor=actor,
            borrower=owner,
            body={"contact": contact_id, "outcome": outcome, "seconds": seconds},
        )
        enqueue_contact_webhook("contact.ended", contact, now)
        return contact
