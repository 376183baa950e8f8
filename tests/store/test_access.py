"""Goal: every query of store.access gives each kind of actor the rows that are theirs, and nobody else's."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from forbear.actions.contacts.queue_contact import digest_of
from forbear.store import access
from forbear.store.access.visibility import VISIBILITY
from forbear.store.models import (
    Agency,
    ApiKey,
    Borrower,
    Case,
    Contact,
    Conversation,
    CreditRecord,
    CreditReport,
    Event,
    Feedback,
    Finding,
    Hold,
    Inbound,
    Lawsuit,
    Loan,
    MissingRecording,
    PaymentOrder,
    PenaltyDifference,
    Placement,
    RecordingRequest,
    ReplyAlarm,
    Sale,
    Staff,
    Statement,
    StatementLine,
    Treatment,
    UnappliedPayment,
    VisitRoute,
    WebhookEndpoint,
    WriteOff,
)
from forbear.store.models.api import SCOPES
from forbear.store.models.bureau import FORMS
from forbear.store.roles import ROLES
from tests.factories.desk import NOON, make_borrower
from tests.store.owned_rows import MONEY, TODAY, agreements_of, visits_of
from tests.store.seen import SEEN, Seen

pytestmark = [pytest.mark.database, pytest.mark.django_db]

#: Three borrowers, each with an agency, a key of it, its person, and a visitor. C has no case at the desk.
OWNERS = ("A", "B", "C")
LENDER = tuple(role for role in ROLES if role not in ("agency", "visitor"))


@dataclass(frozen=True)
class World:
    """The actors by name, with whose they are, and of each kind the row of each owner."""

    actors: dict[str, tuple[object, str]]
    rows: dict[str, dict[str, Model]]


def _listed(query: Callable, *more: str) -> Callable[[World, object, str, str], bool]:
    """Whether a query that lists rows lists this one; `more` are parts of the row the query wants to know."""
    return lambda world, actor, kind, owner: (
        world.rows[kind][owner]
        in query(actor, *(str(getattr(world.rows[kind][owner], name)) for name in more))
    )


def _found(query: Callable, by: str = "pk", *more: str) -> Callable[[World, object, str, str], bool]:
    """Whether a query for one row finds this one by its key."""

    def look(world: World, actor: object, kind: str, owner: str) -> bool:
        row = world.rows[kind][owner]
        found = query(actor, getattr(row, by), *(getattr(row, name) for name in more))
        assert found in (None, row)
        return found is not None

    return look


def _digests(owner: str) -> list[str]:
    return [digest_of("phone", f"+861000000{ord(owner)}")]


#: Every query: the kind of row it gives, and how it is asked for one of them.
QUERIES = {
    "agency_contacts_for": ("agency contact", _listed(access.agency_contacts_for)),
    "alarm_for": ("alarm", _found(access.alarm_for)),
    "alarms_for": ("alarm", _listed(access.alarms_for)),
    "borrower_at_address": (
        "borrower",
        lambda world, actor, kind, owner: access.borrower_at_address(actor, _digests(owner)) is not None,
    ),
    "borrower_for": ("borrower", _found(access.borrower_for)),
    "case_events_for": ("case event", _listed(access.case_events_for, "borrower")),
    "case_replies_for": ("case reply", _listed(access.case_replies_for, "borrower_id")),
    "case_for": ("case", _found(access.case_for, "borrower_id")),
    "cases_for": ("case", _listed(access.cases_for)),
    "cases_found": (
        "case",
        lambda world, actor, kind, owner: (
            world.rows[kind][owner] in access.cases_found(actor, world.rows[kind][owner].borrower_id, [])
        ),
    ),
    "contact_for": ("contact", _found(access.contact_for)),
    "contacts_for": ("contact", _listed(access.contacts_for)),
    "complaint_for": (
        "complaint",
        lambda world, actor, kind, owner: access.complaint_for(actor, f"{owner}-K") is not None,
    ),
    "complaints_for": ("complaint", _listed(access.complaints_for)),
    "vulnerabilities_for": ("vulnerability", _listed(access.vulnerabilities_for)),
    "conversations_for": ("conversation", _listed(access.conversations_for)),
    "credit_objections_for": ("credit objection", _listed(access.credit_objections_for)),
    "credit_records_for": ("credit record", _listed(access.credit_records_for)),
    "credit_report_for": ("credit report", _found(access.credit_report_for)),
    "credit_reports_for": ("credit report", _listed(access.credit_reports_for)),
    "document_for": ("document", _found(access.document_for, "code")),
    "events_for": ("event", _listed(access.events_for)),
    "feedback_for": ("feedback", _listed(access.feedback_for, "agency_id")),
    "findings_for": ("finding", _listed(access.findings_for, "agency_id")),
    "promises_for": ("promise", _listed(access.promises_for)),
    "treatments_for": ("treatment", _listed(access.treatments_for)),
    "holds_for": ("hold", _listed(access.holds_for)),
    "instructions_for": ("instruction", _listed(access.instructions_for)),
    "hold_for": ("hold", _found(access.hold_for, "pk", "borrower_id")),
    "lawsuit_for": ("lawsuit", _found(access.lawsuit_for)),
    "lawsuits_for": ("lawsuit", _listed(access.lawsuits_for)),
    "loan_for": ("loan", _found(access.loan_for)),
    "loans_for": ("loan", _listed(access.loans_for)),
    "missing_recording_for": ("missing recording", _found(access.missing_recording_for)),
    "missing_recordings_for": ("missing recording", _listed(access.missing_recordings_for)),
    "payment_order_for": ("payment order", _found(access.payment_order_for)),
    "reply_for": ("reply", _found(access.reply_for)),
    "replies_for": ("reply", _listed(access.replies_for)),
    "reported_payment_for": ("reported payment", _found(access.reported_payment_for)),
    "reported_payments_for": ("reported payment", _listed(access.reported_payments_for)),
    "reports_of_case": ("reported payment", _listed(access.reports_of_case, "borrower_id")),
    "unapplied_payment_for": ("unapplied payment", _found(access.unapplied_payment_for)),
    "unapplied_payments_for": ("unapplied payment", _listed(access.unapplied_payments_for)),
    "penalty_difference_for": ("penalty difference", _found(access.penalty_difference_for)),
    "penalty_differences_for": ("penalty difference", _listed(access.penalty_differences_for)),
    "placement_for": ("placement", _found(access.placement_for)),
    "placements_for": ("placement", _listed(access.placements_for)),
    "plan_for": ("plan", _found(access.plan_for)),
    "plans_for": ("plan", _listed(access.plans_for)),
    "promise_for": ("promise", _found(access.promise_for, "pk", "borrower_id")),
    "recording_requests_for": ("recording request", _listed(access.recording_requests_for)),
    "refusals_for": ("refusal", _listed(access.refusals_for)),
    "request_for": ("request", _found(access.request_for, "number")),
    "reply_alarms_for": ("reply alarm", _listed(access.reply_alarms_for)),
    "requests_for": ("request", _listed(access.requests_for)),
    "reviewed_contact_for": ("reviewed contact", _found(access.reviewed_contact_for)),
    "route_for": ("route", _found(access.route_for)),
    "routes_for": ("route", _listed(access.routes_for)),
    "sale_for": ("sale", _found(access.sale_for, "number")),
    "sales_for": ("sale", _listed(access.sales_for)),
    "sample_contacts_for": ("sample contact", _listed(access.sample_contacts_for)),
    "sample_contacts_named": (
        "sample contact",
        lambda world, actor, kind, owner: bool(
            access.sample_contacts_named(actor, [world.rows[kind][owner].pk])
        ),
    ),
    "settlement_for": ("settlement", _found(access.settlement_for)),
    "settlements_for": ("settlement", _listed(access.settlements_for)),
    "statement_for": ("statement", _found(access.statement_for)),
    "statement_line_for": (
        "statement",
        lambda world, actor, kind, owner: (
            access.statement_line_for(actor, world.rows[kind][owner].lines.get().pk) is not None
        ),
    ),
    "statements_for": ("statement", _listed(access.statements_for, "agency_id")),
    "visit_for": ("visit", _found(access.visit_for)),
    "visits_for": ("visit", _listed(access.visits_for)),
    "webhook_for": ("webhook", _found(access.webhook_for)),
    "webhooks_for": ("webhook", _listed(access.webhooks_for)),
    "write_offs_for": ("write-off", _listed(access.write_offs_for)),
}
#: Not asked by an actor: placements that came from a query give their loans; masks hide parts of a name.
NO_QUERIES = {"Actor", "loans_of", "masked_name", "masked_point"}

#: Who asks: by name. The last seven may see nothing at all.
NOBODY = (
    "collector who left",
    "agency person of no agency",
    "agency person who left",
    "key that was ended",
    "key of the agency that was ended",
    "key without scopes",
    "stranger",
)
ACTORS = (
    *LENDER,
    *(f"{who} {owner}" for who in ("agency person", "borrower", "key", "visitor") for owner in OWNERS),
    "key of the lender",
    *NOBODY,
)


def expected(actor: str, whose: str, seen: Seen) -> set[str]:
    """Of whom the rows are that this actor is to see."""
    every = set(OWNERS)
    if actor in seen.roles:
        return {"A", "B"} if seen.cases else every
    if actor == "key of the lender":
        return every if seen.keys else set()
    flag = {
        "agency person": seen.agency,
        "borrower": seen.own,
        "key": seen.keys or seen.own_key,
        "visitor": seen.visitor,
    }.get(actor.rpartition(" ")[0], False)
    return {whose} if flag and whose else set()


@pytest.fixture
def world() -> World:
    rows: dict[str, dict[str, Model]] = {kind: {} for kind in VISIBILITY}
    actors: dict[str, tuple[object, str]] = {role: (_person(role, role), "") for role in LENDER}
    made = {owner: _owner(owner, actors, rows) for owner in OWNERS}
    # what was with A's agency before and came back is not its any more
    Placement.objects.create(
        agency=made["A"].agency, borrower=made["B"].borrower, loans=["B-L1"], placed_at=NOON, ended_at=NOON
    )
    Case.objects.filter(borrower=made["C"].borrower).delete()
    actors["key of the lender"] = (_key("lender", None), "")
    gone = _person("gone", "collector")
    gone.is_active = False
    left = _person("left", "agency", made["A"].agency)
    left.is_active = False
    ended, ended_of_agency = _key("ended", None), _key("ended-a", made["A"].agency)
    ended.revoked_at = ended_of_agency.revoked_at = NOON
    none = _key("none", None)
    none.scopes = []
    for name, actor in zip(
        NOBODY,
        (gone, _person("loose", "agency"), left, ended, ended_of_agency, none, AnonymousUser()),
        strict=True,
    ):
        actors[name] = (actor, "")
    return World(actors, rows)


@dataclass(frozen=True)
class Owner:
    """A borrower and the agency that has the case."""

    borrower: Borrower
    agency: Agency


def _person(name: str, role: str, agency: Agency | None = None) -> Staff:
    return Staff.objects.create(username=name, role=role, number=name[:16], agency=agency)


def _key(name: str, agency: Agency | None) -> ApiKey:
    return ApiKey.objects.create(
        name=name, prefix=name, digest=name, scopes=list(SCOPES), agency=agency, made_at=NOON
    )


def _owner(owner: str, actors: dict[str, tuple[object, str]], rows: dict[str, dict[str, Model]]) -> Owner:
    """One borrower with everything that can belong to them, their agency and its people."""
    borrower = make_borrower(owner, phone=f"+861000000{ord(owner)}")
    agency = Agency.objects.create(code=f"agency-{owner}", name_zh=owner, name_en=owner)
    person, visitor = _person(f"agency-{owner}", "agency", agency), _person(f"visitor-{owner}", "visitor")
    key = _key(f"key-{owner}", agency)
    actors |= {
        f"agency person {owner}": (person, owner),
        f"borrower {owner}": (borrower, owner),
        f"key {owner}": (key, owner),
        f"visitor {owner}": (visitor, owner),
    }
    made = {
        "borrower": borrower,
        "case": borrower.cases.get(),
        "loan": borrower.loans.get(),
        "webhook": WebhookEndpoint.objects.create(
            api_key=key, url="https://a.example", secret="s", made_at=NOON
        ),
        **_money(owner, borrower),
        **_contacts(owner, borrower, person),
        **agreements_of(owner, borrower),
        **visits_of(owner, borrower, visitor),
        **_events(owner),
    }
    made |= _agency(owner, borrower, agency, made["contact"])
    for kind, row in made.items():
        rows[kind][owner] = row
    return Owner(borrower, agency)


def _money(owner: str, borrower: Borrower) -> dict[str, Model]:
    loan, lead = borrower.loans.get(), Staff.objects.get(username="lead")
    report = CreditReport.objects.create(
        form=FORMS[OWNERS.index(owner)], on=TODAY, made_at=NOON, file="f", sha256="0"
    )
    return {
        "payment order": PaymentOrder.objects.create(
            order_id=owner, borrower=borrower, loan=loan, amount=1, state="opened", provider="p", made_at=NOON, **MONEY
        ),
        "penalty difference": PenaltyDifference.objects.create(
            loan=loan, as_of=TODAY, reported=2, computed=1, too_much=1, found_at=NOON
        ),
        "unapplied payment": UnappliedPayment.objects.create(
            payment_id=owner, loan_named=owner, paid_on=TODAY, amount=1, why="unknown_loan", source="test",
            received_at=NOON,
        ),
        "write-off": WriteOff.objects.create(
            loan=loan, borrower=borrower, amount=1, state="proposed", proposed_at=NOON, proposed_by=lead
        ),
        "sale": Sale.objects.create(number=owner, buyer="x", state="proposed", made_at=NOON, made_by=lead),
        "lawsuit": Lawsuit.objects.create(
            borrower=borrower, way="claim", state="proposed", claimed=1, proposed_at=NOON, proposed_by=lead, **MONEY
        ),
        "credit report": report,
        "credit record": CreditRecord.objects.create(
            report=report, borrower_id=owner, loan_id=loan.pk, on=TODAY, kind="monthly"
        ),
    }  # fmt: skip


def _contacts(owner: str, borrower: Borrower, person: Staff) -> dict[str, Model]:
    """A contact that the agency's person made; one row in the four ways contacts are looked at."""
    contact = Contact.objects.create(
        contact_id=owner, borrower=borrower, channel="call", purpose="collect", party="debtor", code=owner,
        state="sent", queued_at=NOON, not_before=NOON, give_up_at=NOON, at=NOON, staff=person, agency=person.agency,
    )  # fmt: skip
    return {
        **dict.fromkeys(("contact", "sample contact", "agency contact", "reviewed contact"), contact),
        "reply": Inbound.objects.create(provider=owner, kind="reply", at=NOON),
        "case reply": Inbound.objects.create(
            provider=owner, provider_ref="own", kind="reply", at=NOON, borrower=borrower
        ),
        "reply alarm": ReplyAlarm.objects.create(
            inbound=Inbound.objects.create(provider=owner, at=NOON), borrower=borrower, at=NOON
        ),
        "conversation": Conversation.objects.create(
            borrower=borrower, contact=contact, staff=person, at=NOON, result="promise"
        ),
        "missing recording": MissingRecording.objects.create(contact=contact, found_at=NOON),
        "treatment": Treatment.objects.create(
            borrower=borrower,
            loan_id=f"{owner}-L1",
            planned_on=TODAY,
            stage="early",
            channel="call",
            template="",
            position=1,
            state="planned",
        ),
        "hold": Hold.objects.create(borrower=borrower, kind="dispute", starts_at=NOON),
    }


