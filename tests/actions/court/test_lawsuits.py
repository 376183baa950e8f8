"""Goal: a lawsuit needs two people, a letter first and the rules' permit; it stops once there is nothing to sue for."""

from datetime import date, datetime, timedelta

import pytest

from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, queue_contact
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.court.lawsuits import (
    Moved,
    candidates,
    move_lawsuit,
    propose_lawsuit,
    sign_lawsuit,
    stop_due,
)
from forbear.actions.court.letter_before_claim import send_letter_before_claim, send_letters_before_claim
from forbear.actions.holds.holds import place_hold
from forbear.actions.staff.new_staff import make_staff
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.facts.contact import PlannedContact
from forbear.core.loans.incoming import IncomingPayment
from forbear.store.evidence_check import check
from forbear.store.models import Contact, ContactPoint, Event, Lawsuit, Loan, Staff, Treatment
from tests.factories.desk import NOON, Recorder, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = date(2026, 3, 10)
RULES = """
pack: house
rules:
  - id: house.no_court_for_minors
    says: {zh: 未成年人不起诉, en: A minor is not sued}
    applies: {channels: [court]}
    refuse_when: age_years > 0 and age_years < 18
    clause: 民法典 19
    force: law
"""


@pytest.fixture
def late(settings):
    house_rules(RULES)
    borrower = make_borrower()
    Loan.objects.filter(borrower=borrower).update(
        days_past_due=200,
        past_due_amount=900_000,
        outstanding=2_000_000,
        payoff=2_000_000,
        balance=2_000_000,
        principal=2_000_000,
        oldest_unpaid_due_on=date(2025, 8, 22),
    )
    return borrower


def person(name: str, role: str) -> Staff:
    return make_staff(name, "a-long-passphrase-1", role, name.upper(), NOON, actor="test")


@pytest.fixture
def legal() -> Staff:
    return person("fang", "legal")


@pytest.fixture
def officer() -> Staff:
    return person("he", "compliance")


@pytest.fixture
def signed(late, legal, officer) -> Lawsuit:
    lawsuit = propose_lawsuit(late.pk, legal, NOON)
    assert isinstance(lawsuit, Lawsuit), lawsuit
    assert isinstance(sign_lawsuit(lawsuit.pk, True, officer, NOON), Lawsuit)
    return Lawsuit.objects.get()


def step(lawsuit: Lawsuit, to: str, staff: Staff, days: int = 0, **more: object) -> Lawsuit | Problem:
    now = NOON + timedelta(days=days)
    return move_lawsuit(lawsuit.pk, Moved(to, TODAY + timedelta(days=days), **more), staff, now)


def test_two_people_and_the_figures_of_the_day(signed, legal, officer):
    assert (signed.state, signed.way, signed.claimed, signed.fee) == (
        "signed",
        "payment_order",
        900_000,
        1_667,
    )
    assert [each.state for each in signed.steps.order_by("pk")] == ["proposed", "signed"]
    assert isinstance(propose_lawsuit("B1", legal, NOON), Problem), "one lawsuit at a time"
    assert check(NOON) == []


def test_nobody_signs_their_own(late):
    both = person("wang", "manager")
    lawsuit = propose_lawsuit(late.pk, both, NOON)
    assert "somebody other" in str(sign_lawsuit(lawsuit.pk, True, both, NOON))
    assert "say why not" in str(sign_lawsuit(lawsuit.pk, False, person("he", "compliance"), NOON))
    declined = sign_lawsuit(lawsuit.pk, False, Staff.objects.get(username="he"), NOON, "分期更合适")
    assert (declined.state, declined.ended_reason_code) == ("declined", "lender")
    assert isinstance(propose_lawsuit(late.pk, both, NOON), Lawsuit)


