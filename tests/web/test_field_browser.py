"""Goal: two people make a visit in a real browser without a network, and everything is told once there is one."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as home_settings
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from playwright.sync_api import Browser, CDPSession, Page, Playwright

from forbear.actions.holds.holds import place_hold
from forbear.actions.visits.routes import Stop, Way, give_route, save_routes
from forbear.core.evidence.bundle import ATTACHMENTS
from forbear.interchange.documents.evidence_file import pack
from forbear.interchange.home.keys import signing_key
from forbear.store.business_date import business_date
from forbear.store.evidence_export import export
from forbear.store.models import Alarm, Case, Contact, Event, FieldEvent, Hold, Visit
from tests.factories.agencies import person
from tests.factories.desk import house_rules
from tests.factories.visits import approved, visited, visitors
from tests.profile import variants
from tests.web.conftest import ARGUMENTS, PROGRAM
from tests.web.test_browser import fits, serious

pytestmark = [pytest.mark.database]
PASSWORD = "forbear-demo-2026"
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
HERE = {"latitude": 30.0002, "longitude": 120.0001, "accuracy": 10}
#: Rules that allow a visit whatever the hour at which the tests run.
OPEN_PACK = """
pack: house
rules:
  - id: house.visits
    says: {zh: 须两人并录音, en: Two people and a recording}
    applies: {channels: [visit]}
    refuse_when: visitors < 2 or not recorded or no_visits or not point_on_file
    clause: house §2
    force: house
  - id: house.holds
    says: {zh: 已冻结, en: The case is held}
    applies: {purposes: [collect]}
    refuse_when: dispute_open or hardship_open or ceased or vulnerable
    until: hold_ends
    clause: house §3
    force: house
"""
LINES: dict[Page, CDPSession] = {}
CUT = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A browser with a microphone."""
    browser = playwright.chromium.launch(executable_path=PROGRAM, args=[*ARGUMENTS, *MICROPHONE])
    yield browser
    browser.close()


@pytest.fixture
def site(transactional_db, settings) -> Iterator[str]:
    """A served site with a route of two stops today."""
    house_rules(OPEN_PACK)
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    now = datetime.now(UTC)
    first, second = visitors()
    for one in (first, second):
        one.set_password(PASSWORD)
        one.save()
    stops = []
    for number, name in enumerate(("B1", "B2")):
        visit = approved(visited(name), now)
        arrives = now + timedelta(minutes=40 * number)
        stops.append(
            Stop(visit.pk, arrives, arrives + timedelta(minutes=25), 9 * number, 2000 * number, "first")
        )
    Case.objects.update(figures_at=now)
    lead = person("lead1", "lead")
    (route,) = save_routes(business_date(now), [Way(first.pk, second.pk, tuple(stops))], {}, now, lead)
    give_route(route.pk, lead, now)
    StaticLiveServerTestCase.host = "localhost"
    StaticLiveServerTestCase.setUpClass()
    yield StaticLiveServerTestCase.live_server_url
    StaticLiveServerTestCase.doClassCleanups()


@pytest.fixture(params=["en-GB"])
def phone(request, chromium, site) -> Iterator[Page]:
    yield from opened(chromium, site, request.param)


