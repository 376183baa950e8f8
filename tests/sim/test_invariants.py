"""Goal: each invariant bites: a deliberate break of it is found, and without one nothing is."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from forbear.actions.contacts.consents import agree
from forbear.actions.holds.holds import lift_hold, place_hold
from forbear.core.base.reason import Reason
from forbear.sim.behaviour import HABITS
from forbear.sim.chance import Chance
from forbear.sim.faults import Faults, Wire
from forbear.sim.invariants import check_day
from forbear.sim.people import Owing, Person, Portfolio
from forbear.sim.place import PLACES
from forbear.store import evidence
from forbear.store.models import (
    Agency,
    Case,
    Contact,
    ContactPoint,
    Conversation,
    Lawsuit,
    LawsuitDeadline,
    LawsuitStep,
    Loan,
    Payment,
    Permit,
    Placement,
    Plan,
    Promise,
    RefusedRule,
    Request,
    Staff,
    Visit,
)
from tests.factories.desk import NOON, house_rules, make_borrower, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = date(2026, 3, 10)


@pytest.fixture
def world():
    """One borrower whose desk and truth agree, and one contact that was lawfully made."""
    house_rules()
    borrower = make_borrower()
    Loan.objects.update(past_due_amount=10_000, days_past_due=28)
    truth = Owing("B1-L1", "B1", 9_000, TODAY, [(date(2026, 2, 10), 9_000, 1_000)])
    contact = wished(borrower)
    contact.state, contact.outcome, contact.at, contact.attempts = "sent", "delivered", NOON, 1
    contact.save()
    Permit.objects.create(
        permit_id="p1", contact=contact, body={}, facts={}, issued_at=NOON,
        expires_at=NOON + timedelta(minutes=3), used_at=NOON,
    )  # fmt: skip
    person = Person("B1", HABITS["steady"], "+8610000000001", [truth])
    wire = Wire(Faults(0, Chance("none")))
    wire.arrived[contact.contact_id] += 1
    wire.new.append(contact.contact_id)
    portfolio = Portfolio([person], TODAY)
    # it began yesterday: no day on which core is held against a night
    setting = SimpleNamespace(first=TODAY - timedelta(days=1))
    return SimpleNamespace(
        place=PLACES["cn"], portfolio=portfolio, wire=wire, contact=contact, setting=setting
    )


@pytest.fixture(params=[False, True], ids=["the day", "everything"], autouse=True)
def whole(request):
    """The day's checks and the last day's see the same breaks."""
    KEPT["whole"] = request.param


KEPT = {}


def broken(world) -> list[str]:
    return sorted(check_day(world, TODAY, NOON + timedelta(hours=8), whole=KEPT["whole"]))


def test_a_day_without_a_break_has_none(world):
    assert broken(world) == []


def test_a_message_at_night_is_found(world):
    Contact.objects.update(at=NOON + timedelta(hours=8))
    assert broken(world) == ["lawful hours"]


def test_a_fourth_call_is_found(world):
    contact = world.contact
    for number in range(4):
        row = Contact.objects.get(pk=contact.pk)
        row.pk, row.code, row.channel, row.outcome = f"c{number}", f"CODE{number}", "call", "connected"
        row.save(force_insert=True)
        Permit.objects.create(
            permit_id=f"q{number}", contact=row, body={}, facts={}, issued_at=NOON, expires_at=NOON, used_at=NOON
        )  # fmt: skip
    assert broken(world) == ["within caps"]


@pytest.mark.parametrize(
    ("region", "loans", "found"),
    [
        ("MA", ["B1-L1"] * 3, ["within caps"]),
        ("MA", ["B1-L1", "B1-L1", "B1-L2"], []),  # two of each debt
        ("WA", ["B1-L1", "B1-L1", "B1-L2", "B1-L2"], ["within caps"]),  # of the person, whatever the debt
        ("TX", ["B1-L1"] * 4, []),
        ("NYC", ["B1-L1"] * 4, []),  # not before September
    ],
)
def test_a_cap_of_a_region_binds_there_and_from_its_day(world, region, loans, found):
    world.place = PLACES["us"]
    world.portfolio.by_id["B1"].region = region
    world.wire.arrived.clear()
    world.wire.new.clear()
    for number, loan in enumerate(loans):
        row = Contact.objects.get(pk=world.contact.pk)
        row.pk, row.code, row.channel, row.loans = f"c{number}", f"CODE{number}", "sms", [loan]
        row.at = NOON + timedelta(minutes=number) - timedelta(days=number)
        row.save(force_insert=True)
        Permit.objects.create(
            permit_id=f"q{number}", contact=row, body={}, facts={}, issued_at=NOON, expires_at=NOON, used_at=NOON
        )  # fmt: skip
    world.contact.permits.all().delete()
    world.contact.delete()
    assert broken(world) == found


def test_a_contact_during_a_hold_is_found(world):
    place_hold("B1", "dispute", NOON - timedelta(hours=1), actor="test")
    assert broken(world) == ["holds kept"]


@pytest.mark.parametrize("lifted", [True, False])
def test_a_clock_set_back_into_a_hold_that_was_lifted_is_none(world, lifted):
    """By the chain the permit came after the hold was lifted, though the clock says a moment within it."""
    hold = place_hold("B1", "promise", NOON - timedelta(days=1), actor="test")
    if lifted:
        lift_hold(
            hold.pk, NOON + timedelta(days=1), actor="test", reason=Reason.of("by_staff"), note="broken"
        )
    with transaction.atomic():
        evidence.append(
            "permit", at=NOON, actor="test", borrower="B1", body={"permit": {"contact_id": world.contact.pk}}
        )
    assert broken(world) == ([] if lifted else ["holds kept"])


def test_a_message_after_stop_is_found(world):
    agree("B1", False, NOON - timedelta(hours=1), actor="test", point=world.contact.point_digest)
    assert broken(world) == ["opt-outs kept"]


def test_a_contact_against_what_the_feed_tells_anew_is_found(world):
    person = world.portfolio.by_id["B1"]
    person.number_since, person.phone = NOON + timedelta(seconds=1), "+8610000000009"
    assert broken(world) == [], "the feed told it only after the contact"
    person.number_since = NOON
    assert broken(world) == ["changed people"]
    person.phone = ContactPoint.objects.get().value
    assert broken(world) == []
    person.silent_since = NOON
    assert broken(world) == ["changed people"]


def test_a_contact_without_a_permit_is_found(world):
    Permit.objects.all().delete()
    assert broken(world) == ["one permit each"]


def test_two_permits_for_one_attempt_are_found(world):
    Permit.objects.create(
        permit_id="p2", contact=world.contact, body={}, facts={}, issued_at=NOON, expires_at=NOON, used_at=NOON
    )  # fmt: skip
    assert broken(world) == ["one permit each"]


def test_a_double_send_is_found(world):
    world.wire.arrived[world.contact.contact_id] += 1
    assert broken(world) == ["sent once"]


def test_what_arrived_off_the_record_is_found(world):
    Contact.objects.update(state="failed", **Reason.of("provider", detail="rejected").columns())
    assert broken(world) == ["sent once"]


def test_a_refusal_counted_by_other_rules_is_found(world):
    assert broken(world) == []
    refused = Reason.of("rules", rules=["house.night", "house.calls"])
    Contact.objects.update(state="refused", outcome="not_sent", at=None, **refused.columns())
    Permit.objects.all().delete()
    world.wire.arrived.clear()
    RefusedRule.objects.bulk_create(
        RefusedRule(contact=world.contact, rule=rule) for rule in ("house.night", "house.calls")
    )
    assert "all explained" not in broken(world)
    RefusedRule.objects.filter(rule="house.calls").delete()
    assert "all explained" in broken(world)


def test_a_lost_cent_is_found(world):
    Loan.objects.update(past_due_amount=9_999)
    assert broken(world) == ["money kept"]


def test_a_late_borrower_without_a_case_is_found(world):
    Case.objects.update(closed_on=TODAY)
    Contact.objects.update(at=None)
    assert "nobody missed" in broken(world)


def test_a_payment_nobody_made_is_found(world):
    loan = Loan.objects.get()
    Payment.objects.create(payment_id="x", loan=loan, paid_on=TODAY, amount=1, received_at=NOON)
    assert broken(world) == ["payments once"]


def test_a_promise_beside_a_plan_is_found(world):
    borrower = Case.objects.get().borrower
    money = {"amount": 1, "currency": "CNY", "minor_unit": 100}
    Promise.objects.create(borrower=borrower, made_on=TODAY, due_on=TODAY, **money)
    Plan.objects.create(borrower=borrower, state="active", proposed_on=TODAY, **money)
    assert broken(world) == ["states legal"]


def test_what_waits_for_ever_is_found(world):
    contact = wished(Case.objects.get().borrower)
    Contact.objects.filter(pk=contact.pk).update(give_up_at=NOON - timedelta(days=5))
    assert broken(world) == ["nothing waits for ever"]


def test_a_call_told_twice_is_found(world):
    borrower = Case.objects.get().borrower
    for _ in range(2):
        Conversation.objects.create(borrower=borrower, contact=world.contact, at=NOON, result="will_pay")
    assert broken(world) == ["states legal"]


def test_a_cancelled_contact_without_a_reason_is_found(world):
    contact = wished(Case.objects.get().borrower)
    Contact.objects.filter(pk=contact.pk).update(state="cancelled", outcome="not_sent", queued_at=NOON)
    assert broken(world) == ["all explained"]


def test_a_request_that_nobody_answers_is_found(world):
    Request.objects.create(
        number="R1", borrower=Case.objects.get().borrower, kind="complaint", state="open", source="portal",
        opened_at=NOON, due_on=TODAY - timedelta(days=1),
    )  # fmt: skip
    assert broken(world) == ["nothing waits for ever"]


def placed(code: str, **more: object) -> Placement:
    """The case with an agency of that name."""
    agency, _ = Agency.objects.get_or_create(
        code=code, defaults={"name_zh": code, "name_en": code, "state": "admitted"}
    )
    made = {"loans": ["B1-L1"], "placed_at": NOON, "due_back_on": TODAY + timedelta(days=9)} | more
    return Placement.objects.create(agency=agency, borrower=Case.objects.get().borrower, **made)


def test_a_lawful_placement_is_none(world):
    placed("a")
    assert broken(world) == []


def test_two_agencies_for_one_debt_are_found(world):
    placed("a")
    placed("b")
    assert broken(world) == ["placements legal"]


def test_a_case_that_is_not_back_in_time_is_found(world):
    placed("a", due_back_on=TODAY - timedelta(days=1))
    assert broken(world) == ["placements legal"]


def test_a_case_with_an_agency_during_a_dispute_is_found(world):
    one = placed("a")
    place_hold("B1", "dispute", NOON + timedelta(hours=1), actor="test")
    assert broken(world) == []
    Placement.objects.filter(pk=one.pk).update(ended_at=None, ended_reason_code="")
    assert broken(world) == ["placements legal"]


def test_an_agency_that_calls_about_what_it_was_not_given_is_found(world):
    placed("a", placed_at=NOON + timedelta(hours=1))
    Contact.objects.update(agency_id="a")
    assert broken(world) == ["placements legal"]


def staff(number: str, role: str) -> Staff:
    """Somebody of the lender's."""
    return Staff.objects.create(username=number, number=number, role=role)


