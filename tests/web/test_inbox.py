"""Goal: what people write is worked by a person on the desk, danger first, and holds their number until then.

Method: replies through the real reading of them, then the pages as a lead sees and works them.
"""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.replies.reading import escalate_alarms
from forbear.actions.requests import requests
from forbear.channels.transport import Reply
from forbear.store.models import Case, Consent, Contact, Hold, Inbound, ReplyAlarm, Request, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PAGE = "/desk/inbox"


def person(name: str, role: str, number: str, team: str = ""):
    """Somebody of the staff with a browser."""
    return browser_of(
        Staff.objects.create_user(username=name, password="x", role=role, number=number, team=team)
    )


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
    return person("qin", "lead", "F1", "north")


def at(ref: str) -> str:
    """The page of the message with this reference."""
    return f"{PAGE}/{Inbound.objects.get(provider_ref=ref).pk}"


def test_danger_stands_first_and_strangers_are_there(lead):
    page = shown(lead, PAGE)
    assert page.index("我不想活了") < page.index("明天再说吧") < page.index("who is this")
    assert "<b>哈" not in lead.get(PAGE).content.decode()
    menu = " ".join(lead.get("/desk/").content.decode().split())
    assert re.search(r'Inbox</span> <span class="badge"> 3 ', menu), "the menu counts them"


def test_what_was_read_leaves_the_list_and_an_alarm_asks_what_was_done(lead):
    assert "Please fill this in" in lead.post(f"{at('2')}/read", follow=True).content.decode()
    assert Inbound.objects.get(provider_ref="2").read_at is None
    lead.post(f"{at('2')}/read", {"words": "rang, safe"})
    assert ReplyAlarm.objects.get().words == "rang, safe"
    for row in Inbound.objects.filter(kind="reply", read_at=None):
        lead.post(f"{PAGE}/{row.pk}/read")
    assert not Inbound.objects.filter(kind="reply", read_at=None).exists()
    assert "Nothing to read" in shown(lead, PAGE)
    assert "rang, safe" in shown(lead, at("2"))


def test_an_alarm_is_on_every_page_until_somebody_has_seen_to_it(lead):
    banner = lead.get("/desk/alarms").content.decode()
    assert banner.count("Somebody wrote of suicide or violence.") == 1
    assert at("2") in banner
    assert "我不想活了" not in banner, "the words are read in the inbox"
    assert escalate_alarms(NOON + timedelta(minutes=14)) == 0
    assert escalate_alarms(NOON + timedelta(minutes=15)) == 1
    assert escalate_alarms(NOON + timedelta(minutes=30)) == 0, "once"
    assert "Nobody has seen to it" in lead.get("/desk/alarms").content.decode()
    assert "helpline" in shown(lead, at("2")), "what to do stands there"
    lead.post(f"{at('2')}/read", {"words": "rang, safe", "then": "stay"})
    assert "Somebody wrote" not in lead.get("/desk/alarms").content.decode()
    assert Inbound.objects.get(provider_ref="2").read_at is None, (
        "the message itself still waits for an answer"
    )


def test_others_find_no_inbox(lead):
    collector = person("lin", "collector", "F2")
    assert collector.get(PAGE).status_code == 404
    assert collector.get(at("1")).status_code == 404
    assert lead.get(f"{PAGE}/999999").status_code == 404
    assert "明天再说吧" in shown(collector, "/desk/case/B1/"), "the words stand on their borrower's case"


def test_one_works_on_a_message_until_they_give_it_back_or_the_half_hour_is_over(lead, monkeypatch):
    other = person("wu", "compliance", "F3")
    lead.post(f"{at('1')}/take")
    assert "F1 until" in shown(other, at("1"))
    refused = other.post(f"{at('1')}/read", follow=True).content.decode()
    assert "F1 works on this message until" in refused
    assert Inbound.objects.get(provider_ref="1").read_at is None
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(minutes=30))
    other.post(f"{at('1')}/take")
    assert "F3 works on this message" in lead.post(f"{at('1')}/release", follow=True).content.decode()
    other.post(f"{at('1')}/release")
    assert Inbound.objects.get(provider_ref="1").owner is None


def test_the_next_message_is_nobody_elses_and_of_no_other_team(lead):
    other = person("wu", "compliance", "F3", "south")
    assert lead.post(f"{PAGE}/next").url == at("2")
    assert other.post(f"{PAGE}/next").url == at("1")
    other.post(f"{at('3')}/transfer", {"to": "south"})
    lead.post(f"{at('2')}/read", {"words": "rang, safe"})
    assert lead.post(f"{PAGE}/next").url == PAGE, "the last one is another team's"
    other.post(f"{at('1')}/transfer", {"to": "F1"})
    assert "F1 until" in shown(other, at("1"))
    assert "明天再说吧" in shown(lead, f"{PAGE}?state=mine")
    assert "who is this" in shown(other, f"{PAGE}?state=team")
    nobody = lead.post(f"{at('1')}/transfer", {"to": "F9"}, follow=True).content.decode()
    assert "Choose one from the list" in nobody


