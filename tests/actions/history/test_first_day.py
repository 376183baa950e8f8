"""Goal: what stood in the old system binds from the first night on, each kind as if it had been recorded here.

Method: files written by hand, imported before anything was decided; then real nights with the desk's facts, and the
permit gate asked by day.
"""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils.translation import override

from forbear.actions.agencies.recalls_due import recall_due
from forbear.actions.agreements.evaluation import evaluate_due_agreements
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.contacts.permit_gate import evaluate, preview
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.history.import_history import ImportedHistory, import_history
from forbear.actions.replies.feedback import ask_due
from forbear.core.agreements.request import due_on
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.insight.kpi import Period, made
from forbear.interchange.book.book import open_book
from forbear.interchange.history.against_book import against_book
from forbear.interchange.history.columns import FILES
from forbear.interchange.history.read_history import HistoryError, read_history
from forbear.interchange.home.policy import policy
from forbear.jobs.publish_night import publish_night
from forbear.night.run import plan_night
from forbear.publish.desk_facts import write_desk_facts
from forbear.store.access import placements_for
from forbear.store.business_date import business_date
from forbear.store.desk_facts import desk_facts
from forbear.store.models import (
    Agency,
    Borrower,
    Case,
    Consent,
    Contact,
    Event,
    Hold,
    Notice,
    Plan,
    Promise,
    Request,
    Treatment,
)
from forbear.store.situation import lock_borrower
from forbear.web.desk.activity import activity
from tests.factories.agencies import make_agency, person
from tests.factories.desk import house_rules
from tests.home_night import feed_in, night_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 9)
NAMES = ("DIS", "DEAD", "OPT", "PRO", "PLA", "CON", "AGE", "NOT", "FREE")
#: Not late yet on the first night: due on the 12th.
LATER = "LATE"


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def book(tmp_path: Path, name: str, payments: tuple[str, ...] = ()) -> None:
    """Nine borrowers who are 40 days late with 300.00 each, and one who isn't late yet."""
    people = [*NAMES, LATER]
    feed_in(
        tmp_path / name,
        loans=[f"{who}-1,{who},cash,CNY,600.00,2026-01-01,active" for who in people],
        instalments=[
            line
            for who in people
            for line in (
                f"{who}-1,1,{'2026-03-12' if who == LATER else '2026-01-28'},300.00,0,0,0",
                f"{who}-1,2,2026-09-28,300.00,0,0,0",
            )
        ],
        payments=list(payments),
        borrowers=[f"{who},林安,{phone(who)},,zh,,Asia/Shanghai,,true" for who in people],
    )


def phone(who: str) -> str:
    return f"+8610000000{[*NAMES, LATER].index(who):03d}"


def history(folder: Path, **files: str) -> Path:
    """The files of the old system, each given by its text."""
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


OLD = {
    "holds": "borrower_id,kind,starts_on,ends_on,loans,note\n"
    "DIS,dispute,2026-03-01,,DIS-1,已寄对账单\nDEAD,deceased,2026-02-20,,,\n",
    "opt_outs": "borrower_id,channel,said_on\nOPT,sms,2026-01-15\nLATE,,2025-11-02\n",
    "promises": "borrower_id,amount,made_on,due_on\nPRO,120.00,2026-03-05,2026-03-11\n",
    "plans": "plan_id,borrower_id,agreed_on,due_on,amount\n"
    "P-7,PLA,2026-02-25,2026-03-10,100.00\nP-7,PLA,2026-02-25,2026-04-10,200.00\n",
    "contacts": "borrower_id,at,channel,outcome\nCON,2026-03-10 09:30,call,connected\nCON,2026-03-08,sms,delivered\n",
    "placements": "borrower_id,agency,placed_on\nAGE,huaxin,2026-03-02\n",
    "notices": "loan_id,kind,given_on\nNOT-1,default_notice,2026-03-01\n",
}


def brought(folder: Path, now: datetime) -> ImportedHistory | list[Problem]:
    """What `forbear import-history` does."""
    read = read_history(folder, business_date(now), timezone=settings.HOME.timezone)
    return import_history(against_book(read, open_book(settings.HOME.book)), now, actor="command line")


def night(day: date) -> None:
    """The night of a day, with what the desk knows, published the next morning."""
    home, at = settings.HOME, noon(day + timedelta(days=1)) - timedelta(hours=3)
    write_desk_facts(home.desk_facts_path(day), day, at)
    opened = open_book(home.book)
    text = home.strategy.read_text("utf-8")
    plan = plan_night(opened, home.nights, day, text, home.strategy.name, home.desk_facts(day))
    publish_night(night_of(plan, opened), opened, at)


