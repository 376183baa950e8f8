"""Goal: whole days at the desk, told by their dates, in a real browser: people do their work and the counts come out.

Method: the clock of every page stands still at a moment of the story until the story moves it. Each page on the way
is looked at by axe.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.resources import files

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from playwright.sync_api import Browser, Page, expect

from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.webhooks.api_keys import make_key
from forbear.channels.adapter_context import AdapterContext
from forbear.channels.mailbox.adapter import Mailbox, MailboxSettings, read_messages
from forbear.store.models import Borrower, Case, Contact, Hold, Loan, Notice, Plan, Promise, Staff, Treatment
from forbear.web import clock as web_clock
from tests.actions.cases.test_payments import NOON as NEXT_NOON
from tests.actions.cases.test_payments import desk as desk
from tests.actions.cases.test_payments import tell_late
from tests.factories.desk import NOON, PHONE, Recorder, house_rules, make_borrower, wish_for
from tests.web.test_browser import fits, serious

pytestmark = [pytest.mark.database(browser=True)]
PASSWORD = "forbear-demo-2026"
BORN, LATE_SINCE = date(1990, 1, 31), date(2026, 2, 26)


class Hand:
    """The hand of the clock of every page."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def hand(monkeypatch) -> Hand:
    import_module(django_settings.ROOT_URLCONF)
    made = Hand(NOON)
    monkeypatch.setattr(web_clock, "now", made)
    return made


@pytest.fixture
def served(transactional_db, settings, hand) -> Iterator[str]:
    house_rules()
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    StaticLiveServerTestCase.host = "localhost"
    StaticLiveServerTestCase.setUpClass()
    yield StaticLiveServerTestCase.live_server_url
    StaticLiveServerTestCase.doClassCleanups()


@pytest.fixture
def enter(chromium: Browser, served: str):
    """Sign somebody in, in a browser of their own."""
    opened = []

    def entered(name: str, role: str, number: str, *, locale: str = "en-GB", width: int = 1280) -> Page:
        Staff.objects.create_user(username=name, password=PASSWORD, role=role, number=number)
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale=locale, base_url=served
        )
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto("/sign-in")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/desk/"), wait_until="load")
        return page

    yield entered
    for context in opened:
        context.close()


def usable(page: Page) -> None:
    assert serious(page) == [], page.url
    assert fits(page), page.url


def save(page: Page, seen: str) -> None:
    """Save by keys; what stops all contact is asked once more."""
    page.keyboard.press("ControlOrMeta+Enter")
    if page.locator("#grave[open]").count():
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
    page.wait_for_selector(seen)
    page.wait_for_load_state("load")


def press(page: Page, key: str, seen: str) -> None:
    """Press a key that leads to a page, and wait until the page that says this has its script."""
    page.keyboard.press(key)
    page.wait_for_selector(seen)
    page.wait_for_load_state("load")


def tile(page: Page, words: str) -> int:
    """The number on a tile of the queue."""
    return int(page.locator(".tile", has_text=words).locator("b").inner_text())


def stages(page: Page) -> list[str]:
    """The row of the only stage: cases, free now, held."""
    (row,) = page.locator("tbody tr").all()
    return row.locator("td.num").all_inner_texts()


def text_to(borrower: Borrower, template: str, now: datetime, folder) -> str:
    """Send a text through its permit to the mailbox, and read it as the borrower does."""
    planned = wish_for(borrower, automated=True)
    made = queue_contact(ContactDraft(borrower.pk, planned, template=template), now, actor="test")
    assert isinstance(made, Contact), made
    around = AdapterContext("phone", folder, lambda: now, lambda told: None)
    box = Mailbox(MailboxSettings(), around)
    (mine,) = claim("w", now)
    assert send_one(mine, "w", {"sms": box}, lambda: now) == "sent", Contact.objects.get(pk=made.pk).reason
    return read_messages(box.folder, PHONE)[-1].message.body


#: How the ten calls of the day end, by the key of each, and what is on hold then.
CALLS = (
    ("1", "promise", "promise"),
    ("2", "will_pay", ""),
    ("3", "cannot_pay", "hardship"),
    ("4", "disputes", "dispute"),
    ("5", "call_back", ""),
    ("6", "no_answer", ""),
    ("7", "voicemail", ""),
    ("8", "wrong_person", ""),
    ("0", "cease", "cease"),
    ("d", "deceased", "deceased"),
)


