"""Goal: no answer is without its consequence: each kind and each answer, followed from that day to the bureau's file.

Method: the table is walked. What it declares of an answer is looked for the same day, and through three nights with an
agency and the permit gate. So it is on the pages of the borrower, the desk and the agency, and in a credit report.
"""

import json
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.actions.agencies.placements import candidates
from forbear.actions.agencies.recalls_due import recall_due
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.bureaus.bureau_report import make_report, report_path
from forbear.actions.contacts.permit_gate import preview
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.instructions.instruction_file import instruction_table
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.agreements.answers import ANSWERS, EFFECTS, Answer, Granted, outcomes_of
from forbear.core.agreements.complaint import ComplaintFinding
from forbear.core.agreements.request import KINDS
from forbear.core.facts.contact import PlannedContact
from forbear.store.models import (
    Complaint,
    Contact,
    ContactPoint,
    Document,
    Event,
    Hold,
    Instruction,
    Loan,
    Notice,
    Placement,
    Plan,
    Request,
    Staff,
    Treatment,
)
from forbear.web import clock as web_clock
from tests.actions.answers.test_year import DAY, FEED, night, noon
from tests.factories.agencies import make_agency, person, place_all
from tests.factories.desk import HOUSE_PACK, house_rules
from tests.home_night import feed_in
from tests.profile import LONG
from tests.web.pages import born, without_lots

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOON = noon(DAY + timedelta(days=1))
STOPS = "dispute_open or hardship_open or ceased or on_hold or plan_active or has_lawyer or verification_due"
GRANTED = Granted(until=date(2026, 6, 8), to=date(2026, 4, 14), monthly=20_500, amount=10_000)
FOUND = {"complaint": ComplaintFinding("conduct", "person", "apology")}
DETAILS = {
    "extension": {"loan": "L1", "to": "2026-04-14"},
    "correction": {"phone": "+8613800000009"},
    "lawyer": {"role": "lawyer", "name": "方律师", "phone": "+8613800000008"},
}
EVERY = sorted(ANSWERS)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A late borrower whose case an agency has, and pages whose clock stands at noon."""
    house_rules(HOUSE_PACK.replace("dispute_open or hardship_open or ceased or on_hold", STOPS))
    born = "B1,王小明,+8610000000001,,zh,,Asia/Shanghai,1990-01-31,true"
    feed_in(tmp_path / "feed", **{**FEED, "borrowers": [born]})
    night(DAY)
    make_agency(now=NOON)
    place_all(NOON)
    assert Placement.objects.filter(ended_at=None).count() == 1
    Notice.objects.create(borrower_id="B1", loan_id="L1", kind="credit_notice", given_at=NOON)
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(hours=1))


def signed_in(staff: Staff) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def borrower_page(path: str) -> str:
    token = link_for(SimpleNamespace(contact_id="c", borrower_id="B1", channel="sms"), NOON).rsplit("/", 1)[1]
    client = Client(headers={"Accept-Language": "en"})
    client.post("/my/", {"token": token, **born("19900131")})
    return client.get(path).content.decode()


def answered(kind: str, outcome: str) -> Request:
    line = "L1:1" if kind == "dispute" else ""
    asked = Asked("B1", kind, "请帮我看一下", line=line, details=DETAILS.get(kind, {}))
    request = make_request(asked, NOON, actor="borrower")
    assert isinstance(request, Request), request
    answer = Answered(outcome, "这是我们的答复。", granted=GRANTED, finding=FOUND.get(kind))
    made = answer_request(request.number, answer, person("he", "compliance"), NOON + timedelta(hours=1))
    if kind == "complaint" and outcome == "refused":
        assert Request.objects.get().state == "open"
        made = answer_request(request.number, answer, person("zhou", "lead"), NOON + timedelta(hours=1))
    assert isinstance(made, Request), made
    return made


def test_every_kind_has_answers_and_every_effect_is_declared():
    assert {kind for kind, _ in ANSWERS} == KINDS.keys()
    assert set().union(*(answer.effects for answer in ANSWERS.values())) == EFFECTS.keys()
    for (kind, outcome), answer in ANSWERS.items():
        if KINDS[kind].hold:
            ends = {"hold_ends", "stays"} & set(answer.effects)
            assert len(ends) == 1, f"{kind}/{outcome} says what becomes of the hold"
        assert bool(answer.review_days) == (answer.ends == "review" or "pause" in answer.effects)


def nights_after(kind: str, outcome: str) -> range:
    """Three; by default for one answer of each set of effects, and the others have theirs of that day."""
    of = {}
    for key in EVERY:
        of.setdefault((frozenset(ANSWERS[key].effects), ANSWERS[key].ends), key)
    return range(1, 4 if LONG or (kind, outcome) in of.values() else 1)


@pytest.mark.parametrize(("kind", "outcome"), EVERY)
def test_an_answer_has_its_effect_that_day_and_for_three_nights(home, kind, outcome):
    answer, request = ANSWERS[kind, outcome], answered(kind, outcome)
    same_day(request, answer)
    nights = nights_after(kind, outcome)
    if not nights:
        return
    pages(request, answer)
    for days in nights:
        night(DAY + timedelta(days=days))
        recall_due(noon(DAY + timedelta(days=days + 1)))
        each_night(answer, DAY + timedelta(days=days))
    in_the_bureaus_file(answer)


def same_day(request: Request, answer: Answer) -> None:
    """What is true as soon as the answer is given."""
    effects, running = set(answer.effects), running_holds()
    assert ("forbearance" in running) == bool(effects & {"pause", "due_date"})
    if "plan" in effects:
        plan = Plan.objects.get()
        assert (plan.state, len(plan.lines), "plan" in running) == ("active", 2, True)
    if "hold_ends" in effects and KINDS[request.kind].hold:
        assert KINDS[request.kind].hold not in running
    if "stays" in effects:
        hold = Hold.objects.get(pk=request.hold_id)
        assert (hold.lifted_at, hold.review_on) == (None, request.review_on)
    assert (request.review_on is not None) == bool(answer.review_days)
    if "register" in effects:
        complaint = Complaint.objects.get(request=request)
        assert (complaint.category, complaint.redress) == ("conduct", "apology")
        assert Contact.objects.filter(template="complaint_final").exists()
    if "record" in effects:
        assert ContactPoint.objects.filter(
            digest=digest_of("phone", DETAILS[request.kind]["phone"]), invalid_at=None
        ).exists()
    if "paper" in effects:
        assert Document.objects.get().kind == "written_notice"
    if "copy" in effects:
        assert Event.objects.filter(kind="export", borrower="B1").exists()
    if effects & {"barred", "recalled"}:
        assert not Placement.objects.filter(ended_at=None).exists()
    instructed = Instruction.objects.filter(state="open")
    assert instructed.exists() == ("instruction" in effects)
    if "instruction" in effects:
        assert b"L1" in instruction_table(NOON + timedelta(hours=1))
    late = Loan.objects.get().past_due_amount
    assert late == expected_late(answer)


def running_holds() -> set[str]:
    rows = Hold.objects.filter(lifted_at=None)
    return {hold.kind for hold in rows if hold.ends_at is None or hold.ends_at > NOON + timedelta(hours=1)}


def expected_late(answer: Answer) -> int:
    """Of the 410.00 that are late: nothing is left of a line that was wrong, 100.00 less of one that was in part."""
    if "difference" not in answer.effects:
        return 41_000
    return 31_000 if "amount" in answer.needs else 0


def pages(request: Request, answer: Answer) -> None:
    """The borrower, the desk and the agency read the same."""
    desk = signed_in(person("zhou", "lead"))
    case, home = desk.get("/desk/case/B1/").content.decode(), borrower_page("/my/home")
    assert "这是我们的答复。" in borrower_page(f"/my/asked/{request.number}")
    assert request.number in case
    assert ("Your payments rest until" in home) == ("pause" in answer.effects)
    assert ("Your plan is active" in home) == ("plan" in answer.effects)
    if "difference" in answer.effects:
        assert "CNY 410.00" not in home
    if "due_date" in answer.effects:
        assert "is now due on 14 April 2026" in home
        assert "14 April 2026" in borrower_page("/my/due")
        assert "14 April 2026" in borrower_page("/my/owe")
    if "instruction" in answer.effects:
        assert "Granted, not in the loan system yet" in case
        assert Instruction.objects.first().number in desk.get("/desk/instructions").content.decode()
    if "stays" in answer.effects:
        review_on = Hold.objects.filter(lifted_at=None).exclude(review_on=None).first().review_on
        assert f'data-label="Next review">{review_on}' in desk.get("/desk/holds").content.decode()
    worker = signed_in(person("agent", "agency", Placement.objects.first().agency))
    listed = "B1" in without_lots(worker.get("/agency/"))
    assert listed == Placement.objects.filter(ended_at=None).exists()


def each_night(answer: Answer, day: date) -> None:
    """No night undoes it, and the gate says the same on the next morning."""
    effects = set(answer.effects)
    assert Loan.objects.get().past_due_amount == expected_late(answer), day
    held = effects & {"pause", "plan", "stays", "due_date"}
    gone = expected_late(answer) == 0
    if (held - {"stays"}) or gone:
        assert not Treatment.objects.filter(planned_on=day, state__in=("planned", "queued")).exists(), day
        assert candidates() == [], day
    if held:
        if candidates():  # on a list or not: the hold keeps it from every agency
            place_all(noon(day + timedelta(days=1)))
        assert not Placement.objects.filter(ended_at=None).exists(), day
    point = ContactPoint.objects.filter(party="debtor", invalid_at=None).latest("pk")
    chase = PlannedContact("sms", "collect", point=point.digest, loans=("L1",))
    refused = {refusal.rule for refusal in preview("B1", [chase], noon(day + timedelta(days=1)))[0].refusals}
    if held:
        assert "house.holds" in refused, day
    elif gone:
        assert "house.figures" in refused, day
    else:
        assert "house.holds" not in refused, day


def in_the_bureaus_file(answer: Answer) -> None:
    """At the month's end the bureau is told what was granted, not what the old feed says."""
    night(date(2026, 3, 31))
    report = make_report("cn", date(2026, 3, 31), noon(date(2026, 4, 1)), actor="test")
    assert report.counts["withheld"] == 0
    lines = [json.loads(line) for line in report_path(report).read_text("utf-8").splitlines()]
    late = expected_late(answer) + (0 if "due_date" in answer.effects else 41_200)
    assert [line["tot_overd"] for line in lines] == [f"{late / 100:.2f}"]


def test_nothing_of_an_answer_is_written_when_a_part_of_it_cannot_be_done(home):
    request = make_request(Asked("B1", "hardship", "失业"), NOON, actor="borrower")
    for outcome in outcomes_of("hardship")[:2]:
        made = answer_request(request.number, Answered(outcome, "好"), person("he", "compliance"), NOON)
        assert isinstance(made, list), made
    little = Answered("reduced", "好", granted=Granted(monthly=100))
    made = answer_request(request.number, little, person("he", "compliance"), NOON)
    assert made[0].code == "plan_too_many_instalments"
    request.refresh_from_db()
    assert (request.state, request.hold.lifted_at) == ("open", None)
    assert not Plan.objects.exists()


def test_who_wrote_a_dispute_down_does_not_end_its_hold_alone(home):
    one, other = person("he", "compliance"), person("zhou", "lead")
    asked = Asked("B1", "dispute", "已还", "desk", line="L1:1")
    request = make_request(asked, NOON, actor=f"staff:{one.number}")
    refused = Answered("refused", "经核实无误")
    assert answer_request(request.number, refused, one, NOON).code == "answer_own_request"
    assert isinstance(answer_request(request.number, refused, other, NOON), Request)
