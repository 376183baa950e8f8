"""Put a contact into the outbox: wished for, not yet permitted, not yet sent."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.selectors.creditors import of_one_creditor
from forbear.core.base.problem import Problem
from forbear.core.content.screening import ContentContext, Finding, Screening, proposal, screen
from forbear.core.content.template import Money
from forbear.core.facts.contact import PlannedContact, point_digest
from forbear.core.facts.phone import read_phone
from forbear.interchange.home.country import country_of, language_of
from forbear.interchange.home.keys import point_keys
from forbear.interchange.home.texts import screening
from forbear.store import evidence, rows
from forbear.store.codes import new_code
from forbear.store.models import Agency, Borrower, Contact, ContactPoint, LawsuitStep, Loan, Staff
from forbear.store.situation import WISH_FLAGS, lock_borrower

#: A contact still waiting after this is pointless: its reason has passed.
GIVE_UP_AFTER = timedelta(days=2)


#: Values of an approved text that may come from outside; all others are the house's own.
GIVEN = ("plan", "reference", "time")


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """A contact to put into the outbox.

    Either `template` with `values` from outside and `own` of the house, or `subject` and `body` written by a person.
    `not_before` is when it may leave at the earliest, `give_up_at` when it is pointless; None is at once and in two
    days. `confirmed`: the person has read their own words again, and stands by what a rule would have looked at.
    """

    borrower_id: str
    planned: PlannedContact
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    body: str = ""
    language: str = ""
    staff: Staff | None = None
    not_before: datetime | None = None
    give_up_at: datetime | None = None
    consented: bool = False
    confirmed: bool = False
    own: Mapping[str, Money | date | int | str] = field(default_factory=dict)


def digest_of(kind: str, value: str) -> str:
    """The name of an address in rules and evidence, with this home's key and in its country."""
    return point_digest(kind, value, point_keys(settings.HOME), country_of(settings.HOME))


def stored_point(kind: str, value: str) -> str:
    """An address as it is kept: a telephone number as E.164, with its extension."""
    number = read_phone(value, country_of(settings.HOME)) if kind == "phone" else value
    return value if isinstance(number, Problem) else str(number)


def stored(value: Money | date | int | str) -> object:
    """A value of a text as a contact keeps it; `actions.contacts.compose` reads it back."""
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def called_by(wanted: ContactDraft) -> PlannedContact:
    """The plan with who makes the contact: whom the draft names, unless the plan names people itself."""
    planned = wanted.planned
    if wanted.staff is None or planned.automated or planned.callers:
        return planned
    return replace(planned, callers=(wanted.staff.number,))


def new_contact(wanted: ContactDraft, borrower: Borrower, now: datetime) -> Contact:
    """The contact as it waits, not written yet."""
    planned = called_by(wanted)
    earliest = wanted.not_before or now
    return Contact(
        contact_id=str(uuid.uuid4()),
        borrower=borrower,
        loans=list(planned.loans),
        channel=planned.channel,
        purpose=planned.purpose,
        party=planned.party,
        point_digest=planned.point,
        template=wanted.template,
        language=language_of(
            settings.HOME, wanted.language or borrower.preferred_language or borrower.language
        ),
        values={**wanted.values, **{name: stored(value) for name, value in wanted.own.items()}},
        subject=wanted.subject,
        body=wanted.body,
        planned={name: getattr(planned, name) for name in WISH_FLAGS},
        agency_id=planned.agency or None,
        staff=wanted.staff,
        code=new_code(),
        state="waiting",
        queued_at=now,
        not_before=earliest,
        give_up_at=wanted.give_up_at or earliest + GIVE_UP_AFTER,
        consented=wanted.consented,
    )


def queue_contact(wanted: ContactDraft, now: datetime, *, actor: str) -> Contact | Problem:
    """Write the contact down as waiting. Problem when there is no such borrower, number or agency."""
    with transaction.atomic():
        borrower = lock_borrower(wanted.borrower_id)
        if borrower is None:
            return Problem(
                "no_such_borrower",
                "there is no borrower %(borrower_id)s with a case",
                borrower_id=wanted.borrower_id,
            )
        wanted = _to_one_creditor(wanted)
        planned = wanted.planned
        point = None
        if planned.point:
            point = rows.fetch_one(
                ContactPoint, "borrower_id = %s and digest = %s order by id", [borrower.pk, planned.point]
            )
            if point is None:
                return Problem(
                    "address_not_on_file", "this number or address is not on file for this borrower"
                )
        if planned.agency and not Agency.objects.filter(code=planned.agency).exists():
            return Problem("no_such_agency", "there is no agency %(agency)s", agency=planned.agency)
        screened = _screened(wanted, borrower)
        problem = _not_theirs(wanted) or _said_wrongly(wanted, borrower, screened)
        if problem is not None:
            return problem
        contact = new_contact(wanted, borrower, now)
        contact.point = point
        evidence.append(
            "planned_contact",
            at=now,
            actor=actor,
            borrower=borrower.borrower_id,
            body={
                "contact": contact.contact_id,
                "channel": planned.channel,
                "purpose": planned.purpose,
                "party": planned.party,
                "template": wanted.template,
                **(
                    {"look": look, "confirmed": wanted.confirmed}
                    if (look := _rules_to_look(screened))
                    else {}
                ),
            },
            new_rows=[contact],
        )
        return contact


