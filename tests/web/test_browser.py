"""Goal: in a real browser, on a phone and at a desk, people do what they came for, and everybody can use the pages."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from playwright.sync_api import Page

from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.requests.requests import Asked, make_request
from forbear.channels.adapter_context import AdapterContext
from forbear.channels.mailbox.adapter import Mailbox, MailboxSettings, read_messages
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Case, Contact, Conversation, Hold, Loan, Plan, Staff
from tests.factories.agencies import late_case, make_agency, person, place_all
from tests.factories.desk import PHONE, house_rules, make_borrower, wish_for
from tests.profile import LONG, variants

pytestmark = [pytest.mark.database]
BORN = date(1990, 1, 31)
DAY = datetime.now(UTC).date()
#: Rules that let a message leave whatever the hour at which the tests run.
OPEN_PACK = """
pack: house
rules:
  - id: house.holds
    says: {zh: 已冻结, en: The case is held}
    applies: {purposes: [collect, remind]}
    refuse_when: dispute_open or hardship_open or ceased or plan_active
    until: hold_ends
    clause: house §5
    force: house
"""


@pytest.fixture
def site(transactional_db, settings, tmp_path) -> Iterator[str]:
    """A served site with one borrower whose message lies in the mailbox."""
    house_rules(OPEN_PACK)
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    make_borrower()
    midday = datetime.combine(DAY, time(4), UTC)
    Borrower.objects.update(born_on=BORN, loaded_at=midday)
    Loan.objects.update(as_of=DAY, oldest_unpaid_due_on=DAY - timedelta(days=12))
    Case.objects.update(
        as_of=DAY,
        figures_at=datetime.now(UTC),
        facts={"days_past_due": 12},
        call_planned_on=business_date(datetime.now(UTC)),
    )
    StaticLiveServerTestCase.host = "localhost"
    StaticLiveServerTestCase.setUpClass()
    yield StaticLiveServerTestCase.live_server_url
    StaticLiveServerTestCase.doClassCleanups()


@pytest.fixture(params=variants("zh-CN", "en-GB"))
def phone(request, chromium, site) -> Iterator[Page]:
    """A page of a phone's width in each language."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale=request.param, base_url=site
    )
    page = context.new_page()
    page.set_default_timeout(45_000)
    yield page
    context.close()


def link_in_mailbox(tmp_path) -> str:
    """Send a reminder through the permit to the mailbox, and read the link as the borrower does."""
    borrower, now = Borrower.objects.get(), datetime.now(UTC)
    wanted = ContactDraft("B1", wish_for(borrower, automated=True), template="overdue_reminder")
    contact = queue_contact(wanted, now, actor="test")
    assert isinstance(contact, Contact), contact
    around = AdapterContext("phone", tmp_path, lambda: now, lambda told: None)
    box = Mailbox(MailboxSettings(), around)
    (mine,) = claim("w", now)
    assert send_one(mine, "w", {"sms": box}, lambda: now) == "sent", Contact.objects.get().reason
    (kept,) = read_messages(box.folder, PHONE)
    return "/" + re.search(r"https?://[^/]+/(my/l/\w+)", kept.message.body)[1]


def serious(page: Page) -> list[str]:
    """What axe finds that keeps somebody from using the page."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:120]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window; where a page isn't opened in each width, it is tried in the others."""
    within = "document.documentElement.scrollWidth <= window.innerWidth"
    fitting, size = page.evaluate(within), page.viewport_size
    assert size is not None
    for width in {1280, 390} - {size["width"]} if not LONG else ():
        page.set_viewport_size(size | {"width": width})
        fitting = page.evaluate(within) and fitting
        page.set_viewport_size(size)
    return fitting


def test_from_a_text_to_a_signed_plan_in_ten_taps(phone, tmp_path):
    taps = 1  # the link in the message
    phone.goto(link_in_mailbox(tmp_path))
    for name in ("year", "month", "day"):
        phone.fill(f"input[name={name}]", str(getattr(BORN, name)))
    for selector in ("main form button", "a[href='/my/plan']"):
        phone.click(selector)
        taps += 1
    for name, amount in {"income": "6000", "housing": "2000", "living": "2500"}.items():
        phone.fill(f"input[name={name}]", amount)
        taps += 1
    phone.click("main form button")
    phone.check("input[name=months][value='6']")
    phone.click("#plan-form > button")
    taps += 2
    phone.wait_for_url(re.compile(r"/my/plan/\d+"))
    assert Plan.objects.get().state == "active"
    assert len(Plan.objects.get().lines) == 6
    assert taps <= 10
    assert not serious(phone)


def test_a_dispute_stops_a_planned_call(phone, tmp_path):
    phone.goto(link_in_mailbox(tmp_path))
    for name in ("year", "month", "day"):
        phone.fill(f"input[name={name}]", str(getattr(BORN, name)))
    phone.click("main form button")
    borrower = Borrower.objects.get()
    call = queue_contact(
        ContactDraft("B1", wish_for(borrower, "call"), body="您好"), datetime.now(UTC), actor="test"
    )
    assert isinstance(call, Contact), call
    phone.goto("/my/ask/dispute?line=B1-L1:1")
    phone.fill("textarea", "这一期已经还了")
    phone.click("main form button")
    phone.wait_for_url(re.compile("/my/asked/"))
    assert Contact.objects.get(pk=call.pk).state == "cancelled"
    assert Hold.objects.filter(kind="dispute", lifted_at=None).exists()


