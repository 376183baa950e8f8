"""Goal: what should not have left is found afterwards, what was stopped in time told apart, and evidence is found."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import end_contact, make_contact
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.permits.pack import parse_draft
from forbear.core.permits.rules import Rulebook, bind
from forbear.insight.unpermitted_contacts import unpermitted_contacts
from forbear.interchange.home.packs import rulebook
from forbear.store import evidence
from forbear.store.models import Borrower, Contact, Event, Permit, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower, wish_for, wished
from tests.profile import variants
from tests.web.pages import browser_of
from tests.web.test_browser import fits, serious
from tests.web.test_browser import site as site

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SINCE = NOON - timedelta(days=7)


@pytest.fixture
def borrower():
    house_rules()
    return make_borrower()


def called(borrower, at=NOON) -> Contact:
    """A call with its permit, answered."""
    made = make_contact(ContactDraft("B1", wish_for(borrower, "call")), at, actor="test")
    end_contact(made.contact.pk, "conversation", at, actor="test")
    return Contact.objects.get(pk=made.contact.pk)


def found(now=NOON + timedelta(minutes=1)):
    return unpermitted_contacts(rulebook(settings.HOME), SINCE, now)


def signed_in(role: str) -> Client:
    staff = Staff.objects.create_user(username=role, password="x", role=role, number=role[:8].upper())
    return browser_of(staff)


def test_a_lawful_day_has_no_leak(borrower):
    called(borrower)
    told = found()
    assert (told.made, told.number, told.rate, told.asked) == (1, 0, 0.0, 1)
    assert (told.unpermitted, told.again, told.near) == ([], [], [])


def test_with_no_contact_there_is_no_rate(borrower):
    assert found().rate is None


@pytest.mark.postgresql
def test_a_contact_without_a_permit_is_a_leak(borrower):
    made = wished(borrower)
    Contact.objects.filter(pk=made.pk).update(state="sent", at=NOON, outcome="delivered")
    told = found()
    assert [each.pk for each in told.unpermitted] == [made.pk]
    assert (told.number, told.rate) == (1, 100_000.0)
    Contact.objects.filter(pk=made.pk).update(outcome="not_sent")
    assert found().number == 0


def test_a_call_heard_of_late_makes_the_next_one_a_leak(borrower):
    second = called(borrower)
    assert found().number == 0
    # an agency tells only now that it had spoken with them an hour before: the cap is one a day
    earlier = wished(borrower, "call")
    Contact.objects.filter(pk=earlier.pk).update(
        state="sent", at=NOON - timedelta(hours=1), outcome="conversation"
    )
    Permit.objects.create(
        permit_id="p", contact_id=earlier.pk, body={}, facts=[], issued_at=NOON - timedelta(hours=1),
        expires_at=NOON, used_at=NOON,
    )  # fmt: skip
    told = found()
    assert [(each.rule, each.refused, each.examples) for each in told.again] == [
        ("house.calls", 1, (second.pk,))
    ]
    assert told.number == 1


ALWAYS = """
- id: house.nobody
  says: {zh: 谁都不可, en: Nobody}
  applies: {channels: [call]}
  refuse_when: local_hour >= 0
  clause: house
  force: house
