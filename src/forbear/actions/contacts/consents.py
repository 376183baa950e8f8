"""Write down a consent or an opt-out; an opt-out is honoured before the next contact is claimed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from forbear.actions.contacts.cancellation import cancel_contacts
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.models import Consent, Contact
from forbear.store.situation import lock_borrower

_A_MOMENT = timedelta(microseconds=1)


def agree(
    borrower_id: str,
    given: bool,
    now: datetime,
    *,
    actor: str,
    channel: str = "",
    purpose: str = "",
    point: str = "",
    night: bool = False,
    source: str = "",
) -> Consent | Problem:
    """Record it. Empty `channel`, `purpose` or `point` mean any.

    What is said now is the newest word, even where a clock that is wrong shows a moment before an earlier one.
    """
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        if borrower is None:
            return Problem(
                "no_such_borrower",
                "there is no borrower %(borrower_id)s with a case",
                borrower_id=borrower_id,
            )
        before = Consent.objects.filter(borrower=borrower).aggregate(at=Max("at"))["at"]
        consent = Consent.objects.create(
            borrower=borrower,
            channel=channel,
            purpose=purpose,
            point=point,
            night=night,
            given=given,
            at=now if before is None else max(now, before + _A_MOMENT),
            source=source,
        )
        evidence.append(
            "consent",
            at=now,
            actor=actor,
            borrower=borrower_id,
            body={
                "given": given,
                "channel": channel,
                "purpose": purpose,
                "point": point,
                "night": night,
                "source": source,
            },
        )
        if not given and not night:
            cancel_contacts(
                borrower,
                now,
                actor=actor,
                reason=Reason.of("opted_out"),
                which=lambda contact: _covered(contact, channel, purpose, point),
            )
        return consent


def _covered(contact: Contact, channel: str, purpose: str, point: str) -> bool:
    return (
        channel in ("", contact.channel)
        and purpose in ("", contact.purpose)
        and point in ("", contact.point_digest)
        and contact.purpose not in ("confirm", "notice")
    )