def opened(chromium: Browser, site: str, language: str) -> Iterator[Page]:
    """A phone that is signed in, with the app installed."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        locale=language,
        base_url=site,
        geolocation=HERE,
        permissions=["geolocation", "microphone"],
    )
    page = context.new_page()
    page.set_default_timeout(45_000)
    page.goto("/sign-in")
    page.fill("input[name=username]", "V1001")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/field/"))
    page.wait_for_selector(".stop")
    page.evaluate("navigator.serviceWorker.ready")
    # asked again and again from here: the page's own policy lets no text be run as a program in it
    while not page.evaluate("caches.keys().then((names) => names.length)"):
        page.wait_for_timeout(50)
    yield page
    context.close()


def cut(page: Page, off: bool) -> None:
    """Cut the network of the page and of its worker, or mend it."""
    page.context.set_offline(off)
    if page not in LINES:  # what one session cuts only that one mends
        LINES[page] = page.context.new_cdp_session(page)
        LINES[page].send("Network.enable")
    LINES[page].send("Network.emulateNetworkConditions", CUT | {"offline": off})


def leave(page: Page, name: str = "") -> None:
    """Open the first stop and take leave."""
    page.locator(".stop").first.click()
    page.click("[data-do=set-out]")
    page.wait_for_selector("[data-do=start]")


def code_on_card(page: Page) -> str:
    """The code that the two hold out."""
    page.click("[data-do=card]")
    code = page.inner_text(".code")
    page.click("[data-do=card-back]")
    page.wait_for_selector("[data-do=start]")
    return code


def visit_a_held_one(page: Page) -> None:
    """Begin and end a visit without a network, while a hold says that nobody comes."""
    leave(page)
    cut(page, True)
    # the phone tells whole seconds: a hold of this very second may be after the start
    place_hold("B1", "no_visits", datetime.now(UTC) - timedelta(seconds=3), actor="borrower")
    page.click("[data-do=start]")
    page.wait_for_selector("[data-do=leave-now]")
    page.click("[data-do=leave-now]")


def queued(page: Page) -> int:
    return page.evaluate(
        """() => new Promise((done) => { const asked = indexedDB.open("forbear-field");
        asked.onsuccess = () => { const count = asked.result.transaction("queue").objectStore("queue").count();
        count.onsuccess = () => { asked.result.close(); done(count.result); }; }; })"""
    )


def at_rest(page: Page) -> str:
    """Everything that lies in the app's database, as far as it can be read."""
    return page.evaluate(
        """() => new Promise((done) => { const asked = indexedDB.open("forbear-field");
        asked.onsuccess = async () => { const found = []; const text = new TextDecoder("utf-8");
        for (const name of [...asked.result.objectStoreNames]) {
        const place = asked.result.transaction(name).objectStore(name);
        const rows = await new Promise((got) => { const all = place.getAll(); all.onsuccess = () => got(all.result); });
        for (const row of rows) { found.push(JSON.stringify(row) + (row.bytes ? text.decode(row.bytes) : "")); } }
        asked.result.close(); done(found.join("\\n")); }; })"""
    )


def test_a_visit_without_a_network_from_the_first_ring_to_the_bundle(phone, tmp_path):
    leave(phone)
    code = code_on_card(phone)
    assert "王小明" in phone.inner_text("#view")
    cut(phone, True)
    phone.reload()  # the app opens without a network
    phone.wait_for_selector("text=Offline; you can go on")
    phone.locator(".stop").first.click()
    assert code_on_card(phone) == code
    phone.click("[data-do=start]")
    phone.wait_for_selector(".rec")
    phone.wait_for_timeout(5_000)  # a piece of the recording is kept every four seconds
    assert Visit.objects.get(borrower_id="B1").state == "planned", "nothing has been told"
    phone.check("input[value=cannot_pay]")
    phone.fill("textarea", "失业了，下月有工作")
    phone.click("form .main")
    phone.wait_for_selector(".stops")
    assert queued(phone) == 2
    for secret in ("失业", "王小明", "示例路"):
        assert secret not in at_rest(phone)
    cut(phone, False)
    phone.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for_selector("#waiting", state="hidden")
    visit = Visit.objects.get(borrower_id="B1")
    assert (visit.state, visit.outcome, visit.lacks, visit.conflicts) == ("ended", "cannot_pay", [], [])
    ((digest, seconds, arrived),) = visit.recordings
    assert (arrived, seconds >= 4) == (True, True)
    assert Hold.objects.get(borrower_id="B1").kind == "hardship"
    assert Contact.objects.get(pk=visit.contact_id).recording == digest
    assert FieldEvent.objects.count() == 2
    bundle_holds(tmp_path, digest)


