"""A written notice, when the borrower asks for one: what is owed and why, as a letter, at once and kept."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.compose import enclosed, shown_code, values_for
from forbear.actions.contacts.notice_account import notice_account
from forbear.actions.contacts.senders import sender_of, standing
from forbear.actions.holds.holds import lift_running
from forbear.actions.requests.requests import Asked, make_request
from forbear.actions.selectors.creditors import creditor_of, not_declared
from forbear.core.agreements.notice import answer_until, form_of
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.content.template import Template, render
from forbear.interchange.documents.enclosures import joined
from forbear.interchange.documents.letters import TABLES_HERE, Letter, letter_pdf
from forbear.interchange.home.texts import templates
from forbear.store import evidence
from forbear.store.codes import new_code
from forbear.store.loan_states import loans_that_may
from forbear.store.models import Agency, Borrower, Contact, Document, Loan, Placement, Request
from forbear.store.situation import lock_borrower


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
    """The letter; where several creditors are owed, a letter of each, one behind the other."""
    left = list(Loan.objects.filter(borrower=borrower, payoff__gt=0).order_by("loan_id"))
    owed: dict[str, list[Loan]] = {}
    for loan in loans_that_may("pay", left, now):
        owed.setdefault(loan.creditor, []).append(loan)
    if not owed:
        return Problem("nothing_owed", "nothing is owed; there is nothing to notify")
    letters = []
    for _, loans in sorted(owed.items()):
        letter = _letter(borrower, loans, language, code, now)
        if isinstance(letter, Problem):
            return letter
        letters.append(letter)
    return joined(letters)


def _letter(
    borrower: Borrower, loans: list[Loan], language: str, code: str, now: datetime
) -> bytes | Problem:
    """The letter of one creditor."""
    home, creditor = settings.HOME, creditor_of(loans)
    if wrong := not_declared(creditor):
        return wrong
    pack, form = form_of([path.stem for path in home.packs])
    template = _template(form)
    if isinstance(template, Problem):
        return template
    account = notice_account(template.name, borrower, loans, now, language, None)
    if isinstance(account, Problem):
        return account
    today = now.astimezone(ZoneInfo(home.timezone)).date()
    contact = Contact(
        borrower=borrower,
        loans=[loan.loan_id for loan in loans],
        channel="letter",
        purpose="notice",
        code=code,
    )
    reference = f"{loans[0].loan_id[-4:]}-{today:%Y%m%d}"
    values = dict(values_for(contact, borrower, now, language))
    values |= {
        "reference": reference,
        "until": answer_until(pack, today),
        "link": f"{home.url}/my",
        "standing": standing(None, _placed_with(borrower), language, creditor),
        "account": TABLES_HERE,
    }
    rendered = render(template, language, values)
    if isinstance(rendered, Problem):
        return rendered
    sender, sender_rows = sender_of(None, language, creditor)
    letter = letter_pdf(
        Letter(
            language=language,
            sender=sender,
            sender_rows=sender_rows,
            to=(borrower.name or borrower.borrower_id,),
            on=today,
            reference=reference,
            subject=rendered.subject,
            body=rendered.body,
            code=shown_code(code),
            verify_url=f"{home.url}/verify",
            tables=account.tables,
            slip=account.slip,
        )
    )
    return enclosed(letter, template.encloses)


def _template(form: str) -> Template | Problem:
    home = settings.HOME
    known = templates(home)
    return (
        known.find(form, "letter")
        or known.find("written_notice", "letter")
        or Problem(
            "no_such_letter_template",
            "there is no template `%(template)s` for letters in %(file)s",
            template=form,
            file=home.templates.name,
        )
    )


def _placed_with(borrower: Borrower) -> Agency | None:
    """The agency that collects now, where one does."""
    placement = Placement.objects.filter(borrower=borrower, ended_at=None).select_related("agency").first()
    return placement.agency if placement else None
