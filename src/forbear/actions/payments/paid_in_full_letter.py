"""The proof that a loan is settled: a letter with a code that can be checked for good."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.compose import shown_code
from forbear.actions.contacts.senders import sender_of
from forbear.actions.selectors.creditors import creditor_of, not_declared, writer
from forbear.actions.selectors.ledger import ledger_of
from forbear.core.base.problem import Problem
from forbear.core.content.template import render
from forbear.core.loans.allocation import counted_payments
from forbear.interchange.documents.letters import Letter, letter_pdf
from forbear.interchange.home.texts import templates
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.codes import new_code
from forbear.store.models import Borrower, Document, Loan
from forbear.store.situation import lock_borrower

KIND = "settlement_proof"


def settled_loans(borrower: Borrower) -> list[Loan]:
    """The loans on which nothing is left to pay."""
    return list(borrower.loans.filter(outstanding=0, written_off=False, sold_at=None).order_by("loan_id"))


def write_paid_in_full_letter(
    borrower_id: str, loan_id: str, language: str, now: datetime
) -> Document | Problem:
    """Write it; asked for again while nothing has changed it is the same paper, code and all."""
    assert language in ("zh", "en"), language
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        loan = Loan.objects.filter(borrower_id=borrower_id, loan_id=loan_id).first()
        if borrower is None or loan is None:
            return Problem("paid_letter_loan_invalid", "a paid-in-full letter is about one of your own loans")
        paid_on = _settled_on(borrower_id, loan_id, now)
        if loan.outstanding or loan.written_off or loan.sold_at or paid_on is None:
            return Problem(
                "loan_not_paid",
                "something is left to pay on this loan; the letter comes when it is paid in full",
            )
        reference = f"{loan_id[-4:]}-{paid_on:%Y%m%d}"
        known = borrower.documents.filter(kind=KIND, language=language, about=loan_id).order_by("-pk").first()
        if known is not None:
            return known
        code = new_code()
        pdf = _letter(borrower, loan, language, code, paid_on, reference, now)
        if isinstance(pdf, Problem):
            return pdf
        digest = evidence.store_attachment(pdf, "application/pdf")
        document = Document.objects.create(
            code=code,
            borrower=borrower,
            kind=KIND,
            language=language,
            sha256=digest,
            made_at=now,
            about=loan_id,
        )
        evidence.append(
            "letter",
            at=now,
            actor="borrower",
            borrower=borrower_id,
            body={"document": code, "kind": KIND, "loan": loan_id, "paid_on": paid_on.isoformat()},
            attachments=[digest],
        )
        return document


def _settled_on(borrower_id: str, loan_id: str, now: datetime) -> date | None:
    """The day of the last payment that counts; None when no book tells of any."""
    today = business_date(now)
    ledger = ledger_of(borrower_id)
    loan = (
        next((book_loan for book_loan in ledger[0].loans if book_loan.loan_id == loan_id), None)
        if ledger
        else None
    )
    counted = counted_payments(loan.all_payments, today) if loan else []
    days = [payment.paid_on for payment in counted]
    if loan and loan.account and loan.account.last_payment_on:
        days.append(loan.account.last_payment_on)
    return max(days, default=None)


def _letter(
    borrower: Borrower, loan: Loan, language: str, code: str, paid_on: date, reference: str, now: datetime
) -> bytes | Problem:
    home, creditor = settings.HOME, creditor_of([loan])
    if wrong := not_declared(creditor):
        return wrong
    sender, sender_rows = sender_of(None, language, creditor)
    template = templates(home).find(KIND, "letter")
    if template is None:
        return Problem(
            "no_such_letter_template",
            "there is no template `%(template)s` for letters in %(file)s",
            template=KIND,
            file=home.templates.name,
        )
    values = {
        "name": borrower.name or borrower.borrower_id,
        "lender": creditor.name(language),
        "writer": writer(creditor, language),
        "loan": loan.loan_id[-4:],
        "paid_on": paid_on,
        "reference": reference,
        "link": f"{home.url}/verify",
    }
    rendered = render(template, language, values)
    if isinstance(rendered, Problem):
        return rendered
    return letter_pdf(
        Letter(
            language=language,
            sender=sender,
            sender_rows=sender_rows,
            to=(borrower.name or borrower.borrower_id,),
            on=now.astimezone(ZoneInfo(home.timezone)).date(),
            reference=reference,
            subject=rendered.subject,
            body=rendered.body,
            code=shown_code(code),
            verify_url=f"{home.url}/verify",
        )
    )