def test_tuesday_10_march_a_collector_works_ten_cases_by_keys(enter):
    for number in range(len(CALLS)):
        made = make_borrower(f"B{number}", phone=f"+8610000000{number:03d}")
        Case.objects.filter(borrower=made).update(value=1000 - number)
    page = enter("lin", "collector", "F1001")
    usable(page)
    assert stages(page) == ["10", "10", "0"]
    for number, (key, result, hold) in enumerate(CALLS):
        press(page, "n", f"h1:has-text('B{number}')")
        if number == 0:
            usable(page)
        press(page, "c", "text=Call result")
        if number == 0:
            usable(page)
        page.keyboard.press(f"Alt+{key}")
        if result == "promise":
            page.keyboard.press("Tab")
            page.keyboard.type("03132026")
            press(page, "Enter", "text=Promise to pay recorded")
            usable(page)
        else:
            save(page, "text=Saved")
        if result == "will_pay":
            page.keyboard.press("m")
            page.keyboard.type("Thank you for your time today. You can reach us at any time.")
            page.keyboard.press("Tab")
            press(page, "Enter", "text=Queued.")
        call = Contact.objects.get(borrower_id=f"B{number}", channel="call")
        assert call.conversation_set.get().result == result
        assert (
            list(Hold.objects.filter(borrower_id=f"B{number}").values_list("kind", flat=True))
            == [hold][: bool(hold)]
        )
    press(page, "n", "text=No case can be contacted now")
    usable(page)
    assert tile(page, "handled by you today") == 10
    assert tile(page, "messages waiting") == 4, (
        "one of our own, and what confirms the promise and two requests"
    )
    assert stages(page) == ["10", "0", "5"]
    promise = Promise.objects.get()
    assert (promise.amount, promise.due_on, promise.state) == (41_200, date(2026, 3, 13), "open")


def test_tuesday_10_march_a_plan_above_the_limit_is_signed_by_a_lead(enter, served, chromium, tmp_path):
    borrower = make_borrower()
    Borrower.objects.update(born_on=BORN)
    Loan.objects.update(past_due_amount=1_000_000, days_past_due=90, oldest_unpaid_due_on=LATE_SINCE)
    link = re.search(r"https?://[^/]+/(my/l/\w+)", text_to(borrower, "overdue_reminder", NOON, tmp_path))[1]
    collector = enter("lin", "collector", "F1001")
    collector.goto("/desk/case/B1/")
    press(collector, "p", "input[name=income]")
    collector.focus("input[name=income]")
    for amount in ("6000", "2000", "2500"):
        collector.keyboard.type(amount)
        collector.keyboard.press("Tab")
    press(collector, "Enter", "text=Left in a month")
    usable(collector)
    collector.check("input[name=months][value='24']")
    press(collector, "ControlOrMeta+Enter", "text=Plan submitted for approval")
    assert Plan.objects.get().state == "proposed"
    lead = enter("zhou", "lead", "F1002", locale="zh-CN", width=390)
    lead.goto("/desk/approvals")
    usable(lead)
    assert "F1001" in lead.inner_text("main")
    lead.click("text=B1")
    lead.wait_for_url(re.compile("/desk/case/B1/"))
    assert "待审批" in lead.inner_text("main")
    usable(lead)
    lead.go_back()
    lead.click("button:has-text('审批通过')")
    lead.wait_for_selector("text=没有待审批事项")
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=served)
    phone = context.new_page()
    phone.goto(f"/{link}")
    for name in ("year", "month", "day"):
        phone.fill(f"input[name={name}]", str(getattr(BORN, name)))
    phone.click("main form button")
    phone.click(".message:has-text('您的分期方案正在履行') >> text=查看")
    plan = Plan.objects.get()
    phone.wait_for_url(re.compile(f"/my/plan/{plan.pk}"))
    assert "还这一期" in phone.inner_text("main")
    assert phone.locator("tbody tr").count() == 24 == len(plan.lines)
    usable(phone)
    context.close()
    assert (plan.state, plan.signed_by.number, plan.agreed_on) == ("active", "F1002", date(2026, 3, 10))


