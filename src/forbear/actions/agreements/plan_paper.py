"""The agreement of a plan as a paper with a code: its instalments, and the terms it was agreed on."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from forbear.actions.agreements.plans import lines_of
from forbear.actions.contacts.compose import shown_code
from forbear.actions.contacts.senders import sender_of
from forbear.actions.selectors.creditors import creditor_of_ids, not_declared
from forbear.core.base.problem import Phrase, Problem, Value, noop
from forbear.core.content.template import Money, day_text, money_text
from forbear.interchange.documents.letters import Letter, Table, letter_pdf
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.codes import new_code
from forbear.store.models import Borrower, Document, Plan
from forbear.store.problem_text import sentence_in
from forbear.store.situation import lock_borrower

KIND = "plan_agreement"
_HEAD = (noop("Instalment"), noop("Due"), noop("Amount"))


def write_plan_paper(borrower_id: str, plan_id: int, language: str, now: datetime) -> Document | Problem:
    """Write it; asked for again in the same language it is the same paper, code and all."""
    assert language in ("zh", "en"), language
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        plan = Plan.objects.filter(pk=plan_id, borrower_id=borrower_id).exclude(agreed_on=None).first()
        if borrower is None or plan is None:
            return Problem("plan_not_agreed", "the paper comes when the plan is agreed")
        known = borrower.documents.filter(kind=KIND, language=language, about=str(plan.pk)).first()
        if known is not None:
            return known
        code = new_code()
        pdf = _paper(borrower, plan, language, code, now)
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
            about=str(plan.pk),
        )
        evidence.append(
            "letter",
            at=now,
            actor="borrower",
            borrower=borrower_id,
            body={"document": code, "kind": KIND, "plan": plan.pk},
            attachments=[digest],
        )
        return document


def _paper(borrower: Borrower, plan: Plan, language: str, code: str, now: datetime) -> bytes | Problem:
    home, creditor = settings.HOME, creditor_of_ids(plan.loans)
    if wrong := not_declared(creditor):
        return wrong
    sender, sender_rows = sender_of(None, language, creditor)
    lines = lines_of(plan)
    assert plan.agreed_on is not None, "only an agreed plan has its paper"

    def said(text: str, **values: Value) -> str:
        return sentence_in(language, Phrase(text, **values))

    total = money_text(Money(plan.amount, plan.currency), language)
    loans = tuple(f"…{loan_id[-4:]}" for loan_id in plan.loans)
    sentences = [
        said(
            noop("Agreed on %(day)s: %(total)s of your loans ending %(loans)s, in %(count)s instalments.")
            if len(lines) > 1
            else noop("Agreed on %(day)s: %(total)s of your loans ending %(loans)s, in one payment."),
            day=plan.agreed_on,
            total=total,
            loans=loans,
            count=len(lines),
        ),
        said(noop("No interest or fees are added for what is in this plan while you keep it.")),
        said(noop("While you keep it, neither we nor an agency asks you for more of this amount.")),
        said(noop("Instalments of your loans that fall due later are paid beside it.")),
        said(
            noop(
                "If you miss %(missed)s instalments, or the last one, by more than %(grace)s days, the plan ends."
            )
            if policy(home).plan.missed_to_break < len(lines)
            else noop("If the last instalment comes more than %(grace)s days late, the plan ends."),
            missed=policy(home).plan.missed_to_break,
            grace=policy(home).plan.grace_days,
        ),
        said(
            noop("You may pay sooner at no cost, and change or end the plan at %(link)s."),
            link=f"{home.url}/my",
        ),
    ]
    rows = [
        (
            str(line.number),
            day_text(line.due_on, language),
            money_text(Money(line.amount, plan.currency), language),
        )
        for line in lines
    ]
    return letter_pdf(
        Letter(
            language=language,
            sender=sender,
            sender_rows=sender_rows,
            to=(borrower.name or borrower.borrower_id,),
            on=now.astimezone(ZoneInfo(home.timezone)).date(),
            reference=shown_code(code),
            subject=said(noop("Your repayment plan")),
            body="\n\n".join(sentences),
            code=shown_code(code),
            verify_url=f"{home.url}/verify",
            tables=(Table("", [tuple(said(head) for head in _HEAD), *rows]),),
        )
    )