def bundle_holds(folder, digest: str) -> None:
    """The borrower's bundle has the visit and its recording, and anybody can check it offline."""
    parts = export("B1", datetime.now(UTC), signing_key(home_settings.HOME), actor="test")
    assert ATTACHMENTS + digest in {part.name for part in parts}
    path = folder / "b1.zip"
    pack(path, parts)
    done = subprocess.run(
        [sys.executable, "-m", "forbear", "verify", str(path), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps = [
        json.loads(row.line)["body"]["what"]
        for row in Event.objects.filter(kind="visit", borrower="B1").order_by("number")
    ]
    assert steps == ["proposed", "approved", "planned", "set out", "started", "ended"]


def test_what_changed_meanwhile_is_shown_and_nothing_is_told_twice(phone):
    visit_a_held_one(phone)
    phone.wait_for_selector(".stops")
    cut(phone, False)
    phone.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for_selector("#messages .bad")
    assert "the visit was called off: on hold: No visits; Two people and a recording" in phone.inner_text(
        "#messages"
    )
    phone.wait_for_selector("#waiting", state="hidden")
    assert Visit.objects.get(borrower_id="B1").state == "ended"
    told = FieldEvent.objects.count(), Event.objects.count()
    phone.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for_timeout(500)
    assert (FieldEvent.objects.count(), Event.objects.count()) == told


def test_nobody_rings_before_the_announced_hours_not_even_without_a_network(phone):
    Visit.objects.filter(borrower_id="B1").update(arrives_at=datetime.now(UTC) + timedelta(hours=3))
    leave(phone)
    assert "The borrower expects you between" in phone.inner_text("#view")
    cut(phone, True)
    phone.click("[data-do=start]")
    phone.wait_for_selector("#messages .bad")
    assert "It is too early. Don't ring before" in phone.inner_text("#messages")
    assert phone.is_visible("[data-do=start]")
    assert queued(phone) == 0


def test_a_start_told_at_once_can_be_stopped(phone):
    leave(phone)
    place_hold("B1", "no_visits", datetime.now(UTC), actor="borrower")
    phone.click("[data-do=start]")
    phone.wait_for_selector("text=Do not ring")
    assert Visit.objects.get(borrower_id="B1").started_at is None


def test_a_visit_called_off_meanwhile_is_no_refusal_of_the_rules(phone):
    phone.locator(".stop").first.click()
    place_hold("B1", "no_visits", datetime.now(UTC), actor="borrower")
    phone.click("[data-do=set-out]")
    phone.wait_for_selector("#messages .bad")
    assert "This visit has changed: this visit is not on your route any more" in phone.inner_text("#messages")
    phone.wait_for_selector("text=Called off")
    assert phone.locator("[data-do=set-out]").count() == 0


def test_a_recording_that_was_cut_off_is_not_shown_as_running(phone):
    leave(phone)
    phone.click("[data-do=start]")
    phone.wait_for_selector(".rec")
    phone.wait_for_selector(".rec-off", state="hidden")
    phone.wait_for_selector("#waiting", state="hidden")
    phone.reload()
    phone.wait_for_selector("text=The recording stopped")
    phone.wait_for_selector(".rec", state="hidden")
    assert serious(phone) == []
    phone.click("[data-do=record]")
    phone.wait_for_selector(".rec-off", state="hidden")
    phone.wait_for_selector(".rec")


def test_what_is_missing_and_what_was_found_stand_on_the_stop(chromium, site):
    for phone in opened(chromium, site, "zh-CN"):
        visit_a_held_one(phone)
        phone.click("#alarm")
        cut(phone, False)
        phone.evaluate("dispatchEvent(new Event('online'))")
        phone.wait_for_selector("text=警报已送达主管")
        told = phone.inner_text("#messages")
        assert "同步时发现：这次上门已取消：停催：不得上门; 须两人并录音" in told, (
            "the alarm's receipt hides nothing"
        )
        assert "一有网络就发出" not in told
        phone.wait_for_selector("#waiting", state="hidden")
        phone.locator(".stop").first.click()
        phone.wait_for_selector("text=同步时发现")
        assert "须两人并录音" in phone.inner_text("[data-list=conflicts]")
        assert serious(phone) == []
        assert fits(phone)


def test_asked_to_leave_ends_it_at_one_touch(phone):
    leave(phone)
    phone.click("[data-do=start]")
    phone.wait_for_selector("[data-do=leave-now]")
    assert serious(phone) == []
    assert fits(phone)
    phone.click("[data-do=leave-now]")
    phone.wait_for_selector(".stops")
    phone.wait_for_selector("#waiting", state="hidden")
    assert Visit.objects.get(borrower_id="B1").outcome == "asked_to_leave"
    assert Hold.objects.get().kind == "no_visits"


def test_an_alarm_without_a_network_goes_when_there_is_one(phone):
    cut(phone, True)
    phone.click("#alarm")
    phone.wait_for_selector("text=is sent as soon as there is one")
    assert not Alarm.objects.exists()
    cut(phone, False)
    phone.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for_selector("text=has reached the leads")
    assert Alarm.objects.exists()


def test_signing_out_leaves_nothing_on_the_phone(phone):
    leave(phone)
    phone.click("[data-do=back]")
    phone.click("summary")
    phone.click("[data-do=out]")
    phone.wait_for_url(re.compile("/sign-in"))
    left = phone.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    assert left == []
    assert phone.evaluate("caches.keys()") == []
    phone.goto("/field/")
    phone.wait_for_url(re.compile("/sign-in"))


@pytest.mark.parametrize("language", variants("zh-CN", "en-GB"))
def test_everybody_can_use_the_app(chromium, site, language, tmp_path):
    for page in opened(chromium, site, language):
        assert serious(page) == []
        assert fits(page)
        page.locator(".stop").first.click()
        assert serious(page) == []
        page.click("[data-do=set-out]")
        page.wait_for_selector("[data-do=start]")
        assert serious(page) == []
        assert fits(page)
