"""Goal: a borrower names who acts for them, or puts their data right, by a form; the desk grants it with one answer."""

import pytest
from django.test import Client

from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.staff.new_staff import make_staff
from forbear.core.agreements.request import FIELDS, hold_of, read_fields
from forbear.core.base.problem import Problem
from forbear.store.evidence_check import check
from forbear.store.models import Case, Contact, Event, Hold, Request
from forbear.web import clock as web_clock
from tests.factories.desk import NOON
from tests.web.test_portal import borrower as borrower
from tests.web.test_portal import inside as inside
from tests.web.test_portal import now as now
from tests.web.test_portal import shown

LAWYER = {"role": "lawyer", "name": "周律", "phone": "+86 10 0000 0009"}

MAIL = {"email": "z@example.com"}


@pytest.mark.parametrize(
    ("kind", "form", "told"),
    [
        ("lawyer", LAWYER, LAWYER),
        ("lawyer", {"role": "helper", "name": "李", "phone": " "} | MAIL, {"role": "helper", "name": "李"} | MAIL),
        ("lawyer", {**LAWYER, "phone": ""}, "name_of_helper_missing"),
        ("lawyer", {**LAWYER, "name": ""}, "name_of_helper_missing"),
        ("lawyer", {**LAWYER, "role": "police"}, "role_of_helper_missing"),
        ("lawyer", {**LAWYER, "phone": "call me"}, "phone_invalid"),
        ("correction", {"email": "nobody"}, "email_invalid"),
        ("correction", {"address": "新地址 1 号", "words": "x"}, {"address": "新地址 1 号"}),
        ("hardship", {"reason": "illness", "phone": "1"}, {"reason": "illness"}),
        ("complaint", {"name": "x"}, {}),
    ],
)  # fmt: skip
def test_what_a_form_says(kind, form, told):
    found = read_fields(kind, form)
    if isinstance(told, str):
        assert isinstance(found, Problem)
        assert found.code == told
    else:
        assert found == told


def test_the_hold_follows_from_who_it_is():
    assert [hold_of("lawyer", {"role": role}) for role in ("lawyer", "counsellor", "helper")] == [
        "lawyer",
        "counsellor",
        "",
    ]
    assert hold_of("lawyer", {}) == "lawyer"
    assert hold_of("dispute", {"role": "helper"}) == "dispute"
    assert "reason" in FIELDS["hardship"]


@pytest.fixture
def officer():
    return make_staff("officer", "a-long-passphrase-1", "compliance", "O1", NOON, actor="test")


@pytest.mark.database
@pytest.mark.django_db
def test_a_lawyer_is_named_and_called_instead(inside, borrower, officer, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    answer = inside.post("/my/ask/lawyer", LAWYER)
    made = Request.objects.get()
    assert answer["Location"] == f"/my/asked/{made.number}"
    assert Hold.objects.get(lifted_at=None).kind == "lawyer"
    assert not borrower.points.filter(party="lawyer").exists(), "a person looks at it first"
    answer_request(made.number, Answered("done", "已保存，编号"), officer, NOON)
    point = borrower.points.get(party="lawyer")
    assert (point.kind, point.person, point.lawful) == ("phone", "周律", True)
    assert Hold.objects.filter(kind="lawyer", lifted_at=None).exists()
    # a collector calls the lawyer from the case page, and not the borrower
    Case.objects.get_or_create(
        borrower=borrower, closed_on=None, defaults={"opened_on": NOON.date(), "as_of": NOON.date()}
    )
    collector = make_staff("lin", "a-long-passphrase-1", "collector", "F1", NOON, actor="test")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(collector, backend="django.contrib.auth.backends.ModelBackend")
    assert "Their lawyer" in shown(client, "/desk/case/B1/")
    client.post("/desk/case/B1/call", {"party": "lawyer"})
    assert list(Contact.objects.filter(channel="call").values_list("party", flat=True)) == ["lawyer"]
    client.post("/desk/case/B1/call")
    assert [each.state for each in Contact.objects.filter(channel="call", party="debtor")] == ["refused"]
    client.post("/desk/case/B1/call", {"party": "employer"})
    assert not Contact.objects.filter(party="employer").exists()
    assert check(NOON) == []


@pytest.mark.database
@pytest.mark.django_db
def test_a_number_is_put_right(inside, borrower, officer):
    old = borrower.points.get(party="debtor", kind="phone")
    inside.post("/my/ask/correction", {"phone": "+8613900000000", "name": "王小铭"})
    made = Request.objects.get()
    answer_request(made.number, Answered("done", "已更正"), officer, NOON)
    old.refresh_from_db()
    borrower.refresh_from_db()
    new = borrower.points.get(digest=digest_of("phone", "+8613900000000"))
    assert (old.invalid_at, new.invalid_at, new.source, borrower.name) == (NOON, None, "borrower", "王小铭")
    assert [event.kind for event in Event.objects.filter(kind__in=("point", "correction")).order_by("id")] == [
        "point", "point", "correction",
    ]  # fmt: skip
    assert not Event.objects.filter(line__contains="王小铭").exists(), "a name is a personal value"
    assert check(NOON) == []


@pytest.mark.database
@pytest.mark.django_db
def test_what_is_refused_changes_nothing(inside, borrower, officer):
    inside.post("/my/ask/correction", {"phone": "+8613900000000"})
    answer_request(Request.objects.get().number, Answered("refused", "请先核实"), officer, NOON)
    assert borrower.points.count() == 1
    page = inside.post("/my/ask/correction", {"phone": "abc"}).content.decode()
    assert "Write the phone number in digits" in page
    assert 'value="abc"' in page, "what was typed stays"
