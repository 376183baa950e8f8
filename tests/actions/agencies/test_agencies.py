"""Goal: an agency is admitted by two people, gets cases only through the door, and loses them the moment it should."""

from datetime import date, timedelta

import pytest

from forbear.actions.agencies.agencies import (
    Offered,
    admit_agency,
    check_agencies,
    end_agency,
    propose_agency,
    resume_agency,
    suspend_agency,
)
from forbear.actions.agencies.agency_findings import find_overdue, record_agency_finding
from forbear.actions.agencies.placements import candidates, place_due, propose_list, sign_list
from forbear.actions.agencies.recalls import recall_case
from forbear.actions.agencies.recalls_due import recall_due
from forbear.actions.agencies.statements import accept_statement, answer_line, dispute_line, make_statement
from forbear.actions.agency_work.casework import (
    accept_placement,
    ask_call,
    give_back,
    hand_in,
    request_recording,
)
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import make_contact
from forbear.actions.holds.holds import place_hold
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.agencies.agency import as_written
from forbear.core.agencies.placement_optimizer import Candidate, Dealt, Worth
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store.models import (
    Agency,
    Case,
    Contact,
    Event,
    Finding,
    Loan,
    Payment,
    Placement,
    ProposedPlacement,
    RecordingRequest,
    Statement,
)
from tests.core.agencies.test_agency import good
from tests.factories.agencies import late_case, make_agency, person, place_all
from tests.factories.desk import NOON, house_rules, wish_for

pytestmark = [pytest.mark.database, pytest.mark.django_db]

#: The rules about agencies that a placement goes by.
AGENCY_PACK = """
pack: house
rules:
  - id: house.calls
    says: {zh: 每日接通上限, en: A cap on connected calls a day}
    applies: {channels: [call, voice]}
    count: {by: debtor, outcome: connected, channels: [call, voice], within: 1 day}
    refuse_when: counted >= 1
    until: window
    clause: house §2
    force: house
  - id: house.standing
    says: {zh: 机构须在册且未暂停, en: The agency is listed and at work}
    applies: {collectors: [agency]}
    refuse_when: agency_suspended or not agency_listed or recording_overdue
    clause: house §7
    force: house
  - id: house.own
    says: {zh: 只能联系委托案件, en: Only its own cases}
    applies: {collectors: [agency], channels: [call, sms]}
    refuse_when: not placed_here
    clause: house §8
    force: house
  - id: house.one
    says: {zh: 一债一委, en: One agency a debt}
    applies: {channels: [agency]}
    refuse_when: placements >= 1
    clause: house §9
    force: house
"""


@pytest.fixture(autouse=True)
def _rules():
    house_rules(AGENCY_PACK)


def placed(borrower_id: str = "B1") -> Placement | None:
    return Placement.objects.filter(borrower_id=borrower_id, ended_at=None).first()


def agency_call(borrower, agency: str, now=NOON):
    return make_contact(
        ContactDraft(borrower.borrower_id, wish_for(borrower, "call", agency=agency)), now, actor="test"
    )


def test_two_people_admit_an_agency_and_the_door_lets_it_in_only_then():
    manager, compliance = person("manager1", "manager"), person("compliance1", "compliance")
    offered = Offered("huaxin", "华信", "Huaxin", as_written(good()), [[30, 1500]], 10)
    made = propose_agency(offered, manager, NOON)
    assert isinstance(made, Agency)
    assert (made.state, made.listed_on, made.contracted) == ("proposed", None, False)
    assert isinstance(admit_agency("huaxin", manager, NOON), Problem)
    made = admit_agency("huaxin", compliance, NOON)
    assert (made.state, made.listed_on, made.contracted) == ("admitted", date(2026, 3, 10), True)
    told = Event.objects.filter(kind="agency").values_list("line", flat=True)
    assert ["proposed" in told[0], "admitted" in told[1]] == [True, True]