def test_the_letter_waits_for_its_answer_and_filing_asks_the_rules(signed, legal):
    assert "can't become filed" in str(step(signed, "filed", legal, court="上海市浦东新区人民法院"))
    assert isinstance(step(signed, "demanded", legal), Lawsuit)
    (answer,) = signed.deadlines.filter(over_at=None)
    assert (answer.kind, answer.due_on) == ("answer", TODAY + timedelta(days=14))
    assert "can be answered until 2026-03-24" in str(
        step(signed, "filed", legal, 14, court="上海市浦东新区人民法院")
    )
    assert "name the court" in str(step(signed, "filed", legal, 15))
    assert isinstance(
        step(signed, "filed", legal, 15, court="上海市浦东新区人民法院", docket="(2026)沪0115民督1号"),
        Lawsuit,
    )
    contact = Contact.objects.get(channel="court")
    filed = signed.steps.get(state="filed")
    assert (filed.contact, contact.purpose, contact.permits.count()) == (contact, "sue", 1)
    assert [each.kind for each in signed.deadlines.filter(over_at=None).order_by("due_on")] == [
        "accept",
        "issue",
    ]
    assert "between the step before" in str(step(signed, "served", legal, 14))
    assert isinstance(step(signed, "served", legal, 20), Lawsuit)
    assert isinstance(step(signed, "objected", legal, 25), Lawsuit)
    # the order has lapsed: it goes on as a small claim, with its own fee
    assert isinstance(step(signed, "filed", legal, 30), Lawsuit)
    signed.refresh_from_db()
    assert (signed.way, signed.fee) == ("small_claim", 2_500)
    assert [json_state(event) for event in Event.objects.filter(kind="legal").order_by("id")] == [
        "proposed", "signed", "demanded", "filed", "served", "objected", "filed",
    ]  # fmt: skip
    assert check(NOON + timedelta(days=31)) == []


def json_state(event: Event) -> str:
    return event.line.split('"state":"')[1].split('"')[0]


def test_what_the_rules_refuse_is_not_filed(signed, legal, late):
    late.born_on = date(2010, 1, 1)
    late.save()
    step(signed, "demanded", legal)
    assert "A minor is not sued (民法典 19)" in str(step(signed, "filed", legal, 15, court="法院"))
    signed.refresh_from_db()
    assert signed.state == "demanded"
    assert Event.objects.filter(kind="refusal").exists()


def test_a_dispute_keeps_it_from_being_signed_and_filed(late, legal, officer):
    lawsuit = propose_lawsuit(late.pk, legal, NOON)
    place_hold("B1", "dispute", NOON, actor="borrower")
    assert "A hold or dispute runs" in str(sign_lawsuit(lawsuit.pk, True, officer, NOON))
    assert "A hold or dispute runs" in str(propose_lawsuit(late.pk, legal, NOON))
    assert stop_due(NOON) == 1
    lawsuit.refresh_from_db()
    assert (lawsuit.state, lawsuit.ended_reason_code) == ("ended", "held")


def test_a_payment_of_all_ends_it_and_at_court_it_is_withdrawn(signed, legal):
    step(signed, "demanded", legal)
    step(signed, "filed", legal, 15, court="法院")
    now = NOON + timedelta(days=16)
    record_payment(IncomingPayment("P1", "B1-L1", date(2026, 3, 26), 2_000_000), now, actor="test")
    Loan.objects.filter(pk="B1-L1").update(outstanding=0, payoff=0, past_due_amount=0)
    assert (stop_due(now), stop_due(now)) == (1, 0)
    signed.refresh_from_db()
    assert (signed.state, signed.ended_reason_code, signed.ended_at) == ("withdrawing", "paid", None)
    (due,) = signed.deadlines.filter(over_at=None)
    assert (due.kind, due.ours, due.due_on) == ("withdraw", True, date(2026, 3, 29))
    assert isinstance(step(signed, "ended", legal, 17), Lawsuit)
    signed.refresh_from_db()
    assert (signed.state, signed.ended_reason_code) == ("ended", "paid")
    assert not signed.deadlines.filter(over_at=None).exists()


@pytest.mark.postgresql
def test_candidates_come_from_what_the_night_planned(late, legal):
    Treatment.objects.create(
        borrower=late, loan_id="B1-L1", planned_on=TODAY, position=0, channel="court",
        template="payment_order", stage="legal", state="planned",
    )  # fmt: skip
    ((borrower, found, currency),) = candidates(NOON)
    assert (borrower, found.against, currency) == (late, (), "CNY")
    case = late.cases.get()
    for left_alone, number in ((True, 0), (False, 1)):
        case.facts["in_holdout"] = left_alone
        case.save()
        assert len(candidates(NOON)) == number, "nobody of the hold-out is sued"
    place_hold("B1", "hardship", NOON, actor="borrower")
    assert candidates(NOON)[0][1].against == ("held",)
    propose_lawsuit("B1", legal, NOON)
    assert len(candidates(NOON)) == 1, "a hold kept it from being proposed"


def address(borrower) -> None:
    digest = digest_of("address", "示例街道 12 号")
    ContactPoint.objects.create(
        borrower=borrower, kind="address", value="示例街道 12 号", digest=digest, lawful=True
    )


def leaves(at: datetime) -> Recorder:
    recorder = Recorder()
    for mine in claim("w", at):
        send_one(mine, "w", {"letter": recorder}, lambda: at)
    return recorder


