"""Goal: a suit needs two people, a letter first and the rules' permit; it stops once there is nothing to sue for."""

from datetime import date, timedelta

import pytest

from forbear.actions.make_staff import make_staff
from forbear.actions.place_hold import place_hold
from forbear.actions.record_payment import Heard, record_payment
from forbear.actions.sue import Moved, candidates, move_suit, propose_suit, sign_suit, stop_due
from forbear.core.problem import Problem
from forbear.store.evidence_check import check
from forbear.store.models import Contact, Event, Loan, Staff, Suit, Treatment
from tests.actions.made_up import NOON, house_rules, make_borrower

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
        days_past_due=200, past_due_amount=900_000, outstanding=2_000_000, principal=2_000_000
    )
    yield borrower
    house_rules()


def person(name: str, role: str) -> Staff:
    return make_staff(name, "a-long-passphrase-1", role, name.upper(), NOON, actor="test")


@pytest.fixture
def legal() -> Staff:
    return person("fang", "legal")


@pytest.fixture
def officer() -> Staff:
    return person("he", "compliance")


@pytest.fixture
def signed(late, legal, officer) -> Suit:
    suit = propose_suit(late.pk, legal, NOON)
    assert isinstance(suit, Suit), suit
    assert isinstance(sign_suit(suit.pk, True, officer, NOON), Suit)
    return Suit.objects.get()


def step(suit: Suit, to: str, staff: Staff, days: int = 0, **more: object) -> Suit | Problem:
    now = NOON + timedelta(days=days)
    return move_suit(suit.pk, Moved(to, TODAY + timedelta(days=days), **more), staff, now)


def test_two_people_and_the_figures_of_the_day(signed, legal, officer):
    assert (signed.state, signed.way, signed.claimed, signed.fee) == (
        "signed",
        "payment_order",
        2_000_000,
        10_000,
    )
    assert [each.state for each in signed.steps.order_by("pk")] == ["proposed", "signed"]
    assert isinstance(propose_suit("B1", legal, NOON), Problem), "one suit at a time"
    assert check(NOON) == []


def test_nobody_signs_their_own(late):
    both = person("wang", "manager")
    suit = propose_suit(late.pk, both, NOON)
    assert "somebody other" in str(sign_suit(suit.pk, True, both, NOON))
    assert "say why not" in str(sign_suit(suit.pk, False, person("he", "compliance"), NOON))
    declined = sign_suit(suit.pk, False, Staff.objects.get(username="he"), NOON, "分期更合适")
    assert (declined.state, declined.ended_because) == ("declined", "lender")
    assert isinstance(propose_suit(late.pk, both, NOON), Suit)


def test_the_letter_waits_for_its_answer_and_filing_asks_the_rules(signed, legal):
    assert "doesn't become filed" in str(step(signed, "filed", legal, court="上海市浦东新区人民法院"))
    assert isinstance(step(signed, "demanded", legal), Suit)
    (answer,) = signed.deadlines.filter(over_at=None)
    assert (answer.kind, answer.due_on) == ("answer", TODAY + timedelta(days=14))
    assert "waits for its answer" in str(step(signed, "filed", legal, 14, court="上海市浦东新区人民法院"))
    assert "name the court" in str(step(signed, "filed", legal, 15))
    assert isinstance(
        step(signed, "filed", legal, 15, court="上海市浦东新区人民法院", docket="(2026)沪0115民督1号"), Suit
    )
    contact = Contact.objects.get(channel="court")
    filed = signed.steps.get(state="filed")
    assert (filed.contact, contact.purpose, contact.permits.count()) == (contact, "sue", 1)
    assert [each.kind for each in signed.deadlines.filter(over_at=None).order_by("due_on")] == [
        "accept",
        "issue",
    ]
    assert "between the step before" in str(step(signed, "served", legal, 14))
    assert isinstance(step(signed, "served", legal, 20), Suit)
    assert isinstance(step(signed, "objected", legal, 25), Suit)
    # the order has lapsed: it goes on as a small claim, with its own fee
    assert isinstance(step(signed, "filed", legal, 30), Suit)
    signed.refresh_from_db()
    assert (signed.way, signed.fee) == ("small_claim", 15_000)
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
    suit = propose_suit(late.pk, legal, NOON)
    place_hold("B1", "dispute", NOON, actor="borrower")
    assert "A hold or dispute runs" in str(sign_suit(suit.pk, True, officer, NOON))
    assert "A hold or dispute runs" in str(propose_suit(late.pk, legal, NOON))
    assert stop_due(NOON) == 1
    suit.refresh_from_db()
    assert (suit.state, suit.ended_because) == ("ended", "held")


def test_a_payment_of_all_ends_it_and_at_court_it_is_withdrawn(signed, legal):
    step(signed, "demanded", legal)
    step(signed, "filed", legal, 15, court="法院")
    now = NOON + timedelta(days=16)
    record_payment(Heard("P1", "B1-L1", date(2026, 3, 26), 2_000_000), now, actor="test")
    Loan.objects.filter(pk="B1-L1").update(outstanding=0, past_due_amount=0)
    assert (stop_due(now), stop_due(now)) == (1, 0)
    signed.refresh_from_db()
    assert (signed.state, signed.ended_because, signed.ended_at) == ("withdrawing", "paid", None)
    (due,) = signed.deadlines.filter(over_at=None)
    assert (due.kind, due.ours, due.due_on) == ("withdraw", True, date(2026, 3, 29))
    assert isinstance(step(signed, "ended", legal, 17), Suit)
    signed.refresh_from_db()
    assert (signed.state, signed.ended_because) == ("ended", "paid")
    assert not signed.deadlines.filter(over_at=None).exists()


def test_candidates_come_from_what_the_night_planned(late, legal):
    Treatment.objects.create(
        borrower=late, loan_id="B1-L1", planned_on=TODAY, position=0, channel="court",
        template="payment_order", stage="legal", state="planned",
    )  # fmt: skip
    ((borrower, found),) = candidates(NOON)
    assert (borrower, found.against) == (late, ())
    place_hold("B1", "hardship", NOON, actor="borrower")
    assert candidates(NOON)[0][1].against == ("held",)
    propose_suit("B1", legal, NOON)
    assert len(candidates(NOON)) == 1, "a hold kept it from being proposed"