def test_filters_are_in_the_address(lead):
    assert "who is this" not in shown(lead, f"{PAGE}?borrower=B1")
    assert "明天再说吧" not in shown(lead, f"{PAGE}?channel=email")
    assert "明天再说吧" not in shown(lead, f"{PAGE}?state=urgent")
    assert "who is this" in shown(lead, f"{PAGE}?state=all&intent=question&channel=sms")
    assert lead.get(f"{PAGE}?state=nonsense&channel=x&intent=y&page=99").status_code == 200


def test_an_answer_in_own_words_is_screened_and_nothing_typed_is_lost(lead):
    lead.post(f"{at('2')}/read", {"words": "rang, safe"})
    bad = "不还钱就派人上门抓你坐牢"
    page = lead.post(f"{at('1')}/answer", {"body": bad})
    assert bad in page.content.decode()
    assert Inbound.objects.get(provider_ref="1").read_at is None
    assert not Contact.objects.exists()
    empty = lead.post(f"{at('1')}/answer", {"body": "  "}).content.decode()
    assert "Choose an approved text or write something." in empty
    lead.post(f"{at('1')}/answer", {"body": "好的，您方便时回复我们即可。"})
    contact = Contact.objects.get()
    assert (contact.purpose, contact.channel, contact.state) == ("answer", "sms", "waiting")
    assert contact.planned["answers"] == f"reply:{Inbound.objects.get(provider_ref='1').pk}"
    kept = Inbound.objects.get(provider_ref="1")
    assert (kept.answer, kept.answered_at, kept.read_by) == (contact, NOON, "staff:F1")
    assert "好的，您方便时回复我们即可" in shown(lead, "/desk/case/B1/")


def test_approved_texts_stand_filled_and_go_by_one_click(lead):
    page = shown(lead, at("1"))
    assert "3,000.00 元" in page
    waits = lead.post(f"{at('1')}/answer", {"template": "answer_balance"}).content.decode()
    assert "Nobody has read what came from this number" in waits, "the danger is read first"
    lead.post(f"{at('2')}/read", {"words": "rang, safe"})
    lead.post(f"{at('1')}/answer", {"template": "answer_balance"})
    assert Contact.objects.get().template == "answer_balance"


def test_an_answer_that_reads_like_forbidden_words_is_confirmed_as_it_stands(lead):
    lead.post(f"{at('2')}/read", {"words": "rang, safe"})
    body = "如果一直不处理，我们将向法院起诉。"
    asked = lead.post(f"{at('1')}/answer", {"body": body})
    assert asked.status_code == 422
    box = re.search(r'value="(\w+)"[^>]*id="answer_confirmed"', asked.content.decode())
    assert box is not None
    assert not Contact.objects.exists()
    lead.post(f"{at('1')}/answer", {"body": body + "请尽快。", "confirmed": box[1]})
    assert not Contact.objects.exists(), "other words than those that were confirmed"
    lead.post(f"{at('1')}/answer", {"body": body, "confirmed": box[1]})
    assert Contact.objects.get().body.startswith(body)


def test_an_answer_that_the_rules_refuse_leaves_all_as_it_was(lead):
    no_answers = "{channels: [sms], purposes: [answer]}"
    house_rules(
        "pack: house\nrules:\n  - id: house.none\n    says: {zh: 不回, en: No answers here}\n"
        f"    applies: {no_answers}\n    refuse_when: past_due_amount > 0\n    clause: §1\n    force: house\n"
    )
    page = lead.post(f"{at('1')}/answer", {"body": "好的，谢谢。"}).content.decode()
    assert "No answers here" in page
    assert "好的，谢谢。" in page
    kept = Inbound.objects.get(provider_ref="1")
    assert (kept.read_at, kept.owner, Contact.objects.count()) == (None, None, 0)


@pytest.mark.parametrize(
    ("what", "kind", "hold"),
    [
        ("dispute", "dispute", "dispute"),
        ("hardship", "hardship", "hardship"),
        ("complaint", "complaint", ""),
        ("wrong_person", "wrong_person", "dispute"),
        ("paid", "payment_check", "dispute"),
        ("verification", "written_notice", "verification"),
        ("lawyer", "lawyer", "lawyer"),
    ],
)
def test_one_click_does_what_the_portals_form_does(lead, what, kind, hold, monkeypatch):
    # a number is drawn by chance, and may look like an amount
    monkeypatch.setattr(requests, "_number", lambda: "RMB6ZE9TC8")
    page = lead.post(f"{at('1')}/sort", {"as": what}, follow=True).content.decode()
    request = Request.objects.get(kind=kind)  # the fixture's alarm has one of its own
    assert (request.kind, request.words, request.source) == (kind, "明天再说吧 <b>哈</b>", "reply")
    assert request.number in page
    assert not hold or Hold.objects.filter(kind=hold, lifted_at=None, source="request").exists()
    told = [contact.values["reference"] for contact in Contact.objects.exclude(template="")]
    assert told == ([] if what == "wrong_person" else [request.number]), (
        "a wrong number is written to no more"
    )
    kept = Inbound.objects.get(provider_ref="1")
    assert (kept.sorted_as, kept.request, kept.read_by) == (what, request, "staff:F1")
    assert request.number in shown(lead, at("1"))


