"""One click to get no more e-mails: the address in each one, and what it does.

The address holds the contact's id, signed, so that nobody can opt others out by guessing, and no personal data.
"""

from datetime import datetime

from django.conf import settings
from django.core import signing

from forbear.actions.contacts.consents import agree
from forbear.core.base.problem import Problem
from forbear.store.models import Consent, Contact

_SALT = "forbear.opt-out"


def opt_out_url(contact: Contact) -> str:
    """Where one opts out of what this contact is: its channel and purpose, at its address."""
    return f"{settings.HOME.url}/stop/{signing.dumps(contact.contact_id, salt=_SALT)}"


def contact_of(token: str) -> Contact | None:
    """The contact an address was made for; None for anything else."""
    try:
        contact_id = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return Contact.objects.filter(contact_id=contact_id).first()


def opt_out(contact: Contact, now: datetime) -> Consent | Problem:
    """No more of these at this address; what waits there is cancelled. Done twice it stays one opt-out."""
    known = (
        Consent.objects.filter(
            borrower_id=contact.borrower_id,
            channel__in=("", contact.channel),
            point__in=("", contact.point_digest),
        )
        .order_by("-at", "-pk")
        .first()
    )
    if known is not None and not known.given and known.purpose == "":
        return known
    return agree(
        contact.borrower_id,
        False,
        now,
        actor="borrower",
        channel=contact.channel,
        point=contact.point_digest,
        source="unsubscribe",
    )
