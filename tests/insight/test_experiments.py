"""Goal: a night's arms reach the desk and its contacts, what they brought is counted to the cent, and a stop ends them.

Method: 300 borrowers, each with one loan of 412.00 due on one day, through the real import, nights and publishing.
"""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.conf import settings

from forbear.actions.contacts.permit_gate import preview
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.strategies.experiments import stop_experiment
from forbear.cli.main import group
from forbear.core.base.problem import Problem
from forbear.core.facts.vocabulary import default_row
from forbear.core.permits.built_in import HOLDOUT as LEFT_ALONE
from forbear.core.strategy.arms import HELD_OUT, HOLDOUT, arms_on
from forbear.core.strategy.parse import parse_strategy
from forbear.engine.columnar import connected
from forbear.insight.effect import days_until_shown
from forbear.insight.experiments import designs, rows, status
from forbear.insight.holdout_rights import rights
from forbear.insight.replay import replay
from forbear.interchange.book.book import open_book
from forbear.interchange.home.experiments import stopped_on
from forbear.jobs.guardrails import stop_harmful
from forbear.night.run import plan_night
from forbear.publish.publish import publish
from forbear.store.models import (
    Agency,
    Borrower,
    Case,
    Complaint,
    Contact,
    Event,
    ExperimentStop,
    Placement,
    Request,
    Staff,
    Statement,
    StatementLine,
    Treatment,
)
from forbear.web import clock as web_clock
from forbear.web.desk.experiments import _incremental, incremental
from tests.factories.desk import Recorder, wish_for
from tests.home_night import feed_in, night_of
from tests.web.pages import shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY, DUE = date(2026, 3, 3), date(2026, 2, 25)
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
TEXT = """
strategy: tried
holdout: {share: 0.25, salt: kept-1, ends: {day: 60}}
experiments:
  - experiment: wait
    eligible: days_past_due between 1 and 29
    arms: {usual: 0.5, wait: 0.5}
    outcome: {measure: cash, days: 7}
    guardrails: {cash: 5.00}
    first_day: 2026-03-01
    last_day: 2026-03-31
stages:
  - stage: early
    when: days_past_due >= 1
    handler: internal
    treatments:
      - {sms: overdue_reminder}
      - {nothing: breather, when: arm_of('wait') = 'wait'}
"""
STRATEGY = parse_strategy(TEXT, "tried.yaml")
NAMES = [f"B{number:03d}" for number in range(300)]
ARMS = {name: arms_on(STRATEGY, name, default_row() | {"days_past_due": 6}, {}, DAY) for name in NAMES}
OUT = [name for name in NAMES if ARMS[name][HOLDOUT].arm == HELD_OUT]
USUAL, WAIT = (
    [name for name in NAMES if "wait" in ARMS[name] and ARMS[name]["wait"].arm == arm]
    for arm in ("usual", "wait")
)


def feed(folder, payments: list[str]) -> None:
    feed_in(
        folder,
        loans=[f"L{name},{name},cash,CNY,800.00,2026-01-01,active" for name in NAMES],
        instalments=[
            f"L{name},{n},{due},400.00,12.00,0,0"
            for name in NAMES
            for n, due in ((1, DUE), (2, "2026-03-25"))
        ],
        payments=payments,
        borrowers=[f"{name},王小明,+8613900000{name[1:]},,zh,,Asia/Shanghai,,true" for name in NAMES],
    )


def night(day: date):
    home, book = settings.HOME, open_book(settings.HOME.book)
    plan = plan_night(book, home.nights, day, TEXT, "tried.yaml", stopped=stopped_on(home, day))
    made = night_of(plan, book)
    assert publish(made, book, NOON + timedelta(days=(day - DAY).days)) is not None
    return made


@pytest.fixture
def home(tmp_path):
    path = settings.HOME.strategy
    before = path.read_text("utf-8")
    path.write_text(TEXT, "utf-8")
    feed(tmp_path / "first", [])
    yield settings.HOME
    path.write_text(before, "utf-8")