def refused(who: str, channel: str, now: datetime, purpose: str = "collect", **more: str) -> list[str]:
    """The rules that refuse a contact now."""
    wish = PlannedContact(channel, purpose, point=digest_of("phone", phone(who)), loans=(f"{who}-1",), **more)
    return [refusal.rule for refusal in preview(who, [wish], now)[0].refusals]


@pytest.fixture
def first_day(tmp_path):
    """The files came in on the morning of the 10th, before the night of the 9th was published."""
    house_rules()
    make_agency()
    book(tmp_path, "feed")
    folder = history(tmp_path / "old", **OLD)
    done = brought(folder, noon(DAY + timedelta(days=1)) - timedelta(hours=2))
    assert isinstance(done, ImportedHistory), done
    assert done.new == {
        "holds": 2,
        "opt_outs": 2,
        "promises": 1,
        "plans": 2,
        "contacts": 2,
        "placements": 1,
        "notices": 1,
    }
    night(DAY)
    return folder


def test_each_kind_binds_the_night_and_the_permit_gate(first_day, tmp_path):
    now = noon(DAY + timedelta(days=1))
    held = set(Case.objects.filter(held=True).values_list("borrower_id", flat=True))
    assert {"DIS", "DEAD", "PRO", "PLA"} <= held
    assert not {"OPT", "CON", "NOT", "FREE"} & held
    assert not Treatment.objects.filter(borrower__in=["DIS", "DEAD", "PRO", "PLA"]).exists()
    assert Treatment.objects.filter(borrower="FREE").exists()
    # holds and opt-outs refuse, by the same rules as if they had been recorded here
    assert refused("FREE", "sms", now) == []
    assert refused("DIS", "sms", now) == ["house.holds"]
    assert refused("OPT", "sms", now) == ["house.opt_out"]
    assert refused("OPT", "call", now) == []
    # the old system's call of this morning is today's only one; tomorrow there is another
    assert refused("CON", "call", now) == ["house.calls"]
    assert desk_facts(now, ["CON"])["CON"]["contacts_last_7_days"] == 2
    # a notice that was given isn't due again
    assert notice_due("NOT", now) is False
    assert notice_due("FREE", now) is True
    # an opt-out of somebody who fell behind later; their name came with the case
    assert Borrower.objects.get(pk=LATER).name == ""
    for day in (DAY + timedelta(days=1), DAY + timedelta(days=4)):
        night(day)
    later = noon(DAY + timedelta(days=5))
    assert Borrower.objects.get(pk=LATER).name == "林安"
    assert refused(LATER, "sms", later) == ["house.opt_out"]
    assert "house.calls" not in refused("CON", "call", later)


def notice_due(who: str, now: datetime) -> object:
    wish = PlannedContact("letter", "notice", loans=(f"{who}-1",), gives="default_notice")
    with transaction.atomic():
        borrower = lock_borrower(who)
        assert borrower is not None
        decision, _ = evaluate(borrower, wish, now)
    return next(iter(decision.rows.values()))["notice_due"]


def test_a_dispute_that_runs_is_answered_by_its_clock_and_nothing_is_sent(first_day, tmp_path):
    request = Request.objects.get()
    assert (request.borrower_id, request.kind, request.state) == ("DIS", "dispute", "open")
    assert (request.loans, request.words) == (["DIS-1"], "已寄对账单")
    assert request.due_on == due_on("dispute", date(2026, 3, 1), "CN", policy(settings.HOME).clocks)
    assert business_date(request.opened_at) == date(2026, 3, 1)
    assert not Contact.objects.filter(borrower_id="DIS", state="waiting").exists()
    # answered at the desk it ends its hold, and what was refused is permitted again
    lead = person("L7", "lead")
    now = noon(DAY + timedelta(days=1))
    assert refused("DIS", "sms", now) == ["house.holds"]
    done = answer_request(request.number, Answered("refused", "账单无误"), lead, now)
    assert not isinstance(done, Problem), done
    assert refused("DIS", "sms", now) == []
    # one that was over before us is only a hold that has ended
    over = history(
        tmp_path / "over", holds="borrower_id,kind,starts_on,ends_on\nFREE,dispute,2026-01-01,2026-02-01\n"
    )
    assert not isinstance(brought(over, now), list)
    assert Request.objects.count() == 1


