"""A case of a pack, put into the desk's tables and asked of the real permit gate, by the desk's act and the interface.

Every row is written in a transaction that is rolled back. Addresses are named in cases by short words, whose digests
the tables have.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.test import Client

from forbear.actions.contacts.permit_gate import preview
from forbear.actions.contacts.queue_contact import ContactDraft, digest_of
from forbear.actions.contacts.staff_calls import Made, make_contact
from forbear.actions.webhooks.api_keys import make_key
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.facts.context import ContactContext
from forbear.core.facts.vocabulary import facts_known
from forbear.core.permits.case_check import CaseAnswer, answer_of
from forbear.core.permits.cases import PackCase
from forbear.interchange.home import clock
from forbear.store import evidence
from forbear.store.codes import new_code
from forbear.store.models import (
    Agency,
    Borrower,
    Case,
    Consent,
    Contact,
    ContactPoint,
    Hold,
    Inbound,
    Loan,
    Notice,
    Payment,
    Placement,
    PortalSession,
    RecordingRequest,
    Staff,
    Visit,
)
from forbear.store.situation import WISH_FLAGS

WHO, ANOTHER, CALLER = "CASE-1", "CASE-2", "CASE-S"
_KINDS = {"email": "email", "letter": "address", "visit": "address", "push": "device"}
CREATED, FORBIDDEN, NOT_FOUND = 201, 403, 404
_LONG_AGO = timedelta(days=500)


def holds_people() -> bool:
    """Whether the tables have anybody's rows: cases are put to empty tables only."""
    return Borrower.objects.exists()


def ask_tables(case: PackCase) -> CaseAnswer:
    """What the permit gate says of a case once its facts are in the tables; nothing of it stays."""
    with transaction.atomic():
        planned = _write(case)
        made = make_contact(ContactDraft(WHO, planned), case.now.astimezone(UTC), actor="case")
        decision = made.answer.decision if isinstance(made, Made) else None
        if decision is None:
            decision = preview(WHO, [planned], case.now.astimezone(UTC))[0]
        transaction.set_rollback(True)
    return answer_of(decision)


def ask_interface(case: PackCase) -> CaseAnswer:
    """What a program is answered that asks for a permit for it: through its key's scopes and the interface's forms.

    A program that isn't shown the borrower, the loan or the number is refused before any rule is asked.
    """
    assert settings.HOME.is_made_up, "only a made-up home's time can stand"
    with transaction.atomic():
        planned = _write(case)
        made = make_key("cases", ("permits:ask",), case.now.astimezone(UTC), planned.agency, actor="case")
        assert not isinstance(made, Problem), made
        with _standing_at(case.now.astimezone(UTC)):
            answer = Client().post(
                "/api/v1/permits",
                json.dumps(_body(case.planned, planned)),
                content_type="application/json",
                headers={"authorization": f"Bearer {made[1]}", "host": settings.ALLOWED_HOSTS[0]},
            )
        transaction.set_rollback(True)
    payload = json.loads(answer.content)
    if answer.status_code == CREATED:
        return CaseAnswer(allowed=True)
    if answer.status_code == NOT_FOUND:
        return CaseAnswer(allowed=False, refused_by=((payload["code"], payload["message"]),))
    assert answer.status_code == FORBIDDEN, payload
    until = datetime.fromisoformat(payload["until"]) if payload["until"] else None
    refused_by = tuple((each["rule"], each["clause"]) for each in payload["refusals"])
    return CaseAnswer(allowed=False, until=until, refused_by=refused_by)


@contextmanager
def _standing_at(moment: datetime) -> Iterator[None]:
    """The made-up home's time stands at a moment as long as the block lasts."""
    clock.stand(settings.HOME, moment)
    try:
        yield
    finally:
        (settings.HOME.folder / clock.FILE).unlink()


def _body(named: PlannedContact, planned: PlannedContact) -> dict[str, object]:
    """The plan as a program writes it: the number in the clear, and who asks left to the key."""
    body: dict[str, object] = {name: getattr(planned, name) for name in WISH_FLAGS if name != "at_workplace"}
    body |= {"channel": named.channel, "purpose": named.purpose, "party": named.party}
    return body | {
        "borrower_id": WHO,
        "loans": list(named.loans),
        "address": named.point,
        "callers": [*planned.callers],
    }


