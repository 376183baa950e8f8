"""Goal: nobody stands at a door without a second person's word and the rules' leave, what happens is proved."""

import json
import uuid
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from forbear.actions.access.verify_caller import verify_caller
from forbear.actions.agencies.agency_findings import find_unproved
from forbear.actions.field.visit_events import record_visit_events, see_alarm, take_recording
from forbear.actions.field.visits import Leave, set_out
from forbear.actions.holds.holds import place_hold
from forbear.actions.visits.cancellation import call_off, call_off_due
from forbear.actions.visits.decisions import approve_visit, refuse_visit
from forbear.actions.visits.proposals import propose_due, propose_visit
from forbear.actions.visits.routes import give_route, put_back_due, save_routes, undo_route
from forbear.core.base.problem import Problem, from_json
from forbear.core.base.reason import Reason
from forbear.core.visits.visit import Place, VisitPolicy
from forbear.insight.routing import Call, Pair, work_out, work_out_day
from forbear.insight.scorecard import scorecards
from forbear.store import evidence
from forbear.store.models import (
    Alarm,
    Case,
    Consent,
    Contact,
    ContactPoint,
    Event,
    FieldEvent,
    Finding,
    Hold,
    Loan,
    Permit,
    Placement,
    Request,
    Treatment,
    Visit,
    VisitRoute,
)
from tests.chinese import in_chinese
from tests.factories.agencies import make_agency, person
from tests.factories.desk import NOON, house_rules
from tests.factories.visits import (
    AT_DOOR,
    NOTICE_RULE,
    VISIT_PACK,
    approved,
    give_address,
    planned,
    told,
    visited,
    visitors,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TOMORROW = (NOON + timedelta(days=1)).date()
SOUND = b"\x1aE\xdf\xa3" + b"sound" * 50


@pytest.fixture(autouse=True)
def _rules():
    house_rules(VISIT_PACK)


def ready() -> tuple[Visit, list]:
    """A planned visit whose two people have their leave at half past nine."""
    two = visitors()
    visit = planned(visited(), TOMORROW)
    Case.objects.update(figures_at=AT_DOOR - timedelta(hours=6))
    left = set_out(visit.pk, two[0], AT_DOOR - timedelta(minutes=30))
    assert isinstance(left, Leave), left
    assert left.answer.permit is not None
    return Visit.objects.get(pk=visit.pk), two


def kinds_told(borrower: str = "B1") -> list[str]:
    rows = Event.objects.filter(borrower=borrower, kind="visit").order_by("number")
    return [json.loads(row.line)["body"]["what"] for row in rows]


def digest_of_sound() -> str:
    with transaction.atomic():
        return evidence.store_attachment(SOUND, "video/webm")


# proposed and decided


def test_a_person_proposes_and_another_decides():
    visited()
    collector = person("collector1", "collector")
    assert "say why" in str(propose_visit("B1", " ", collector, NOON))
    made = propose_visit("B1", "电话一直打不通", collector, NOON)
    assert isinstance(made, Visit)
    assert "open already" in str(propose_visit("B1", "再一次", collector, NOON))
    assert "somebody else" in str(approve_visit(made.pk, collector, NOON))
    lead = person("lead1", "lead")
    assert isinstance(approve_visit(made.pk, lead, NOON), Visit)
    assert isinstance(refuse_visit(made.pk, "不必", lead, NOON), Problem)
    assert kinds_told() == ["proposed", "approved"]
    # why a person wanted it is a person's words, so it stands where it can be erased
    assert "电话" not in Event.objects.filter(kind="visit").first().line


def test_no_address_no_visit():
    borrower = visited()
    ContactPoint.objects.filter(kind="address").update(invalid_at=NOON)
    assert "no address" in str(propose_visit("B1", "why", person("collector1", "collector"), NOON))
    give_address(borrower, "西山区")
    assert isinstance(propose_visit("B1", "why", person("collector1", "collector"), NOON), Visit)


def test_the_strategys_treatment_becomes_a_proposal_and_no_message():
    visited()
    Treatment.objects.create(
        borrower_id="B1", loan_id="B1-L1", planned_on=NOON.date(), stage="intensive", channel="visit",
        template="field_visit", position=0, state="planned",
    )  # fmt: skip
    assert propose_due(NOON) == 1
    assert propose_due(NOON) == 0
    visit = Visit.objects.get()
    assert (visit.state, visit.treatment.state) == ("proposed", "queued")
    assert not Contact.objects.exists()


def test_the_rules_are_asked_before_a_second_person_can_agree():
    visited()
    made = propose_visit("B1", "why", person("collector1", "collector"), NOON)
    place_hold("B1", "no_visits", NOON, actor="test")
    assert Visit.objects.get().state == "called_off"
    made = propose_visit("B1", "why", person("collector1", "collector"), NOON)
    wrong = approve_visit(made.pk, person("lead1", "lead"), NOON)
    assert "Two people and a recording (house §2)" in str(wrong)
    assert Visit.objects.get(pk=made.pk).state == "proposed"


def test_what_a_pack_wants_announced_is_announced_and_goes_no_earlier():
    house_rules(VISIT_PACK + NOTICE_RULE)
    visitors()
    made = approved(visited())
    assert made.notice_days == 3
    lead = person("lead1", "lead")
    ways, left = work_out_day(TOMORROW, NOON)
    assert (ways, left) == ([], {made.pk: "not_that_day"})
    day = NOON.date() + timedelta(days=4)
    ways, left = work_out_day(day, NOON)
    assert left == {}
    (route,) = save_routes(day, ways, left, NOON, lead)
    give_route(route.pk, lead, NOON)
    notice = Contact.objects.get(template="visit_notice")
    assert (notice.channel, notice.state, notice.values["on"]) == ("sms", "waiting", {"day": day.isoformat()})
    # it never left, so on the day the door still says no
    visit = Visit.objects.get()
    on_the_day = NOON + timedelta(days=3, hours=19)
    Case.objects.update(figures_at=on_the_day)
    refused = set_out(visit.pk, route.first, on_the_day)
    assert [each.rule for each in refused.answer.decision.refusals] == ["house.visit_notice"]


def test_who_has_no_phone_is_told_by_what_there_is_and_nobody_is_visited_unannounced():
    house_rules(VISIT_PACK + NOTICE_RULE)
    visitors()
    borrower = visited()
    made = approved(borrower)
    borrower.points.filter(kind="phone").update(invalid_at=NOON)
    Consent.objects.create(borrower=borrower, channel="letter", given=False, at=NOON, source="portal")
    lead, day = person("lead1", "lead"), NOON.date() + timedelta(days=4)
    ways, left = work_out_day(day, NOON)
    (route,) = save_routes(day, ways, left, NOON, lead)
    borrower.points.filter(kind="address").update(stopped_at=NOON)
    assert "none of its visits" in str(give_route(route.pk, lead, NOON))
    assert Visit.objects.get(pk=made.pk).state == "approved", "it waits until somebody can be told"
    borrower.points.filter(kind="address").update(stopped_at=None)
    assert isinstance(give_route(route.pk, lead, NOON), VisitRoute)
    notice = Contact.objects.get(template="visit_notice")
    assert (notice.channel, notice.point.kind) == ("letter", "address"), (
        "a notice comes though letters are switched off"
    )


def test_a_visit_that_nobody_could_be_told_of_is_not_approved():
    house_rules(VISIT_PACK + NOTICE_RULE)
    borrower = visited()
    made = propose_visit("B1", "电话打不通", person("wang", "collector"), NOON)
    borrower.points.filter(kind="phone").update(invalid_at=NOON)
    borrower.points.filter(kind="address").update(stopped_at=NOON)
    wrong = approve_visit(made.pk, person("lead1", "lead"), NOON)
    assert "announced 3 days before" in str(wrong)
    assert "没有可以告知的号码或地址" in in_chinese(wrong)
    assert Visit.objects.get(pk=made.pk).state == "proposed"


def test_a_payment_and_time_call_it_off():
    first, second = approved(visited()), approved(visited("B3"))
    Loan.objects.filter(borrower_id="B1").update(past_due_amount=0)
    assert call_off_due(NOON) == 1
    assert Visit.objects.get(pk=first.pk).stopped_reason == Reason.of("nothing_past_due")
    assert call_off_due(NOON + timedelta(days=29)) == 0
    assert call_off_due(NOON + timedelta(days=31)) == 1
    assert Visit.objects.get(pk=second.pk).stopped_reason == Reason.of("approval_expired")


# routes


def test_a_route_keeps_neighbours_together_and_says_how_long_each_way_is():
    calls = [
        Call(
            f"{n}",
            Place(30_000_000 + 1000 * (n % 3), 120_000_000 + 300_000 * (n // 3)),
            "",
            "",
            540,
            1100,
            100,
        )
        for n in range(6)
    ]
    plan = work_out(calls, [Pair(1, 2), Pair(3, 4)], VisitPolicy(most_a_day=3))
    assert sorted(sorted(call.visit_id for call, *_ in way) for way in plan.ways.values()) == [
        ["0", "1", "2"], ["3", "4", "5"],
    ]  # fmt: skip
    for way in plan.ways.values():
        assert way[0][2:] == (0, 0, "first")
        for (_, before, *_), (_, arrives, minutes, metres, how) in pairwise(way):
            assert (how, metres > 0) == ("coordinates", True)
            assert arrives >= before + VisitPolicy().door_minutes + minutes
    assert plan.left_out == {}
    assert work_out(calls, [Pair(1, 2), Pair(3, 4)], VisitPolicy(most_a_day=3)) == plan


def test_who_fits_nowhere_is_told_why_and_the_largest_go_first():
    near = Place(30_000_000, 120_000_000)
    calls = [Call(f"{n}", near, "", "", 540, 1100, 10 * n) for n in range(4)]
    calls.append(Call("theirs", near, "", "huaxin", 540, 1100, 1))
    calls.append(Call("evening", None, "X", "", 1080, 1100, 5000))
    plan = work_out(calls, [Pair(1, 2)], VisitPolicy(most_a_day=3))
    ((way),) = plan.ways.values()
    assert {call.visit_id for call, *_ in way} == {"2", "3", "evening"}
    assert way[-1][0].visit_id == "evening"
    assert way[-1][1] >= 1080
    assert plan.left_out == {"theirs": "no_pair", "0": "no_room", "1": "no_room"}
    assert work_out(calls[:1], [], VisitPolicy()).left_out == {"0": "no_pair"}


@pytest.mark.postgresql
def test_a_route_is_given_and_undone():
    two = visitors()
    visit = planned(visited(), TOMORROW)
    assert (visit.state, visit.position, visit.why["how"]) == ("planned", 1, "first")
    route = VisitRoute.objects.get()
    assert {route.first, route.second} == set(two)
    assert "no pair" in str(work_out_day(TOMORROW, NOON))
    assert isinstance(undo_route(route.pk, person("lead1", "lead"), NOON), VisitRoute)
    assert Visit.objects.get().state == "approved"
    assert isinstance(give_route(route.pk, person("lead1", "lead"), NOON), Problem)


# at the door


def test_leave_is_a_permit_that_lasts_no_longer_than_the_hours_that_the_borrower_was_told():
    visit, two = ready()
    permit = Permit.objects.get()
    assert permit.issued_at == AT_DOOR - timedelta(minutes=30)
    assert permit.expires_at == AT_DOOR + timedelta(hours=1), "told 9 to 11"
    assert visit.contact.state == "sent"
    assert set_out(visit.pk, two[1], AT_DOOR).answer.permit is None, "the same leave is good for both"
    assert Permit.objects.count() == 1
    seen = verify_caller(visit.contact.code, AT_DOOR)
    assert (seen.visit, seen.collector) == (True, f"{two[0].number} + {two[1].number}")


def test_leave_ends_before_the_night():
    two = visitors()
    visit = planned(visited(), TOMORROW)
    late = AT_DOOR + timedelta(hours=10)  # eight in the evening
    Case.objects.update(figures_at=late)
    Visit.objects.update(arrives_at=late)
    left = set_out(visit.pk, two[0], late)
    assert left.visit.leave_until == late + timedelta(minutes=105), "a quarter past is ten is past the hour"
    assert isinstance(set_out(visit.pk, person("V1999", "visitor"), late), Problem)
    assert "another day" in str(set_out(visit.pk, two[0], late + timedelta(days=1)))


def test_a_visit_from_the_first_ring_to_its_proof():
    visit, two = ready()
    digest = digest_of_sound()
    Case.objects.update(figures_at=AT_DOOR)
    (started,) = record_visit_events([told(visit, "start")], two[0], AT_DOOR + timedelta(seconds=3))
    assert (started["ok"], started["state"], started["conflicts"]) == (True, "under_way", [])
    assert isinstance(call_off(visit.pk, Reason.of("by_staff"), AT_DOOR, actor="test"), Problem)
    left = AT_DOOR + timedelta(minutes=20)
    end = told(
        visit,
        "end",
        left,
        outcome="cannot_pay",
        note="失业",
        recordings=[{"sha256": digest, "seconds": 1195}],
    )
    (ended,) = record_visit_events([end], two[1], left)
    assert ended["lacks"] == ["recording_missing"]
    assert Hold.objects.get(lifted_at=None).kind == "hardship"
    request = Request.objects.get()
    assert (request.kind, request.source, request.state) == ("hardship", "visit", "open")
    other = SimpleUploadedFile("r.webm", b"\x1aE\xdf\xa3 another")
    assert "not the recording" in str(take_recording(visit.pk, other, two[0], left))
    for _ in range(2):
        kept = take_recording(visit.pk, SimpleUploadedFile("r.webm", SOUND), two[0], left)
        assert isinstance(kept, Visit), kept
    visit.refresh_from_db()
    assert (visit.state, visit.lacks, visit.outcome) == ("ended", [], "cannot_pay")
    contact = Contact.objects.get(pk=visit.contact_id)
    assert (contact.outcome, contact.at, contact.recording) == ("conversation", AT_DOOR, digest)
    assert kinds_told()[-3:] == ["set out", "started", "ended"]
    recorded = json.loads(Event.objects.get(kind="recording").line)
    assert recorded["attachments"] == [digest]
    # where somebody lives stands where it can be erased
    assert not any("30000100" in row.line for row in Event.objects.filter(kind="visit"))


def test_nothing_happens_twice_however_often_it_is_told():
    visit, two = ready()
    events = [
        told(visit, "start"),
        told(visit, "end", AT_DOOR + timedelta(minutes=5), outcome="not_home", recordings=[]),
    ]
    later = AT_DOOR + timedelta(hours=3)
    first = record_visit_events(events, two[0], later)
    again = record_visit_events(events[::-1], two[0], later + timedelta(minutes=1))
    assert again == first[::-1]
    assert FieldEvent.objects.count() == 2
    assert kinds_told()[-2:] == ["started", "ended"]
    assert Contact.objects.get().outcome == "unanswered"
    assert Contact.objects.get().at == AT_DOOR, "when it happened, not when it was heard of"


def test_the_door_is_asked_again_at_the_door():
    visit, two = ready()
    Hold.objects.create(borrower_id="B1", kind="vulnerable", starts_at=AT_DOOR - timedelta(minutes=1))
    (answer,) = record_visit_events([told(visit, "start")], two[0], AT_DOOR)
    wrong = from_json(answer["wrong"])
    assert (wrong.code, str(wrong)) == ("refused_by_rule", "The case is held (house §3)")
    assert in_chinese(wrong) == "已冻结（house §3）"
    assert Visit.objects.get().state == "planned"
    assert kinds_told()[-1] == "stopped at the door"


def test_what_changed_while_there_was_no_network_is_shown():
    visit, two = ready()
    place_hold("B1", "no_visits", AT_DOOR - timedelta(minutes=10), actor="borrower")
    assert Visit.objects.get().state == "called_off"
    heard = AT_DOOR + timedelta(hours=2)
    Case.objects.update(figures_at=heard)
    (answer,) = record_visit_events([told(visit, "start")], two[0], heard)
    assert answer["conflicts"] == [
        Reason.of("visit_called_off", reason=Reason.of("hold", kind="no_visits").as_dict()).as_dict(),
        Reason.of("rules", rules=["house.visits"]).as_dict(),
    ]
    end = told(visit, "end", AT_DOOR + timedelta(minutes=2), outcome="asked_to_leave", recordings=[])
    (answer,) = record_visit_events([end], two[0], heard)
    assert answer["state"] == "ended"
    assert Contact.objects.get(pk=visit.contact_id).state == "sent"


def _ended(visit, two, at) -> dict:
    end = told(visit, "end", at + timedelta(minutes=1), outcome="not_home", recordings=[])
    return record_visit_events([end], two[0], at + timedelta(hours=1))[0]


def test_a_visit_nobody_made_waits_for_another_route_and_counts_as_no_contact():
    visit, two = ready()
    assert put_back_due(AT_DOOR + timedelta(days=1)) == 0, "a phone may have had no network"
    later = AT_DOOR + timedelta(days=2)
    assert put_back_due(later) == 1
    assert (Visit.objects.get().state, Contact.objects.get().outcome) == ("approved", "not_sent")
    # and if a phone tells of it after all, it happened
    Case.objects.update(figures_at=later)
    events = [told(visit, "start"), told(visit, "end", AT_DOOR + timedelta(minutes=3), outcome="not_home")]
    (_, ended) = record_visit_events(events, two[0], later)
    assert ended["state"] == "ended"
    assert (Contact.objects.get().at, Contact.objects.get().outcome) == (AT_DOOR, "unanswered")


def test_who_is_asked_to_leave_does_and_is_not_sent_again():
    visit, two = ready()
    record_visit_events([told(visit, "start")], two[0], AT_DOOR)
    end = told(visit, "end", AT_DOOR + timedelta(seconds=20), outcome="asked_to_leave", recordings=[])
    record_visit_events([end], two[0], AT_DOOR + timedelta(seconds=21))
    assert Hold.objects.get().kind == "no_visits"
    again = propose_visit("B1", "why", person("collector1", "collector"), AT_DOOR)
    assert "Two people" in str(approve_visit(again.pk, person("lead1", "lead"), AT_DOOR))


def test_an_alarm_comes_first_and_stays_until_somebody_saw_to_it():
    visit, two = ready()
    events = [
        told(visit, "start"),
        told(visit, "alarm", AT_DOOR + timedelta(minutes=1)),
        {"kind": "nonsense"},
    ]
    answers = record_visit_events(events, two[0], AT_DOOR + timedelta(minutes=1))
    assert [answer.get("ok") for answer in answers] == [True, True, None]
    again = [told(visit, "alarm", AT_DOOR + timedelta(seconds=90), place=None)]
    record_visit_events(again, two[0], AT_DOOR + timedelta(seconds=90))
    alarm = Alarm.objects.get()
    assert alarm.place == {"at": [30_000_100, 120_000_000, 12]}
    lead = person("lead1", "lead")
    assert "say what" in str(see_alarm(alarm.pk, "", lead, AT_DOOR))
    assert isinstance(see_alarm(alarm.pk, "打了电话，两人安全", lead, AT_DOOR), Alarm)
    assert "already" in str(see_alarm(alarm.pk, "再看", lead, AT_DOOR))


@pytest.mark.parametrize(
    "row",
    [
        None,
        {},
        {"id": "x"},
        {"id": str(uuid.UUID(int=1)), "at": "2026-03-10T10:00:00", "kind": "start"},
        {"id": str(uuid.UUID(int=1)), "at": "1999-03-10T10:00:00Z", "kind": "start"},
        {"id": str(uuid.UUID(int=1)), "at": AT_DOOR.isoformat(), "kind": "pay"},
        {
            "id": str(uuid.UUID(int=1)),
            "at": AT_DOOR.isoformat(),
            "kind": "end",
            "visit": "nobody",
            "recordings": [1],
        },
    ],
)
def test_a_phone_that_talks_nonsense_gets_an_answer(row):
    (answer,) = record_visit_events([row], visitors(1)[0], AT_DOOR)
    assert answer["wrong"]


def test_a_stranger_can_tell_nothing_of_a_visit():
    visit, _ = ready()
    other = person("V1999", "visitor")
    (answer,) = record_visit_events([told(visit, "start")], other, AT_DOOR)
    wrong = from_json(answer["wrong"])
    assert (wrong.code, str(wrong)) == ("visit_of_another", "this visit is not yours")
    assert in_chinese(wrong) == "这次外访不属于你"
    assert "not yours" in str(take_recording(visit.pk, SimpleUploadedFile("r.webm", SOUND), other, AT_DOOR))


def test_an_agencys_visit_without_proof_is_a_finding_once():
    agency = make_agency(methods=("call", "visit"))
    borrower = visited()
    Placement.objects.create(
        agency=agency, borrower=borrower, loans=["B1-L1"], placed_at=NOON, amount=1, currency="CNY",
        due_back_on=NOON.date() + timedelta(days=60),
    )  # fmt: skip
    two = visitors(agency=agency)
    visit = planned(borrower, TOMORROW)
    assert (visit.agency, visit.route.agency) == (agency, agency)
    Case.objects.update(figures_at=AT_DOOR)
    set_out(visit.pk, two[0], AT_DOOR)
    record_visit_events([told(visit, "start", place=None)], two[0], AT_DOOR)
    assert Contact.objects.get(channel="visit").agency == agency
    end = told(visit, "end", AT_DOOR + timedelta(minutes=3), outcome="not_home", recordings=[])
    record_visit_events([end], two[0], AT_DOOR + timedelta(minutes=3))
    assert find_unproved(AT_DOOR + timedelta(hours=20)) == 0
    assert find_unproved(AT_DOOR + timedelta(hours=25)) == 1
    assert find_unproved(AT_DOOR + timedelta(hours=26)) == 0
    assert Finding.objects.get().kind == "visit_proof"
    assert scorecards(AT_DOOR + timedelta(hours=26))["huaxin"].findings == {"visit_proof": 1}


def test_the_lenders_visitors_do_not_go_where_an_agency_visits():
    agency = make_agency(methods=("call", "visit"))
    borrower = visited()
    placed = Placement.objects.create(
        agency=agency, borrower=borrower, loans=["B1-L1"], placed_at=NOON, amount=1, currency="CNY",
        due_back_on=NOON.date() + timedelta(days=60),
    )  # fmt: skip
    visitors()
    made = approved(borrower)
    assert work_out_day(TOMORROW, NOON) == ([], {made.pk: "no_pair"})
    Placement.objects.filter(pk=placed.pk).update(ended_at=NOON)
    assert call_off_due(NOON) == 1