def test_a_file_with_holes_is_told_hole_by_hole():
    offered = Offered("huaxin", "华信", "", as_written(good(collectors=1)), [[30, 9000]], 0)
    found = propose_agency(offered, person("manager1", "manager"), NOON)
    assert [str(each)[:25] for each in found] == [
        "an agency has at least tw",
        "a commission is between 0",
        "an agency has a name in C",
        "the capacity is how many ",
    ]
    assert not Agency.objects.exists()


def test_a_case_goes_out_through_the_door_and_the_borrower_is_told():
    make_agency()
    borrower = late_case("B1")
    place_all()
    one = placed()
    assert (one.agency_id, one.amount, one.rate, one.due_back_on) == (
        "huaxin",
        120_000,
        1500,
        date(2026, 6, 8),
    )
    assert one.contact.channel == "agency"
    notice = Contact.objects.get(template="placement_notice")
    assert (notice.state, notice.agency_id, notice.values["agency"]) == ("waiting", None, "华信")
    kinds = list(Event.objects.filter(borrower="B1").order_by("number").values_list("kind", flat=True))
    assert kinds == ["permit", "placement", "planned_contact"]
    assert agency_call(borrower, "huaxin").answer.permit is not None


def test_what_changed_since_the_list_was_made_stays_at_home():
    make_agency()
    for name in ("B1", "B2", "B3"):
        late_case(name)
    dealt = [Dealt(case, "huaxin", "s", False, Worth(0, 0, 0)) for case in candidates()]
    made = propose_list(dealt, "seed", {}, person("manager1", "manager"), NOON)
    assert candidates() == []
    assert isinstance(sign_list(made.pk, person("manager1", "manager"), NOON), Problem)
    sign_list(made.pk, person("compliance1", "compliance"), NOON)
    place_hold("B1", "dispute", NOON, actor="test")
    Case.objects.filter(borrower_id="B2").update(handler="internal")
    assert place_due(NOON) == 3
    rows = dict(ProposedPlacement.objects.values_list("borrower_id", "state"))
    assert rows == {"B1": "dropped", "B2": "dropped", "B3": "placed"}
    assert place_due(NOON) == 0


def test_the_door_refuses_a_second_agency():
    make_agency("huaxin", capacity=1)
    make_agency("mingyuan")
    late_case("B1")
    place_all()
    other = "mingyuan" if placed().agency_id == "huaxin" else "huaxin"
    case = Candidate("B1", 45, 120_000, "CNY", 100, "cash", "", ("B1-L1",))
    made = propose_list(
        [Dealt(case, other, "s", False, Worth(0, 0, 0))], "s", {}, person("manager1", "manager"), NOON
    )
    sign_list(made.pk, person("compliance1", "compliance"), NOON)
    place_due(NOON)
    row = made.rows.get()
    assert (row.state, row.reason) == ("refused", Reason.of("rules", rules=["house.one"]))


@pytest.mark.parametrize(
    ("kind", "ending"),
    [("dispute", "dispute"), ("hardship", "hardship"), ("lawyer", "stopped"), ("vulnerable", "vulnerable"),
     ("plan", "plan"), ("promise", ""), ("verification", "")],
)  # fmt: skip
def test_a_hold_takes_the_case_back_where_the_lender_itself_must_deal(kind, ending):
    make_agency()
    late_case("B1")
    place_all()
    place_hold("B1", kind, NOON, actor="test")
    one = Placement.objects.get()
    assert one.ended_reason_code == ending


def test_a_borrowers_dispute_takes_the_case_back_and_cancels_what_the_agency_had_waiting():
    make_agency()
    late_case("B1")
    place_all()
    worker = person("agent1", "agency", Agency.objects.get())
    waiting = ask_call(placed().pk, worker, NOON)
    assert waiting.state == "waiting"
    make_request(Asked("B1", "dispute", "不是我借的"), NOON, actor="borrower")
    assert placed() is None
    assert Contact.objects.get(pk=waiting.pk).state == "cancelled"