def test_payments_judge_promise_and_plan_and_a_missed_one_lets_collection_go_on(first_day, tmp_path):
    assert (Promise.objects.get().state, Plan.objects.get().state) == ("open", "active")
    assert Plan.objects.get().lines == [[1, "2026-03-10", 10000], [2, "2026-04-10", 20000]]
    night(DAY + timedelta(days=1))
    book(tmp_path, "feed-2", ("X1,PRO-1,2026-03-11,120.00,", "X2,PLA-1,2026-03-10,100.00,"))
    night(DAY + timedelta(days=2))
    assert Promise.objects.get().state == "kept"
    plan = Plan.objects.get()
    assert (plan.state, plan.paid) == ("active", 10000)
    # the second instalment never comes: once its days of grace are over the plan is broken and its hold ends
    for day in (date(2026, 4, 10), date(2026, 4, 16)):
        night(day)
    plan = Plan.objects.get()
    assert plan.state == "broken"
    assert plan.hold is not None
    assert plan.hold.lifted_at is not None
    assert not Case.objects.get(borrower="PLA").held


def test_a_placement_is_its_agencys_alone_and_comes_back_at_its_term(first_day):
    other = make_agency("mingyuan")
    mine, theirs = person("hx1", "agency", agency_of("huaxin")), person("my1", "agency", other)
    assert [one.borrower_id for one in placements_for(mine)] == ["AGE"]
    assert not placements_for(theirs).exists()
    for who, seen in ((mine, True), (theirs, False)):
        client = Client()
        client.force_login(who)
        page = client.get("/agency/")
        assert page.status_code == 200
        assert ("AGE" in page.content.decode()) is seen
    one = placements_for(mine).get()
    assert (one.amount, one.days_past_due, one.rate) == (30000, 41, 1500)
    assert one.due_back_on == date(2026, 5, 31)
    assert Case.objects.get(borrower="AGE").call_planned_on is None
    night(date(2026, 5, 31))
    assert not placements_for(mine).exists()


def agency_of(code: str) -> Agency:
    return Agency.objects.get(pk=code)


def test_evidence_names_the_file_and_the_row_and_the_same_files_do_nothing_again(first_day, tmp_path):
    said = {}
    for event in Event.objects.filter(
        kind__in=("hold", "consent", "promise", "plan", "contact", "placement", "notice")
    ):
        body = json.loads(event.line)["body"]
        if "imported" in body:
            said.setdefault(body["imported"]["file"], []).append(body["imported"]["row"])
    assert {file: sorted(rows) for file, rows in said.items()} == {
        "holds.csv": [2, 3],
        "opt_outs.csv": [2, 3],
        "promises.csv": [2],
        "plans.csv": [2],
        "contacts.csv": [2, 3],
        "placements.csv": [2],
        "notices.csv": [2],
    }
    tables = (Hold, Consent, Promise, Plan, Contact, Notice, Event)
    before = [model.objects.count() for model in tables]
    again = brought(first_day, noon(DAY + timedelta(days=3)))
    assert isinstance(again, ImportedHistory), again
    assert not any(again.new.values())
    assert sum(again.known.values()) == 11
    assert [model.objects.count() for model in tables] == before
    # more in the file: only that comes in
    with (first_day / "opt_outs.csv").open("a", encoding="utf-8") as stream:
        stream.write("FREE,call,2026-03-09\n")
    more = brought(first_day, noon(DAY + timedelta(days=3)))
    assert isinstance(more, ImportedHistory), more
    assert more.new["opt_outs"] == 1
    # a row that says something else now is for a person, and nothing comes in beside it
    changed = (first_day / "holds.csv").read_text("utf-8").replace("2026-03-01,,", "2026-03-01,2026-04-01,")
    (first_day / "holds.csv").write_text(changed + "FREE,lawyer,2026-03-01,,,\n", encoding="utf-8")
    problems = brought(first_day, noon(DAY + timedelta(days=3)))
    assert isinstance(problems, list)
    assert [problem.code for problem in problems] == ["history_row_changed"]
    assert not Hold.objects.filter(borrower="FREE").exists()


def test_every_file_is_in_the_story():
    assert set(OLD) == set(FILES)


