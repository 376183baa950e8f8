"""A notice that some later step needs counts as given once its message has left, and no longer when it came back.

A payment that shows the notice was wrong recalls it as well; then the step asks for a new one.
"""

from datetime import datetime

from django.db import transaction

from forbear.core.facts_moment import NOTICES
from forbear.store import evidence
from forbear.store.models import Contact, Notice

#: The notice that a text gives, by the text's name.
KIND_OF = {
    **{kind: kind for kind in NOTICES},
    "credit_report_notice": "credit_notice",
    "notice_before_claim": "letter_of_claim",
}


def note_notice(contact: Contact, now: datetime) -> int:
    """Write the notice down for each loan the message was about, once; how many. The caller holds the borrower."""
    assert transaction.get_connection().in_atomic_block, "a message and the notice it gave commit together"
    kind = KIND_OF.get(contact.template)
    if kind is None or contact.party != "debtor":
        return 0
    told = set(Notice.objects.filter(contact=contact).values_list("loan_id", flat=True))
    new = [loan for loan in contact.loans if loan not in told]
    Notice.objects.bulk_create(
        Notice(
            borrower_id=contact.borrower_id,
            loan_id=loan,
            kind=kind,
            given_at=contact.at or now,
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


def recall_notice(contact: Contact, now: datetime, *, actor: str, because: str) -> int:
    """The notice did not arrive, or was wrong: it counts no more; how many. The caller holds the borrower."""
    assert transaction.get_connection().in_atomic_block, "a report and what it undoes commit together"
    rows = Notice.objects.filter(contact=contact, recalled_at=None)
    loans = sorted(rows.values_list("loan_id", flat=True))
    if loans:
        rows.update(recalled_at=now)
        evidence.append(
            "notice",
            at=now,
            actor=actor,
            borrower=contact.borrower_id,
            body={
                "kind": KIND_OF[contact.template],
                "contact": contact.contact_id,
                "loans": loans,
                "what": "recalled",
                "because": because,
            },
        )
    return len(loans)