def test_an_agency_cannot_go_over_a_cap_that_the_lenders_own_team_has_used():
    make_agency()
    borrower = late_case("B1")
    place_all()
    own = make_contact(ContactDraft("B1", wish_for(borrower, "call")), NOON, actor="test")
    assert own.answer.permit is not None
    refused = agency_call(borrower, "huaxin")
    assert [each.rule for each in refused.answer.decision.refusals] == ["house.calls"]


def test_an_agency_reaches_nobody_who_was_not_placed_with_it():
    make_agency()
    borrower = late_case("B1")
    refused = agency_call(borrower, "huaxin")
    assert [each.rule for each in refused.answer.decision.refusals] == ["house.own"]
    worker = person("agent1", "agency", Agency.objects.get())
    assert isinstance(accept_placement(1, worker, NOON), Problem)


@pytest.mark.postgresql
def test_a_grave_finding_stops_the_agency_at_once_and_says_sorry():
    make_agency()
    for name in ("B1", "B2"):
        late_case(name)
    place_all()
    made = record_agency_finding(
        "huaxin", "threat", NOON, actor="staff:C1", borrower_id="B1", source="complaint"
    )
    assert isinstance(made, Finding)
    agency = Agency.objects.get()
    assert (agency.state, agency.suspended_for) == ("suspended", "misconduct")
    assert set(Placement.objects.values_list("ended_reason_code", flat=True)) == {"misconduct"}
    apology = Contact.objects.get(template="recall_apology")
    assert (apology.borrower_id, apology.values["agency"]) == ("B1", "华信")
    assert Event.objects.filter(kind="recall").count() == 2
    # and it never gets them again
    agency.state, agency.suspended_at = "admitted", None
    agency.save()
    assert {case.had for case in candidates()} == {("huaxin",)}


def test_a_small_finding_is_written_down_once_and_stops_nobody():
    make_agency()
    borrower = late_case("B1")
    place_all()
    call = agency_call(borrower, "huaxin").contact
    assert isinstance(
        record_agency_finding("huaxin", "content", NOON, actor="x", contact_id=call.pk), Finding
    )
    assert isinstance(
        record_agency_finding("huaxin", "content", NOON, actor="x", contact_id=call.pk), Problem
    )
    assert isinstance(record_agency_finding("huaxin", "rudeness", NOON, actor="x"), Problem)
    assert Agency.objects.get().state == "admitted"


class Sound:
    size = 40

    def read(self) -> bytes:
        return b"RIFF" + bytes(36)


class Picture:
    size = 8

    def read(self) -> bytes:
        return b"\x89PNG\r\n\x1a\n"


def test_an_unanswered_demand_for_a_recording_stops_the_agencys_permits():
    make_agency()
    borrower, other = late_case("B1"), late_case("B2")
    place_all()
    agency = Agency.objects.get()
    worker, lead = person("agent1", "agency", agency), person("lead1", "lead")
    call = agency_call(borrower, "huaxin").contact
    due = NOON + timedelta(days=3)
    assert isinstance(request_recording(call.pk, 3, lead, NOON, due), RecordingRequest)
    assert isinstance(request_recording(call.pk, 3, lead, NOON, due), Problem)
    later = due + timedelta(minutes=1)
    Case.objects.update(figures_at=later)
    refused = agency_call(other, "huaxin", later)
    assert [each.rule for each in refused.answer.decision.refusals] == ["house.standing"]
    assert (find_overdue(later), find_overdue(later)) == (1, 0)
    assert isinstance(hand_in(call.pk, Picture(), worker, later), Problem)
    kept = hand_in(call.pk, Sound(), worker, later)
    assert kept.recording
    assert isinstance(hand_in(call.pk, Sound(), worker, later), Problem)
    assert agency_call(other, "huaxin", later).answer.permit is not None
    assert Event.objects.filter(kind="recording", borrower="B1").count() == 2


def test_papers_that_run_out_stop_it_until_they_are_renewed():
    make_agency(insurance_until=date(2026, 3, 20))
    assert check_agencies(NOON) == 0
    later = NOON + timedelta(days=11)
    assert check_agencies(later) == 1
    agency = Agency.objects.get()
    assert (agency.suspended_for, agency.suspended_note) == ("papers", "")
    assert agency.suspended_reason == Reason.of("papers_expired", papers=["insurance"])
    found = resume_agency("huaxin", person("compliance1", "compliance"), later, "renewed")
    assert "insurance" in str(found)


