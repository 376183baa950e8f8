"""Goal: a due date moves at once where policy allows it, and becomes a request of its own where it doesn't.

Method: a real book of a loan with five instalments paid and one ahead, and one with a late instalment, as a borrower's
pages show them.
"""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.publish.publish import publish
from forbear.store.models import DueChange, Event, Hold, Request
from forbear.web import clock as web_clock
from tests.home_night import decided, feed_in
from tests.web.pages import born

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
FEED = {
    "loans": ["L1,B1,cash,CNY,600.00,2025-10-01,active", "L2,B1,cash,CNY,200.00,2026-01-01,active"],
    "instalments": [
        *[f"L1,{n},2025-{9 + n}-05,100.00,0,0,0" for n in (1, 2, 3)],
        "L1,4,2026-01-05,100.00,0,0,0", "L1,5,2026-02-05,100.00,0,0,0", "L1,6,2026-04-05,100.00,0,0,0",
        "L2,1,2026-02-25,100.00,0,0,0", "L2,2,2026-03-30,100.00,0,0,0",
    ],
    "payments": ["P1,L1,2026-02-01,500.00,"],
    "borrowers": ["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,1990-01-31,true"],
}  # fmt: skip


@pytest.fixture
def inside(tmp_path, monkeypatch):
    feed_in(tmp_path / "feed", **FEED)
    publish(*decided(date(2026, 3, 9)), NOON)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    token = link_for(SimpleNamespace(contact_id="c", borrower_id="B1", channel="sms"), NOON).rsplit("/", 1)[1]
    client = Client(headers={"Accept-Language": "en"})
    client.post("/my/", {"token": token, **born("19900131")})
    return client


def test_within_the_terms_it_counts_at_once(inside):
    assert "5 April 2026" in inside.get("/my/due").content.decode()
    inside.post("/my/due", {"loan": "L1", "to": "2026-04-25"})
    change = DueChange.objects.get()
    assert (change.number, change.due_on, change.moved_to) == (6, date(2026, 4, 5), date(2026, 4, 25))
    hold = Hold.objects.get()
    assert (hold.kind, hold.loans, hold.ends_at) == (
        "forbearance",
        ["L1"],
        datetime(2026, 4, 25, 16, tzinfo=UTC),
    )
    assert "due date moved" in Event.objects.filter(kind="plan").get().line
    assert "Moved to 25 April 2026" in inside.get("/my/due").content.decode()
    assert not Request.objects.exists()


def test_a_second_time_in_a_year_is_for_a_person(inside):
    inside.post("/my/due", {"loan": "L1", "to": "2026-04-25"})
    answer = inside.post("/my/due", {"loan": "L1", "to": "2026-05-10"})
    request = Request.objects.get()
    assert answer["Location"] == f"/my/asked/{request.number}"
    assert (request.kind, request.details["to"]) == ("extension", "2026-05-10")
    assert request.details["why"] == ["extension_too_often"]
    assert request.words == "", "nothing is put into the borrower's mouth"


def test_a_late_loan_is_for_a_person_with_all_reasons(inside):
    inside.post("/my/due", {"loan": "L2", "to": "2026-04-10"})
    request = Request.objects.get()
    assert request.details["why"]
    assert request.words == ""
    assert not DueChange.objects.exists()


@pytest.mark.parametrize("to", ["", "x", "2026-04-04", "2026-13-01", "2027-12-01"])
def test_a_day_that_makes_no_sense_is_said_at_its_field(inside, to):
    page = inside.post("/my/due", {"loan": "L1", "to": to}).content.decode()
    assert 'id="id_to_L1_error"' in page
    assert not DueChange.objects.exists()
    assert not Request.objects.exists()


@pytest.mark.parametrize("form", [{"loan": "L9", "to": "2026-04-20"}, {}])
def test_what_is_about_no_loan_changes_nothing(inside, form):
    assert inside.post("/my/due", form)["Location"] == "/my/due"
    assert not DueChange.objects.exists()
    assert not Request.objects.exists()
