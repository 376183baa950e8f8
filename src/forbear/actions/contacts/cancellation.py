"""Stop what waits: a payment, a hold or a stop has superseded it."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.models import Borrower, Contact

_WAITING = ("waiting", "claimed")


def cancel_contacts(
    borrower: Borrower,
    now: datetime,
    *,
    actor: str,
    reason: Reason,
    which: Callable[[Contact], bool] = lambda contact: True,
) -> int:
    """Cancel the borrower's contacts that have not left; how many. The caller holds the borrower's row.

    A contact already being sent is past recall; the caller's change counts from the next permit on.
    """
    assert transaction.get_connection().in_atomic_block, (
        "what cancels and what it follows from commit together"
    )
    unsent = Contact.objects.filter(borrower=borrower, state__in=_WAITING).order_by("contact_id")
    waiting = [contact for contact in unsent if which(contact)]
    if not waiting:
        return 0
    ids = [contact.contact_id for contact in waiting]
    done = Contact.objects.filter(contact_id__in=ids, state__in=_WAITING).update(
        state="cancelled", outcome="not_sent", ended_at=now, **reason.columns()
    )
    evidence.append(
        "cancelled",
        at=now,
        actor=actor,
        borrower=borrower.borrower_id,
        body={"contacts": sorted(ids), "reason": reason.as_dict()},
    )
    return done


def cancel_answers(borrower: Borrower, about: str, now: datetime, *, actor: str, reason: Reason) -> int:
    """Cancel what waits to confirm an act that was taken back; `about` names it as `notify_borrower` was told."""
    return cancel_contacts(
        borrower,
        now,
        actor=actor,
        reason=reason,
        which=lambda contact: contact.planned.get("answers") == about,
    )