def test_ending_an_agency_brings_everything_back():
    make_agency()
    late_case("B1")
    place_all()
    end_agency("huaxin", person("compliance1", "compliance"), NOON, "contract over")
    assert Placement.objects.get().ended_reason_code == "agency_ended"
    agency = Agency.objects.get()
    assert (agency.listed_on, agency.contracted) == (None, False)
    assert isinstance(suspend_agency("huaxin", "review", "late", NOON, actor="x"), Problem)


def test_time_and_payments_take_cases_back():
    make_agency()
    for name in ("B1", "B2", "B3"):
        late_case(name)
    place_all()
    assert recall_due(NOON) == 0
    Loan.objects.filter(borrower_id="B1").update(past_due_amount=0)
    Case.objects.filter(borrower_id="B2").update(closed_on=date(2026, 3, 10))
    assert recall_due(NOON) == 2
    assert recall_due(NOON + timedelta(days=91)) == 1
    assert dict(Placement.objects.values_list("borrower_id", "ended_reason_code")) == {
        "B1": "paid", "B2": "paid", "B3": "time",
    }  # fmt: skip


def test_giving_back_needs_a_reason_and_only_ones_own():
    agency = make_agency()
    make_agency("mingyuan", capacity=1)
    late_case("B1")
    place_all()
    one = placed()
    mine = person("agent1", "agency", one.agency)
    other = person("agent2", "agency", Agency.objects.exclude(pk=one.agency_id).get())
    assert isinstance(give_back(one.pk, other, "not mine", NOON), Problem)
    assert isinstance(give_back(one.pk, mine, " ", NOON), Problem)
    assert isinstance(give_back(one.pk, mine, "moved away", NOON), Placement)
    assert isinstance(recall_case(one.pk, "lender", NOON, actor="x"), Problem)
    assert agency.code in ("huaxin", "mingyuan")


@pytest.mark.postgresql
def test_a_statement_ties_to_the_payments_and_takes_back_what_bounced():
    make_agency()
    late_case("B1")
    place_all()
    loan = Loan.objects.get()
    lead = person("lead1", "lead")
    Payment.objects.create(
        payment_id="P1", loan=loan, paid_on=date(2026, 3, 20), amount=10_001, received_at=NOON
    )
    april, may = NOON + timedelta(days=22), NOON + timedelta(days=55)
    assert isinstance(make_statement("huaxin", date(2026, 4, 1), april, actor="x"), Problem)
    first = make_statement("huaxin", date(2026, 3, 31), april, actor="x")
    assert isinstance(first, Statement)
    assert first.totals == {"CNY": [10_001, 1_500]}
    assert isinstance(make_statement("huaxin", date(2026, 3, 31), april, actor="x"), Problem)
    line = first.lines.get()
    assert isinstance(dispute_line(line.pk, "mingyuan", "no", april, actor="x"), Problem)
    dispute_line(line.pk, "huaxin", "the rate is 25%", april, actor="x")
    assert isinstance(accept_statement(first.pk, "huaxin", april, actor="x"), Problem)
    answer_line(line.pk, "it was placed at 45 days", lead, april)
    assert isinstance(accept_statement(first.pk, "huaxin", april, actor="x"), Statement)
    Payment.objects.create(
        payment_id="P2", loan=loan, paid_on=date(2026, 4, 3), amount=10_001, reverses="P1", received_at=NOON
    )
    Payment.objects.create(payment_id="P3", loan=loan, paid_on=date(2026, 4, 4), amount=200, received_at=NOON)
    second = make_statement("huaxin", date(2026, 4, 30), may, actor="x")
    assert second.totals == {"CNY": [200 - 10_001, 30 - 1_500]}
    assert isinstance(make_statement("huaxin", date(2026, 5, 1), may, actor="x"), Problem)
