"""A written notice, when the borrower asks for one: what is owed and why, as a letter, at once and kept."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.compose import shown_code, values_for
from forbear.actions.holds.holds import lift_running
from forbear.actions.requests.requests import Asked, make_request
from forbear.actions.selectors.ledger import ledger_of
from forbear.core.agreements.notice import answer_until, form_of, itemize
from forbear.core.base.problem import MessageId, Problem, noop
from forbear.core.base.reason import Reason
from forbear.core.content.template import Money, money_text, render
from forbear.interchange.documents.letters import Letter, letter_pdf
from forbear.interchange.home.texts import templates
from forbear.store import evidence
from forbear.store.codes import new_code
from forbear.store.loan_states import loans_that_may
from forbear.store.models import Borrower, Contact, Document, Loan, Request
from forbear.store.problem_text import sentence_in
from forbear.store.situation import lock_borrower

_HEAD = (
    noop("Loan"),
    noop("Principal"),
    noop("Interest"),
    noop("Penalty"),
    noop("Fees"),
    noop("Past due"),
    noop("All that is left"),
)


def write_notice(borrower_id: str, language: str, now: datetime) -> Document | Problem:
    """Write the notice on the newest figures; the request for it is on record and answered by it."""
    assert language in ("zh", "en"), language
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        if borrower is None:
            return Problem(
                "no_such_borrower",
                "there is no borrower %(borrower_id)s with a case",
                borrower_id=borrower_id,
            )
        code = new_code()
        pdf = _notice(borrower, language, code, now)
        if isinstance(pdf, Problem):
            return pdf
        request = make_request(Asked(borrower_id, "written_notice"), now, actor="borrower")
        assert isinstance(request, Request), "a borrower may always ask for a notice"
        _answer(request, now)
        digest = evidence.store_attachment(pdf, "application/pdf")
        document = Document.objects.create(
            code=code, borrower=borrower, kind="written_notice", language=language, sha256=digest, made_at=now
        )
        evidence.append(
            "letter",
            at=now,
            actor="borrower",
            borrower=borrower_id,
            body={"document": code, "kind": "written_notice", "request": request.number},
            attachments=[digest],
        )
        return document


def _answer(request: Request, now: datetime) -> None:
    """The notice itself is the answer; what was held until it was there goes on."""
    reason = Reason.of("request_answered", request=request.number)
    lift_running(request.hold, now, actor="borrower", reason=reason)
    Request.objects.filter(pk=request.pk).update(state="answered", outcome="done", answered_at=now)


def _notice(borrower: Borrower, language: str, code: str, now: datetime) -> bytes | Problem:
    home, contacts = settings.HOME, dict(settings.HOME.contact)
    left = list(Loan.objects.filter(borrower=borrower, outstanding__gt=0).order_by("loan_id"))
    loans = loans_that_may("pay", left, now)
    pack, form = form_of([path.stem for path in home.packs])
    known = templates(home)
    template = known.find(form, "letter") or known.find("written_notice", "letter")
    if template is None:
        return Problem(
            "no_such_letter_template",
            "there is no template `%(template)s` for letters in %(file)s",
            template=form,
            file=home.templates.name,
        )
    today = now.astimezone(ZoneInfo(home.timezone)).date()
    contact = Contact(
        borrower=borrower,
        loans=[loan.loan_id for loan in loans],
        channel="letter",
        purpose="notice",
        code=code,
    )
    values = dict(values_for(contact, borrower, now, language))
    values |= {"reference": code, "until": answer_until(pack, today), "link": f"{home.url}/my"}
    if not loans:
        return Problem("nothing_owed", "nothing is owed; there is nothing to notify")
    rendered = render(template, language, values)
    if isinstance(rendered, Problem):
        return rendered
    return letter_pdf(
        Letter(
            language=language,
            sender=home.name[0 if language == "zh" else 1],
            sender_rows=tuple(contacts[key] for key in ("address", "phone") if contacts.get(key)),
            to=(borrower.name or borrower.borrower_id,),
            on=today,
            reference=shown_code(code),
            subject=rendered.subject,
            body=rendered.body,
            code=shown_code(code),
            verify_url=f"{home.url}/verify",
            table=_itemized(borrower, loans, today, language) if pack == "us" else _parts(loans, language),
        )
    )


_ITEMIZED = (
    noop("Loan"),
    noop("Itemization date"),
    noop("You owed"),
    noop("Interest since"),
    noop("Fees since"),
    noop("Paid since"),
    noop("Now"),
)


def _said(heads: tuple[MessageId, ...], language: str) -> tuple[str, ...]:
    return tuple(sentence_in(language, head) for head in heads)


def _parts(loans: list[Loan], language: str) -> list[tuple[str, ...]]:
    """What is late and what is left, part by part."""
    return [_said(_HEAD, language), *(_row(loan, language) for loan in loans)]


def _itemized(borrower: Borrower, loans: list[Loan], today: date, language: str) -> list[tuple[str, ...]]:
    """The itemization of Regulation F, from the book; where there is none, the parts as they are."""
    ledger = ledger_of(borrower.borrower_id)
    known = {book_loan.loan_id: book_loan for book_loan in ledger[0].loans} if ledger else {}
    if ledger is None or any(loan.loan_id not in known for loan in loans):
        return _parts(loans, language)
    rows = [_said(_ITEMIZED, language)]
    for loan in loans:
        book = known[loan.loan_id]
        one = itemize(book, ledger[1].get(book.product), today)
        amounts = (one.amount, one.interest, one.fees, one.paid, one.now)
        shown = (money_text(Money(amount, loan.currency), language) for amount in amounts)
        rows.append((f"…{loan.loan_id[-4:]}", one.on.isoformat(), *shown))
    return rows


def _row(loan: Loan, language: str) -> tuple[str, ...]:
    parts = ("principal", "interest", "penalty", "fee")
    amounts = [*(getattr(loan, f"past_due_{part}") for part in parts), loan.past_due_amount, loan.outstanding]
    return (
        f"…{loan.loan_id[-4:]}",
        *(money_text(Money(amount, loan.currency), language) for amount in amounts),
    )
