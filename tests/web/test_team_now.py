"""Goal: a lead sees by name who is on a call, at work, idle or away, and gives a case to a person, not to an id."""

from datetime import timedelta

import pytest

from forbear.store.models import Case, Contact, Staff
from forbear.web import clock as web_clock
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
FLOOR = "/desk/floor"


@pytest.fixture
def qin(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    make_borrower()
    return browser_of(person("qin", "lead"))


def seen(name: str, minutes: int | None) -> Staff:
    """A collector who did something so many minutes ago; None for one who is out."""
    made = person(name, "collector")
    made.active_at = None if minutes is None else NOON - timedelta(minutes=minutes)
    made.save()
    return made


def state_of(desk, who: Staff) -> str:
    words = shown(desk, FLOOR)
    place = words.index(f"{who.username} {who.number}")
    return words[place : place + 60]


def test_each_state_is_said_by_name(qin):
    mei, lin, wu, zhao = seen("mei", 2), seen("lin", 9), seen("wu", None), seen("zhao", 1)
    call = wished(Case.objects.get().borrower, "call").pk
    Contact.objects.filter(pk=call).update(
        staff=zhao, state="sent", outcome="pending", at=NOON - timedelta(minutes=3)
    )
    assert "At work 2 min ago" in state_of(qin, mei)
    assert "Idle 9 min ago" in state_of(qin, lin)
    assert "Away" in state_of(qin, wu)
    assert "On a call B1 3 min ago" in state_of(qin, zhao)
    Contact.objects.filter(pk=call).update(outcome="conversation")
    assert "At work" in state_of(qin, zhao)


def test_signing_in_and_out_moves_it(qin, client):
    lin = person("lin", "collector")
    lin.set_password("forbear-demo-2026")
    lin.save()
    client.post("/sign-in", {"username": "lin", "password": "forbear-demo-2026"})
    lin.refresh_from_db()
    assert lin.active_at == NOON
    client.post("/sign-out")
    lin.refresh_from_db()
    assert lin.active_at is None


def test_a_case_goes_to_a_person_chosen_by_name(qin):
    lin = seen("lin", 1)
    case = Case.objects.get()
    case.collector, case.leased_until = person("mei", "collector"), NOON + timedelta(hours=1)
    case.save()
    assert f'<option value="{lin.number}">lin {lin.number}</option>' in qin.get(FLOOR).content.decode()
    assert qin.post(f"{FLOOR}/{case.pk}/assign", {"to": lin.number}).status_code == 302
    case.refresh_from_db()
    assert case.collector == lin
    assert qin.post(f"{FLOOR}/{case.pk}/assign", {"to": "F99999"}).status_code == 422
