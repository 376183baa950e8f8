"""Goal: a strategy reaches the whole book by a canary and two signatures, or the night that finds harm takes it back.

Method: 400 borrowers through the real import, nights and publishing; one story by the pages, one by the commands.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import transaction

from forbear.actions.strategies import canaries
from forbear.actions.strategies.canaries import set_share, take_back, undo_step
from forbear.actions.strategies.experiments import stop_experiment
from forbear.actions.strategies.in_force import in_force_text, write_strategies
from forbear.actions.strategies.strategy_versions import (
    draft_strategy,
    propose_strategy,
    roll_back,
    sign_strategy,
    try_strategy,
    withdraw_strategy,
)
from forbear.cli import strategy as commands
from forbear.cli.main import group
from forbear.cli.night import decide_night, publish_night
from forbear.core.base.problem import Problem
from forbear.core.strategy.canary import canary_name
from forbear.core.strategy.chance import WHOLE
from forbear.interchange.home.strategies import strategy_on
from forbear.jobs.strategy_backtests import try_due
from forbear.store.models import Contact, Event, Staff, StrategyVersion, Treatment
from forbear.web import clock as web_clock
from tests.home_night import feed_in
from tests.web.pages import browser_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY, DUE = date(2026, 3, 3), "2026-02-25"
NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
NAMES = [f"B{number:03d}" for number in range(400)]
BASE = """
strategy: usual
stages:
  - stage: early
    when: days_past_due >= 1
    handler: internal
    treatments: [{sms: overdue_reminder}]