def test_one_click_for_a_stop_and_for_a_call(lead):
    lead.post(f"{at('1')}/sort", {"as": "call_back", "call_at": "2026-03-11T09:30"})
    asked = Consent.objects.get()
    assert (asked.given, asked.channel) == (True, "call")
    assert Case.objects.get().next_at == NOON.replace(day=11, hour=1, minute=30)
    late = lead.post(f"{at('2')}/sort", {"as": "call_back", "call_at": "2026-04-11T09:30"}, follow=True)
    assert "Choose a time after" in late.content.decode()
    lead.post(f"{at('2')}/read", {"words": "rang, safe", "then": "stay"})
    lead.post(f"{at('2')}/sort", {"as": "stop"})
    assert Consent.objects.filter(given=False, channel="").exists()
    assert [contact.template for contact in Contact.objects.all()] == ["opt_out_confirmed"]


def test_a_stranger_is_linked_before_anything_but_a_stop(lead):
    unlinked = lead.post(f"{at('3')}/sort", {"as": "dispute"}, follow=True).content.decode()
    assert "Say first to which case this message belongs." in unlinked
    assert (
        "Name a borrower with a case."
        in lead.post(f"{at('3')}/link", {"borrower": "B9"}, follow=True).content.decode()
    )
    lead.post(f"{at('3')}/link", {"borrower": "B1", "own_number": "yes"})
    kept = Inbound.objects.get(provider_ref="3")
    assert (kept.borrower_id, kept.point_digest) == (
        "B1",
        kept.borrower.points.get(digest=digest_of("phone", "+8613999990000")).digest,
    )
    lead.post(f"{at('3')}/answer", {"body": "我们是您的贷款机构，请打官网电话核实。"})
    assert Contact.objects.get().point.value == "+8613999990000"


def test_what_came_by_letter_or_voice_stands_in_the_same_list(lead):
    scan = SimpleUploadedFile("letter.pdf", b"%PDF-1.4 scan")
    made = lead.post(
        f"{PAGE}/record",
        {
            "channel": "letter",
            "borrower": "B1",
            "words": "I dispute this debt. Cease all contact.",
            "file": scan,
        },
    )
    letter = Inbound.objects.get(channel="letter")
    assert made.url == f"{PAGE}/{letter.pk}"
    assert (letter.borrower_id, len(letter.attachments)) == ("B1", 1)
    assert Request.objects.get(kind="dispute").attachments == letter.attachments
    assert Hold.objects.filter(kind="cease").exists()
    phone = letter.borrower.points.get(kind="phone").value
    lead.post(f"{PAGE}/record", {"channel": "voice", "sender": phone, "words": "我要投诉你们"})
    assert Inbound.objects.get(channel="voice").borrower_id == "B1"
    assert Request.objects.filter(kind="complaint").exists()
    page = lead.post(f"{PAGE}/record", {"channel": "voice", "borrower": "B9", "words": "typed text"})
    assert "typed text" in page.content.decode()
    assert "There is no borrower B9" in page.content.decode()


def test_the_list_asks_as_many_questions_for_many_messages_as_for_few(lead):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert lead.get(f"{PAGE}?state=all").status_code == 200
        return len(queries)

    few = asked()
    phone = Inbound.objects.get(provider_ref="1").borrower.points.get(kind="phone").value
    for number in range(60):
        process_reply(Reply("carrier", f"n{number}", "sms", phone, "1069", "嗯嗯", NOON), NOON)
    assert asked() == few


def test_what_no_pattern_understood_says_what_it_reads_like_and_nothing_follows(lead):
    """The second reader suggests; the number is held until a person has read it, and no request is opened."""
    number = Inbound.objects.get(provider_ref="1").borrower.points.get(kind="phone").value
    text = "I lost hours, on crutches, no pay"
    process_reply(Reply("carrier", "4", "sms", number, "1069", text, NOON), NOON)
    inbound = Inbound.objects.get(provider_ref="4")
    assert (inbound.intent, inbound.held, inbound.request) == ("unclear", True, None)
    assert "Reads like: In hardship" in shown(lead, at("4"))
    assert "Reads like: In hardship" in shown(lead, PAGE)


def test_danger_in_words_that_no_pattern_knows_raises_the_alarm(lead):
    number = Inbound.objects.get(provider_ref="1").borrower.points.get(kind="phone").value
    text = "欠的用我这条命抵"
    process_reply(Reply("carrier", "5", "sms", number, "1069", text, NOON), NOON)
    inbound = Inbound.objects.get(provider_ref="5")
    assert inbound.urgent
    assert ReplyAlarm.objects.filter(inbound=inbound).exists()
    assert Hold.objects.filter(borrower=inbound.borrower, kind="crisis").exists()