def visited(world, **more: object) -> Visit:
    """A visit that was proposed, approved, permitted and made as it should be."""
    contact, one, other = world.contact, staff("C1", "collector"), staff("L1", "lead")
    Contact.objects.filter(pk=contact.pk).update(channel="visit", outcome="unanswered")
    made = {
        "state": "ended", "proposed_at": NOON - timedelta(days=2), "proposed_by": one, "decided_by": other,
        "contact": contact, "leave_until": NOON + timedelta(hours=4), "started_at": NOON, "visitors": ["V0", "V1"],
        "loans": ["B1-L1"],
    } | more  # fmt: skip
    return Visit.objects.create(visit_id="v1", borrower_id="B1", point=ContactPoint.objects.first(), **made)


def test_a_lawful_visit_is_none(world):
    visited(world)
    assert broken(world) == []


def test_a_visit_without_a_permit_is_found(world):
    visited(world)
    Permit.objects.update(issued_at=NOON + timedelta(minutes=1))
    assert broken(world) == ["visits lawful"]


def test_a_visit_after_its_leave_is_found(world):
    visited(world, leave_until=NOON - timedelta(minutes=1))
    assert broken(world) == ["visits lawful"]


def test_a_visit_that_nobody_else_agreed_to_is_found(world):
    row = visited(world)
    Visit.objects.update(decided_by=row.proposed_by)
    assert broken(world) == ["visits lawful"]


