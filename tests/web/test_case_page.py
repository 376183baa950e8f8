"""Goal: the case page leads: what to know in five seconds, what may still be done today, and all that was said."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from forbear.publish.publish import publish
from forbear.store.models import Borrower, Case, Contact, Conversation, Hold
from forbear.web import clock as web_clock
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.home_night import decided, feed_in
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
CASE = "/desk/case/B1/"
NOTE = "His wife is in hospital until the 20th. " * 8 + "He asks for a call after her discharge."


@pytest.fixture
def lin(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    make_borrower()
    return browser_of(person("lin", "collector"))


def called(desk, **told) -> Contact:
    """A call that was made from the page, with what was written down of it."""
    desk.post(f"{CASE}call")
    contact = Contact.objects.get(channel="call", state="sent")
    answer = desk.post(f"{CASE}outcome", {"contact": contact.pk, "result": "will_pay", **told})
    assert answer.status_code == 302
    return contact


def test_what_was_written_down_can_be_read_in_full_with_its_evidence(lin):
    called(lin, note=NOTE, willingness="willing", situation="illness")
    words = shown(lin, CASE)
    assert NOTE in words
    assert "In their words on 2026-03-10: Willing, Illness." in words
    assert "Last call on 2026-03-10: Says they will pay" in words
    page = lin.get(CASE).content.decode()
    (place,) = set(re.findall(r'href="#(event-\d+)">\s*Last call', page))
    assert f'id="{place}"' in page, "the sentence leads to its event"
    # a call is one entry, and the lines of evidence behind it are under it
    assert len(re.findall(r"<b>Call</b>", page)) == 1
    assert words.count("A contact was permitted") == 1
    assert words.count("A note on the case") == 1


def test_a_message_is_shown_as_it_left_but_opens_nothing_and_names_nobody(lin):
    borrower = Borrower.objects.get()
    contact_id = wished(borrower).pk
    body = "王小明您好,您有 412.00 元逾期,详见 https://pay.example/p/secret-token?x=1 退订回T"
    Contact.objects.filter(pk=contact_id).update(body=body, state="sent", at=NOON, outcome="delivered")
    page = lin.get(CASE).content.decode()
    assert "412.00 元逾期,详见 https://pay.example/… 退订回T" in page
    assert "secret-token" not in page
    assert "王小明" not in page


@pytest.mark.parametrize(
    ("sent", "left"), [(0, "3 or more left today"), (1, "2 left today"), (2, "1 left today")]
)
def test_what_is_left_of_today_stands_with_its_channel(lin, sent, left):
    borrower = Borrower.objects.get()
    for n in range(sent):
        one = wished(borrower).pk
        Contact.objects.filter(pk=one).update(
            state="sent", at=NOON - timedelta(hours=n + 1), outcome="delivered"
        )
    strip = re.search(r"Text message.*?</div>", lin.get(CASE).content.decode(), re.DOTALL)
    assert left in re.sub(r"\s+", " ", strip[0])


def test_when_nothing_is_left_today_it_says_from_when(lin):
    borrower = Borrower.objects.get()
    for n in range(3):
        one = wished(borrower).pk
        Contact.objects.filter(pk=one).update(
            state="sent", at=NOON - timedelta(hours=n + 1), outcome="delivered"
        )
    strip = re.search(r"Text message.*?</div>", lin.get(CASE).content.decode(), re.DOTALL)
    assert "Allowed from 2026-03-11 08:00" in re.sub(r"\s+", " ", strip[0])
    assert "left today" not in strip[0]


@pytest.mark.parametrize(
    ("zones", "told"),
    [
        (["Asia/Shanghai"], "Their local time: 15:00"),
        (["Asia/Shanghai", "Asia/Urumqi"], "Their local time: 13:00 / 15:00"),
        (["America/Los_Angeles"], "Their local time: 00:00"),
        (["Pacific/Auckland"], "Their local time: 20:00"),
        (["Pacific/Kiritimati"], "Their local time: 21:00"),
        (["Pacific/Honolulu"], "Their local time: 2026-03-09 21:00"),
        ([], "Their time zone isn't known"),
    ],
)
def test_the_time_where_the_borrower_is_stands_in_the_head(lin, zones, told):
    Borrower.objects.update(timezones=zones)
    assert told in shown(lin, CASE).replace("&#x27;", "'")


def test_a_hold_and_an_open_request_lead_the_brief(lin):
    called(lin, result="cannot_pay", note="lost the job")
    words = shown(lin, CASE)
    assert Hold.objects.filter(lifted_at=None).exists()
    brief = words[words.index("In brief") : words.index("What is owed")]
    assert "No payment" not in brief, "without a book nothing is said of payments"
    assert "On hold since 2026-03-10: Hardship" in brief
    assert re.search(r"Help in hardship asked for \(R\w+\), to be answered by 2026-03-1\d\.", brief)
    assert brief.index("On hold") < brief.index("asked for") < brief.index("Last call")


def test_a_corrected_result_is_no_longer_the_last_word(lin):
    called(lin, note="wrong line")
    talk = Conversation.objects.get()
    lin.post(f"{CASE}talk/{talk.pk}/correct", {"result": "no_answer", "note": ""})
    words = shown(lin, CASE)
    assert "Last call on 2026-03-10: No answer." in words


def test_payments_and_instalments_are_those_of_the_ledger(tmp_path, monkeypatch):
    feed_in(
        tmp_path / "feed",
        loans=["L1,B1,cash,CNY,800.00,2026-01-01,active"],
        instalments=["L1,1,2026-02-25,400.00,12.00,0,0", "L1,2,2026-03-25,400.00,12.00,0,0"],
        payments=["P1,L1,2026-02-20,100.00,", "P2,L1,2026-02-24,300.00,", "R2,L1,2026-02-26,300.00,P2"],
        borrowers=["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,1990-01-31,true"],
    )
    now = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
    publish(*decided(date(2026, 3, 10)), now)
    monkeypatch.setattr(web_clock, "now", lambda: now)
    assert Case.objects.get().closed_on is None
    words = shown(browser_of(person("lin", "collector")), CASE)
    assert "Next due: CNY 412.00 on 2026-03-25" in words
    assert "Last paid CNY 100.00 on 2026-02-20." in words, "what the bank took back was not paid"
    assert re.search(r"2026-02-24 CNY 300.00 Taken back by the bank", words)
    assert re.search(r"1 · 2026-02-25 Late CNY 412.00 CNY 312.00", words)
