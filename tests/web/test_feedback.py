"""Goal: whoever was spoken with is asked once how it was; the answer counts for who spoke, and is told to nobody."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from forbear.actions.contacts.send import claim, send_one
from forbear.actions.replies.feedback import EVERY, ask_due
from forbear.insight.scorecard import scorecards
from forbear.store.models import Contact, Event, Feedback
from forbear.web import clock as web_clock
from tests.actions.agencies.test_agencies import AGENCY_PACK, agency_call
from tests.factories.agencies import late_case, make_agency, place_all
from tests.factories.desk import NOON, Recorder, house_rules, wish_for
from tests.web.pages import without_lots

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LATER = NOON + timedelta(hours=3)


@pytest.fixture
def asked(monkeypatch) -> str:
    """The address in the message that asks about a talk with an agency."""
    house_rules(AGENCY_PACK)
    make_agency()
    borrower = late_case("B1")
    place_all()
    call = agency_call(borrower, "huaxin").contact
    Contact.objects.filter(pk=call.pk).update(outcome="conversation", ended_at=NOON)
    assert (ask_due(LATER), ask_due(LATER)) == (1, 0)
    recorder = Recorder()
    for name in claim("w", LATER, channels=("sms",)):
        send_one(name, "w", {"sms": recorder}, lambda: LATER)
    (body,) = [message.body for message in recorder.sent if "/say/" in message.body]
    monkeypatch.setattr(web_clock, "now", lambda: LATER)
    assert wish_for(borrower)
    return re.search(r"/say/\w+", body)[0]


def test_two_questions_once(asked):
    client = Client(headers={"Accept-Language": "en"})
    page = without_lots(client.get(asked)).replace(asked, "")
    assert "Were you treated with respect" in page
    assert "B1" not in page
    assert "at least one" in client.post(asked, {"words": "hm"}).content.decode()
    page = client.post(asked, {"respect": "2", "clear": "9", "words": "太凶"}).content.decode()
    assert "Choose one from the list" in page
    assert "太凶" in page
    assert "Thank you" in client.post(asked, {"respect": "2", "words": "太凶"}).content.decode()
    client.post(asked, {"respect": "5"})
    found = Feedback.objects.get()
    assert (found.agency_id, found.respect, found.clear, found.words) == ("huaxin", 2, None, "太凶")
    assert Event.objects.filter(kind="note", borrower="B1").count() == 1
    assert scorecards(LATER)["huaxin"].feedback.raw == 2


def test_nobody_is_asked_again_soon(asked):
    Contact.objects.filter(channel="call").update(ended_at=LATER + EVERY - timedelta(hours=1))
    assert ask_due(LATER + EVERY - timedelta(minutes=30)) == 0


def test_guesses_find_nothing_and_are_slowed(asked):
    client = Client()
    answers = {client.get(f"/say/{number:016d}").status_code for number in range(5)}
    assert answers == {404}
    answers = [client.get("/say/ABCDEFGHIJKLMNOP").status_code for _ in range(60)]
    assert answers[-1] == 429


def test_a_link_that_is_too_old_is_closed(asked, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: LATER + timedelta(days=31))
    assert Client().get(asked).status_code == 404