def _write(case: PackCase) -> PlannedContact:
    """Write everything the case says; the plan as the gate is asked for it."""
    planned = replace(case.planned, point=_digest(case.planned.point))
    context = _with_digests(case.context)
    born = context.born_on
    region = str(context.facts.get("region", ""))
    now = case.now.astimezone(UTC)
    for name in (WHO, ANOTHER):
        Borrower.objects.create(
            borrower_id=name,
            language=str(context.facts.get("language", "en")),
            region=region,
            timezones=list(context.zones),
            born_on=born or _born_at(context, now),
            preferred_from=context.facts.get("preferred_from"),
            preferred_to=context.facts.get("preferred_to"),
            loaded_at=now,
        )
        evidence.append("case_opened", at=now, actor="case", borrower=name, body={"opened": str(now.date())})
    _write_case(context, now)
    _write_loans(context, now)
    _write_agencies(context, planned, now)
    _write_points(context, planned)
    refs = _write_said(context)
    for past in context.past:
        _write_past(past, context, refs)
    _write_holds(context, now)
    _write_notices(context, planned, now)
    callers = _write_caller(context, planned)
    return replace(planned, answers=refs.get(planned.answers, planned.answers), callers=callers)


def _write_caller(context: ContactContext, planned: PlannedContact) -> tuple[str, ...]:
    """Who makes the contact, with a certificate as the case says; nobody does where it is a machine."""
    if planned.automated:
        return ()
    until = context.certified_until
    Staff.objects.create(
        username=CALLER,
        number=CALLER,
        role="agency" if planned.agency else "collector",
        agency_id=planned.agency or None,
        certificate="C-1" if until is not None else "",
        certified_until=until,
    )
    return (CALLER,)


def _digest(point: str) -> str:
    return digest_of("phone", point) if point else ""


def _with_digests(context: ContactContext) -> ContactContext:
    """The context with the digest of each number and address in place of its name."""
    return replace(
        context,
        agreed=tuple(replace(one, point=_digest(one.point)) for one in context.agreed),
        past=tuple(replace(one, point=_digest(one.point)) for one in context.past),
        inbound=tuple(replace(one, point=_digest(one.point)) for one in context.inbound),
        numbers=tuple(replace(one, point=_digest(one.point)) for one in context.numbers),
    )


def _born_at(context: ContactContext, now: datetime) -> date | None:
    """A day of birth that gives the age the case names; none where it names none."""
    age = context.facts.get("age_years", 0)
    return now.date().replace(year=now.year - int(age), month=1, day=1) if age else None


def _write_case(context: ContactContext, now: datetime) -> None:
    facts = {fact.name: fact.default for fact in facts_known({"night", "desk"})} | dict(context.facts)
    for known_elsewhere in ("age_years", "region", "language", *context.unanswered):
        facts.pop(known_elsewhere, None)
    Case.objects.create(
        borrower_id=WHO,
        worst_loan="L1",
        stage="early",
        handler="internal",
        facts=facts,
        as_of=now.date(),
        figures_at=context.figures_at or now - _LONG_AGO,
        opened_on=now.date() - timedelta(days=30),
    )


def _write_loans(context: ContactContext, now: datetime) -> None:
    for debt in context.debts:
        Loan.objects.create(
            loan_id=debt.loan_id,
            borrower_id=WHO,
            product="cash",
            currency=str(context.facts.get("currency", "USD")),
            minor_unit=context.minor_unit,
            principal=500_000,
            days_past_due=int(context.facts.get("days_past_due", 0)),
            past_due_amount=int(context.facts.get("past_due_amount", 0)),
            outstanding=int(context.facts.get("outstanding", 0)),
            payoff=int(context.facts.get("payoff", context.facts.get("outstanding", 0))),
            balance=int(context.facts.get("balance", 0)),
            time_barred_on=debt.time_barred_at.date() if debt.time_barred_at else None,
            bought_from="Harbor Bank" if debt.sold else "",
            unlawful=debt.unlawful,
            as_of=now.date(),
        )
        if debt.contacted and debt.time_barred_at is not None:
            earlier = PastContact(
                debt.time_barred_at - _LONG_AGO,
                "letter",
                "collect",
                "debtor",
                "delivered",
                "",
                (debt.loan_id,),
            )
            _write_past(earlier, context, {})
    if context.agreed_at is not None:
        Payment.objects.create(
            payment_id="CASE-P1",
            loan_id=context.debts[0].loan_id,
            paid_on=context.agreed_at.date(),
            amount=100,
            received_at=context.agreed_at,
        )
    if context.seen_at is not None:
        PortalSession.objects.create(
            digest="case", borrower_id=WHO, made_at=context.seen_at, seen_at=context.seen_at
        )