def test_the_letter_before_claim_leaves_by_the_door_and_its_arrival_opens_the_time_to_pay(signed, legal):
    assert "no postal address" in str(send_letter_before_claim(signed.pk, legal, NOON))
    address(signed.borrower)
    letter = send_letter_before_claim(signed.pk, legal, NOON)
    assert (letter.state, letter.purpose, letter.template) == ("waiting", "sue", "notice_before_claim")
    assert "on its way" in str(send_letter_before_claim(signed.pk, legal, NOON))
    assert send_letters_before_claim(NOON) == 0
    (message,) = leaves(NOON).sent
    assert message.attachments[0].media_type == "application/pdf"
    letter.refresh_from_db()
    assert (letter.state, letter.permits.count()) == ("sent", 1)
    assert send_letters_before_claim(NOON + timedelta(days=4)) == 0, "no word of the post yet"
    assert send_letters_before_claim(NOON + timedelta(days=5)) == 1
    assert send_letters_before_claim(NOON + timedelta(days=6)) == 0
    step_ = signed.steps.get(state="demanded")
    assert (step_.on, step_.contact_id, step_.by) == (TODAY + timedelta(days=5), letter.pk, "timetable")
    (answer,) = signed.deadlines.filter(over_at=None)
    assert answer.due_on == TODAY + timedelta(days=19)
    assert "can be answered until 2026-03-29" in str(step(signed, "filed", legal, 19, court="X"))
    assert isinstance(step(signed, "filed", legal, 20, court="X"), Lawsuit)
    assert check(NOON + timedelta(days=21)) == []


def test_the_post_says_when_it_arrived_and_the_day_in_the_letter_is_kept(signed, legal):
    address(signed.borrower)
    letter = send_letter_before_claim(signed.pk, legal, NOON)
    leaves(NOON)
    arrived = NOON + timedelta(days=2)
    Contact.objects.filter(pk=letter.pk).update(outcome="delivered", ended_at=arrived)
    assert send_letters_before_claim(arrived) == 1
    assert signed.steps.get(state="demanded").on == TODAY + timedelta(days=2)
    assert signed.deadlines.get(over_at=None).due_on == TODAY + timedelta(days=19), (
        "16 by the policy, 19 in the letter"
    )


def test_a_letter_that_comes_back_opens_nothing_and_another_is_sent(signed, legal):
    address(signed.borrower)
    first = send_letter_before_claim(signed.pk, legal, NOON)
    leaves(NOON)
    send_letters_before_claim(NOON + timedelta(days=5))
    Contact.objects.filter(pk=first.pk).update(outcome="undelivered")
    assert "came back" in str(step(signed, "filed", legal, 30, court="X"))
    later = NOON + timedelta(days=30)
    second = send_letter_before_claim(signed.pk, legal, later)
    assert second.pk != first.pk
    leaves(later)
    assert send_letters_before_claim(later + timedelta(days=5)) == 1
    assert [each.contact_id for each in signed.steps.filter(state="demanded").order_by("pk")] == [
        first.pk,
        second.pk,
    ]


def test_a_letter_the_strategy_sent_lately_is_taken(signed, legal):
    address(signed.borrower)
    point = signed.borrower.points.get(kind="address").digest
    planned = PlannedContact("letter", "sue", point=point, loans=("B1-L1",), states_identity=True)
    sent = queue_contact(ContactDraft("B1", planned, template="notice_before_claim"), NOON, actor="test")
    leaves(NOON)
    assert send_letter_before_claim(signed.pk, legal, NOON + timedelta(days=1)) == sent
    assert Contact.objects.filter(channel="letter").count() == 1
    assert send_letters_before_claim(NOON + timedelta(days=5)) == 1


def test_a_letter_refused_by_rule_can_be_asked_for_again_and_one_waiting_ends_with_the_suit(signed, legal):
    address(signed.borrower)
    house_rules(
        RULES.replace("channels: [court]", "channels: [letter]").replace(
            "age_years > 0 and age_years < 18", "true"
        )
    )
    first = send_letter_before_claim(signed.pk, legal, NOON)
    assert leaves(NOON).sent == []
    first.refresh_from_db()
    assert (first.state, first.reason) == ("refused", Reason.of("rules", rules=["house.no_court_for_minors"]))
    assert send_letters_before_claim(NOON + timedelta(days=9)) == 0
    house_rules(RULES)
    second = send_letter_before_claim(signed.pk, legal, NOON + timedelta(days=1))
    assert second.state == "waiting"
    assert isinstance(step(signed, "ended", legal, 1, ending="lender"), Lawsuit)
    second.refresh_from_db()
    assert second.state == "cancelled"
