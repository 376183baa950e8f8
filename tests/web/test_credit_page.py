"""Goal: during a granted pause the borrower's credit page says what will be reported, as the country's rules have it.

Method: a pause granted by a person in each country, the page in both languages, and the gate that bureaus' files ask.
"""

from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import pytest
from django.conf import settings
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.contacts.permit_gate import preview
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.agreements.answers import Granted
from forbear.core.facts.contact import PlannedContact
from forbear.store.models import Borrower, Request
from forbear.web import clock as web_clock
from tests.factories.agencies import person
from tests.factories.desk import NOON, make_borrower, wished
from tests.web.pages import born

pytestmark = [pytest.mark.database, pytest.mark.django_db]
UNTIL = date(2026, 6, 10)
#: Whether a country's rules keep a paused loan out of what bureaus are told, and what the page says of it.
SAID = {
    "cn": (True, "Until then we report nothing adverse about this", "在那之前，我们不会就此报送不良信息"),
    "us": (True, "Until then we report nothing adverse about this", "在那之前，我们不会就此报送不良信息"),
    "uk": (
        False,
        "A pause doesn't keep what is late out of your record",
        "暂缓还款期间，逾期仍可能如实报送",
    ),
}


@pytest.fixture(params=sorted(SAID))
def country(request):
    pack, home = request.param, settings.HOME
    text = files("forbear.packs").joinpath(f"{pack}.yaml").read_text("utf-8")
    (home.folder / "packs" / f"{pack}.yaml").write_text(text, "utf-8")
    settings.HOME = replace(home, packs=(home.folder / f"packs/{pack}.yaml",))
    make_borrower()
    Borrower.objects.update(born_on=date(1990, 1, 31))
    yield pack
    settings.HOME = home


def page(language: str, monkeypatch, days: int = 0) -> str:
    now = NOON + timedelta(days=days)
    monkeypatch.setattr(web_clock, "now", lambda: now)
    client = Client(headers={"Accept-Language": language})
    token = link_for(wished(Borrower.objects.get(), now=now), now).rsplit("/", 1)[1]
    assert client.post("/my/", {"token": token, **born("19900131")}).status_code == 302
    return " ".join(client.get("/my/credit").content.decode().split())


def refusing() -> set[str]:
    """The rules by which a bureau's file leaves the loan out."""
    (decision,) = preview("B1", [PlannedContact("bureau", "report", loans=("B1-L1",))], NOON)
    return {refusal.rule.rpartition(".")[2] for refusal in decision.refusals}


def grant() -> None:
    asked = make_request(Asked("B1", "hardship", words="失业"), NOON, actor="borrower")
    assert isinstance(asked, Request), asked
    answer = Answered("deferred", "好", granted=Granted(until=UNTIL))
    made = answer_request(asked.number, answer, person("he", "compliance"), NOON)
    assert isinstance(made, Request), made


def test_the_page_says_what_a_pause_does_to_reports_and_the_gate_does_it(country, monkeypatch):
    withheld, english, chinese = SAID[country]
    before = page("en", monkeypatch)
    assert "Your payments rest until" not in before
    assert "granted_pause" not in refusing()
    grant()
    shown = page("en", monkeypatch)
    assert "Your payments rest until" in shown
    assert english in shown
    assert chinese in page("zh", monkeypatch)
    assert ("granted_pause" in refusing()) is withheld
    days = (UNTIL - NOON.date()).days
    assert "Your payments rest until" in page("en", monkeypatch, days=days)
    looked_at = page("en", monkeypatch, days=days + 1)
    assert "Your payments rest until" not in looked_at
    assert "It goes on until we have looked at what comes next" in looked_at
    over = page("en", monkeypatch, days=days + 15)
    assert "what comes next" not in over
