"""A notice that some later step needs counts as given once its message has left, and no longer when it came back.

A payment that shows the notice was wrong recalls it as well; then the step asks for a new one.
"""

from datetime import datetime

from django.db import transaction

from forbear.core.base.reason import Reason
from forbear.core.facts.purpose import NOTICE_OF
from forbear.store import evidence
from forbear.store.models import Complaint, Contact, Loan, Notice

#: The notice that a text gives, by the text's name.
KIND_OF = NOTICE_OF
#: What the register of complaints notes once such a text has left.
_IN_REGISTER = {"complaint_received": "acknowledged_at", "complaint_final": "final_sent_at"}


def note_notice(contact: Contact, now: datetime) -> int:
    """Write the notice down for each loan the message was about, once; how many. The caller holds the borrower."""
    assert transaction.get_connection().in_atomic_block, "a message and the notice it gave commit together"
    _note_complaint(contact, now)
    kind = KIND_OF.get(contact.template)
    if kind is None or contact.party != "debtor":
        return 0
    noticed = set(Notice.objects.filter(contact=contact).values_list("loan_id", flat=True))
    new = [loan for loan in contact.loans if loan not in noticed]
    late = dict(Loan.objects.filter(pk__in=new).values_list("pk", "oldest_unpaid_due_on"))
    Notice.objects.bulk_create(
        Notice(
            borrower_id=contact.borrower_id,
            loan_id=loan,
            kind=kind,
            given_at=contact.at or now,
            oldest_unpaid_due_on=late.get(loan),
            contact=contact,
        )
        for loan in new
    )
    if new:
        evidence.append(
            "notice",
            at=now,
            actor="forbear",
            borrower=contact.borrower_id,
            body={"kind": kind, "contact": contact.contact_id, "loans": new, "what": "given"},
        )
    return len(new)


def _note_complaint(contact: Contact, now: datetime) -> None:
    """The acknowledgement of a complaint, or its final response, has left in writing: the register says when."""
    column = _IN_REGISTER.get(contact.template)
    number = str(contact.planned.get("answers", "")).partition(":")[2]
    if column is not None and number:
        rows = Complaint.objects.filter(request__number=number, **{f"{column}__isnull": True})
        rows.update(**{column: contact.at or now})


def recall_notice(contact: Contact, now: datetime, *, actor: str, reason: Reason) -> int:
    """The message did not arrive: what it gave notice of counts no more; how many notices. The caller holds the
    borrower."""
    given = list(Notice.objects.filter(contact=contact, recalled_at=None))
    recall_notices(given, now, actor=actor, reason=reason)
    return len(given)


def recall_notices(given: list[Notice], now: datetime, *, actor: str, reason: Reason) -> None:
    """They did not arrive, or were wrong: they count no more. The caller holds their borrower."""
    _mark(given, now, now, "recalled", actor, reason)


def restore_notices(given: list[Notice], now: datetime, *, actor: str, reason: Reason) -> None:
    """They were right after all: they count again. The caller holds their borrower."""
    _mark(given, None, now, "restored", actor, reason)


def _mark(
    given: list[Notice], recalled_at: datetime | None, now: datetime, what: str, actor: str, reason: Reason
) -> None:
    """One event for each message and kind."""
    assert transaction.get_connection().in_atomic_block, "a notice and what undoes it commit together"
    Notice.objects.filter(pk__in=[notice.pk for notice in given]).update(recalled_at=recalled_at)
    by_message: dict[tuple[str, str, str], list[str]] = {}
    for notice in given:
        notice.recalled_at = recalled_at
        key = (notice.borrower_id, notice.kind, notice.contact_id or "")
        by_message.setdefault(key, []).append(notice.loan_id)
    for (borrower, kind, contact), loans in sorted(by_message.items()):
        evidence.append(
            "notice",
            at=now,
            actor=actor,
            borrower=borrower,
            body={
                "kind": kind,
                "contact": contact,
                "loans": sorted(loans),
                "what": what,
                "reason": reason.as_dict(),
            },
        )
