"""Goal: the first pages say from which hour work goes on, and what a night that is not there yet waits for."""

import json
from datetime import date, timedelta

import pytest

from forbear.actions.contacts.outbox_preview import first_allowed_at
from forbear.actions.selectors.work_hours import work_goes_on_at
from forbear.interchange.home.lender import IMPORTS
from forbear.store.models import Case, Contact, PublishedNight, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.web.pages import browser_of, shown

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)
LATER = NOON + timedelta(hours=17)


@pytest.fixture
def lead(monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    return browser_of(Staff.objects.create_user(username="zhou", role="lead", number="F1002"))


@pytest.fixture
def case() -> Case:
    borrower = make_borrower("B1", phone="+8610000000001")
    Case.objects.update(call_planned_on=TODAY)
    return Case.objects.get(borrower=borrower)


def night(day: date) -> None:
    PublishedNight.objects.all().delete()
    PublishedNight.objects.create(as_of=day, version="v", published_at=NOON)


def test_while_something_may_be_done_no_hour_is_named(case, lead):
    night(TODAY)
    assert work_goes_on_at(NOON) is None, "the case is free"
    assert "Work goes on from" not in shown(lead, "/desk/")


def test_the_earliest_of_calls_and_messages_is_named(case, lead):
    night(TODAY)
    Case.objects.update(next_at=LATER)
    assert work_goes_on_at(NOON) == LATER
    contact = wished(case.borrower)
    assert work_goes_on_at(NOON) is None, "a message is due"
    Contact.objects.filter(pk=contact.pk).update(not_before=LATER - timedelta(hours=1))
    assert work_goes_on_at(NOON) == LATER - timedelta(hours=1)
    for page in ("/desk/", "/desk/dashboard"):
        assert "Work goes on from 2026-03-11 07:00." in shown(lead, page)


def test_who_asks_for_a_case_hears_when_the_first_returns(case, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    night(TODAY)
    Case.objects.update(next_at=LATER)
    lin = browser_of(Staff.objects.create_user(username="lin", role="collector", number="F1001"))
    wished(case.borrower)
    lin.post("/desk/next")
    assert "The first returns at 2026-03-11 08:00." in shown(lin, "/desk/")


def test_a_night_that_is_missing_says_what_it_waits_for(case, lead, settings):
    night(TODAY)
    assert "is not here yet" not in shown(lead, "/desk/")
    night(TODAY - timedelta(days=1))
    for page in ("/desk/", "/desk/dashboard"):
        text = shown(lead, page)
        assert "The end-of-day run of 2026-03-10 is not here yet." in text
        assert "What it waits for" not in text, "nobody has told"


def test_a_refused_feed_is_what_the_night_waits_for(case, lead, settings, monkeypatch):
    night(TODAY - timedelta(days=1))
    monkeypatch.setattr(
        "forbear.web.desk.night_state.open_book",
        lambda _root: type("Book", (), {"manifest": {"version": "v"}}),
    )
    refused = {
        "at": NOON.isoformat(),
        "verdict": "refused",
        "feed": "feed-10",
        "problem": "loans are missing",
    }
    path = settings.HOME.quarantine / IMPORTS
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(refused) + "\n", encoding="utf-8")
    try:
        text = shown(lead, "/desk/")
    finally:
        path.unlink()
    assert "What it waits for: the last import, of feed-10, was refused (loans are missing)" in text


def test_the_operator_reads_the_first_hour_that_the_rules_allow(case):
    house_rules()
    wished(case.borrower)
    assert first_allowed_at(NOON, 10) == NOON
    assert first_allowed_at(NOON + timedelta(hours=8), 10) == LATER
    Contact.objects.update(give_up_at=LATER)
    assert first_allowed_at(NOON + timedelta(hours=8), 10) is None, "by then it is pointless"
    Contact.objects.all().delete()
    assert first_allowed_at(NOON, 10) is None
