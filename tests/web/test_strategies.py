"""Goal: a changed strategy is looked at, tried dry, signed by a second person, and the night of its day decides by it.

Method: a real book of two loans, nights published from it, and the pages and the job that analysts and managers use.
"""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from forbear.actions.strategies.strategy_versions import (
    draft_strategy,
    propose_strategy,
    roll_back,
    sign_strategy,
    try_strategy,
    withdraw_strategy,
    write_strategies,
)
from forbear.cli.night import decide_night
from forbear.core.base.problem import Problem
from forbear.interchange.book.book import open_book
from forbear.interchange.home.lender import HomeError, read_text
from forbear.interchange.home.strategies import read_register, strategy_on, version_on
from forbear.jobs import strategy_backtests as try_strategies
from forbear.jobs.strategy_backtests import try_due
from forbear.publish.publish import publish
from forbear.store.models import Consent, Event, Staff, StrategyVersion
from forbear.web import clock as web_clock
from tests.factories.desk import write_pack
from tests.home_night import decided, feed_in
from tests.profile import variants
from tests.web.pages import browser_of
from tests.web.test_browser import fits, serious
from tests.web.test_browser import site as site

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 10)
#: Noon of the day of the last night.
NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)
FEED = {
    "loans": ["L1,B1,cash,CNY,800.00,2026-01-01,active", "L2,B2,cash,CNY,800.00,2026-01-01,active"],
    "instalments": ["L1,1,2026-02-25,400.00,12.00,0,0", "L2,1,2026-03-09,400.00,12.00,0,0"],
    "payments": [],
    "borrowers": [
        "B1,王小明,+8610000000001,,zh,,Asia/Shanghai,,true",
        "B2,李雷,+8610000000002,,zh,,Asia/Shanghai,,true",
    ],
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    made = settings.HOME
    feed_in(tmp_path / "feed", **FEED)
    publish(*decided(DAY), NOON)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    return made


def person(name: str, role: str) -> Staff:
    return Staff.objects.create_user(username=name, password="x", role=role, number=name.upper())


def later(home) -> str:
    """The home's strategy with a later first stage: whoever is one day late is left alone."""
    text = read_text(home.strategy)
    changed = text.replace("days_past_due between 1 and 3", "days_past_due between 2 and 3")
    assert changed != text
    return changed


def tried(home, text: str, analyst: Staff) -> StrategyVersion:
    made = draft_strategy(text, analyst, NOON)
    assert isinstance(made, StrategyVersion), made
    try_strategy(made.pk, NOON)
    assert try_due(NOON)
    made.refresh_from_db()
    assert made.trial_state == "done", made.trial_said
    return made


def signed(home, text: str, analyst: Staff, manager: Staff, day: date = NEXT) -> StrategyVersion:
    made = tried(home, text, analyst)
    assert not isinstance(propose_strategy(made.pk, day, "gentler", analyst, NOON), Problem)
    done = sign_strategy(made.pk, manager, NOON)
    assert not isinstance(done, Problem), done
    write_strategies()
    return done


def told() -> list[str]:
    lines = Event.objects.filter(kind="change").order_by("number").values_list("line", flat=True)
    return [json.loads(line)["body"]["what"] for line in lines]


def test_the_night_decides_by_the_strategy_of_its_day(home):
    made = signed(home, later(home), person("wu", "analyst"), person("boss", "manager"))
    assert strategy_on(home, DAY) == home.strategy
    before = decide_night(home, DAY, strategy_on(home, DAY))
    after = decide_night(home, NEXT, strategy_on(home, NEXT))
    assert before.manifest["strategy_version"] != after.manifest["strategy_version"] == made.version
    assert told() == ["strategy_proposed", "strategy_signed"]


def test_a_dry_run_says_who_would_be_treated_otherwise(home):
    made = tried(home, later(home), person("wu", "analyst"))
    assert made.trial["borrowers"] == 2
    assert made.trial["otherwise"] == 1
    assert made.trial["examples"] == ["B2"]
    assert made.trial["stages"] == [{"before": "reminder", "after": "", "borrowers": 1}]
    # nothing was published and nobody changed
    assert sorted(path.name for path in home.nights.iterdir()) == [str(DAY)]
    assert not try_due(NOON)


def test_nothing_is_proposed_untried_or_signed_by_its_writer(home):
    wu, boss = person("wu", "analyst"), person("boss", "manager")
    made = draft_strategy(later(home), wu, NOON)
    assert "try it first" in str(propose_strategy(made.pk, NEXT, "why", wu, NOON))
    try_strategy(made.pk, NOON)
    try_due(NOON)
    assert "say why" in str(propose_strategy(made.pk, NEXT, " ", wu, NOON))
    for day in (DAY, DAY - timedelta(days=30), DAY + timedelta(days=500)):
        assert "in force from 2026-03-11" in str(propose_strategy(made.pk, day, "why", wu, NOON))
    propose_strategy(made.pk, NEXT, "why", wu, NOON)
    assert "must be approved by somebody who neither wrote" in str(sign_strategy(made.pk, wu, NOON))
    assert "its day has passed" in str(sign_strategy(made.pk, boss, NOON + timedelta(days=2)))
    assert not isinstance(sign_strategy(made.pk, boss, NOON), Problem)
    assert isinstance(sign_strategy(made.pk, boss, NOON), Problem)


def test_a_dry_run_against_what_is_no_longer_in_force_is_not_enough(home):
    wu, boss = person("wu", "analyst"), person("boss", "manager")
    made = tried(home, later(home), wu)
    other = later(home).replace("between 4 and 29", "between 4 and 28").replace("between 30", "between 29")
    signed(home, other, wu, boss)
    tomorrow = NOON + timedelta(days=1)
    assert "try it first" in str(propose_strategy(made.pk, NEXT + timedelta(days=1), "why", wu, tomorrow))


def test_a_step_that_the_rules_refuse_on_every_day_is_not_signed(home, monkeypatch):
    wu, boss = person("wu", "analyst"), person("boss", "manager")
    never = (
        later(home)
        .replace("or dispute_open ", "")
        .replace("- {push: overdue_reminder}", "- {push: overdue_reminder, when: dispute_open}")
    )
    never = never.replace("dispute_open or hardship_open", "hardship_open")
    made = tried(home, never, wu)
    page = browser_of(wu).get(f"/desk/strategies/{made.pk}").content.decode()
    assert "push `overdue_reminder` of stage `reminder` is refused on every day: cn.dispute (" in page
    answer = propose_strategy(made.pk, NEXT, "why", wu, NOON)
    assert isinstance(answer, Problem)
    assert answer.code == "strategy_step_refused"
    # rules that come between the two signatures are asked at the second
    made = tried(home, later(home), wu)
    assert not isinstance(propose_strategy(made.pk, NEXT, "why", wu, NOON), Problem)
    house = home.folder / "packs" / "house.yaml"
    write_pack(
        house,
        "pack: house\nrules:\n- {id: house.push, says: {zh: 不推送, en: No push}, applies: {channels: [push]}, "
        "refuse_when: days_past_due > 0, clause: §1, force: house}\n",
    )
    monkeypatch.setattr(settings, "HOME", replace(home, packs=(*home.packs, house)))
    answer = sign_strategy(made.pk, boss, NOON)
    assert isinstance(answer, Problem)
    assert (answer.code, "house.push (§1)" in str(answer)) == ("strategy_step_refused", True)
    monkeypatch.undo()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    assert not isinstance(sign_strategy(made.pk, boss, NOON), Problem)


def test_the_page_says_what_the_rules_refuse_of_it(home):
    wu = person("wu", "analyst")
    Consent.objects.create(borrower_id="B1", given=False, at=NOON, channel="sms")
    louder = later(home).replace(
        "sms: overdue_reminder, when: days_in_stage % 7 = 0", "sms: overdue_reminder", 1
    )
    made = tried(home, louder, wu)
    row = {"channel": "sms", "template": "overdue_reminder", "rule": "cn.opt_out", "planned": 1, "refused": 1}
    assert [one for one in made.trial["refused_after"] if row.items() <= one.items()]
    page = browser_of(wu).get(f"/desk/strategies/{made.pk}").content.decode()
    cells = r"cn\.opt_out <span[^>]*>[^<]+</span>\s*</td>\s*<td class=\"num\">\d</td>\s*<td class=\"num\">1<"
    assert re.search(cells, page)


@pytest.mark.postgresql
def test_what_is_to_come_is_withdrawn_and_what_is_in_force_rolled_back(home):
    wu, boss = person("wu", "analyst"), person("boss", "manager")
    made = signed(home, later(home), wu, boss)
    assert not isinstance(withdraw_strategy(made.pk, "a mistake", boss, NOON), Problem)
    write_strategies()
    assert strategy_on(home, NEXT) == home.strategy
    made = signed(home, later(home), wu, boss)
    tomorrow = NOON + timedelta(days=1)
    publish(decide_night(home, NEXT, strategy_on(home, NEXT)), open_book(home.book), tomorrow)
    assert "roll back" in str(withdraw_strategy(made.pk, "too late", boss, tomorrow))
    back = roll_back(0, "complaints rose", boss, tomorrow)
    write_strategies()
    day_after = NEXT + timedelta(days=1)
    assert back.from_day == day_after
    assert read_text(strategy_on(home, NEXT)) == made.text
    assert read_text(strategy_on(home, day_after)) == read_text(home.strategy)
    # and forward again, to what two people signed
    assert isinstance(roll_back(made.pk, "", boss, tomorrow), Problem)
    again = roll_back(made.pk, "they fell again", boss, tomorrow)
    write_strategies()
    assert read_text(strategy_on(home, day_after)) == again.text == made.text
    assert told()[-3:] == ["strategy_rolled_back", "strategy_withdrawn", "strategy_rolled_back"]


def test_what_the_rules_refuse_by_now_is_not_rolled_back_to(home, monkeypatch):
    wu, boss = person("wu", "analyst"), person("boss", "manager")
    made = signed(home, later(home), wu, boss)
    tomorrow = NOON + timedelta(days=1)
    publish(decide_night(home, NEXT, strategy_on(home, NEXT)), open_book(home.book), tomorrow)
    assert not isinstance(roll_back(0, "complaints rose", boss, tomorrow), Problem)
    write_strategies()
    house = home.folder / "packs" / "house.yaml"
    write_pack(
        house,
        "pack: house\nrules:\n- {id: house.push, says: {zh: 不推送, en: No push}, applies: {channels: [push]}, "
        "refuse_when: days_past_due > 0, clause: §1, force: house}\n",
    )
    monkeypatch.setattr(settings, "HOME", replace(home, packs=(*home.packs, house)))
    answer = roll_back(made.pk, "they fell again", boss, tomorrow)
    assert isinstance(answer, Problem)
    assert answer.code == "strategy_step_refused"
    monkeypatch.undo()
    (path,) = home.packs
    text = path.read_text("utf-8")
    write_pack(path, text.replace("local_hour >= 22", "local_hour >= 23", 1))
    answer = roll_back(made.pk, "they fell again", boss, tomorrow)
    assert isinstance(answer, Problem)
    assert (answer.code, "cn-n02" in str(answer)) == ("pack_cases_wrong", True)
    write_pack(path, text)
    assert not isinstance(roll_back(made.pk, "they fell again", boss, tomorrow), Problem)


def test_of_two_from_one_day_the_later_decided_counts():
    register = [(DAY, "a"), (NEXT, "b"), (DAY, "c")]
    assert [version_on(register, day) for day in (DAY - timedelta(days=1), DAY, NEXT)] == ["", "c", "b"]


def test_a_damaged_register_stops_the_night_in_a_line(home):
    signed(home, later(home), person("wu", "analyst"), person("boss", "manager"))
    folder = home.folder / "data" / "strategies"
    (folder / "in_force.json").write_text("[[", "utf-8")
    with pytest.raises(HomeError, match="is damaged"):
        read_register(home)
    write_strategies()
    for path in folder.glob("*.yaml"):
        path.unlink()
    with pytest.raises(HomeError, match="is missing"):
        strategy_on(home, NEXT)
    write_strategies()
    assert strategy_on(home, NEXT).is_file()


def test_a_dry_run_that_can_not_be_is_told(home):
    made = draft_strategy(later(home), person("wu", "analyst"), NOON)
    try_strategy(made.pk, NOON)
    (home.book / "CURRENT").rename(home.book / "AWAY")
    assert try_due(NOON)
    (home.book / "AWAY").rename(home.book / "CURRENT")
    made.refresh_from_db()
    assert made.trial_state == "failed"
    assert made.trial_said


def test_an_error_in_a_dry_run_is_its_result_and_stops_no_worker(home, monkeypatch):
    analyst = person("wu", "analyst")
    made = draft_strategy(later(home), analyst, NOON)
    try_strategy(made.pk, NOON)

    def break_off(*told: object, **more: object) -> None:
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr(try_strategies, "what_if", break_off)
    assert try_due(NOON), "the worker goes on"
    assert not try_due(NOON)
    made.refresh_from_db()
    assert (made.trial_state, made.trial_said) == ("failed", "error")
    for language, words in (("en", "The dry run stopped with an error"), ("zh-CN", "试算中出现错误")):
        client = Client(headers={"Accept-Language": language})
        client.force_login(analyst, backend="django.contrib.auth.backends.ModelBackend")
        assert words in client.get(f"/desk/strategies/{made.pk}").content.decode()

    def away(*told: object, **more: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(try_strategies, "what_if", away)
    try_strategy(made.pk, NOON)
    with pytest.raises(OperationalError):
        try_due(NOON)
    made.refresh_from_db()
    assert made.trial_state == "running", "taken up again as from a worker that died"


def test_a_worker_that_died_over_a_dry_run_is_taken_over_from(home):
    made = draft_strategy(later(home), person("wu", "analyst"), NOON)
    StrategyVersion.objects.filter(pk=made.pk).update(trial_state="running", trial_at=NOON)
    assert not try_due(NOON + timedelta(hours=1))
    assert try_due(NOON + timedelta(hours=3))


@pytest.mark.parametrize(("width", "locale"), variants((390, "en-GB"), (1280, "zh-CN")))
def test_in_a_browser_by_keys(chromium, site, home, width, locale):
    staff = person("wu", "analyst")
    staff.set_password("forbear-demo-2026")
    staff.save()
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale=locale, base_url=site)
    page = context.new_page()
    page.goto("/sign-in?next=/desk/strategies")
    page.fill("input[name=username]", "wu")
    page.fill("input[name=password]", "forbear-demo-2026")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"^[^?]*/desk/strategies$"), wait_until="load")
    assert serious(page) == []
    assert fits(page)
    page.keyboard.press("n")
    page.wait_for_url(re.compile("/draft$"), wait_until="load")
    page.fill("textarea", later(home))
    page.click("main h1")
    page.keyboard.press("ControlOrMeta+Enter")
    page.wait_for_url(re.compile(r"/strategies/\d+$"), wait_until="load")
    page.keyboard.press("t")
    page.wait_for_selector("[role=status]")
    assert try_due(NOON)
    page.wait_for_selector("input[name=from]")
    page.wait_for_selector(".chart svg")
    assert serious(page) == []
    assert fits(page)
    context.close()