def test_workers_before_the_first_night_take_no_case_back_and_break_no_promise(tmp_path):
    house_rules()
    agency = make_agency()
    book(tmp_path, "feed")
    old = {"placements": OLD["placements"], "promises": OLD["promises"]}
    brought(history(tmp_path / "old", **old), noon(DAY + timedelta(days=1)))
    now = noon(DAY + timedelta(days=2))
    assert recall_due(now) == 0
    evaluate_due_agreements(now)
    night(DAY + timedelta(days=1))
    assert placements_for(person("hx1", "agency", agency)).count() == 1
    assert Promise.objects.get().state == "open"


def test_what_does_not_fit_the_book_or_the_desk_is_named_at_once_and_nothing_comes_in(tmp_path):
    house_rules()
    make_agency()
    book(tmp_path, "feed")
    wrong = {
        "holds": "borrower_id,kind,starts_on,loans\nNOBODY,dispute,2026-03-01,\nDIS,dispute,2026-03-01,FREE-1 X-9\n",
        "opt_outs": "borrower_id,channel,said_on,contact_point\nOPT,sms,2026-03-01,12\n",
        "promises": "borrower_id,amount,made_on,due_on\nPRO,12.345,2026-03-05,2026-03-20\n"
        "FREE,0,2026-03-05,2026-03-20\n",
        "plans": "plan_id,borrower_id,agreed_on,due_on,amount\n"
        "P,PLA,2026-03-01,2026-03-20,1.00\nP,FREE,2026-03-01,2026-02-20,1.00\n",
        "placements": "borrower_id,agency,placed_on\nAGE,huaxing,2026-03-02\n",
        "notices": "loan_id,kind,given_on\nX-9,default_notice,2026-03-01\n",
    }
    now = noon(DAY + timedelta(days=1))
    with pytest.raises(HistoryError) as refused_by_book:
        brought(history(tmp_path / "old", **wrong), now)
    assert refused_by_book.value.messages == [
        "holds.csv:2:borrower_id: there is no borrower NOBODY in the book",
        "holds.csv:3:loans: loan FREE-1 is of borrower FREE in the book",
        "holds.csv:3:loans: there is no loan X-9 in the book",
        "promises.csv:2:amount: '12.345' has more than the 2 decimals that CNY has",
        "promises.csv:3:amount: must be more than 0",
        "notices.csv:2:loan_id: there is no loan X-9 in the book",
        "plans.csv:3:borrower_id: is not what line 2 says of this plan",
        "plans.csv:3:due_on: is before agreed_on",
    ]
    desk = {name: wrong[name] for name in ("opt_outs", "placements")}
    desk["promises"] = (
        "borrower_id,amount,made_on,due_on\nPRO,1,2026-03-05,2026-03-20\nPRO,1,2026-03-05,2026-03-21\n"
    )
    problems = brought(history(tmp_path / "desk", **desk), now)
    assert isinstance(problems, list)
    assert [str(problem).split("; did")[0] for problem in problems][1:] == [
        "placements.csv:2:agency: there is no agency huaxing at the desk",
        "promises.csv:3:borrower_id: a promise or plan of this borrower runs already",
    ]
    assert str(problems[0]).startswith("opt_outs.csv:2:contact_point: ")
    assert "did you mean `huaxin`?" in str(problems[1])
    assert not Borrower.objects.exists()
    assert not Event.objects.filter(kind__in=("consent", "promise", "placement")).exists()


def test_what_the_old_system_did_is_shown_as_its_own_and_is_no_work_or_figure_of_ours(tmp_path):
    house_rules()
    book(tmp_path, "feed")
    talk = "borrower_id,at,channel,outcome\nCON,2026-03-10 09:30,call,conversation\n"
    brought(history(tmp_path / "old", contacts=talk), noon(DAY + timedelta(days=1)))
    night(DAY)
    now = noon(DAY + timedelta(days=1)) + timedelta(hours=3)
    with override("zh-hans"):
        shown = activity(person("lead1", "lead"), Borrower.objects.get(pk="CON"))
    (entry,) = [one for one in shown if one.contact]
    assert entry.actor == "旧系统"
    assert "由旧系统导入：contacts.csv 第 2 行" in entry.details
    period = Period(DAY, DAY + timedelta(days=2))
    assert not made(period, steps=True).exists()
    # nobody asks how the old system's call was; of one of ours they do
    assert ask_due(now) == 0
    Contact.objects.update(provider="by_hand")
    assert made(period, steps=True).count() == 1
    assert ask_due(now) == 1
