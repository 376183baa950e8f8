"""What the permit measurement does with tables: fills them, and asks the permit gate for one contact by hand."""

from datetime import UTC, date, datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import Made, make_contact
from forbear.core.facts.contact import PlannedContact, point_digest
from forbear.core.facts.vocabulary import facts_known
from forbear.interchange.home.keys import point_keys
from forbear.store import evidence
from forbear.store.models import Borrower, Case, ContactPoint, Loan

#: Three in the afternoon in Shanghai, a Tuesday.
NOW = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
DAY = date(2026, 3, 10)


def prepare(borrowers: int) -> None:
    """Borrowers with a late loan, a number and an open case; one more, to warm up with."""
    facts = {fact.name: fact.default for fact in facts_known({"night"})}
    facts |= {"days_past_due": 12, "past_due_amount": 41_200, "product": "cash", "currency": "CNY"}
    key = point_keys(settings.HOME)
    names = [f"B{number}" for number in range(borrowers + 1)]
    with transaction.atomic():
        Borrower.objects.bulk_create(
            Borrower(borrower_id=name, timezones=["Asia/Shanghai"], loaded_at=NOW) for name in names
        )
        ContactPoint.objects.bulk_create(
            ContactPoint(
                borrower_id=name,
                kind="phone",
                value=name,
                digest=point_digest("phone", name, key),
                lawful=True,
            )
            for name in names
        )
        Loan.objects.bulk_create(
            Loan(
                loan_id=f"{name}-1",
                borrower_id=name,
                product="cash",
                currency="CNY",
                minor_unit=100,
                principal=500_000,
                days_past_due=12,
                past_due_amount=41_200,
                outstanding=300_000,
                payoff=300_000,
                balance=290_000,
                as_of=DAY,
            )
            for name in names
        )
        Case.objects.bulk_create(
            Case(
                borrower_id=name,
                worst_loan=f"{name}-1",
                stage="conversation",
                handler="internal",
                facts=facts,
                as_of=DAY,
                figures_at=NOW,
                opened_on=DAY,
            )
            for name in names
        )
        # as when a night brings a case to the desk: who has a case has a chain
        evidence.append_many(
            evidence.Entry("case_opened", NOW, "night", {"opened": str(DAY)}, name) for name in names
        )


def ask(number: int) -> bool:
    """Whether the permit gate gave a permit to call this borrower."""
    name = f"B{number}"
    planned = PlannedContact(
        "call",
        "collect",
        point=point_digest("phone", name, point_keys(settings.HOME)),
        loans=(f"{name}-1",),
        automated=False,
        own_line=True,
        states_identity=True,
        offers_opt_out=True,
        recorded=True,
    )
    attempt = make_contact(ContactDraft(name, planned), NOW, actor="bench")
    assert isinstance(attempt, Made), attempt
    return attempt.answer.permit is not None