def test_arms_reach_the_desk_its_contacts_and_the_evidence(home):
    night(DAY)
    planned = {
        name: list(Treatment.objects.filter(borrower_id=name).values_list("channel", "template", "state"))
        for name in (OUT[0], USUAL[0], WAIT[0])
    }
    assert planned == {
        OUT[0]: [("nothing", "holdout", "done")],
        USUAL[0]: [("sms", "overdue_reminder", "queued")],
        WAIT[0]: [("nothing", "breather", "done")],
    }
    assert Contact.objects.count() == len(USUAL)
    for name in (OUT[0], USUAL[0]):
        arms = [[each.experiment, each.arm, each.probability] for each in ARMS[name].values()]
        kept = (Case.objects.get(borrower=name), Treatment.objects.get(borrower_id=name))
        assert [json.loads(f"[{each.arms}]") for each in kept] == [arms, arms]
    assert Case.objects.get(borrower=OUT[0]).facts["in_holdout"] is True
    contact = Contact.objects.get(borrower=USUAL[0])
    assert contact.arms == Case.objects.get(borrower=USUAL[0]).arms
    Contact.objects.exclude(pk=contact.pk).update(state="cancelled")
    claim("w", NOON, limit=10)
    assert send_one(contact.pk, "w", {"sms": Recorder()}, lambda: NOON) == "sent"
    (event,) = Event.objects.filter(kind="permit", borrower=USUAL[0])
    assert json.loads(event.line)["body"]["arms"] == json.loads(f"[{contact.arms}]", parse_float=str)


def test_a_person_leaves_the_holdout_alone_but_answers_it(home):
    night(DAY)
    for name, refused in ((OUT[0], True), (USUAL[0], False)):
        borrower = Borrower.objects.get(pk=name)
        for purpose, left_alone in (
            ("collect", refused),
            ("remind", refused),
            ("notice", False),
            ("answer", False),
        ):
            (decision,) = preview(name, [wish_for(borrower, purpose=purpose, automated=False)], NOON)
            assert (LEFT_ALONE in [one.rule for one in decision.refusals]) is left_alone, (name, purpose)


def test_explain_says_the_arms_and_what_is_left_out(home):
    night(DAY)
    for name, words in (
        (OUT[0], "Arm holdout of holdout since 2026-03-03"),
        (WAIT[0], "Arm wait of wait since"),
    ):
        answer = CliRunner().invoke(group, ["explain", name, "--as-of", str(DAY), "--home", str(home.folder)])
        assert answer.exit_code == 0, answer.output
        assert words in answer.output
        assert "left out" in answer.output
        answer = CliRunner().invoke(
            group, ["explain", name, "--json", "--as-of", str(DAY), "--home", str(home.folder)]
        )
        assert json.loads(answer.output)["night"]["agrees"]


def test_what_the_arms_brought_by_hand(home, tmp_path):
    """Of the usual every second pays 12.00 in the week, of those who wait every fourth; a payment before counts not."""
    night(DAY)
    paid = [f"P{name},L{name},2026-03-08,12.00," for name in (*USUAL[::2], *WAIT[::4])]
    before = [f"Q{name},L{name},2026-03-01,7.00," for name in USUAL[:3]]
    late = [f"R{name},L{name},2026-03-11,99.00," for name in WAIT[:5]]
    feed(tmp_path / "second", [*paid, *before, *late])
    night(DAY + timedelta(days=7))
    book = open_book(home.book)
    holdout, experiment = designs(STRATEGY, DAY)
    found = status(home, book, experiment)
    assert found is not None
    assert [(arm.arm, arm.borrowers, arm.complete) for arm in found.arms] == [
        ("usual", len(USUAL), len(USUAL)), ("wait", len(WAIT), len(WAIT))
    ]  # fmt: skip
    assert [arm.sums["cash"] for arm in found.arms] == [1200 * len(USUAL[::2]), 1200 * len(WAIT[::4])]
    (other,) = found.compared
    raw = 1200 * len(WAIT[::4]) / len(WAIT) - 1200 * len(USUAL[::2]) / len(USUAL)
    assert other.differences["cash"].fixed.estimate == pytest.approx(raw, abs=30)
    assert found.arms[0].sums["cured"] == 0
    assert found.arms[0].sums["complaints"] == Complaint.objects.count() == 0
    # nobody was sent anything, so there is no cash a contact
    assert other.per_contact is None
    listed = [row for row in rows(home, book, experiment) if row[0] == USUAL[0]]
    assert [row[1:4] for row in listed] == [("usual", DAY, 1200)]
    beside = status(home, book, holdout, 7)
    assert beside is not None
    assert [arm.borrowers for arm in beside.arms] == [len(OUT), len(NAMES) - len(OUT)]
    assert beside.arms[0].sums["cash"] == 0
    assert not beside.split.broken
    answer = CliRunner().invoke(group, ["experiment", "status", "wait", "--json", "--home", str(home.folder)])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)[0]["arms"][0]["sums"]["cash"] == 1200 * len(USUAL[::2])