def _agency(owner: str, borrower: Borrower, agency: Agency, contact: Model) -> dict[str, Model]:
    placement = Placement.objects.create(
        agency=agency, borrower=borrower, loans=[f"{owner}-L1"], placed_at=NOON
    )
    statement = Statement.objects.create(agency=agency, number=1, until=TODAY, made_at=NOON)
    StatementLine.objects.create(
        statement=statement, placement=placement, payment_id=owner, loan_id=f"{owner}-L1", paid_on=TODAY,
        currency="CNY", amount=100, rate=10, commission=10,
    )  # fmt: skip
    return {
        "placement": placement,
        "recording request": RecordingRequest.objects.create(
            agency=agency, contact=contact, made_at=NOON, due_at=NOON
        ),
        "finding": Finding.objects.create(agency=agency, borrower=borrower, kind="threat", at=NOON),
        "feedback": Feedback.objects.create(
            token=owner, borrower=borrower, agency=agency, asked_at=NOON, answered_at=NOON
        ),
        "statement": statement,
    }


def _events(owner: str) -> dict[str, Model]:
    """One event in the three ways the log is looked at."""
    event = Event.objects.create(
        event_id=f"refused-{owner}", borrower=owner, number=1000, kind="refusal", at=NOON, line="{}", hash="0"
    )
    return dict.fromkeys(("event", "case event", "refusal"), event)


