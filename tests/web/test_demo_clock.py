"""Goal: a demo's time is moved on from each of its pages, and nobody is signed out by it; a lender's never moves."""

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from django.utils import timezone

from forbear.actions.access.purge_expired import purge_expired
from forbear.actions.staff.verify_second_factor import step_of
from forbear.cli.demo_night import write_day
from forbear.interchange.home import clock, demo_night
from forbear.interchange.home.demo_night import NextNight
from forbear.store.business_date import business_date
from forbear.store.models import Case, Loan, Payment, Staff
from forbear.web.tour import TOURS
from tests.factories.desk import make_borrower

pytestmark = pytest.mark.django_db
FILES = (".demo", clock.FILE, demo_night.FILE, demo_night.LOCK)


@pytest.fixture
def demo(settings) -> Iterator[None]:
    """This home is a demo's for one test."""
    (settings.HOME.folder / ".demo").touch()
    yield
    for name in FILES:
        (settings.HOME.folder / name).unlink(missing_ok=True)


@pytest.fixture
def people() -> None:
    """One of each face: staff, agency, visitor, borrower."""
    for name, role, number in (("lin", "collector", "F1001"), ("ning", "visitor", "F2001")):
        Staff.objects.create_user(username=name, role=role, number=number)
    Case.objects.filter(borrower=make_borrower("B1", phone="+8610000000001")).update(
        facts={"days_past_due": 12}
    )


def home_clock(settings):
    return clock.now(settings.HOME)


@pytest.mark.parametrize("role", ["collector", "visitor", "borrower"])
def test_each_face_has_the_clock_the_roles_and_its_five_steps(demo, people, client, role):
    page = client.get(client.post(f"/demo/{role}")["location"], follow=True).content.decode()
    assert 'action="/demo/hour"' in page
    assert 'href="/?roles"' in page
    assert page.count("<li>") >= len(TOURS[role]) == 5
    assert 'id="tour-title"' in page
    where = client.post("/demo/tour", {"next": "/my/home" if role == "borrower" else "/"})["location"]
    assert 'id="tour-title"' not in client.get(where, follow=True).content.decode()


@pytest.mark.parametrize(("role", "page"), [("collector", "/desk/"), ("borrower", "/my/home")])
def test_who_is_signed_in_stays_so_when_the_time_is_moved(demo, people, client, settings, role, page):
    client.post(f"/demo/{role}")
    before = home_clock(settings)
    for _ in range(30):
        assert client.post("/demo/hour", {"next": page})["location"] == page
    assert timedelta(hours=30) <= home_clock(settings) - before < timedelta(hours=31)
    purge_expired(home_clock(settings))
    assert client.get(page).status_code == 200


def test_a_session_still_ends_by_the_worlds_time(demo, people, client, settings, monkeypatch):
    client.post("/demo/collector")
    client.post("/demo/hour", {})
    there = clock.world() + timedelta(hours=2)
    monkeypatch.setattr(clock, "world", lambda: there)
    assert client.get("/desk/")["location"].startswith("/sign-in")


def test_a_phones_codes_count_by_the_worlds_time(demo, settings):
    secret = pyotp.random_base32()
    clock.move(settings.HOME, home_clock(settings) + timedelta(days=3))
    step = int(clock.world().timestamp()) // 30
    code = pyotp.TOTP(secret).generate_otp(step)
    assert step_of(secret, code, 0, home_clock(settings)) in (step, step + 1)


def test_a_night_is_asked_for_once_and_only_where_somebody_runs_it(demo, people, client, settings):
    client.post("/demo/collector")
    assert 'action="/demo/night"' not in client.get("/desk/").content.decode(), "the pages are served alone"
    client.post("/demo/night")
    assert demo_night.read(settings.HOME) == NextNight()
    with demo_night.operator(settings.HOME):
        assert 'action="/demo/night"' in client.get("/desk/").content.decode()
        client.post("/demo/night", {"next": "/desk/"})
        assert demo_night.read(settings.HOME).state == "asked"
        demo_night.write(settings.HOME, NextNight("running", "2026-12-01", "feed", done=3, of=9))
        client.post("/demo/night")
        state = client.get("/demo/clock").json()
        assert (state["busy"], state["done"], state["of"]) == (True, 3, 9)
        assert "2" in state["says"]
        before = home_clock(settings)
        client.post("/demo/hour")
        assert home_clock(settings) - before < timedelta(minutes=5), "the night moves the time itself"
        page = client.get("/desk/").content.decode()
        assert "data-busy" in page
        assert 'action="/demo/hour"' not in page


def test_a_failed_night_says_why(demo, people, client, settings):
    client.post("/demo/collector")
    demo_night.write(settings.HOME, NextNight("failed", "2026-12-01", "feed", note="the disk is full"))
    assert "the disk is full" in client.get("/desk/").content.decode()


def test_the_way_back_leads_to_no_other_site(demo, people, client):
    assert client.post("/demo/hour", {"next": "https://elsewhere.example/"})["location"] == "/"


def test_a_lenders_pages_have_no_clock_to_move(settings, people, client):
    for path in ("/demo/hour", "/demo/night"):
        assert client.post(path).status_code == 404
    assert client.get("/demo/clock").status_code == 404
    assert not any((settings.HOME.folder / name).exists() for name in FILES)
    assert "demo-bar" not in client.get("/sign-in").content.decode()
    assert abs(home_clock(settings) - timezone.now()) < timedelta(seconds=5)


def test_the_next_days_feed_has_what_was_paid_by_habit_and_by_the_demos_own_pages(demo, people, settings):
    home, day = settings.HOME, business_date(home_clock(settings))
    mark = {"loans": 100, "seed": 7, "as_of": str(day), "quarter": False}
    (home.folder / ".demo").write_text(json.dumps(mark), encoding="utf-8")
    loan = Loan.objects.get()
    Payment.objects.create(
        payment_id="till-1", loan=loan, paid_on=day, amount=41_205, received_at=home_clock(settings)
    )
    folder = write_day(home, day + timedelta(days=7))
    with (folder / "payments.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[-1] == {
        "payment_id": "till-1", "loan_id": loan.loan_id, "paid_on": str(day), "amount": "412.05", "reverses": ""
    }  # fmt: skip
    assert {row["paid_on"] for row in rows[:-1]} <= {str(day + timedelta(days=n)) for n in range(1, 8)}
    assert len(rows) > 5
    shutil.rmtree(folder)
