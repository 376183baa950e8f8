"""Goal: a collector's first page has what their day holds: call-backs, promises, replies, requests, cases and why."""

from datetime import timedelta

import pytest

from forbear.actions.cases.reassign_many import reassign_cases
from forbear.store.models import Case, Inbound, Promise, Request, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def lin(monkeypatch) -> Staff:
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    house_rules()
    for name in ("B1", "B2", "B3", "B4"):
        make_borrower(name, phone=f"+861000000000{name[1]}")
    return Staff.objects.create_user(username="lin", role="collector", number="F1")


def promise(borrower: str, staff: Staff, state: str, days: int) -> None:
    Promise.objects.create(
        borrower_id=borrower, amount=50_000, currency="CNY", minor_unit=100, made_on=NOON.date(), state=state,
        due_on=NOON.date() + timedelta(days=days), taken_by=staff,
    )  # fmt: skip


def test_an_empty_day_says_what_will_come(lin):
    assert "Your day is clear." in shown(browser_of(lin), "/desk/")


def test_a_day_holds_ones_own_and_nobody_elses(lin, django_assert_max_num_queries):
    other = Staff.objects.create_user(username="chen", role="collector", number="F2")
    lead = Staff.objects.create_user(username="zhou", role="lead", number="F3")
    reassign_cases([Case.objects.get(borrower_id="B1").pk], "F1", lead, NOON)
    Case.objects.filter(borrower_id="B2").update(callback_by=lin, callback_at=NOON + timedelta(hours=1))
    Case.objects.filter(borrower_id="B3").update(callback_by=lin, callback_at=NOON + timedelta(days=2))
    promise("B4", lin, "broken", -2)
    promise("B3", other, "open", 0)
    Inbound.objects.create(
        provider="p",
        provider_ref="1",
        kind="reply",
        at=NOON,
        needs_person=True,
        borrower_id="B1",
        text="please call",
    )
    Request.objects.create(
        number="R1", borrower_id="B1", kind="dispute", source="desk", opened_at=NOON, due_on=NOON.date()
    )
    client = browser_of(lin)
    page = shown(client, "/desk/")
    for text in (
        "Call-backs due today",
        "Broken",
        "please call",
        "Requests on your cases",
        "a lead gave it to them",
    ):
        assert text in page, text
    assert "B3" not in page, "neither a later call-back nor a colleague's promise"
    assert "王小明" not in page, "names are masked"
    with django_assert_max_num_queries(25):
        client.get("/desk/")
    assert "Call-backs due today" not in shown(browser_of(other), "/desk/")