"""


@pytest.mark.parametrize(
    ("line", "number"), [("", 60), ("  enabled: false\n", 0), ("  from: 2026-03-11\n", 0)], ids=range(3)
)
def test_only_rules_in_force_are_asked_again_and_every_contact_counts(borrower, monkeypatch, line, number):
    for place in range(60):
        made = wished(borrower, "call")
        Contact.objects.filter(pk=made.pk).update(state="sent", at=NOON, outcome="unanswered")
        Permit.objects.create(
            permit_id=f"p{place}", contact_id=made.pk, body={}, facts=[{"zone": "UTC", "local_hour": 12}],
            issued_at=NOON, expires_at=NOON, used_at=NOON,
        )  # fmt: skip
    book = Rulebook(tuple(bind(rule) for rule in parse_draft(ALWAYS + line)), (), {})
    told = unpermitted_contacts(book, SINCE, NOON + timedelta(minutes=1))
    assert (told.number, sum(rule.refused for rule in told.again)) == (number, number)
    assert all(len(rule.examples) == 50 for rule in told.again), "the newest are named"


def test_what_was_permitted_and_stopped_in_time_is_a_near_miss(borrower):
    made = called(borrower)
    Contact.objects.filter(pk=made.pk).update(state="cancelled", at=None)
    told = found()
    assert [each.pk for each in told.near] == [made.pk]
    assert told.number == 0
    page = signed_in("compliance").get("/desk/leaks").content.decode()
    assert "Near misses" in page


def search(client: Client, **asked: str) -> str:
    return client.get("/desk/evidence", asked).content.decode()


@pytest.mark.postgresql
def test_evidence_is_found_by_kind_borrower_person_words_and_day(borrower, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    called(borrower)
    officer = signed_in("compliance")
    assert "Choose a kind" in search(officer)
    assert "B1" in search(officer, kind="permit")
    assert "B1" in search(officer, borrower="B1", actor="test", first="2026-03-10", last="2026-03-10")
    for nothing in (
        {"kind": "visit"},
        {"borrower": "B2"},
        {"borrower": "B1", "actor": "staff:none"},
        {"borrower": "B1", "words": "house.none"},
        {"borrower": "B1", "first": "2026-03-11"},
        {"borrower": "B1", "last": "2026-03-09"},
    ):
        assert "no such event" in search(officer, **nothing), nothing
    assert search(officer, borrower="B1", first="yesterday", page="x")


def test_evidence_is_found_by_what_people_have_at_hand(borrower, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    made = called(borrower)
    asked = make_request(Asked("B1", "complaint", "words"), NOON, actor="borrower")
    officer = signed_in("compliance")
    code = Contact.objects.get(pk=made.pk).code
    for number in ("B1-L1", f" {asked.number.lower()} ", code, f"{code[:4]}-{code[4:]}"):
        assert "no such event" not in search(officer, borrower=number), number
    assert "no such event" in search(officer, borrower="B1-L9")
    evidence.append("access", at=NOON, actor="staff:COMPLIAN", borrower="B1", body={"what": "seen"})
    assert "no such event" not in search(officer, borrower="B1", actor="complian")
    assert "no such event" in search(officer, borrower="B1", actor="F9")


def test_what_is_handed_out_leaves_evidence(borrower, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    called(borrower)
    officer = signed_in("compliance")
    asked = {"kind": "permit", "form": "csv"}
    assert officer.post("/desk/evidence/rows", asked).status_code == 422
    told = officer.post("/desk/evidence/rows", asked | {"reason": "regulator 2026-17"})
    rows = list(csv.reader(io.StringIO(told.content.decode("utf-8-sig"))))
    assert rows[0] == ["at", "kind", "borrower", "number", "actor", "reason", "body", "hash"]
    assert [row[1:3] for row in rows[1:]] == [["permit", "B1"]]
    assert "王小明" not in told.content.decode()
    (event,) = Event.objects.filter(kind="export", borrower="")
    body = json.loads(event.line)["body"]
    assert (body["reason"], body["rows"], body["kind"]) == ("regulator 2026-17", 1, "permit")
    assert officer.post("/desk/evidence/bundle", {"borrower": "B1"}).status_code == 422
    assert officer.post("/desk/evidence/bundle", {"borrower": "B9", "reason": "court"}).status_code == 422
    packed = officer.post("/desk/evidence/bundle", {"borrower": "B1", "reason": "court"})
    names = zipfile.ZipFile(io.BytesIO(b"".join(packed.streaming_content))).namelist()
    assert any(name.endswith("events.jsonl") for name in names), names
    assert any(name.endswith("timeline.pdf") for name in names), names
    assert Event.objects.filter(kind="export", borrower="B1").exists()


def test_an_auditor_searches_and_hands_nothing_out(borrower):
    called(borrower)
    auditor = signed_in("auditor")
    assert "/desk/evidence/rows" not in search(auditor, kind="permit")
    assert auditor.post("/desk/evidence/rows", {"kind": "permit", "reason": "x"}).status_code == 404


@pytest.mark.parametrize(("width", "locale"), variants((1280, "zh-CN"), (390, "en-GB")))
def test_everybody_can_use_the_pages(chromium, site, width, locale):
    Staff.objects.create_user(username="he", password="forbear-demo-2026", role="compliance", number="F1003")
    made = Contact.objects.filter(pk=wished_now().pk)
    made.update(state="sent", outcome="delivered")
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale=locale, base_url=site)
    page = context.new_page()
    page.goto("/sign-in?next=/desk/leaks")
    page.fill("input[name=username]", "he")
    page.fill("input[name=password]", "forbear-demo-2026")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tiles")
    assert serious(page) == []
    assert fits(page)
    page.goto("/desk/evidence?kind=wish")
    assert serious(page) == []
    assert fits(page)
    context.close()


def wished_now() -> Contact:
    """A contact that left just now, without a permit."""
    made = wished(Borrower.objects.get(), now=datetime.now(UTC))
    Contact.objects.filter(pk=made.pk).update(at=datetime.now(UTC))
    return made