def test_the_commission_of_agencies_is_a_cost(home, tmp_path):
    night(DAY)
    agency = Agency.objects.create(code="huaxin", name_zh="华信", name_en="Huaxin")
    placement = Placement.objects.create(
        agency=agency, borrower_id=USUAL[0], loans=[], currency="CNY", minor_unit=100, placed_at=NOON
    )
    statement = Statement.objects.create(agency=agency, number=1, until=DAY + timedelta(days=6), made_at=NOON)
    for day, currency in ((DAY + timedelta(days=3), "CNY"), (DAY + timedelta(days=3), "USD"), (DAY, "CNY")):
        StatementLine.objects.create(
            statement=statement, placement=placement, payment_id=f"P{day}{currency}", loan_id=f"L{USUAL[0]}",
            paid_on=day, currency=currency, amount=1200, rate=2000, commission=240,
        )  # fmt: skip
    feed(tmp_path / "second", [f"P{USUAL[0]},L{USUAL[0]},2026-03-08,12.00,"])
    night(DAY + timedelta(days=7))
    (design,) = [each for each in designs(STRATEGY, DAY) if each.name == "wait"]
    found = status(home, open_book(home.book), design)
    assert found is not None
    assert [arm.sums["cost"] for arm in found.arms] == [240, 0]


def test_a_stop_ends_the_arms_from_the_next_night(home, django_capture_on_commit_callbacks):
    night(DAY)
    with django_capture_on_commit_callbacks(execute=True):
        refused = stop_experiment("wayt", "harm", NOON, actor="t")
        assert isinstance(refused, Problem)
        assert "did you mean `wait`" in str(refused)
        assert isinstance(stop_experiment("wait", " ", NOON, actor="t"), Problem)
        assert not isinstance(stop_experiment("wait", "more complaints", NOON, actor="t"), Problem)
        assert isinstance(stop_experiment("wait", "again", NOON, actor="t"), Problem)
    assert stopped_on(home, DAY) == ()
    made = night(DAY + timedelta(days=1))
    assert made.manifest["stopped"] == ["wait"]
    newest = Treatment.objects.filter(borrower_id=WAIT[0]).latest("planned_on")
    assert (newest.channel, [name for name, *_ in json.loads(f"[{newest.arms}]")]) == ("sms", [HOLDOUT])
    (event,) = Event.objects.filter(kind="change")
    assert json.loads(event.line)["body"] == {
        "what": "experiment_stopped",
        "experiment": "wait",
        "from": str(DAY + timedelta(days=1)),
    }
    (home.folder / "data" / "strategies" / "stopped.json").unlink()


def test_a_passed_guardrail_stops_the_experiment_by_itself(
    home, tmp_path, django_capture_on_commit_callbacks
):
    """Who waits pays 12.00 less than the usual arm, beyond doubt, and 5.00 was allowed."""
    night(DAY)
    feed(tmp_path / "second", [f"P{name},L{name},2026-03-08,12.00," for name in USUAL])
    made = night(DAY + timedelta(days=7))
    at, book = NOON + timedelta(days=7), open_book(home.book)
    with django_capture_on_commit_callbacks(execute=True):
        assert stop_harmful(made, book, at) == ["wait"]
    assert stop_harmful(made, book, at) == []
    stop = ExperimentStop.objects.get()
    assert (stop.actor, stop.reason_note) == ("night", "guardrail passed: cash")
    night(DAY + timedelta(days=8))
    newest = Treatment.objects.filter(borrower_id=WAIT[0]).latest("planned_on")
    assert (newest.channel, newest.template) == ("sms", "overdue_reminder")
    (home.folder / "data" / "strategies" / "stopped.json").unlink()


def test_the_page_says_what_the_command_says(home, tmp_path, client, monkeypatch):
    night(DAY)
    feed(tmp_path / "second", [f"P{name},L{name},2026-03-08,12.00," for name in USUAL])
    night(DAY + timedelta(days=7))
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(days=7))
    client.force_login(Staff.objects.create_user(username="ana", password="x", role="analyst", number="A1"))
    page = client.get("/desk/experiments").content.decode()
    # everybody of the usual arm paid 12.00, nobody who waited: beyond doubt, and past the guardrail of 5.00
    assert "-12.00" in page
    assert "护栏" in page or "guardrail" in page
    assert f"{12 * len(USUAL):,}.00" in page
    listed = client.get("/desk/experiments/rows", {"name": "wait"}).content.decode("utf-8-sig").splitlines()
    assert listed[0].startswith("borrower_id,arm,since,cash")
    assert len(listed) == 1 + len(USUAL) + len(WAIT)


