"""Goal: in a real browser with a device of its own, somebody makes a passkey and comes in by it, and by no other."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pyotp
import pytest
from playwright.sync_api import CDPSession, Page

from forbear.store.models import Event, Factor, Staff
from tests.profile import variants
from tests.web.test_browser import fits, serious
from tests.web.test_browser import site as site

pytestmark = [pytest.mark.database]
PASSWORD = "forbear-demo-2026"


@pytest.fixture
def home(site, settings) -> str:
    """The site, at the address that passkeys are bound to."""
    settings.HOME = replace(settings.HOME, url=site)
    return site


@pytest.fixture(params=variants((390, "en-GB"), (1280, "zh-CN")), ids=str)
def page(request, chromium, home) -> Iterator[Page]:
    """A page in each width, one in each language."""
    width, locale = request.param
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale=locale, base_url=home)
    made = context.new_page()
    made.set_default_timeout(45_000)
    yield made
    context.close()


def device(page: Page, *, owner_asked: bool = True) -> tuple[CDPSession, str]:
    """A device that keeps passkeys, and asks its owner or doesn't."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": owner_asked,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, made["authenticatorId"]


def give_password(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")


def make_person(role: str) -> Staff:
    return Staff.objects.create_user(username="root", password=PASSWORD, role=role, number="A1")


def enrol_passkey(page: Page, *, looked_at: bool = False) -> None:
    """The way in of somebody whose role needs a proof and who has none; its pages are looked at by one test."""
    give_password(page, "root")
    page.wait_for_url(re.compile("/sign-in/enrol"), wait_until="load")
    assert not looked_at or (serious(page) == [] and fits(page))
    page.fill("input[name=name]", "Office")
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.codes")
    assert not looked_at or (serious(page) == [] and fits(page))


def test_a_passkey_is_made_and_is_the_way_in(page):
    make_person("administrator")
    device(page)
    enrol_passkey(page, looked_at=True)
    assert Factor.objects.get().name == "Office"
    page.keyboard.press("ControlOrMeta+Enter")
    page.wait_for_url(re.compile("/administration/people"), wait_until="load")
    assert serious(page) == []
    assert fits(page)
    # as the second proof, by keys alone
    page.context.clear_cookies()
    give_password(page, "root")
    page.wait_for_url(re.compile("/sign-in/second"), wait_until="load")
    assert serious(page) == []
    assert fits(page)
    page.keyboard.press("p")
    page.wait_for_url(re.compile("/administration/people"))
    # and alone, without a name or a password
    page.context.clear_cookies()
    page.goto("/sign-in/passkey")
    assert serious(page) == []
    assert fits(page)
    page.keyboard.press("p")
    page.wait_for_url(re.compile("/administration/people"))
    assert Factor.objects.get().counted > 0
    assert "factor_added" in Event.objects.get(kind="access").line


def test_a_device_that_does_not_ask_its_owner_is_no_proof(page):
    make_person("administrator")
    session, name = device(page)
    enrol_passkey(page)
    page.context.clear_cookies()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": False})
    page.goto("/sign-in/passkey")
    page.click("[data-passkey] button")
    page.wait_for_selector("[data-passkey] [role=alert]")
    assert page.goto("/own/").url.find("/sign-in") > 0


def test_a_passkey_that_was_taken_away_is_refused(page):
    make_person("administrator")
    device(page)
    enrol_passkey(page)
    Factor.objects.update(credential="another")
    page.context.clear_cookies()
    page.goto("/sign-in/passkey")
    page.click("[data-passkey] button")
    page.wait_for_selector("section > [role=alert]")
    assert page.goto("/own/").url.find("/sign-in") > 0


def test_an_answer_is_not_taken_twice_nor_from_another_site(page, settings):
    make_person("administrator")
    device(page)
    enrol_passkey(page)
    page.context.clear_cookies()
    page.goto("/sign-in/passkey")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.click("[data-passkey] button")
    page.wait_for_url(re.compile("/administration/people"))
    answer = dict(pair.split("=", 1) for pair in sent.value.post_data.split("&"))["answer"]
    page.context.clear_cookies()
    page.goto("/sign-in/passkey")
    page.evaluate(
        """answer => { const form = document.querySelector("[data-passkey]");
        form.elements.answer.value = decodeURIComponent(answer.replace(/\\+/g, " ")); form.submit(); }""",
        answer,
    )
    page.wait_for_selector("section > [role=alert]")
    # the same passkey, answered at another address
    settings.HOME = replace(settings.HOME, url="http://localhost:1")
    page.goto("/sign-in/passkey")
    page.click("[data-passkey] button")
    page.wait_for_selector("section > [role=alert]")
    assert page.goto("/own/").url.find("/sign-in") > 0


def test_an_app_is_scanned_on_the_way_in(page):
    make_person("administrator")
    give_password(page, "root")
    page.wait_for_url(re.compile("/sign-in/enrol"))
    secret = page.inner_text("#secret").replace(" ", "")
    assert page.evaluate("document.querySelector('img.code').naturalWidth") > 100
    page.fill("input[name=code]", pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.codes")
    assert Factor.objects.get().kind == "totp"
