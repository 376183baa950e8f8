"""Goal: a visitor's phone gets what it needs and no more, and what it tells is taken once."""

import json
import uuid
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from forbear.actions.visits.visit_hours import announced_hours
from forbear.store.models import Case, Event, Visit
from forbear.web import clock as web_clock
from forbear.web.field import app
from tests.actions.visits.test_visits import AT_DOOR, SOUND, digest_of_sound
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules
from tests.factories.visits import VISIT_PACK, planned, visited, visitors

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TOMORROW = (NOON + timedelta(days=1)).date()


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the pages."""
    house_rules(VISIT_PACK)

    def set_clock(moment):
        monkeypatch.setattr(web_clock, "now", lambda: moment)

    set_clock(AT_DOOR)
    return set_clock


@pytest.fixture
def phone(at):
    """The phone of one of two visitors with a route today."""
    visitors()
    planned(visited(), TOMORROW)
    Case.objects.update(figures_at=AT_DOOR)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person("V1001", "visitor"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(client: Client, path: str, told: object = None) -> dict:
    answer = client.get(path) if told is None else client.post(path, json.dumps(told), "application/json")
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.json()


def test_the_route_is_masked_until_there_is_leave(phone):
    told = asked(phone, "/field/day")
    assert (told["person"], told["pair"]) == ("V1001", ["V1001", "V1002"])
    (stop,) = told["visits"]
    assert (stop["name"], stop["area"], "code" in stop) == ("王**", "东湖区", False)
    assert "示例路" not in json.dumps(told, ensure_ascii=False)
    left = asked(phone, f"/field/visit/{stop['id']}/leave", {})["visit"]
    assert (left["name"], left["address"]) == ("王小明", "东湖区示例路B1号")
    assert left["owed"] == ["CNY 412.00"]
    assert left["visitors"] == ["V1001", "V1002"]
    hours = [datetime.fromisoformat(moment) for moment in left["announced"]]
    assert hours == list(announced_hours(Visit.objects.get()))
    assert "V1001、V1002" in left["words"]
    assert asked(phone, "/field/day")["visits"][0]["name"] == "王小明"


def test_when_it_is_over_it_is_masked_again(phone):
    (stop,) = asked(phone, "/field/day")["visits"]
    asked(phone, f"/field/visit/{stop['id']}/leave", {})
    events = [
        {"id": str(uuid.uuid4()), "kind": "start", "visit": stop["id"], "at": AT_DOOR.isoformat()},
        {"id": str(uuid.uuid4()), "kind": "end", "visit": stop["id"], "at": AT_DOOR.isoformat(),
         "outcome": "not_home", "recordings": [{"sha256": digest_of_sound(), "seconds": 0}]},
    ]  # fmt: skip
    answers = asked(phone, "/field/sync", {"events": events})["answers"]
    assert [answer["state"] for answer in answers] == ["under_way", "ended"]
    assert asked(phone, "/field/sync", {"events": events})["answers"] == answers
    assert asked(phone, "/field/day")["visits"][0]["name"] == "王**"
    path = f"/field/visit/{stop['id']}/recording"
    for _ in range(2):
        sent = phone.post(path, {"file": SimpleUploadedFile("recording", SOUND)}).json()
        assert sent == {"ok": True, "lacks": ["no_start_place", "no_end_place"]}
    assert Event.objects.filter(kind="recording").count() == 1


def test_the_rules_refusal_is_told_with_its_clause(phone, at):
    (stop,) = asked(phone, "/field/day")["visits"]
    at(AT_DOOR + timedelta(hours=12, minutes=30))
    Visit.objects.update(arrives_at=AT_DOOR + timedelta(hours=12))
    phone.force_login(person("V1001", "visitor"), backend="django.contrib.auth.backends.ModelBackend")
    told = asked(phone, f"/field/visit/{stop['id']}/leave", {})
    assert told["wrong"] == ["No contact at night (house §1)"]
    assert told["until"] == "2026-03-12 08:00"
    assert Visit.objects.get().contact is None


@pytest.mark.parametrize("body", ["nonsense", "{}", '{"events": null}', "[]"])
def test_nonsense_is_answered(phone, body):
    assert "list of events" in phone.post("/field/sync", body, "application/json").json()["wrong"]
    assert "list of events" in phone.post("/field/sync", {"events": "[]"}).json()["wrong"], (
        "a form is no list"
    )


def test_another_visitor_sees_nothing_of_it(phone):
    (stop,) = asked(phone, "/field/day")["visits"]
    other = Client()
    other.force_login(person("V1999", "visitor"), backend="django.contrib.auth.backends.ModelBackend")
    assert asked(other, "/field/day")["visits"] == []
    assert "不在你的路线中" in asked(other, f"/field/visit/{stop['id']}/leave", {})["gone"]


def test_the_apps_own_files_hold_nobodys_data(phone):
    page = phone.get("/field/").content.decode()
    for text in ("王", "B1", "V1001", "东湖区"):
        assert text not in page
    assert phone.get("/").headers["Location"] == "/field/"
    worker = Client().get("/field/worker.js")
    assert worker.headers["Content-Type"] == "text/javascript"
    assert f"field-{app.version()}" in worker.content.decode()
    told = Client(headers={"Accept-Language": "en"}).get("/field/app.webmanifest").json()
    assert (told["name"], told["display"], told["scope"]) == ("Forbear field visits", "standalone", "/field/")


def test_signing_out_anywhere_clears_the_phone(phone):
    assert phone.post("/sign-out").headers["Clear-Site-Data"] == '"cache", "storage"'
    collector = Client()
    collector.force_login(person("c1", "collector"), backend="django.contrib.auth.backends.ModelBackend")
    assert "Clear-Site-Data" not in collector.post("/sign-out").headers


def test_an_alarm_gets_through_after_hours_in_a_pocket(phone):
    kept = phone.session
    kept["begun"] = kept["seen"] = (AT_DOOR - timedelta(hours=5)).timestamp()
    kept.save()
    alarm = {"id": str(uuid.uuid4()), "kind": "alarm", "at": AT_DOOR.isoformat()}
    assert asked(phone, "/field/sync", {"events": [alarm]})["answers"] == [{"ok": True}]
