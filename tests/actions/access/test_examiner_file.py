"""Goal: the examiner's file has a period's records whole, is the same each time, masks, and is on record."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import date, timedelta

import pytest

from forbear.actions.access.examiner_file import Period, write_examiner_file
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.requests.requests import Asked, make_request
from forbear.jobs.seal_day import seal_day
from forbear.store.models import Contact, Event
from forbear.web import clock as web_clock
from tests.factories.agencies import person
from tests.factories.desk import NOON, PHONE, Recorder, house_rules, make_borrower, wished
from tests.web.pages import browser_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = NOON.date()
LATER = NOON + timedelta(days=5)
PERIOD = Period(TODAY - timedelta(days=3), TODAY + timedelta(days=1))


@pytest.fixture
def lived():
    """A text that left, one that rules refused, and a complaint; the days are sealed."""
    house_rules()
    borrower = make_borrower()
    sent, refused = wished(borrower), wished(borrower, purpose="remind")
    make_request(Asked("B1", "complaint", "骂人"), NOON, actor="borrower")
    Contact.objects.filter(pk=refused.pk).update(state="waiting")
    for name in claim("w", NOON):
        send_one(name, "w", {"sms": Recorder()}, lambda: NOON)
    seal_day(LATER)
    return sent


def written(tmp_path, name="a.zip", **more):
    path = tmp_path / name
    made = write_examiner_file(path, PERIOD, LATER, actor="staff:C1", reason="yearly examination", **more)
    return path, made


def rows(path, name):
    with zipfile.ZipFile(path) as file:
        return list(csv.DictReader(io.StringIO(file.read(name).decode("utf-8-sig"))))


def test_it_has_everything_and_its_checksums_hold(lived, tmp_path):
    path, made = written(tmp_path)
    assert made == hashlib.sha256(path.read_bytes()).hexdigest()
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        sums = dict(reversed(line.split("  ")) for line in file.read("SHA256SUMS").decode().splitlines())
        assert set(sums) == set(file.namelist()) - {"SHA256SUMS"}
        for name, digest in sums.items():
            assert hashlib.sha256(file.read(name)).hexdigest() == digest, name
        events = [json.loads(line) for line in file.read("events.jsonl").decode().splitlines()]
        assert "house" in file.read("rules/house.yaml").decode()
        assert file.read("seals.jsonl")
        assert "2026-03-07" in file.read("README.txt").decode()
    assert {event["kind"] for event in events} >= {"permit", "complaint", "planned_contact"}
    assert len(events) == Event.objects.filter(at__lt=LATER).exclude(kind="export").count()
    assert {row["state"] for row in rows(path, "contacts.csv")} >= {"sent"}
    assert [row["came_by"] for row in rows(path, "complaints.csv")] == ["portal"]
    assert rows(path, "rule-versions.csv")[0]["pack"].startswith("house")
    assert {row["rule"] for row in rows(path, "rules.csv")} >= {"house.night"}


def test_the_same_period_gives_the_same_bytes(lived, tmp_path):
    first, second = written(tmp_path), written(tmp_path, "b.zip")
    assert first[0].read_bytes() == second[0].read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "b.zip"}


def test_it_is_masked_unless_permitted_and_on_record(lived, tmp_path):
    masked, _ = written(tmp_path)
    clear, made = written(tmp_path, "clear.zip", clear=True)
    assert PHONE not in "".join(str(row) for row in rows(masked, "contacts.csv"))
    assert [row["words"] for row in rows(masked, "complaints.csv")] == ["***"]
    assert PHONE in "".join(str(row) for row in rows(clear, "contacts.csv"))
    assert [row["words"] for row in rows(clear, "complaints.csv")] == ["骂人"]
    newest = json.loads(Event.objects.filter(kind="export").latest("pk").line)["body"]
    assert (newest["sha256"], newest["clear"], newest["reason"]) == (made, True, "yearly examination")


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (TODAY, TODAY - timedelta(days=1), "examiner_period_invalid"),
        (TODAY - timedelta(days=400), TODAY, "examiner_period_invalid"),
        (TODAY, LATER.date(), "examiner_period_open"),
        (date(2030, 1, 1), date(2030, 2, 1), "examiner_period_open"),
    ],
)
def test_only_a_period_that_is_over_has_a_file(lived, tmp_path, first, last, code):
    made = write_examiner_file(tmp_path / "x.zip", Period(first, last), LATER, actor="x", reason="y")
    assert made.code == code
    assert list(tmp_path.iterdir()) == []


def test_compliance_and_auditors_take_it_by_one_button(lived, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: LATER)
    asked = {"first": PERIOD.first, "last": PERIOD.last, "reason": "yearly examination", "clear": "1"}
    seen = {}
    for role in ("compliance", "auditor"):
        answer = browser_of(person(role, role)).post("/desk/examiner", asked)
        assert answer.status_code == 200
        seen[role] = PHONE.encode() in b"".join(answer.streaming_content)
    assert seen == {"compliance": True, "auditor": False}  # an auditor sees nobody's number
    assert browser_of(person("f1", "collector")).post("/desk/examiner", asked).status_code == 404
    page = browser_of(person("auditor", "auditor")).get("/desk/examiner").content.decode()
    assert "In the clear" not in page
    assert (
        browser_of(person("auditor", "auditor")).post("/desk/examiner", {**asked, "reason": ""}).status_code
        == 422
    )