def _to_one_creditor(wanted: ContactDraft) -> ContactDraft:
    """The draft about loans of one creditor alone, where it asks for money: no sentence asks for another's debt."""
    planned = wanted.planned
    if not settings.HOME.creditors or planned.purpose not in ("remind", "collect") or len(planned.loans) < 2:
        return wanted
    loans = list(Loan.objects.filter(borrower_id=wanted.borrower_id, pk__in=planned.loans))
    kept = {loan.pk for loan in of_one_creditor(loans)}
    return replace(
        wanted, planned=replace(planned, loans=tuple(name for name in planned.loans if name in kept))
    )


def _not_theirs(wanted: ContactDraft) -> Problem | None:
    """Who wishes for a contact can't say who is writing, where a link leads or what is owed: the house fills those."""
    for name in wanted.values:
        if name not in GIVEN:
            return Problem(
                "template_value_of_lender",
                "the value of {%(name)s} is filled in by the lender; give only %(given)s",
                name=name,
                given=tuple(GIVEN),
            )
    return None


def _own_words(wanted: ContactDraft) -> str:
    """What a person wrote: their own text, and values put into an approved one."""
    return "\n".join(value for value in (wanted.subject, wanted.body, *wanted.values.values()) if value)


def _screened(wanted: ContactDraft, borrower: Borrower) -> Screening | None:
    """What the lender's rules find in a person's own words; None where they wrote none.

    Amounts are held against the ledger and the borrower's plans: one that isn't owed may not be named. What is said of
    a court is held against the borrower's lawsuits.
    """
    text = _own_words(wanted)
    if not text:
        return None
    context = ContentContext(
        language=_language(wanted, borrower),
        party=wanted.planned.party,
        channel=wanted.planned.channel,
        sender="agency" if wanted.planned.agency else "internal",
        names=frozenset(_names()),
        happened=happened_at_court(borrower),
    )
    return screen(text, screening(settings.HOME), _with_amounts(context, borrower))


def _names() -> Iterator[str]:
    """The names of the lender and of every creditor, which a text may say."""
    yield from settings.HOME.name
    for creditor in settings.HOME.creditors:
        yield from creditor.names


def _language(wanted: ContactDraft, borrower: Borrower) -> str:
    return language_of(settings.HOME, wanted.language or borrower.language)


def _rules_to_look(screened: Screening | None) -> list[str]:
    """The rules by which a person should look at words that may leave."""
    return sorted({finding.rule for finding in screened.findings}) if screened else []


def _said_wrongly(wanted: ContactDraft, borrower: Borrower, screened: Screening | None) -> Problem | None:
    """What may not be said in a person's own words, with its clause and a wording that may; None when clean.

    A sentence in doubt under a rule that blocks doesn't leave either. Words that should be looked at leave once
    the person who wrote them has confirmed that they are right.
    """
    found = screened.findings if screened is not None else ()
    first = next((finding for finding in found if finding.answer == "block" or finding.softened), None)
    if screened is not None and first is None and found and not wanted.confirmed:
        return _to_confirm(found[0])
    if screened is None or first is None:
        return None
    better = proposal(_own_words(wanted), screened, _language(wanted, borrower))
    return Problem(
        "wording_not_allowed",
        "“%(words)s”: %(says)s (%(rule)s, %(clause)s). %(better)s",
        words=first.matched,
        says=first.message,
        rule=first.rule,
        clause=first.clause,
        better=better,
    )


def _to_confirm(finding: Finding) -> Problem:
    return Problem(
        "wording_to_confirm",
        "“%(words)s” may not be said where it means this: %(says)s (%(rule)s). Change it, or confirm that it is right.",
        words=finding.matched,
        says=finding.message,
        rule=finding.rule,
    )


#: What a lawsuit's step shows to have happened.
_HAPPENED = {
    **dict.fromkeys(("filed", "served", "objected"), ("lawsuit",)),
    **dict.fromkeys(("judged", "appealed", "in_force"), ("lawsuit", "judgment")),
    "enforcing": ("lawsuit", "judgment", "enforcement"),
}


def happened_at_court(borrower: Borrower) -> frozenset[str]:
    """What the borrower's lawsuits show to have happened, of core.content's EVENTS; also of those that have ended."""
    states = LawsuitStep.objects.filter(lawsuit__borrower=borrower).values_list("state", flat=True)
    return frozenset(event for state in states.distinct() for event in _HAPPENED.get(state, ()))


def _with_amounts(context: ContentContext, borrower: Borrower) -> ContentContext:
    """With the amounts that may be named, in their currency; none is checked where no loan is known."""
    loans = rows.fetch_all(Loan, "borrower_id = %s order by loan_id", [borrower.pk])
    if not loans:
        return context
    amounts: set[int] = set()
    for loan in loans:
        amounts |= {
            loan.past_due_amount,
            loan.payoff,
            loan.balance,
            loan.past_due_principal,
            loan.past_due_interest,
        }
        amounts |= {loan.past_due_fee, loan.past_due_penalty, loan.principal}
    for plan in borrower.plans.filter(ended_on=None):
        amounts |= {plan.amount, *(amount for _, _, amount in plan.lines)}
    newest = loans[-1]
    return replace(
        context, amounts=frozenset(amounts), currency=newest.currency, minor_unit=newest.minor_unit
    )