def test_every_kind_and_every_query_is_asked_here():
    assert SEEN.keys() == VISIBILITY.keys()
    assert QUERIES.keys() | NO_QUERIES == set(access.__all__)
    assert {kind for kind, _ in QUERIES.values()} == VISIBILITY.keys()


@pytest.mark.parametrize("actor", ACTORS)
def test_each_query_gives_an_actor_what_is_theirs_and_nothing_else(actor, world):
    who, whose = world.actors[actor]
    wrong = []
    for name, (kind, ask) in QUERIES.items():
        shown = {owner for owner in OWNERS if ask(world, who, kind, owner)}
        if shown != expected(actor, whose, SEEN[kind]):
            wrong.append((name, sorted(shown), sorted(expected(actor, whose, SEEN[kind]))))
    assert wrong == []


def test_a_loan_that_was_not_placed_stays_hidden_from_the_agency(world):
    """An agency is given loans, not a person with all they owe."""
    borrower = Borrower.objects.get(pk="A")
    loan = borrower.loans.get()
    loan.pk = "A-L2"
    loan._state.adding = True
    loan.save()
    for actor in ("agency person A", "key A"):
        who, _ = world.actors[actor]
        assert access.loan_for(who, "A-L1") is not None
        assert access.loan_for(who, "A-L2") is None
    assert access.loan_for(borrower, "A-L2") == Loan.objects.get(pk="A-L2")