def test_a_recall_takes_the_case_from_the_agencys_screen(chromium, site):
    agency = make_agency(now=datetime.now(UTC) - timedelta(days=1), **{
        f"{paper}_until": DAY + timedelta(days=90) for paper in ("licence", "security", "insurance", "contract")
    }, checked_on=DAY - timedelta(days=2))  # fmt: skip
    late_case("B2")
    Case.objects.update(figures_at=datetime.now(UTC))
    (placed,) = place_all(datetime.now(UTC)).placements.all()
    agent = person("agent1", "agency", agency)
    agent.set_password("forbear-demo-2026")
    agent.save()
    context = chromium.new_context(locale="en-GB", base_url=site)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=username]", "agent1")
    page.fill("input[name=password]", "forbear-demo-2026")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/agency/"))
    page.click("text=B2")
    # the keys are heard once the page's script has run
    page.wait_for_url(re.compile("/agency/case/"), wait_until="load")
    page.keyboard.press("t")
    page.wait_for_selector("text=Assigned to AGENT1")
    page.wait_for_load_state("load")
    page.keyboard.press("c")
    page.wait_for_selector("text=Call requested")
    page.wait_for_load_state("load")
    # the server's thread has the test's own connection, so the page may not look again in the midst of what follows:
    # from here on its requests wait until the test is back here to let them through
    page.route("**/*", lambda route: route.continue_())
    make_request(Asked("B2", "hardship", "失业了"), datetime.now(UTC), actor="borrower")
    # the page looks again by itself while a call is on its way
    page.wait_for_selector("text=This page isn")
    page.goto("/agency/")
    assert page.locator("text=B2").count() == 0
    assert placed.pk
    context.close()


def test_while_a_call_is_on_its_way_only_its_part_of_the_page_is_drawn_again(chromium, site):
    agency = make_agency(now=datetime.now(UTC) - timedelta(days=1), **{
        f"{paper}_until": DAY + timedelta(days=90) for paper in ("licence", "security", "insurance", "contract")
    }, checked_on=DAY - timedelta(days=2))  # fmt: skip
    late_case("B2")
    Case.objects.update(figures_at=datetime.now(UTC))
    assert place_all(datetime.now(UTC)).placements.count() == 1
    agent = person("agent1", "agency", agency)
    agent.set_password("forbear-demo-2026")
    agent.save()
    context = chromium.new_context(locale="en-GB", base_url=site)
    page = context.new_page()
    page.goto("/sign-in?next=/agency/")
    page.fill("input[name=username]", "agent1")
    page.fill("input[name=password]", "forbear-demo-2026")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/agency/$"))
    page.click("text=B2")
    page.wait_for_url(re.compile("/agency/case/"), wait_until="load")
    page.keyboard.press("t")
    page.wait_for_selector("text=Assigned to AGENT1")
    page.wait_for_load_state("load")
    page.keyboard.press("c")
    page.wait_for_selector("text=Connecting.")
    page.wait_for_load_state("load")
    page.click("summary:has-text('Return')")
    page.fill("form[action$='/return'] [name=note]", "half a sentence")
    # the server's thread has the test's own connection: its requests wait until the test is back here
    page.route("**/*", lambda route: route.continue_())
    Contact.objects.filter(channel="call").update(state="sent", at=datetime.now(UTC), outcome="pending")
    page.wait_for_selector("#call h2:has-text('Call result')")
    assert page.locator("text=Connecting.").count() == 0
    assert page.input_value("form[action$='/return'] [name=note]") == "half a sentence"
    assert page.locator("#menu .nav-item").count() > 1
    context.close()


def test_a_collector_works_by_keys_alone(chromium, site):
    Staff.objects.create_user(username="lin", password="forbear-demo-2026", role="collector", number="F1001")
    context = chromium.new_context(locale="en-GB", base_url=site)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=username]", "lin")
    page.fill("input[name=password]", "forbear-demo-2026")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/desk/"))
    page.keyboard.press("n")
    page.wait_for_url(re.compile("/desk/case/B1/"))
    page.keyboard.press("c")
    page.wait_for_selector("text=Call result")
    # the note has the cursor: a letter is written and chooses nothing, Alt with a key chooses and the cursor stays
    page.wait_for_selector("[name=note]:focus")
    page.keyboard.type("dad 2 says ok ")
    page.keyboard.press("Alt+2")
    page.keyboard.type("then hangs up")
    assert page.input_value("form[action$='/outcome'] [name=note]") == "dad 2 says ok then hangs up"
    assert page.locator("[name=amount]:visible").count() == 0, "an amount is asked of a promise alone"
    page.keyboard.press("Alt+1")
    page.wait_for_selector("[name=amount]:focus")
    page.keyboard.press("Alt+2")
    page.keyboard.press("ControlOrMeta+Enter")
    page.wait_for_selector("text=Saved.")
    assert Contact.objects.get(channel="call").outcome == "conversation"
    assert Conversation.objects.get().note == "dad 2 says ok then hangs up"
    # a tab is chosen by arrows, a link of the brief opens the tab of what it speaks of
    page.get_by_role("tab", name="Activity").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#payments:has-text('The book has no lines')")
    page.wait_for_selector("#activity", state="hidden")
    page.click("text=Last call on")
    page.wait_for_selector("#activity blockquote:has-text('hangs up')")
    context.close()
