"""Goal: pages of a card speak of its statement and minimum payment, to the borrower and at the desk, in both languages.

Method: a card that missed its minimum comes in by a feed of accounts, and its pages are read as their people read them.
"""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.publish.publish import publish
from forbear.store.models import Staff
from forbear.web import clock as web_clock
from tests.home_night import decided, feed_in
from tests.web.pages import born, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOON = datetime(2026, 3, 27, 4, 0, tzinfo=UTC)
FEED = {
    "loans": ["CARD,B1,card,CNY,0,,active"],
    "accounts": ["CARD,2026-03-26,5300.00,,,,,2026-03-01,260.00,2026-03-25,,2026-02-10"],
    "payments": ["P1,CARD,2026-02-10,5000.00,"],
    "borrowers": ["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,1990-01-31,true"],
    "products": "products: {card: {kind: revolving, name: {zh: 信用卡, en: Credit card}}}",
}
WORDS = {
    "en": (
        (
            "Card or credit line CARD",
            "Last statement: 1 March 2026",
            "due by 25 March 2026",
            "Balance on 26 March 2026",
        ),
        ("Statement of 2026-03-01", "Minimum payment 260.00 by 2026-03-25"),
        "nstalment",
    ),
    "zh": (
        (
            "信用卡或循环额度 CARD",
            "最近账单日：2026年3月1日",
            "到期还款日 2026年3月25日",
            "2026年3月26日余额",
        ),
        ("账单日 2026-03-01", "最低还款额 260.00，到期还款日 2026-03-25"),
        "第 1 期",
    ),
}


@pytest.fixture(params=sorted(WORDS))
def language(request, tmp_path, monkeypatch):
    feed_in(tmp_path / "feed", **FEED)
    publish(*decided(date(2026, 3, 26)), NOON)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    return request.param


def test_a_borrower_reads_of_the_statement_and_the_minimum_payment(language):
    token = link_for(SimpleNamespace(contact_id="c", borrower_id="B1", channel="sms"), NOON).rsplit("/", 1)[1]
    client = Client(headers={"Accept-Language": language})
    client.post("/my/", {"token": token, **born("19900131")})
    text = shown(client, "/my/owe")
    wanted, _, never = WORDS[language]
    assert [words for words in wanted if words not in text] == []
    assert never not in text
    for amount in ("5,300.00", "260.00", "5,040.00", "5,000.00"):
        assert amount in text, amount


def test_the_desk_shows_statement_minimum_and_the_day_of_the_snapshot(language):
    lead = Staff.objects.create_user("anna", password="x", role="lead", number="F1")
    client = Client(headers={"Accept-Language": language})
    client.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
    text = shown(client, "/desk/case/B1/")
    assert [words for words in WORDS[language][1] if words not in text] == []
