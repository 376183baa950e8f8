"""Stop what waits: a payment, a hold or a stop has superseded it."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from forbear.core.base.reason import Reason
from forbear.store import evidence, rows
from forbear.store.models import Borrower, Contact

_WAITING = "borrower_id = %s and state in ('waiting', 'claimed') order by contact_id"


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
    waiting = [contact for contact in rows.fetch_all(Contact, _WAITING, [borrower.pk]) if which(contact)]
    if not waiting:
        return 0
    ids = [contact.contact_id for contact in waiting]
    done = Contact.objects.filter(contact_id__in=ids, state__in=("waiting", "claimed")).update(
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
