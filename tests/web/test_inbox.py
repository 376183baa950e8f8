"""Goal: what people write is read by a person on the desk, danger first, and holds their number until then.

Method: replies through the real reading of them, then the page as a lead sees and works it.
"""

import pytest

from forbear.actions.replies.process_reply import process_reply
from forbear.channels.transport import Reply
from forbear.store.models import Inbound, ReplyAlarm, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PAGE = "/desk/inbox"


@pytest.fixture
def lead(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    borrower = make_borrower()
    number = borrower.points.get(kind="phone").value
    for ref, sender, text in (
        ("1", number, "明天再说吧 <b>哈</b>"),
        ("2", number, "我不想活了"),
        ("3", "+8613999990000", "who is this"),
    ):
        process_reply(Reply("carrier", ref, "sms", sender, "1069", text, NOON), NOON)
    return browser_of(Staff.objects.create_user(username="qin", password="x", role="lead", number="F1"))


def test_danger_stands_first_and_strangers_are_there(lead):
    page = shown(lead, PAGE)
    assert page.index("我不想活了") < page.index("明天再说吧") < page.index("who is this")
    assert "<b>哈" not in lead.get(PAGE).content.decode()
    assert PAGE in lead.get("/desk/").content.decode(), "it stands in the menu"


def test_what_was_read_leaves_the_list_and_an_alarm_asks_what_was_done(lead):
    danger = Inbound.objects.get(provider_ref="2")
    assert "say what was done" in lead.post(f"{PAGE}/{danger.pk}", follow=True).content.decode()
    assert Inbound.objects.get(pk=danger.pk).read_at is None
    lead.post(f"{PAGE}/{danger.pk}", {"words": "rang, safe"})
    assert ReplyAlarm.objects.get().words == "rang, safe"
    for row in Inbound.objects.filter(kind="reply", read_at=None):
        lead.post(f"{PAGE}/{row.pk}")
    assert not Inbound.objects.filter(kind="reply", read_at=None).exists()
    assert "Nothing to read" in shown(lead, PAGE)
    assert "rang, safe" in shown(lead, f"{PAGE}?state=all")


def test_an_alarm_is_on_every_page_until_somebody_has_seen_to_it(lead):
    banner = lead.get("/desk/alarms").content.decode()
    assert banner.count("Somebody wrote of suicide or violence.") == 1
    assert PAGE in banner
    assert "我不想活了" not in banner, "the words are read in the inbox"
    lead.post(f"{PAGE}/{Inbound.objects.get(provider_ref='2').pk}", {"words": "rang, safe"})
    assert "Somebody wrote" not in lead.get("/desk/alarms").content.decode()


def test_others_find_no_inbox(lead):
    collector = browser_of(
        Staff.objects.create_user(username="lin", password="x", role="collector", number="F2")
    )
    assert collector.get(PAGE).status_code == 404
    assert lead.post(f"{PAGE}/999999").status_code == 404
