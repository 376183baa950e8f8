"""Answer what somebody wrote: an approved text or own words, by the way it came, through screening and permit gate.

A refusal changes nothing: the message still waits, and what was typed stands on the page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.compose import OPT_OUT, values_for
from forbear.actions.contacts.permit_gate import evaluate
from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.actions.replies.inbox import close_message, lock_own
from forbear.actions.replies.reading import unfinished
from forbear.core.base.problem import Problem, joined
from forbear.core.content.template import render
from forbear.core.facts.contact import PlannedContact
from forbear.interchange.home.country import language_of
from forbear.interchange.home.texts import templates
from forbear.store.access.masks import masked_name
from forbear.store.models import Borrower, Contact, Inbound, Loan, Staff
from forbear.store.problem_text import sentence_in
from forbear.store.situation import lock_borrower

#: The ways by which a message can be answered in writing; what came another way is answered by a call or a request.
ANSWERED_BY = ("sms", "email", "push", "letter")
LONGEST_ANSWER = 1000
#: What the names of the approved texts that staff answer with begin with.
_ANSWERS = "answer_"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: the name of an approved text, or a person's own words with a subject where the way has one.

    `confirmed`: the person has read the words again and stands by them, see `ContactDraft`.
    """

    template: str = ""
    subject: str = ""
    body: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ApprovedText:
    """A text that may be sent as it stands, by its name, and what the borrower would read."""

    name: str
    subject: str
    body: str


def approved_texts(inbound: Inbound, now: datetime) -> list[ApprovedText]:
    """The approved answers that can be filled for this message, in its borrower's language, with the name masked.

    None to words of danger: the approved texts are about money.
    """
    borrower = inbound.borrower
    if borrower is None or inbound.urgent or inbound.channel not in ANSWERED_BY:
        return []
    language = _language(borrower)
    draft = Contact(
        borrower=borrower, channel=inbound.channel, purpose="answer", loans=_loans(borrower), code="••••••••"
    )
    values = {**values_for(draft, borrower, now, language), "name": masked_name(borrower.name)}
    return list(_filled(inbound.channel, language, values))


def _filled(channel: str, language: str, values: Mapping[str, object]) -> Iterator[ApprovedText]:
    for entry in templates(settings.HOME).entries:
        if entry.purpose == "answer" and channel in entry.channels and entry.name.startswith(_ANSWERS):
            rendered = render(entry, language, values)
            if not isinstance(rendered, Problem):
                yield ApprovedText(entry.name, rendered.subject, rendered.body)


def answer_message(inbound_id: int, answer: Answer, staff: Staff, now: datetime) -> Contact | Problem:
    """Queue the answer and be done with the message.

    Problem, and nothing changed, when it belongs to no case, is somebody else's, has no way back, is worded as the
    rules don't allow, or may not be answered at all; a rule that allows it later lets it wait.
    """
    if not answer.template and not answer.body.strip():
        return Problem("answer_empty", "Choose an approved text or write something.")
    if len(answer.body) > LONGEST_ANSWER:
        return Problem("words_too_long", "please say it in at most %(most)s characters", most=LONGEST_ANSWER)
    with transaction.atomic():
        made = _answered(inbound_id, answer, staff, now)
        if isinstance(made, Problem):
            transaction.set_rollback(True)
        return made


def _answered(inbound_id: int, answer: Answer, staff: Staff, now: datetime) -> Contact | Problem:
    inbound = lock_own(inbound_id, staff, now)
    if isinstance(inbound, Problem):
        return inbound
    if inbound.borrower_id is None:
        return Problem("reply_not_linked", "Say first to which case this message belongs.")
    if inbound.channel not in ANSWERED_BY or not inbound.point_digest:
        return Problem(
            "reply_without_way_back", "This message can't be answered in writing. Call back instead."
        )
    if problem := unfinished(inbound, staff, now):
        return problem
    borrower = lock_borrower(inbound.borrower_id)
    assert borrower is not None, "a message of a case has its borrower"
    close_message(inbound, staff, now)  # read, so that nothing waits for a reader any more
    planned = _plan(inbound, borrower, answer)
    decision, _ = evaluate(borrower, planned, now)
    if not decision.permitted and decision.until is None:
        rules = joined(refusal.with_clause() for refusal in decision.refusals)
        return Problem("answer_refused_by_rules", "The rules don't allow this answer: %(rules)s", rules=rules)
    draft = ContactDraft(
        borrower.pk,
        planned,
        template=answer.template,
        subject="" if answer.template else answer.subject.strip()[:200],
        body="" if answer.template else _own_words(answer.body, inbound.channel, borrower),
        staff=staff,
        consented=True,
        confirmed=answer.confirmed,
    )
    contact = queue_contact(draft, now, actor=f"staff:{staff.number}")
    if not isinstance(contact, Problem):
        inbound.answer, inbound.answered_at = contact, inbound.answered_at or now
        inbound.save(update_fields=["answer", "answered_at"])
    return contact


def _own_words(body: str, channel: str, borrower: Borrower) -> str:
    """A person's words, with the way to stop such messages behind them (12 CFR 1006.6(e))."""
    if channel not in OPT_OUT:
        return body.strip()
    language = _language(borrower)
    between = "\n\n" if channel != "sms" else "" if language == "zh" else " "
    return f"{body.strip()}{between}{sentence_in(language, OPT_OUT[channel])}"


def _plan(inbound: Inbound, borrower: Borrower, answer: Answer) -> PlannedContact:
    way = templates(settings.HOME).find(answer.template, inbound.channel) if answer.template else None
    language = _language(borrower)
    return PlannedContact(
        inbound.channel,
        "answer",
        inbound.party or "debtor",
        point=inbound.point_digest,
        loans=tuple(_loans(borrower)),
        template=answer.template,
        automated=False,
        own_line=True,
        states_identity=True,
        offers_opt_out=way is None or "opt_out" in way.placeholders(language),
        answers=f"reply:{inbound.pk}",
    )


def _language(borrower: Borrower) -> str:
    return language_of(settings.HOME, borrower.preferred_language or borrower.language)


def _loans(borrower: Borrower) -> list[str]:
    """The late loans, else all: what an answer may be about."""
    loans = Loan.objects.filter(borrower=borrower).order_by("loan_id")
    late = loans.filter(past_due_amount__gt=0)
    return list((late if late.exists() else loans).values_list("loan_id", flat=True))
