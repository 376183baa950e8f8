"""Goal: special care is seen by all who work a case, its reasons by few and on record; the borrower corrects it."""

from datetime import timedelta

import pytest
from django.test import Client

from forbear.actions.holds.vulnerability import running_vulnerability
from forbear.store.models import Event, Hold, Vulnerability
from forbear.web import clock as web_clock
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.pages import born, browser_of, shown
from tests.web.test_complaints import BORN_ON
from tests.web.test_portal import BORN, token_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]
REVIEW = (NOON + timedelta(days=60)).date().isoformat()
FORM = {
    "measures": ["no_calls", "plain_words"],
    "kinds": ["mental_health"],
    "words": "住院治疗中",
    "consent": "1",
    "told_by": "relative",
    "review_on": REVIEW,
}


@pytest.fixture
def borrower(monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    house_rules()
    made = make_borrower()
    made.born_on = BORN_ON
    made.save()
    return made


def signed_in(name: str, role: str) -> Client:
    return browser_of(person(name, role))


def inside(borrower) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.post("/my/", {"token": token_of(borrower), **born(BORN)})
    return client


def test_a_collector_records_it_and_sees_what_changes_but_not_why(borrower):
    collector, lead = signed_in("f1", "collector"), signed_in("zhou", "lead")
    answer = collector.post("/desk/case/B1/care/record", {**FORM, "consent": ""})
    assert answer.status_code == 422
    assert not Vulnerability.objects.exists()
    collector.post("/desk/case/B1/care/record", FORM)
    case = shown(collector, "/desk/case/B1/")
    assert "No calls, only in writing" in case
    for client in (collector, lead):
        page = client.get("/desk/case/B1/care").content.decode()
        assert "住院" not in page
        assert "checked" not in page.split('name="kinds"', 1)[-1].split('name="words"')[0]
    assert collector.post("/desk/case/B1/care/why").status_code == 404
    assert collector.get("/desk/vulnerable").status_code == 404
    assert "住院治疗中" in lead.post("/desk/case/B1/care/why").content.decode()
    assert Event.objects.filter(kind="view", borrower="B1").count() == 1
    assert "B1" in shown(lead, "/desk/vulnerable")
    assert "住院" not in lead.get("/desk/vulnerable?file=csv").getvalue().decode()


def test_it_is_reviewed_and_ends_with_its_holds(borrower, monkeypatch):
    signed_in("f1", "collector").post("/desk/case/B1/care/record", FORM)
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(days=61))
    lead = signed_in("zhou", "lead")
    assert "B1" in shown(lead, "/desk/vulnerable?state=due")
    assert lead.post("/desk/case/B1/care/review", {"goes_on": "1", "note": "x"}).status_code == 422
    lead.post("/desk/case/B1/care/review", {"goes_on": "", "note": "康复了"})
    assert running_vulnerability("B1") is None
    assert not Hold.objects.filter(lifted_at=None).exists()
    assert "康复了" in shown(lead, "/desk/case/B1/care")


def test_a_borrower_says_it_sees_it_and_erases_why(borrower):
    mine = inside(borrower)
    assert "If things are hard for you" in shown(mine, "/my/home")
    assert mine.post("/my/care/tell", {"words": "我看不懂长信"}).status_code == 422
    mine.post("/my/care/tell", {"words": "我看不懂长信", "measures": ["plain_words"], "consent": "1"})
    page = shown(mine, "/my/care")
    assert "我看不懂长信" in page
    assert "no agency gets your case" in shown(mine, "/my/home")
    assert running_vulnerability("B1").recorded_by == "borrower"
    mine.post("/my/care/forget")
    assert "我看不懂长信" not in shown(mine, "/my/care")
    assert running_vulnerability("B1").measures == ["plain_words"]
