"""What somebody writes on the page that checks callers, without signing in: a fraud, or a message that isn't theirs.

It is kept like a reply and read by a person. Who shows a contact's code has had its message: where they say that it
isn't for them, nothing but notices goes to that number until somebody has read it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from forbear.actions.access.verify_caller import contact_with_code
from forbear.core.base.canonical import writable
from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Inbound
from forbear.store.situation import lock_borrower

#: What is said: a fraud in the lender's name, or a message or loan that isn't theirs.
SCAM, NOT_MINE = "scam", "not_mine"
LONGEST_WORDS = 1_000


@dataclass(frozen=True, slots=True)
class PublicReport:
    """`code` is a code, number or address of who wrote or called; `reach` where to answer, if they want one."""

    what: str
    code: str = ""
    words: str = ""
    reach: str = ""


def record_public_report(report: PublicReport, now: datetime) -> Inbound | Problem:
    """Keep it for a person to read; Problem when it says nothing."""
    if not report.code.strip() and not report.words.strip():
        return Problem("report_empty", "Give the code or number, or say what happened.")
    contact = contact_with_code(report.code)
    intent = "wrong_person" if report.what == NOT_MINE else "complaint"
    said = [report.words, report.code, report.reach]
    text = writable("\n".join(each.strip() for each in said if each.strip())[: LONGEST_WORDS * 2])
    with transaction.atomic():
        if contact is not None:
            lock_borrower(contact.borrower_id)
        inbound = Inbound.objects.create(
            provider="page",
            provider_ref=str(uuid.uuid4()),
            kind="reply",
            channel=contact.channel if contact else "web",
            contact=contact,
            borrower_id=contact.borrower_id if contact else None,
            point_digest=contact.point_digest if contact else "",
            party=contact.party if contact else "",
            sender=writable(report.reach.strip()[:300]),
            text=text,
            intent=intent,
            at=now,
            needs_person=True,
            held=contact is not None and report.what == NOT_MINE,
        )
        if contact is not None:
            evidence.append(
                "inbound",
                at=now,
                actor="public",
                borrower=contact.borrower_id,
                body={"contact": contact.contact_id, "what": "report", "intent": intent},
                personal={"text": text},
            )
        return inbound