def test_from_the_page_to_the_night(home, django_capture_on_commit_callbacks):
    wu, boss = browser_of(person("wu", "analyst")), browser_of(person("boss", "manager"))
    page = wu.get("/desk/strategies").content.decode()
    assert "days_past_due between 1 and 3" in page
    assert "consumer-cn" in page
    wrong = wu.post(
        "/desk/strategies/draft", {"text": later(home).replace("handler: system", "handler: nobody", 1)}
    )
    assert re.search(r"strategy:\d+:\d+: ", wrong.content.decode())
    same = wu.post("/desk/strategies/draft", {"text": read_text(home.strategy)})
    assert "in force" in same.content.decode()
    made = wu.post("/desk/strategies/draft", {"text": later(home)})["Location"]
    wu.post(f"{made}/try")
    assert 'hx-trigger="every 3s"' in wu.get(made).content.decode()
    try_due(NOON)
    page = wu.get(made).content.decode()
    assert "borrowers would be treated differently" in page
    assert '<span class="added">+    when: days_past_due between 2 and 3' in page
    wu.post(f"{made}/propose", {"from": str(NEXT), "note": "gentler at first", "share": "1000000"})
    assert "gentler at first" in boss.get("/desk/strategies").content.decode()
    assert wu.post(f"{made}/decide", {"sign": "1"}).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        boss.post(f"{made}/decide", {"sign": "1"})
    assert strategy_on(home, NEXT) != home.strategy
    assert "Comes into force" in boss.get("/desk/strategies").content.decode()
    boss.post(f"{made}/withdraw", {"note": "not yet"})
    assert StrategyVersion.objects.get().state == "withdrawn"
