"""Goal: nobody is taken in by a genuine code in a false message, by a number on a display, or by an overheard id."""

import re
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client

from forbear.actions.access.verify_caller import CODE_LIVES, verify_caller
from forbear.actions.contacts.compose import compose
from forbear.actions.contacts.permit_gate import preview
from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.store.models import Agency, Contact, Event, Inbound, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower, wish_for, wished
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def now(monkeypatch):
    class Now:
        at = NOON

        def __call__(self):
            return self.at

    clock = Now()
    monkeypatch.setattr(web_clock, "now", clock)
    return clock


@pytest.fixture
def reader(now):
    house_rules()
    return Client(headers={"Accept-Language": "en"})


def sent(borrower, channel="sms", at=NOON):
    contact = wished(borrower, channel)
    Contact.objects.filter(pk=contact.pk).update(at=at, state="sent", outcome="delivered")
    return Contact.objects.get(pk=contact.pk)


def test_a_scammer_puts_a_genuine_code_into_another_message(reader, now):
    """Tuesday: a text to ...0001. Wednesday: its code stands in a false text to ...0002. A check shows it."""
    code = sent(make_borrower()).code
    make_borrower("B2", phone="+8613900000002")
    now.at = NOON + timedelta(days=1)
    page = shown(reader, f"/verify?q={code[:4].lower()}-{code[4:]}")
    for text in (
        "Text message",
        "2026-03-10 15:00",
        "1 day ago",
        "ending in 0001",
        "somebody has copied the code",
    ):
        assert text in page, text
    assert "Genuine" not in page
    assert "0002" not in page
    answer = reader.post(
        "/verify/report", {"what": "scam", "code": code, "words": "转到私人账户 6222", "reach": "13900000002"}
    )
    assert "Thank you" in answer.content.decode()
    (kept,) = Inbound.objects.all()
    assert (kept.needs_person, kept.held, kept.intent) == (True, False, "complaint")
    lead = browser_of(Staff.objects.create_user(username="zhou", password="x", role="lead", number="F1002"))
    assert "转到私人账户 6222" in shown(lead, "/desk/inbox")


def test_an_old_code_is_of_its_day_only(reader, now):
    code = sent(make_borrower()).code
    now.at = NOON + CODE_LIVES + timedelta(days=1)
    page = shown(reader, f"/verify?q={code}")
    assert "ours, but of an earlier day" in page
    assert "2026-03-10" in page
    assert "proves nothing about a call or message you got lately" in page
    assert not verify_caller(code, now.at).proves


@pytest.mark.parametrize("asked", ["+861000000000", "1000000000", "010-0000 0000", "０１０００００００００"])
def test_the_lenders_own_number_is_known_in_any_spelling_and_proves_nothing(reader, asked):
    seen = verify_caller(asked, NOON)
    assert (seen.kind, seen.proves) == ("number", False)
    page = shown(reader, f"/verify?q={asked}")
    assert "doesn't prove who is calling" in page
    assert "Ask for the verification code" in page


def test_the_number_that_texts_come_from_and_an_agencys_are_known(reader):
    (settings.HOME.folder / "channels.yaml").write_text(
        "channels: {sms: carrier}\nproviders:\n  carrier: {kind: smpp, host: 127.0.0.1, port: 1, system_id: a, "
        'password_env: SMS, sender: "106900001"}\n'
    )
    Agency.objects.create(
        code="hx", name_zh="华信", name_en="Huaxin", telephone="010 5555 0000", contracted=True
    )
    try:
        assert verify_caller("1055550000", NOON) is None, "not on the public list"
        Agency.objects.update(listed_on=date(2026, 1, 1))
        assert verify_caller("1055550000", NOON).agency == "华信"
    finally:
        (settings.HOME.folder / "channels.yaml").unlink()


def test_an_id_alone_proves_nothing(reader):
    Staff.objects.create_user(username="lin", password="x", role="collector", number="F1001")
    page = shown(reader, "/verify?q=f1001")
    assert "doesn't prove who is speaking" in page
    assert "Genuine" not in page


def test_a_code_of_an_agency_that_was_suspended_warns(reader):
    agency = Agency.objects.create(
        code="hx", name_zh="华信", name_en="Huaxin", contracted=True, listed_on=date(2026, 1, 1)
    )
    contact = sent(make_borrower(), "call")
    Contact.objects.filter(pk=contact.pk).update(agency=agency)
    assert "Agency" not in shown(reader, f"/verify?q={contact.code}")
    assert verify_caller(contact.code, NOON).proves
    Agency.objects.update(suspended_at=NOON)
    assert "Huaxin no longer works for us" in shown(reader, f"/verify?q={contact.code}")
    assert not verify_caller(contact.code, NOON).proves


def test_the_page_is_the_lenders_and_names_the_countrys_lines(reader):
    page = reader.get("/verify?q=ZZZZZZZZ").content.decode()
    for text in ("My lender", "Not known", "96110", "110", "the number in your contract", settings.HOME.url):
        assert text in page, text
    assert "/sign-in" not in page
    chinese = Client(headers={"Accept-Language": "zh"}).get("/verify").content.decode()
    assert "核实码" in chinese
    assert not re.search("输入验证码", chinese)


def test_who_got_anothers_message_says_so_and_gets_no_more(reader):
    borrower = make_borrower()
    code = sent(borrower).code
    assert preview("B1", [wish_for(borrower)], NOON)[0].permitted
    page = reader.post("/verify/report", {"what": "not_mine", "code": code}).content.decode()
    assert "we send nothing more to that number" in page
    assert not preview("B1", [wish_for(borrower)], NOON)[0].permitted
    assert Event.objects.filter(kind="inbound", borrower="B1").exists()


def test_a_report_keeps_what_was_typed_and_says_what_lacks(reader):
    page = reader.post("/verify/report", {"what": "scam", "reach": "lin@example.com"}).content.decode()
    assert 'value="lin@example.com"' in page
    assert "say what happened" in page
    assert 'aria-invalid="true"' in page
    page = reader.post("/verify/report", {"code": "x", "words": "😀!" * 3}).content.decode()
    assert "Choose one from the list" in page
    for _ in range(9):
        answer = reader.post("/verify/report", {"what": "scam", "words": "还要再写一次"})
    assert answer.status_code == 429
    assert "还要再写一次" in answer.content.decode()


def test_a_text_says_where_to_check_it():
    house_rules()
    borrower = make_borrower()
    planned = wish_for(borrower, automated=True)
    made = queue_contact(ContactDraft("B1", planned, template="overdue_reminder"), NOON, actor="test")
    borrower.loans.update(oldest_unpaid_due_on=date(2026, 2, 26))
    assert (
        f"核实码 {made.code[:4]}-{made.code[4:]}，可在 {settings.HOME.url}/verify 核对"
        in compose(made, borrower, NOON).body
    )
