"""Papers that a borrower takes out of their own data: set as a letter, kept as evidence, proved by a code."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.compose import shown_code
from forbear.core.base.problem import Problem
from forbear.interchange.documents.letters import Letter, Table, lacking_signs, letter_pdf
from forbear.store import evidence
from forbear.store.codes import new_code
from forbear.store.models import Document
from forbear.store.situation import lock_borrower

#: What stands for a sign that the paper's font lacks, such as an emoji.
_UNKNOWN = "?"


def issue_paper(
    borrower_id: str,
    kind: str,
    language: str,
    subject: str,
    body: str,
    now: datetime,
    *,
    actor: str = "borrower",
    tables: tuple[Table, ...] = (),
) -> Document | Problem:
    """Write the paper and keep it; `body` has paragraphs parted by an empty line, `actor` is who asked for it."""
    home, contacts = settings.HOME, dict(settings.HOME.contact)
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        assert borrower is not None, "a borrower is never deleted"
        code = new_code()
        words = [body, borrower.name, *(text for table in tables for row in table.rows for text in row)]
        lacking = {ord(sign): _UNKNOWN for sign in lacking_signs("".join(words))}
        printable = tuple(
            replace(table, rows=[[text.translate(lacking) for text in row] for row in table.rows])
            for table in tables
        )
        pdf = letter_pdf(
            Letter(
                language=language,
                sender=home.name[0 if language == "zh" else 1],
                sender_rows=tuple(contacts[key] for key in ("address", "phone") if contacts.get(key)),
                to=(borrower.name or borrower.borrower_id,),
                on=now.astimezone(ZoneInfo(home.timezone)).date(),
                reference=shown_code(code),
                subject=subject,
                body=body.translate(lacking),
                code=shown_code(code),
                verify_url=f"{home.url}/verify",
                tables=printable,
            )
        )
        if isinstance(pdf, Problem):
            return pdf
        digest = evidence.store_attachment(pdf, "application/pdf")
        document = Document.objects.create(
            code=code, borrower=borrower, kind=kind, language=language, sha256=digest, made_at=now
        )
        evidence.append(
            "letter",
            at=now,
            actor=actor,
            borrower=borrower_id,
            body={"document": code, "kind": kind},
            attachments=[digest],
        )
        return document