def test_a_visit_by_one_alone_is_found(world):
    visited(world, visitors=["V0", "V0"])
    assert broken(world) == ["visits lawful"]


def test_a_visit_in_the_hours_of_rest_is_found(world):
    late = NOON + timedelta(hours=7, minutes=30)
    visited(world, started_at=late, leave_until=late)
    assert broken(world) == ["visits lawful"]


@pytest.mark.parametrize("days", [None, 2, 4])
def test_a_visit_not_announced_in_time_is_found(world, days):
    """Where it has to be announced three days before: never told, told too late, and told in time."""
    notice = None
    if days is not None:
        notice = wished(Case.objects.get().borrower)
        told = NOON - timedelta(days=days)
        Contact.objects.filter(pk=notice.pk).update(
            state="sent", outcome="delivered", purpose="notice", at=told
        )
        Permit.objects.create(
            permit_id="n1", contact=notice, body={}, facts={}, issued_at=told, expires_at=told, used_at=told
        )  # fmt: skip
    visited(world, notice=notice, notice_days=3)
    assert broken(world) == ([] if days == 4 else ["visits lawful"])


def sued(world, *states: str, **more: object) -> Lawsuit:
    """A lawsuit that went through these states, lawfully: proposed by one, signed by another, filed with a permit."""
    one, other = staff("J1", "legal"), staff("M1", "manager")
    lawsuit = Lawsuit.objects.create(
        borrower_id="B1", loans=["B1-L1"], way="payment_order", state=states[-1], currency="CNY", minor_unit=100,
        proposed_at=NOON, proposed_by=one, **{"signed_by": other, "claimed": 10_000} | more,
    )  # fmt: skip
    for state in states:
        contact = world.contact if state == "filed" else None
        LawsuitStep.objects.create(
            lawsuit=lawsuit, state=state, on=TODAY, at=NOON, by="staff:J1", contact=contact
        )
    return lawsuit