def _write_agencies(context: ContactContext, planned: PlannedContact, now: datetime) -> None:
    """The agencies that have a loan, that asked, or that were in contact; only of who asks more is known."""
    names = {agency for debt in context.debts for agency in debt.agencies}
    names |= {past.agency for past in context.past} | {planned.agency}
    for name in sorted(names - {""}):
        status = context.collector if name == planned.agency else None
        Agency.objects.create(
            code=name,
            name_zh=name,
            name_en=name,
            listed_on=now.date() if status is None or status.listed else None,
            contracted=status is None or status.contracted,
            suspended_at=now if status is not None and status.suspended else None,
            state="admitted",
        )
        loans = [debt.loan_id for debt in context.debts if name in debt.agencies]
        if loans:
            Placement.objects.create(agency_id=name, borrower_id=WHO, loans=loans, placed_at=now - _LONG_AGO)
    if context.collector.recording_overdue and planned.agency:
        owed = _write_past(
            PastContact(now - _LONG_AGO, "call", "collect", "debtor", "connected", agency=planned.agency),
            context,
            {},
        )
        RecordingRequest.objects.create(
            agency_id=planned.agency,
            contact=owed,
            made_at=now - timedelta(days=9),
            due_at=now - timedelta(days=2),
        )


def _write_points(context: ContactContext, planned: PlannedContact) -> None:
    point = context.point
    now = datetime.now(UTC)
    if planned.point and point.on_file:
        ContactPoint.objects.create(
            borrower_id=WHO,
            kind=_KINDS.get(planned.channel, "phone"),
            value=planned.point,
            digest=planned.point,
            party=planned.party,
            lawful=point.lawful,
            at_workplace=point.at_workplace or planned.at_workplace,
            workplace_forbidden=point.workplace_forbidden,
            invalid_at=now if point.invalid else None,
            stopped_at=now if point.stopped else None,
            confirmed_on=point.confirmed_at.date() if point.confirmed_at else None,
        )
    for number in context.numbers:
        if number.point != planned.point:
            ContactPoint.objects.create(
                borrower_id=WHO,
                kind="phone",
                value=number.point,
                digest=number.point,
                lawful=True,
                invalid_at=now if number.invalid else None,
            )


def _write_said(context: ContactContext) -> dict[str, str]:
    """Consents and what was said to us; the name the tables give each thing said, by its name in the case."""
    for consent in context.agreed:
        Consent.objects.create(
            borrower_id=WHO,
            channel=consent.channel,
            purpose=consent.purpose,
            point=consent.point,
            night=consent.night,
            given=consent.given,
            at=consent.at,
        )
    refs = {}
    for number, inbound in enumerate(context.inbound):
        row = Inbound.objects.create(
            provider="case",
            provider_ref=str(number),
            kind="reply",
            channel=inbound.channel,
            point_digest=inbound.point,
            party=inbound.party,
            borrower_id=WHO,
            at=inbound.at,
        )
        refs[inbound.ref] = f"reply:{row.pk}"
    return refs


def _write_past(past: PastContact, context: ContactContext, refs: dict[str, str]) -> Contact:
    answers = refs.get(past.answers, past.answers)
    return Contact.objects.create(
        contact_id=str(uuid.uuid4()),
        borrower_id=ANOTHER if past.other else WHO,
        loans=list(past.loans),
        channel=past.channel,
        purpose=past.purpose,
        party=past.party,
        point_digest=past.point,
        planned={"answers": answers, "gives": past.gives},
        agency_id=past.agency or None,
        code=new_code(),
        state="sent",
        outcome=past.outcome,
        queued_at=past.at,
        not_before=past.at,
        give_up_at=past.at,
        at=past.at,
        consented=past.consented,
    )


def _write_holds(context: ContactContext, now: datetime) -> None:
    for span in context.spans:
        silent = span.kind == "lawyer" and context.lawyer_silent
        Hold.objects.create(
            borrower_id=WHO,
            kind=span.kind,
            loans=list(span.loans),
            starts_at=span.starts,
            ends_at=span.ends,
            reason="silent" if silent else "",
        )


def _write_notices(context: ContactContext, planned: PlannedContact, now: datetime) -> None:
    """Notices with the message that gave them; the notice of a visit belongs to one that is still to come."""
    for notice in context.notices:
        message = Contact.objects.create(
            contact_id=str(uuid.uuid4()),
            borrower_id=WHO,
            channel=notice.channel,
            purpose="notice",
            party="debtor",
            code=new_code(),
            state="sent",
            outcome="delivered",
            queued_at=notice.at,
            not_before=notice.at,
            give_up_at=notice.at,
        )
        Notice.objects.create(
            borrower_id=WHO, loan_id=notice.loan_id, kind=notice.kind, given_at=notice.at, contact=message
        )
        point = ContactPoint.objects.filter(borrower_id=WHO).first()
        if notice.kind == "visit_notice" and point is not None:
            Visit.objects.create(
                visit_id=str(uuid.uuid4()),
                borrower_id=WHO,
                point=point,
                state="planned",
                notice=message,
                proposed_at=notice.at,
            )