def test_the_first_screen_says_what_contact_brought_beyond_the_holdout(home, tmp_path, client, monkeypatch):
    manager = Staff.objects.create_user(username="max", password="x", role="manager", number="M1")
    client.force_login(manager)
    night(DAY)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    early = shown(client, "/desk/dashboard")
    assert "too early to say" in early or "暂不能判断" in early
    others = [name for name in NAMES if name not in OUT]
    paid = [f"P{name},L{name},2026-04-01,12.00," for name in others[::2]]
    feed(tmp_path / "second", [*paid, *(f"P{name},L{name},2026-04-01,12.00," for name in OUT[::8])])
    late = DAY + timedelta(days=30)
    night(late)
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(days=30))
    found = incremental(NOON + timedelta(days=30))
    assert found is not None
    assert found.total is not None
    by_hand = 1200 * (len(others[::2]) / len(others) - len(OUT[::8]) / len(OUT)) * len(others)
    assert found.total[0] == pytest.approx(by_hand, rel=0.02)
    assert 0 < found.total[1] < found.total[0] < found.total[2]
    broken = _incremental(replace(found.status, verdict="broken"))
    assert (broken.total, broken.others) == (None, len(others)), "of a broken draw no figure is said"
    page = shown(client, "/desk/dashboard")
    assert found.finding in page or "联系多带来" in page
    assert f"{found.total[0] / 100:,.2f}" in page


def test_an_analyst_stops_an_experiment_on_the_page(
    home, client, monkeypatch, django_capture_on_commit_callbacks
):
    night(DAY)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    client.force_login(Staff.objects.create_user(username="max", password="x", role="manager", number="M1"))
    assert "/desk/experiments/wait/stop" not in client.get("/desk/experiments").content.decode()
    assert client.post("/desk/experiments/wait/stop", {"note": "x"}).status_code == 404
    client.force_login(Staff.objects.create_user(username="ana", password="x", role="analyst", number="A1"))
    assert "/desk/experiments/wait/stop" in client.get("/desk/experiments").content.decode()
    assert client.post("/desk/experiments/wait/stop", {"note": " "}).status_code == 422
    assert not ExperimentStop.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/desk/experiments/wait/stop", {"note": "too many complaints"}).status_code == 302
    stop = ExperimentStop.objects.get()
    assert (stop.experiment, stop.actor, stop.reason_note) == ("wait", "staff:A1", "too many complaints")
    assert "/desk/experiments/wait/stop" not in client.get("/desk/experiments").content.decode()
    night(DAY + timedelta(days=1))
    newest = Treatment.objects.filter(borrower_id=WAIT[0]).latest("planned_on")
    assert newest.channel == "sms", "from the next night everybody is treated alike"
    (home.folder / "data" / "strategies" / "stopped.json").unlink()


RIGHTS = TEXT.replace(
    "      - {sms: overdue_reminder}\n",
    "      - {sms: overdue_reminder}\n      - {letter: overdue_notice, required: true}\n",
)


def test_nobody_of_the_holdout_loses_a_notice_or_an_answer(home, client, monkeypatch):
    home.strategy.write_text(RIGHTS, "utf-8")
    book = open_book(home.book)
    plan = plan_night(book, home.nights, DAY, RIGHTS, "tried.yaml")
    assert publish(night_of(plan, book), book, NOON) is not None
    strategy = parse_strategy(RIGHTS, "tried.yaml")
    found = rights(home, strategy)
    assert found is not None
    assert (found.borrowers, len(found.notices), found.lost) == (len(OUT), len(OUT), ())
    # the same strategy, had it left the letter out: each of them is missing one, and one answer is late
    folder = home.nights / str(DAY) / "treatments"
    with connected() as engine:
        for path in folder.glob("*.parquet"):
            engine.execute(
                f"copy (select * from read_parquet('{path}') where channel <> 'letter' or borrower_id <> '{OUT[0]}') "
                f"to '{path}.new' (format parquet)"
            )
            (path.parent / f"{path.name}.new").replace(path)
    Request.objects.create(
        number="R9",
        borrower_id=OUT[1],
        kind="other",
        source="desk",
        opened_at=NOON,
        due_on=DAY - timedelta(days=1),
    )
    found = rights(home, strategy)
    assert found is not None
    assert [(each.borrower, each.what) for each in found.lost] == [
        (OUT[0], "letter overdue_notice"),
        (OUT[1], "R9"),
    ]
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    client.force_login(Staff.objects.create_user(username="he", password="x", role="compliance", number="C1"))
    page = shown(client, "/desk/approvals")
    assert "2 notices or answers are missing" in page or "有 2 项告知或答复缺失" in page
    listed = client.get("/desk/experiments/rights").content.decode("utf-8-sig").splitlines()
    assert len(listed) == 1 + len(OUT) + 1
    assert sum(line.endswith(("False", "false", "0")) for line in listed) == 2