def test_a_route_that_was_not_given_shows_its_visits_to_no_visitor(world):
    who, _ = world.actors["visitor A"]
    VisitRoute.objects.update(state="undone")
    assert not access.visits_for(who).exists()


def test_a_hold_or_promise_of_another_borrower_is_not_found(world):
    who, _ = world.actors["lead"]
    hold, promise = world.rows["hold"]["A"], world.rows["promise"]["A"]
    assert access.hold_for(who, hold.pk, "A") == hold
    assert access.hold_for(who, hold.pk, "B") is None
    assert access.promise_for(who, promise.pk, "B") is None


def test_the_newest_case_is_found_and_an_open_one_before_it(world):
    who, _ = world.actors["lead"]
    open_case = world.rows["case"]["A"]
    Case.objects.create(
        borrower_id="A", worst_loan="A-L1", as_of=TODAY, figures_at=NOON, opened_on=TODAY, closed_on=TODAY
    )
    assert access.case_for(who, "A") == open_case
    Case.objects.filter(pk=open_case.pk).update(closed_on=TODAY)
    assert access.case_for(who, "A") == Case.objects.order_by("-pk").filter(borrower_id="A").first()


def test_a_key_needs_the_scope_for_its_own_webhooks_too(world):
    key, _ = world.actors["key A"]
    key.scopes = [scope for scope in SCOPES if scope != "webhooks:manage"]
    assert not access.webhooks_for(key).exists()