WAY = ("proposed", "signed", "demanded", "filed")


def test_a_lawful_suit_is_none(world):
    lawsuit = sued(world, *WAY)
    LawsuitDeadline.objects.create(
        lawsuit=lawsuit, kind="answer", due_on=TODAY - timedelta(days=1), clause=""
    )
    assert broken(world) == []


def test_a_suit_filed_with_one_signature_is_found(world):
    lawsuit = sued(world, *WAY)
    Lawsuit.objects.update(signed_by=lawsuit.proposed_by)
    assert broken(world) == ["lawsuits lawful"]


def test_a_suit_filed_without_being_signed_first_is_found(world):
    sued(world, "proposed", "demanded", "filed", "signed")
    assert broken(world) == ["lawsuits lawful"]


def test_a_suit_filed_without_a_permit_is_found(world):
    sued(world, *WAY)
    LawsuitStep.objects.update(contact=None)
    assert broken(world) == ["lawsuits lawful"]


def test_a_suit_that_asks_for_what_is_not_due_is_found(world):
    due = world.portfolio.loans["B1-L1"].due_as_it_began(TODAY)
    sued(world, *WAY, claimed=due)
    assert broken(world) == []
    Lawsuit.objects.update(claimed=due + 1)
    assert broken(world) == ["lawsuits lawful"]


def test_a_suit_filed_before_the_letter_had_its_time_is_found(world):
    lawsuit = sued(world, *WAY)
    LawsuitDeadline.objects.create(lawsuit=lawsuit, kind="answer", due_on=TODAY, clause="")
    assert broken(world) == ["lawsuits lawful"]


@pytest.mark.parametrize("state", ["filed", "withdrawing"])
def test_a_suit_that_goes_on_though_all_is_paid_is_found(world, state):
    """Paid, it is withdrawn; then it waits for the court alone."""
    sued(world, *WAY[:3], "filed", *(["withdrawing"] if state == "withdrawing" else []))
    world.portfolio.loans["B1-L1"].paid["p"] = (TODAY, 10_000, "")
    Loan.objects.update(past_due_amount=0, days_past_due=0)
    Case.objects.update(closed_on=TODAY)
    assert broken(world) == (["lawsuits lawful"] if state == "filed" else [])
