"""Goal: every complaint is in the register with its clocks, is rejected by two people only, and ends what it placed.

Method: complaints come by page, text, click, telephone and agency, and are followed through texts that leave by the
gate to the answer, its redress and the next instance.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings

from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.answers.complaints import end_referral, put_off, redress_done, refer_on
from forbear.actions.contacts.compose import compose
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.replies.consequences import Origin, open_request
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.agreements.complaint import (
    ComplaintFinding,
    check_finding,
    clock_of,
)
from forbear.core.permits.pack import parse_pack
from forbear.interchange.home.country import ombudsman_of
from forbear.interchange.home.packs import READY_PACKS
from forbear.store.models import Complaint, Contact, Event, Hold, Request
from tests.factories.agencies import person
from tests.factories.desk import NOON, Recorder, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = NOON.date()
FOUND = ComplaintFinding("conduct", "person", "apology")
NO_FAULT = ComplaintFinding("frequency", "none_found")


@pytest.fixture
def borrower():
    house_rules()
    return make_borrower()


def complained(words: str = "催收员骂人", **more: object) -> Request:
    request = make_request(Asked("B1", "complaint", words, **more), NOON, actor="borrower")
    assert isinstance(request, Request), request
    return request


def deliver(contact: Contact, now: datetime) -> None:
    """Send it through the gate, as a worker does."""
    assert contact.contact_id in claim("w", now)
    assert send_one(contact.contact_id, "w", {"sms": Recorder()}, lambda: now) == "sent"


def codes(made: object) -> set[str]:
    return {each.code for each in (made if isinstance(made, list) else [made])}


# clocks


@pytest.mark.parametrize(
    ("pack", "days", "longest", "referral"), [("cn", 15, 60, 30), ("uk", 56, 56, 183), ("us", 15, 60, 365)]
)
def test_each_country_has_its_clocks(pack, days, longest, referral):
    parameters = parse_pack((READY_PACKS / f"{pack}.yaml").read_text("utf-8"), pack).parameters
    clock = clock_of(parameters)
    assert (clock.days, clock.longest_days, clock.referral_days) == (days, longest, referral)
    assert clock_of(parameters, own=7).days == 7
    assert clock_of(parameters, own=300).days == days  # a lender's own clock never runs longer than the law's


def test_an_acknowledgement_is_due_in_business_days():
    clock = clock_of({"complaint_acknowledge_days": 3})
    assert clock.acknowledge_by(date(2026, 3, 5), "CN") == date(2026, 3, 10)  # a weekend between
    assert clock_of({}).longest(date(2026, 3, 1)) == date(2026, 3, 16)


@pytest.mark.parametrize(
    ("finding", "outcome", "wrong"),
    [
        (FOUND, "upheld", set()),
        (NO_FAULT, "refused", set()),
        (NO_FAULT, "partly", {"complaint_redress_missing"}),
        (replace(FOUND, category=""), "upheld", {"complaint_category_missing"}),
        (replace(FOUND, root_cause="fate"), "upheld", {"complaint_cause_missing"}),
        (replace(FOUND, redress="refund"), "upheld", {"redress_amount_missing", "redress_day_missing"}),
        (replace(FOUND, redress="act", redress_by=TODAY), "upheld", {"redress_act_missing"}),
        (
            replace(FOUND, redress="refund", amount=100, redress_by=TODAY - timedelta(days=1)),
            "upheld",
            {"redress_day_missing"},
        ),
    ],
)
def test_an_answer_needs_what_was_found(finding, outcome, wrong):
    assert codes(check_finding(finding, outcome, TODAY)) == wrong


@pytest.mark.parametrize(
    ("zone", "named"),
    [
        ("Asia/Shanghai", "National Financial Regulatory Administration"),
        ("Europe/London", "Financial Ombudsman Service"),
        ("America/New_York", "Consumer Financial Protection Bureau"),
        ("UTC", "12378"),  # a lender of no country: its own words
    ],
)
def test_the_next_instance_is_the_countrys(zone, named):
    assert named in ombudsman_of(replace(settings.HOME, timezone=zone))


# every way leads into the register


@pytest.mark.parametrize("way", ["portal", "sms", "call", "visit", "agency"])
def test_every_way_leads_into_the_register(borrower, way):
    if way == "sms":
        open_request(Origin("B1"), "complaint", "我要投诉", NOON, actor="borrower", came_by="sms")
    else:
        complained(came_by=way)
    complaint = Complaint.objects.get()
    assert complaint.came_by == way
    assert complaint.request.due_on == complaint.law_due_on == TODAY + timedelta(days=15)
    assert complaint.acknowledge_by > TODAY
    assert (complaint.acknowledged_at is not None) == (way == "portal")
    hold = Hold.objects.get(kind="complaint")
    assert (hold.lifted_at, complaint.request.hold_id) == (None, hold.pk)


def test_said_again_it_stays_one_complaint(borrower):
    first = complained()
    assert complained("又打来了") == first
    assert Complaint.objects.count() == 1


def test_it_is_acknowledged_once_the_text_has_left_through_the_gate(borrower):
    complained(came_by="sms")
    contact = Contact.objects.get(template="complaint_received")
    deliver(contact, NOON + timedelta(minutes=5))
    assert Complaint.objects.get().acknowledged_at == NOON + timedelta(minutes=5)


# answers


def test_upheld_it_is_answered_by_one_person_and_the_final_response_names_the_next_instance(borrower):
    request = complained()
    officer = person("he", "compliance")
    made = answer_request(request.number, Answered("upheld", "我们道歉。", finding=FOUND), officer, NOON)
    assert made.state == "answered"
    complaint = Complaint.objects.get()
    assert (complaint.category, complaint.root_cause, complaint.redress) == ("conduct", "person", "apology")
    assert complaint.referral_until == TODAY + timedelta(days=30)
    assert not Hold.objects.filter(kind="complaint", lifted_at=None).exists()
    contact = Contact.objects.get(template="complaint_final")
    body = compose(contact, borrower, NOON).body
    assert request.number in body
    assert "国家金融监督管理总局" in body
    deliver(contact, NOON + timedelta(minutes=1))
    assert Complaint.objects.get().final_sent_at == NOON + timedelta(minutes=1)


def test_it_is_rejected_by_two_people(borrower):
    request, one, other = complained(), person("he", "compliance"), person("zhou", "lead")
    no = Answered("refused", "没有发现问题。", finding=NO_FAULT)
    waiting = answer_request(request.number, no, one, NOON)
    assert waiting.state == "open"
    request.refresh_from_db()
    assert (request.state, request.answer) == ("open", "")
    assert Hold.objects.filter(kind="complaint", lifted_at=None).exists()
    assert not Contact.objects.filter(template="complaint_final").exists()
    assert answer_request(request.number, no, one, NOON).code == "complaint_own_rejection"
    assert answer_request(request.number, no, other, NOON).outcome == "refused"
    assert Contact.objects.filter(template="complaint_final").exists()


def test_the_second_person_may_uphold_what_the_first_would_reject(borrower):
    request, one, other = complained(), person("he", "compliance"), person("zhou", "lead")
    answer_request(request.number, Answered("refused", "没有。", finding=NO_FAULT), one, NOON)
    made = answer_request(request.number, Answered("upheld", "抱歉。", finding=FOUND), other, NOON)
    assert made.outcome == "upheld"


def test_without_a_finding_nothing_is_answered(borrower):
    request = complained()
    assert (
        answer_request(request.number, Answered("upheld", "好"), person("he", "compliance"), NOON).code
        == "complaint_category_missing"
    )
    assert Request.objects.get().state == "open"


def test_redress_is_done_once_and_after_the_answer(borrower):
    request, officer = complained(), person("he", "compliance")
    assert codes(redress_done(request.number, officer, NOON)) == {"no_redress_open"}
    refund = replace(FOUND, redress="refund", amount=5_000, redress_by=TODAY + timedelta(days=7))
    answer_request(request.number, Answered("upheld", "退您 50 元。", finding=refund), officer, NOON)
    complaint = Complaint.objects.get()
    assert (complaint.redress_amount, complaint.currency) == (5_000, "CNY")
    assert complaint.redress_open(TODAY + timedelta(days=8))
    done = redress_done(request.number, officer, NOON + timedelta(days=2))
    assert done.redress_done_by == officer
    assert codes(redress_done(request.number, officer, NOON)) == {"redress_done_already"}


def test_an_answer_is_put_off_within_the_law_and_the_borrower_is_told(borrower):
    request, officer = complained(came_by="letter"), person("he", "compliance")
    to = TODAY + timedelta(days=30)
    put = put_off(request.number, to, "在调取录音", officer, NOON)
    assert codes(put) == {"complaint_no_more_time"}  # the house's pack gives no more
    house_rules("pack: house\nparameters: {complaint_days: 15, complaint_longest_days: 60}\nrules: []\n")
    for day in (request.due_on, TODAY + timedelta(days=61)):
        assert codes(put_off(request.number, day, "x", officer, NOON)) == {"extension_day_invalid"}
    assert codes(put_off(request.number, to, " ", officer, NOON)) == {"extension_note_missing"}
    assert isinstance(put_off(request.number, to, "在调取录音", officer, NOON), Complaint)
    request.refresh_from_db()
    assert request.due_on == to
    assert Contact.objects.filter(template="complaint_delayed").exists()


def test_what_the_next_instance_has_is_held_until_it_has_decided(borrower):
    request, officer = complained(), person("he", "compliance")
    assert codes(end_referral(request.number, "x", officer, NOON)) == {"complaint_not_referred"}
    refer_on(request.number, "FOS-1", officer, NOON)
    assert Hold.objects.filter(kind="ombudsman", lifted_at=None).exists()
    assert codes(refer_on(request.number, "FOS-1", officer, NOON)) == {"complaint_referred_already"}
    assert isinstance(end_referral(request.number, "upheld in part", officer, NOON), Complaint)
    assert not Hold.objects.filter(kind="ombudsman", lifted_at=None).exists()


def test_each_act_is_evidence(borrower):
    request, officer = complained(), person("he", "compliance")
    refer_on(request.number, "FOS-1", officer, NOON)
    end_referral(request.number, "ok", officer, NOON)
    answer_request(request.number, Answered("upheld", "抱歉", finding=FOUND), officer, NOON)
    assert Event.objects.filter(kind="complaint", borrower="B1").count() == 4
