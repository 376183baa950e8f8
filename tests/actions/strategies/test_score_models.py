"""Goal: no night scores by what one person wants; what two signed counts, until a night finds it unfit.

Method: 210 borrowers through the real import, nights and publishing; analysts and managers at their pages.
"""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from forbear.actions.strategies.score_models import (
    decline_model,
    keep_model,
    propose_model,
    sign_model,
    withdraw_model,
    write_scores,
)
from forbear.cli.night import decide_night, publish_night
from forbear.core.base.problem import Problem
from forbear.core.scores.model import Bins, Card, TargetModel, model_text, parse_model
from forbear.interchange.home.scores import scores_folder, scores_on
from forbear.interchange.home.strategies import strategy_on
from forbear.store.models import Case, Event, ScoreModel, Staff
from forbear.web import clock as web_clock
from tests.core.score_models import made_card
from tests.home_night import feed_in
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY, DUE = date(2026, 3, 3), "2026-02-25"
NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
NAMES = [f"B{number:03d}" for number in range(210)]
BASE = """
strategy: usual
stages:
  - stage: quiet
    when: scored and score_self_cure >= 600 and days_past_due >= 1
    handler: system
    treatments: [{nothing: breather}]
  - stage: early
    when: days_past_due >= 1
    handler: internal
    treatments: [{sms: overdue_reminder}]
"""


def at(days: int) -> datetime:
    return NOON + timedelta(days=days)


def model_of(until: str = "2026-02-20") -> str:
    """A model by which those up to ten days past due mostly pay by themselves, as all are on the first nights."""
    bins = (Bins("days_past_due", (11,), (), (1_000_000, 0)),)
    points = {"days_past_due": (900_000, -900_000)}
    targets = {
        "self_cure": TargetModel("self_cure", "logistic", {0: Card(0, points)}),
        "expected_cash": TargetModel("expected_cash", "logistic", {0: Card(0, points)}),
    }
    return model_text(trained_from="2025-06-01", trained_until=until, book="b", bins=bins, targets=targets)


def kept(text: str = "") -> ScoreModel:
    text = text or model_of()
    return keep_model(text, made_card(parse_model(text)), NOON)


def night(days: int) -> str:
    """The night of a day, decided and brought to the desk as the command does it; what it says."""
    write_scores()
    home, day = settings.HOME, DAY + timedelta(days=days)
    return publish_night(home, decide_night(home, day, strategy_on(home, day)), at(days))


def manifest(days: int) -> dict:
    folder = settings.HOME.nights / str(DAY + timedelta(days=days))
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def on_record() -> list[str]:
    lines = Event.objects.filter(kind="change").order_by("number").values_list("line", flat=True)
    whats = [json.loads(line)["body"].get("what", "") for line in lines]
    return [what for what in whats if what.startswith("scores_")]


@pytest.fixture
def home(tmp_path):
    path = settings.HOME.strategy
    before = path.read_text("utf-8")
    path.write_text(BASE, "utf-8")
    feed_in(
        tmp_path / "feed",
        loans=[f"L{name},{name},cash,CNY,800.00,2026-01-01,active" for name in NAMES],
        instalments=[f"L{name},1,{DUE},400.00,12.00,0,0" for name in NAMES],
        payments=[],
        borrowers=[f"{name},王小明,+8613900000{name[1:]},,zh,,Asia/Shanghai,,true" for name in NAMES],
    )
    yield settings.HOME
    path.write_text(before, "utf-8")


@pytest.fixture
def people():
    return {
        name: Staff.objects.create_user(username=name, password="x", role=role, number=name.upper())
        for name, role in (
            ("wu", "analyst"),
            ("max", "manager"),
            ("cara", "compliance"),
            ("kim", "collector"),
        )
    }