"""
NEW = BASE.replace("strategy: usual", "strategy: quiet").replace(
    "sms: overdue_reminder", "nothing: breather"
) + ("canary: {outcome: {measure: cash, days: 7}, guardrails: {cash: 5.00}}\n")


def at(days: int) -> datetime:
    return NOON + timedelta(days=days)


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


def night(days: int) -> str:
    """The night of a day, decided and brought to the desk as the command does it; what it says."""
    write_strategies()
    home, day = settings.HOME, DAY + timedelta(days=days)
    return publish_night(home, decide_night(home, day, strategy_on(home, day)), at(days))


def planned(days: int) -> dict[str, str]:
    """By borrower the channel that waits or was done, of the night of a day."""
    rows = Treatment.objects.filter(planned_on=DAY + timedelta(days=days)).exclude(state="superseded")
    return dict(rows.values_list("borrower_id", "channel"))


def on_record() -> list[dict]:
    """What the evidence says was done, in order."""
    lines = Event.objects.filter(kind="change").order_by("number").values_list("line", flat=True)
    bodies = [json.loads(line) for line in lines]
    return [
        body["body"] | {"actor": body["actor"]}
        for body in bodies
        if "strategy" in body["body"].get("what", "")
    ]


@pytest.fixture
def home(tmp_path, monkeypatch):
    path = settings.HOME.strategy
    before = path.read_text("utf-8")
    path.write_text(BASE, "utf-8")
    feed(tmp_path / "first", [])
    yield settings.HOME
    path.write_text(before, "utf-8")


@pytest.fixture
def people():
    return {
        name: Staff.objects.create_user(username=name, password="x", role=role, number=name.upper())
        for name, role in (("wu", "analyst"), ("max", "manager"), ("mia", "manager"))
    }


@pytest.fixture
def begun(home, people, django_capture_on_commit_callbacks) -> StrategyVersion:
    """Signed on the day of the first night, and deciding one half of the borrowers from the second."""
    night(0)
    made = draft_strategy(NEW, people["wu"], NOON)
    try_strategy(made.pk, NOON)
    assert try_due(NOON)
    done = propose_strategy(made.pk, DAY + timedelta(days=1), "less noise", people["wu"], NOON, 500_000)
    assert not isinstance(done, Problem), done
    with django_capture_on_commit_callbacks(execute=True):
        made = sign_strategy(made.pk, people["max"], NOON)
    assert not isinstance(made, Problem), made
    return made


def halves() -> tuple[list[str], list[str]]:
    """Those of the new strategy and those who are compared with them, by what the last night planned."""
    name = canary_name(StrategyVersion.objects.get(name="quiet").version)
    rows = Treatment.objects.exclude(arms="").values_list("borrower_id", "arms")
    arms = {borrower: {n: arm for n, arm, _ in json.loads(f"[{text}]")}.get(name) for borrower, text in rows}
    return tuple(sorted(each for each, arm in arms.items() if arm == wanted) for wanted in ("new", "now"))


def test_a_harmful_one_is_taken_back_in_the_night_that_finds_it(begun, tmp_path):
    """Who is of the new strategy pays 12.00 less within 7 days, beyond doubt, and 5.00 was allowed."""
    night(1)
    new, now = halves()
    assert len(new) + len(now) == len(NAMES)
    assert 160 < len(new) < 240
    assert {each for each, channel in planned(1).items() if channel == "nothing"} == set(new)
    feed(tmp_path / "second", [f"P{name},L{name},2026-03-09,12.00," for name in now])
    said = night(8)
    assert f"decided again without {canary_name(begun.version)}" in said
    assert set(planned(8).values()) == {"sms"}, "all are decided as before, that very night"
    assert Contact.objects.filter(state="waiting", borrower__in=new).exists()
    begun.refresh_from_db()
    assert begun.state == "withdrawn"
    assert on_record()[-1] | {"strategy": ""} == {
        "what": "strategy_taken_back", "strategy": "", "version": begun.version, "from": "2026-03-04",
        "number": begun.pk, "step_from": "2026-03-11", "guardrail": "cash", "actor": "night",
    }  # fmt: skip
    assert in_force_text(DAY + timedelta(days=8)) == BASE
    # the nights before stay explained by the text of their day
    assert "canary-" in in_force_text(DAY + timedelta(days=7))
    assert night(9).count("again without") == 0
    boss = Staff.objects.get(username="mia")
    refused = undo_step(begun.pk, boss, at(9))
    assert isinstance(refused, Problem)
    assert refused.code == "canary_guardrail_stays"


def test_a_good_one_reaches_all_by_the_pages(
    home, people, tmp_path, monkeypatch, django_capture_on_commit_callbacks
):
    night(0)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    wu, boss = browser_of(people["wu"]), browser_of(people["max"])

    def post(name: str, address: str, given: dict) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            answer = browser_of(people[name]).post(address, given)
        assert answer.status_code == 302, answer.content.decode()
        assert answer["Location"] == page

    page = wu.post("/desk/strategies/draft", {"text": NEW})["Location"]
    post("wu", f"{page}/try", {})
    assert try_due(NOON)
    given = {"from": str(DAY + timedelta(days=1)), "note": "less noise", "share": "50000"}
    assert "5%" in wu.get(page).content.decode()
    post("wu", f"{page}/propose", given)
    assert re.search("5% (of the borrowers|的借款人)|5%", boss.get(page).content.decode())
    post("max", f"{page}/decide", {"sign": "1"})
    assert wu.post(f"{page}/share", {"share": "200000"}).status_code == 404
    early = boss.post(f"{page}/share", {"share": "200000"})
    assert early.status_code in (302, 422), "no night has decided by it"
    night(1)
    monkeypatch.setattr(web_clock, "now", lambda: at(1))
    first = halves()
    assert all(8 < len(each) < 34 for each in first)
    post("max", f"{page}/share", {"share": "500000"})
    night(2)
    monkeypatch.setattr(web_clock, "now", lambda: at(2))
    second = halves()
    assert all(set(before) < set(after) for before, after in zip(first, second, strict=True)), (
        "nobody changed arms"
    )
    new, now = halves()
    feed(tmp_path / "second", [f"P{name},L{name},2026-03-11,12.00," for name in new])
    night(9)
    monkeypatch.setattr(web_clock, "now", lambda: at(9))
    name = canary_name(StrategyVersion.objects.get().version)
    boss = browser_of(people["max"])
    for address in (page, f"/desk/experiments/{name}", "/desk/experiments", "/desk/strategies"):
        assert boss.get(address).status_code == 200
    listed = boss.get("/desk/experiments/rows", {"name": name}).content.decode("utf-8-sig").splitlines()
    assert len(listed) == 1 + len(new) + len(now)
    post("max", f"{page}/share", {"share": str(WHOLE)})
    night(10)
    monkeypatch.setattr(web_clock, "now", lambda: at(10))
    assert StrategyVersion.objects.get().state == "signed"
    assert in_force_text(DAY + timedelta(days=10)) == NEW
    assert set(planned(10).values()) == {"nothing"}
    # one click undoes it: one half again, the same
    post("max", f"{page}/undo", {})
    night(11)
    assert set(halves()[0]) == set(new)
    assert [(each["what"], each.get("share")) for each in on_record()] == [
        ("strategy_proposed", None), ("strategy_canary_begun", "5%"), ("strategy_share_set", "50%"),
        ("strategy_share_set", "100%"), ("strategy_step_undone", "50%"),
    ]  # fmt: skip


def test_by_the_commands(home, people, tmp_path, monkeypatch):
    night(0)
    clock = [0]
    monkeypatch.setattr(commands, "moment", lambda _: at(clock[0]))
    file = tmp_path / "quiet.yaml"
    file.write_text(NEW, "utf-8")

    def run(*words: object, staff: str) -> str:
        given = [str(word) for word in words]
        answer = CliRunner().invoke(group, ["strategy", *given, "--staff", staff, "--home", str(home.folder)])
        write_strategies()
        return answer.output if answer.exit_code == 0 else f"refused: {answer.exception or answer.output}"

    assert "400 of 400 borrowers would be treated otherwise" in run("draft", file, staff="wu")
    pk = StrategyVersion.objects.get().pk
    propose = ("propose", pk, "--from", "2026-03-04", "--share", "20", "--reason", "less noise")
    assert "may not do that" in run(*propose, staff="max")
    assert "no working account" in run(*propose, staff="nobody")
    assert "Another person signs" in run(*propose, staff="wu")
    assert "20% of the borrowers from the night of 2026-03-04" in run("sign", pk, staff="max")
    assert "no night has decided by it yet" in run("share", pk, 50, staff="max")
    night(1)
    clock[0] = 1
    assert "goes to a larger share" in run("share", pk, 10, staff="max")
    assert "50% of the borrowers from the night of 2026-03-05" in run("share", pk, 50, staff="max")
    assert "20% of the borrowers" in run("undo", pk, staff="mia")
    assert "Taken back from the night of 2026-03-05" in run(
        "take-back", pk, "--reason", "a doubt", staff="mia"
    )
    assert "20% of the borrowers" in run("undo", pk, staff="mia")
    answer = CliRunner().invoke(group, ["strategy", "list", "--home", str(home.folder)])
    assert ("canary" in answer.output, "20%" in answer.output) == (True, True)
    night(2)
    assert set(planned(2).values()) == {"sms", "nothing"}


def test_who_may_and_what_is_refused(begun, people):
    wu, boss = people["wu"], people["max"]
    for act in (
        lambda who: set_share(begun.pk, WHOLE, who, at(1)),
        lambda who: undo_step(begun.pk, who, at(1)),
    ):
        night(1)
        if act(wu) is not None and isinstance(act(wu), Problem):
            assert act(wu).code in ("own_strategy_approval", "strategy_reason_missing")
            break
    assert take_back(begun.pk, " ", boss, at(1)).code == "strategy_reason_missing"
    assert withdraw_strategy(begun.pk, "x", boss, at(1)).code == "strategy_state_changed"
    assert stop_experiment(canary_name(begun.version), "x", at(1), actor="t").code == "canary_not_stopped"
    other = draft_strategy(NEW.replace("quiet", "quieter"), wu, at(1))
    try_strategy(other.pk, at(1))
    assert try_due(at(1))
    refused = propose_strategy(other.pk, DAY + timedelta(days=2), "x", wu, at(1), 50_000)
    assert isinstance(refused, Problem)
    assert refused.code == "canary_running"
    assert (
        propose_strategy(other.pk, DAY + timedelta(days=2), "x", wu, at(1), 60_000).code
        == "canary_share_invalid"
    )


def test_before_its_first_night_it_is_taken_back_without_a_trace_in_the_nights(begun, people):
    step = undo_step(begun.pk, people["mia"], NOON)
    assert not isinstance(step, Problem), step
    assert step.undone
    night(1)
    assert set(planned(1).values()) == {"sms"}
    assert strategy_on(settings.HOME, DAY + timedelta(days=1)) == settings.HOME.strategy
    assert undo_step(begun.pk, people["mia"], NOON).code == "canary_nothing_to_undo"


def test_rolling_back_ends_a_canary(begun, people):
    night(1)
    canary = in_force_text(DAY + timedelta(days=1))
    assert "canary-" in canary
    assert canaries.text_beside_canary(DAY + timedelta(days=1)) == BASE
    with transaction.atomic():
        done = roll_back(0, "as before", people["mia"], at(1))
    assert not isinstance(done, Problem), done
    night(2)
    begun.refresh_from_db()
    assert begun.state == "withdrawn"
    assert set(planned(2).values()) == {"sms"}
    # what is in force is what the canary began beside, so that it can go on
    with transaction.atomic():
        assert not isinstance(undo_step(begun.pk, people["mia"], at(2)), Problem)
    night(3)
    assert set(planned(3).values()) == {"sms", "nothing"}