def _limited(world: World, name: str) -> object:
    """The actor of that name, limited to East Lake Bank."""
    actor = world.actors[name][0]
    assert isinstance(actor, Staff | ApiKey)
    actor.creditors = "donghu" if isinstance(actor, Staff) else ["donghu"]
    return actor


def _leaks(world: World, expected_of: Callable[[str, str], set[str]]) -> list[tuple[str, str, str]]:
    """(actor, query, owner) where somebody limited to a creditor is shown other rows than these."""
    return [
        (name, query, owner)
        for name in (*LENDER, "key of the lender")
        for query, (kind, look) in QUERIES.items()
        for owner in OWNERS
        if look(world, _limited(world, name), kind, owner) != (owner in expected_of(name, kind))
    ]


def test_who_is_limited_to_a_creditor_sees_the_rows_of_its_borrowers_alone(world):
    """A owes East Lake Bank, B another creditor, C the lender itself."""
    Loan.objects.filter(borrower="A").update(creditor="donghu")
    Loan.objects.filter(borrower="B").update(creditor="qinghe")

    def of_bank(name: str, kind: str) -> set[str]:
        nobodys = getattr(world.rows[kind]["A"], "borrower_id", "A") is None  # what a stranger wrote
        of_borrower = VISIBILITY[kind].of_borrower and not nobodys
        return expected(name, "", SEEN[kind]) & {"A"} if of_borrower else set()

    assert _leaks(world, of_bank) == []


def test_a_borrower_of_two_creditors_is_for_who_sees_both(world):
    Loan.objects.filter(borrower="A").update(creditor="donghu")
    other = Loan.objects.get(borrower="A")
    other.pk, other.creditor = "A-L9", "qinghe"
    other.save(force_insert=True)
    assert _leaks(world, lambda _name, _kind: set()) == []
    both = world.actors["collector"][0]
    both.creditors = "donghu,qinghe"
    assert access.borrower_for(both, "A") is not None
