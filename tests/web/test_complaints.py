"""Goal: a complaint is followed by its dates through every page: borrower, agency, register, regulator's return."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client

from forbear.actions.contacts.send import claim, send_one
from forbear.store.business_date import business_date
from forbear.store.models import Complaint, Event, Hold, Placement, Request
from forbear.web import clock as web_clock
from tests.factories.agencies import late_case, make_agency, person, place_all
from tests.factories.desk import NOON, Recorder, house_rules, make_borrower
from tests.web.pages import born, browser_of, shown
from tests.web.test_agency import AGENCY_PACK
from tests.web.test_portal import BORN, token_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]
BORN_ON = date(int(BORN[:4]), int(BORN[4:6]), int(BORN[6:]))
FOUND = {"category": "conduct", "root_cause": "person", "redress": "apology"}


class Hand:
    """The clock of every page, which the story moves."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self):
        return self.at


@pytest.fixture
def hand(monkeypatch) -> Hand:
    made = Hand()
    monkeypatch.setattr(web_clock, "now", made)
    return made


@pytest.fixture
def borrower():
    house_rules("pack: house\nparameters: {complaint_days: 15, complaint_longest_days: 60}\nrules: []\n")
    made = make_borrower()
    made.born_on = BORN_ON
    made.save()
    return made


def inside(borrower):
    client = Client(headers={"Accept-Language": "en"})
    assert client.post("/my/", {"token": token_of(borrower), **born(BORN)})["Location"] == "/my/home"
    return client


def signed_in(name: str, role: str, agency=None):
    return browser_of(person(name, role, agency))


def people() -> tuple[Client, Client, Client]:
    """Three who see the register, signed in now."""
    return signed_in("he", "compliance"), signed_in("zhou", "lead"), signed_in("song", "auditor")


def deliver_all(now) -> None:
    for name in claim("w", now):
        send_one(name, "w", {"sms": Recorder()}, lambda: now)


def test_a_complaint_by_its_dates(borrower, hand):
    mine = inside(borrower)
    mine.post("/my/ask/complaint", {"words": "昨天来电骂人"})
    request = Request.objects.get()
    page = shown(mine, f"/my/asked/{request.number}")
    assert "nobody visits you" in page
    assert "We don't ask you to pay" not in page
    assert "looking into your complaint" in shown(mine, "/my/home")
    # the register, the same day
    officer, lead, auditor = people()
    for client in (officer, lead, auditor):
        assert request.number in shown(client, "/desk/complaints")
        assert "Acknowledged" in shown(client, f"/desk/complaints/{request.number}")
    assert auditor.post(f"/desk/complaints/{request.number}/refer", {}).status_code == 404
    # after fifteen days it is late, and the menu says so
    hand.at = NOON + timedelta(days=16)
    officer, lead, auditor = people()  # sessions have ended meanwhile
    assert request.number in shown(officer, "/desk/complaints?state=overdue")
    # put off with reasons that the borrower reads
    to = business_date(NOON) + timedelta(days=30)
    officer.post(f"/desk/complaints/{request.number}/later", {"until": to, "note": "录音还在调取"})
    assert Complaint.objects.get().extended_note == "录音还在调取"
    mine = inside(borrower)
    assert "录音还在调取" in shown(mine, f"/my/asked/{request.number}")
    assert request.number not in shown(officer, "/desk/complaints?state=overdue")
    # one person would reject it, the other upholds it with money
    path = f"/desk/requests/{request.number}"
    no = {
        "outcome": "refused",
        "words": "没有发现问题",
        **FOUND,
        "root_cause": "none_found",
        "redress": "nothing",
    }
    officer.post(path, no)
    assert Request.objects.get().state == "open"
    assert request.number in shown(lead, "/desk/complaints?state=second")
    assert request.number not in shown(officer, "/desk/complaints?state=second")
    by = business_date(hand.at) + timedelta(days=7)
    yes = {
        "outcome": "upheld",
        "words": "我们道歉并退款",
        **FOUND,
        "redress": "refund",
        "redress_amount": "50.00",
    }
    assert lead.post(path, yes).status_code == 422
    lead.post(path, {**yes, "redress_by": by})
    assert Request.objects.get().outcome == "upheld"
    assert not Hold.objects.filter(kind="complaint", lifted_at=None).exists()
    # the final response leaves through the gate and names the next instance on the page
    deliver_all(hand.at)
    assert Complaint.objects.get().final_sent_at is not None
    page = shown(mine, f"/my/asked/{request.number}")
    assert "This is our final response" in page
    assert "CNY 50.00" in page
    # the redress is late a week later, then done
    hand.at += timedelta(days=9)
    officer, lead, auditor = people()
    assert request.number in shown(lead, "/desk/complaints?state=overdue")
    lead.post(f"/desk/complaints/{request.number}/redress", {})
    assert request.number not in shown(lead, "/desk/complaints?state=overdue")
    # the regulator's return
    figures = shown(auditor, "/desk/complaints/figures")
    assert "Most often: A person did not keep to the rules, 1 of 1" in figures
    table = auditor.get("/desk/complaints/figures?first=2026-03-01&last=2026-04-30&file=csv")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert rows[1][:5] == ["Tone, threats or insults", "1", "1", "1", "1"]
    assert rows[-1][7] == "CNY 50.00"


def test_what_an_agency_hears_is_in_the_register_too(hand):
    house_rules(AGENCY_PACK)
    agency = make_agency()
    late_case("B1")
    place_all()
    worker = signed_in("agent1", "agency", agency)
    placement = Placement.objects.get()
    path = f"/agency/case/{placement.pk}/complaint"
    assert worker.post(path, {"note": " "}).status_code == 422
    worker.post(path, {"note": "说我们打到他单位"})
    complaint = Complaint.objects.get()
    assert (complaint.came_by, complaint.about_agency) == ("agency", agency)
    assert Event.objects.filter(kind="complaint", borrower="B1").exists()
    other = signed_in("agent2", "agency", make_agency("mingyuan"))
    assert other.post(path, {"note": "x"}).status_code == 404


def test_the_next_instance_is_noted_and_ends(borrower, hand):
    officer, lead = signed_in("he", "compliance"), signed_in("zhou", "lead")
    lead.post("/desk/case/B1/ask", {"kind": "complaint", "words": "打得太多"})
    number = Request.objects.get().number
    assert Complaint.objects.get().came_by == "call"
    path = f"/desk/complaints/{number}/refer"
    officer.post(path, {"reference": "FOS-77"})
    assert Hold.objects.filter(kind="ombudsman", lifted_at=None).exists()
    assert officer.post(path, {"note": ""}).status_code == 422
    officer.post(path, {"note": "decided for the lender"})
    assert not Hold.objects.filter(kind="ombudsman", lifted_at=None).exists()
    assert "FOS-77" in shown(officer, f"/desk/complaints/{number}")


def test_figures_of_nothing_and_of_a_wrong_period(borrower, hand):
    officer = signed_in("he", "compliance")
    assert "No complaint was answered" in shown(officer, "/desk/complaints/figures")
    assert officer.get("/desk/complaints/figures?first=gestern&last=2026-13-40").status_code == 200
    assert officer.get("/desk/complaints/figures?first=&last=&file=csv").status_code == 200