def test_a_model_counts_once_two_people_signed_and_until_a_night_finds_it_unfit(
    home, people, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(web_clock, "now", lambda: at(0))
    night(0)
    model = kept()
    page = f"/desk/scores/{model.pk}"
    assert browser_of(people["kim"]).get(page).status_code == 404
    assert "No model" not in shown(browser_of(people["wu"]), "/desk/scores")
    assert propose_model(model.pk, " ", people["wu"], NOON).code == "approval_reason_missing"
    assert sign_model(model.pk, people["max"], NOON).code == "scores_state_changed"
    proposed = propose_model(model.pk, "leave alone who pays anyway", people["max"], NOON)
    assert not isinstance(proposed, Problem)
    assert "Waiting for approval" in shown(browser_of(people["wu"]), page)
    assert model.version in shown(browser_of(people["cara"]), "/desk/approvals")
    assert sign_model(model.pk, people["max"], NOON).code == "own_scores_approval"
    assert "A person who did not propose it approves it." in shown(browser_of(people["max"]), page)
    night(1)
    assert "scores" not in manifest(1), "one signature is none"
    with django_capture_on_commit_callbacks(execute=True):
        signed = sign_model(model.pk, people["cara"], at(1))
    assert not isinstance(signed, Problem)
    assert signed.from_day == DAY + timedelta(days=2)

    night(2)
    assert manifest(2)["scores"] == model.version
    case = Case.objects.select_related("borrower").get(borrower_id="B007")
    assert (case.stage, case.facts["score_self_cure"]) == ("quiet", 711)
    assert case.facts["score_expected_cash"] == 41_200 * 711 // 1000
    monkeypatch.setattr(web_clock, "now", lambda: at(2))  # nobody's session lasts so long
    assert "in force" in shown(browser_of(people["wu"]), page)
    words = shown(browser_of(people["max"]), "/desk/case/B007/")
    assert "Pays by itself within 30 days 71.1%" in words
    assert "For it: Days past due: 8" in words
    reader = browser_of(people["max"])
    chinese = reader.get("/desk/case/B007/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "有利因素：" in chinese
    assert "逾期天数：8" in chinese

    monkeypatch.setattr(web_clock, "now", lambda: at(6))
    said = night(6)
    assert "decided again without the scores" in said
    assert "(drifted)" in said
    assert "scores" not in manifest(6)
    model.refresh_from_db()
    assert (model.state, model.guardrail, model.ended_on) == ("set_aside", "drifted", DAY + timedelta(days=6))
    assert Case.objects.get(borrower_id="B007").stage == "early", "strategies go on without scores"
    assert "Borrowers are no longer like those it was trained on" in shown(browser_of(people["wu"]), page)
    assert scores_on(home, DAY + timedelta(days=2)).version == model.version, (
        "the past stays as it was decided"
    )
    night(7)
    assert "scores" not in manifest(7)
    assert on_record() == ["scores_trained", "scores_proposed", "scores_signed", "scores_set_aside"]


def test_one_is_taken_back_by_one_person_and_another_takes_its_place(
    home, people, django_capture_on_commit_callbacks
):
    night(0)
    first, second = kept(), kept(model_of("2026-02-21"))
    with django_capture_on_commit_callbacks(execute=True):
        for model in (first, second):
            assert not isinstance(propose_model(model.pk, "x", people["wu"], NOON), Problem)
            assert not isinstance(sign_model(model.pk, people["max"], NOON), Problem)
    tomorrow = DAY + timedelta(days=1)
    assert scores_on(home, DAY) is None
    assert scores_on(home, tomorrow).version == second.version
    first.refresh_from_db()
    assert first.state == "withdrawn"
    night(1)
    assert manifest(1)["scores"] == second.version
    assert withdraw_model(second.pk, "", people["cara"], at(1)).code == "scores_reason_missing"
    with django_capture_on_commit_callbacks(execute=True):
        assert not isinstance(
            withdraw_model(second.pk, "a mistake in the data", people["cara"], at(1)), Problem
        )
    night(2)
    assert "scores" not in manifest(2)
    assert scores_on(home, tomorrow).version == second.version
    assert not isinstance(propose_model(kept(model_of("2026-02-22")).pk, "x", people["wu"], at(2)), Problem)
    third = ScoreModel.objects.get(state="proposed")
    assert decline_model(third.pk, " ", people["max"], at(2)).code == "scores_reason_missing"
    assert decline_model(third.pk, "too few rows", people["max"], at(2)).state == "declined"


def test_a_stale_model_scores_no_night_and_is_not_signed(
    home, people, django_capture_on_commit_callbacks, capsys
):
    model = kept(model_of("2025-09-05"))
    with django_capture_on_commit_callbacks(execute=True):
        assert not isinstance(propose_model(model.pk, "x", people["wu"], NOON), Problem)
        assert not isinstance(sign_model(model.pk, people["max"], NOON), Problem)
    night(0)
    assert manifest(0)["scores"] == model.version, "180 days old at most"
    night(2)
    assert "scores" not in manifest(2)
    other = kept(model_of("2025-01-01"))
    assert propose_model(other.pk, "x", people["wu"], NOON).code == "scores_stale"


def test_a_model_that_was_changed_on_the_disk_is_refused(home, people, django_capture_on_commit_callbacks):
    model = kept(model_of("2026-02-19"))
    with django_capture_on_commit_callbacks(execute=True):
        propose_model(model.pk, "x", people["wu"], NOON)
        sign_model(model.pk, people["max"], NOON)
    path = scores_folder(home) / f"{model.version}.json"
    path.write_text(path.read_text("utf-8").replace("900000", "800000"), "utf-8")
    with pytest.raises(Exception, match="is not the model that was signed"):
        scores_on(home, DAY)
    write_scores()
    assert scores_on(home, DAY).version == model.version
