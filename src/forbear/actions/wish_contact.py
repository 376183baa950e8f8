"""Put a contact into the outbox: wished for, not yet permitted, not yet sent."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.core.contact import Wish, point_digest
from forbear.core.problem import Problem
from forbear.interchange.keys import secret
from forbear.store import evidence
from forbear.store.codes import new_code
from forbear.store.models import Agency, Borrower, Contact, ContactPoint, Staff
from forbear.store.situation import WISH_FLAGS, hold_borrower

#: A contact still waiting after this is pointless: its reason has passed.
GIVE_UP_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A contact to put into the outbox.

    Either `template` with `values`, or `subject` and `body` written by a person. `not_before` is when it may
    leave at the earliest, `give_up_at` when it is pointless; None is at once and in two days.
    """

    borrower_id: str
    wish: Wish
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    body: str = ""
    language: str = ""
    staff: Staff | None = None
    not_before: datetime | None = None
    give_up_at: datetime | None = None
    consented: bool = False


def digest_of(kind: str, value: str) -> str:
    """The name of an address in rules and evidence, with this home's key."""
    return point_digest(kind, value, secret(settings.HOME, "points"))


def new_contact(wanted: Wanted, borrower: Borrower, now: datetime) -> Contact:
    """The contact as it waits, not written yet."""
    wish = wanted.wish
    earliest = wanted.not_before or now
    return Contact(
        contact_id=str(uuid.uuid4()),
        borrower=borrower,
        loans=list(wish.loans),
        channel=wish.channel,
        purpose=wish.purpose,
        party=wish.party,
        point_digest=wish.point,
        template=wanted.template,
        language=wanted.language or borrower.language or "zh",
        values=dict(wanted.values),
        subject=wanted.subject,
        body=wanted.body,
        wish={name: getattr(wish, name) for name in WISH_FLAGS},
        agency_id=wish.agency or None,
        staff=wanted.staff,
        code=new_code(),
        state="waiting",
        wished_at=now,
        not_before=earliest,
        give_up_at=wanted.give_up_at or earliest + GIVE_UP_AFTER,
        consented=wanted.consented,
    )


def wish_contact(wanted: Wanted, now: datetime, *, actor: str) -> Contact | Problem:
    """Write the contact down as waiting. Problem when there is no such borrower, number or agency."""
    with transaction.atomic():
        borrower = hold_borrower(wanted.borrower_id)
        if borrower is None:
            return Problem(f"there is no borrower {wanted.borrower_id} with a case")
        wish = wanted.wish
        point = None
        if wish.point:
            point = ContactPoint.objects.filter(borrower=borrower, digest=wish.point).first()
            if point is None:
                return Problem("this number or address is not on file for this borrower")
        if wish.agency and not Agency.objects.filter(code=wish.agency).exists():
            return Problem(f"there is no agency {wish.agency}")
        contact = new_contact(wanted, borrower, now)
        contact.point = point
        contact.save(force_insert=True)
        evidence.append(
            "wish",
            at=now,
            actor=actor,
            borrower=borrower.borrower_id,
            body={
                "contact": contact.contact_id,
                "channel": wish.channel,
                "purpose": wish.purpose,
                "party": wish.party,
                "template": wanted.template,
            },
        )
        return contact