def test_the_page_of_one_experiment_has_its_weeks_and_says_how_long_yet(home, tmp_path, client, monkeypatch):
    night(DAY)
    feed(tmp_path / "second", [f"P{name},L{name},2026-03-08,12.00," for name in (*USUAL[::2], *WAIT[::3])])
    night(DAY + timedelta(days=7))
    (design,) = [each for each in designs(STRATEGY, DAY) if each.name == "wait"]
    found = status(home, open_book(home.book), design)
    assert found is not None
    (week,) = found.weeks
    assert (week.until, week.arm) == (DAY + timedelta(days=7), "wait")
    assert week.found == found.compared[0].differences["cash"]
    # they all came in seven days ago
    assert found.a_day == pytest.approx((len(USUAL) + len(WAIT)) / 14)
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(days=7))
    client.force_login(Staff.objects.create_user(username="ana", password="x", role="analyst", number="A1"))
    page = shown(client, "/desk/experiments/wait")
    assert f"{week.found.fixed.estimate / 100:+,.2f}" in page
    days = days_until_shown(100.0, len(USUAL) + len(WAIT), found.a_day, week.found)
    assert days is not None
    wrong = "above 0|大于 0"
    for effect, words in (("1.00", f"{days:,}"), ("500", "8 of 10|八成"), ("0", wrong), ("x", wrong)):
        asked = shown(client, f"/desk/experiments/wait?effect={effect}")
        assert re.search(words, asked), (effect, asked)
    assert client.get("/desk/experiments/wayt").status_code == 302
    dashboard = Staff.objects.create_user(username="max", password="x", role="manager", number="M1")
    client.force_login(dashboard)
    assert "/desk/experiments/wait" in client.get("/desk/dashboard").content.decode()


def test_past_nights_say_what_another_strategy_would_have_brought(home, tmp_path):
    """One that leaves all alone for a while agrees with those who waited, and one that never does with the others."""
    night(DAY)
    night(DAY + timedelta(days=1))
    feed(tmp_path / "second", [f"P{name},L{name},2026-03-08,12.00," for name in (*USUAL[::2], *WAIT[::4])])
    night(DAY + timedelta(days=7))
    (design,) = [each for each in designs(STRATEGY, DAY) if each.name == "wait"]
    quiet = "strategy: quiet\nstages:\n  - {stage: early, when: days_past_due >= 1, handler: internal}\n"
    for treatments, side, paid in (
        ("", WAIT, WAIT[::4]),
        ("treatments: [{sms: overdue_reminder}], ", USUAL, USUAL[::2]),
    ):
        text = quiet.replace("{stage", "{" + treatments + "stage")
        found = replay(home, open_book(home.book), design, text, "quiet.yaml")
        assert found is not None
        assert (found.agreeing, found.borrowers, found.unseen) == (len(side), len(USUAL) + len(WAIT), 0)
        assert found.effective == pytest.approx(len(side))
        assert found.enough
        assert found.weighted is not None
        assert found.weighted.estimate == pytest.approx(1200 * len(paid) / len(side))
    louder = quiet.replace("{stage", "{treatments: [{letter: overdue_notice}], stage")
    found = replay(home, open_book(home.book), design, louder, "louder.yaml")
    assert found is not None
    assert (found.unseen, found.enough, found.robust) == (1, False, None)
    file = tmp_path / "louder.yaml"
    file.write_text(louder, "utf-8")
    answer = CliRunner().invoke(
        group, ["experiment", "what-if", str(file), "wait", "--home", str(home.folder)]
    )
    assert "too few to know" in answer.output, answer.output
    file.write_text(quiet.replace("days_past_due >= 1", "age_years > 20"), "utf-8")
    answer = CliRunner().invoke(
        group, ["experiment", "what-if", str(file), "wait", "--home", str(home.folder)]
    )
    assert "age_years" in str(answer.exception)