def test_tuesday_10_march_an_officer_follows_a_refusal_to_its_clause(enter, hand, tmp_path):
    house_rules(files("forbear.packs").joinpath("cn.yaml").read_text("utf-8"))
    borrower = make_borrower()
    hand.at = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)  # half past ten in the evening in Shanghai
    facts = {"days_past_due": 12, "past_due_amount": 41_200, "outstanding": 300_000, "feed_doubt": False}
    Case.objects.update(figures_at=hand.at, facts=facts)
    Loan.objects.update(oldest_unpaid_due_on=LATE_SINCE)
    told = {"own_line": True, "states_identity": True, "offers_opt_out": True}
    planned = wish_for(borrower, automated=True, **told)
    queue_contact(ContactDraft("B1", planned, template="overdue_reminder"), hand.at, actor="test")
    (mine,) = claim("w", hand.at)
    send_one(mine, "w", {"sms": Recorder()}, hand)
    assert Contact.objects.get().state == "waiting", Contact.objects.get().reason
    page = enter("he", "compliance", "F1003")
    page.click("nav >> text=Compliance")
    page.wait_for_url(re.compile("/desk/refusals"))
    usable(page)
    row = page.locator("tbody tr", has=page.locator("a[href='/desk/case/B1/']"))
    assert "2026-03-10 22:30" in row.inner_text()
    row.locator("text=cn.night").click()
    page.wait_for_url(re.compile("rule=cn.night"))
    usable(page)
    assert "GB/T 45251-2025 §5.3" in page.inner_text("main")
    assert "local_hour < 8 or local_hour >= 22" in page.inner_text("main")
    page.click("text=In its rule pack")
    page.wait_for_url(re.compile("/desk/rules#cn.night"))
    usable(page)
    clause = page.locator("tr:target")
    expect(clause).to_be_in_viewport()
    assert "No collection from 22:00 to 8:00" in clause.inner_text()
    assert "GB/T 45251-2025 §5.3" in clause.inner_text()
    page.goto("/desk/case/B1/")
    strip = page.locator("#strip")
    assert "2026-03-11 08:00" in strip.inner_text()
    assert "GB/T 45251-2025 §5.3" in strip.inner_text()
    usable(page)


class Program:
    """The lender's core system, that tells of payments over the wire."""

    def __init__(self, page: Page, served: str) -> None:
        _, self.key = make_key("core", ["payments:write"], NOON, "", actor="test")
        self.page, self.served = page, served

    def tell(self, payment: str, amount: int, paid_on: str, reverses: str = "") -> None:
        told = {
            "payment_id": payment,
            "loan_id": "L1",
            "paid_on": paid_on,
            "amount": amount,
            "reverses": reverses,
        }
        answer = self.page.request.post(
            f"{self.served}/api/v1/payments",
            data=told,
            headers={"Authorization": f"Bearer {self.key}"},
        )
        assert answer.status == 201, answer.text()


def test_wednesday_11_march_a_payment_at_noon_and_what_its_return_undoes(enter, hand, served, desk, tmp_path):
    hand.at = NEXT_NOON
    queued = Contact.objects.values_list("borrower", "channel", "state", "reason_code")
    assert list(queued) == [("B1", "sms", "waiting", "")], list(Treatment.objects.values())
    page = enter("lin", "collector", "F1001")
    assert list(queued) == [("B1", "sms", "waiting", "")]
    program = Program(page, served)
    assert tile(page, "messages waiting") == 1
    press(page, "n", "h1:has-text('B1')")
    assert "410.00" in page.inner_text("section.head")
    # all of it arrives while the page is open: the page can do nothing any more, the next one says why
    program.tell("P1", 41_000, "2026-03-11")
    press(page, "c", "text=Left collections 2026-03-11")
    assert "late" not in page.inner_text("section.head")
    usable(page)
    assert not Contact.objects.filter(channel="call").exclude(state="refused").exists()
    page.goto("/desk/")
    assert tile(page, "messages waiting") == 0
    assert page.locator("tbody tr").count() == 0
    # it bounces: the case is back as it was
    program.tell("R1", 41_000, "2026-03-11", "P1")
    page.reload()
    assert stages(page) == ["1", "1", "0"]
    press(page, "n", "h1:has-text('B1')")
    assert "410.00" in page.inner_text("section.head")
    page.keyboard.press("r")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("200")
    page.keyboard.press("Tab")
    page.keyboard.type("03132026")
    press(page, "Enter", "text=Promise to pay recorded")
    program.tell("P2", 20_000, "2026-03-11")
    page.reload()
    assert "Kept" in page.inner_text("main")
    assert "210.00" in page.inner_text("section.head")
    program.tell("R2", 20_000, "2026-03-11", "P2")
    page.reload()
    assert "Promise to pay open" in page.inner_text("section.head")
    assert Promise.objects.get().state == "open"
    # another one comes to light that was made in time: what we told of arrears was wrong, and we say sorry
    tell_late(NEXT_NOON)
    program.tell("P3", 41_000, "2026-02-24")
    page.reload()
    assert "Left collections 2026-03-11" in page.inner_text("section.head")
    assert Notice.objects.get().recalled_at == NEXT_NOON
    apology = Contact.objects.get(template="notice_recalled")
    assert apology.state == "waiting"
    program.tell("R3", 41_000, "2026-03-11", "P3")
    page.reload()
    assert "410.00" in page.inner_text("section.head")
    apology.refresh_from_db()
    assert (apology.state, Notice.objects.get().recalled_at) == ("cancelled", None)
    usable(page)
