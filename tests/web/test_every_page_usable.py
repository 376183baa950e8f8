"""Goal: everybody can use every page of the table of addresses, on a telephone, at a desk and by keyboard.

Method: the pages come from the table of addresses, so a new one can't be missed. Each is drawn in this process, as
somebody signed in who may see it, and put before a real browser with its styles and scripts; axe looks at it, and its
width is measured at 1280, 390 and 320 pixels.
"""

import mimetypes
import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from forbear.actions.access.portal_access import link_for
from forbear.store.models import PaymentOrder
from forbear.store.permissions import may
from forbear.store.roles import ROLES
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, wished
from tests.profile import LONG
from tests.web.pages import born
from tests.web.test_access import GUARDED, OPEN, OWN, filled, real_things, signed_in
from tests.web.test_access import borrower as borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LANGUAGES = {"zh-CN": "zh-hans", "en-GB": "en"}
WIDTHS = (1280, 390, 320)
BUDGET = "income=6000&housing=2000&living=1000"
#: What stands on a page once something was filled in or chosen.
FURTHER = {"/desk/case/B1/plan": BUDGET, "/desk/requests": "state=overdue"}
SITE = "http://forbear.test"
#: Widest at each width, and what a keyboard doesn't reach.
MEASURE = "document.documentElement.scrollWidth - window.innerWidth"
UNREACHED = """[...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=link], [onclick]')]
  .filter(one => one.checkVisibility() && !one.disabled && one.tabIndex < 0 && one.getAttribute('role') !== 'tab'
    && !one.closest('[aria-hidden=true], [inert]'))
  .map(one => one.outerHTML.slice(0, 90))"""
#: A form without its tokens is refused by the server.
UNSENDABLE = """[...document.querySelectorAll('form[method=post]')]
  .filter(form => !form.elements.csrfmiddlewaretoken || !form.elements.form_token)
  .map(form => form.getAttribute('action'))"""
ONLY = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


class Window:
    """A browser's window whose pages come from this process."""

    def __init__(self, page: Page) -> None:
        self.page, self.document = page, b""
        page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if route.request.is_navigation_request():
            return route.fulfill(body=self.document, content_type="text/html; charset=utf-8")
        found = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if not isinstance(found, str):
            return route.fulfill(status=204)
        return route.fulfill(path=found, content_type=mimetypes.guess_type(path)[0] or "text/plain")

    def wrong(self, document: bytes) -> list[str]:
        """What keeps somebody from using the page."""
        self.document = document
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        self.page.goto(f"{SITE}/page")
        found = [f"no keyboard reaches {each}" for each in self.page.evaluate(UNREACHED)]
        found += [f"{each} has a form without tokens" for each in self.page.evaluate(UNSENDABLE)]
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            if (more := self.page.evaluate(MEASURE)) > 0:
                found.append(f"{more} px wider than {width}")
        return found + self._by_axe()

    def _by_axe(self) -> list[str]:
        found = []
        for width in WIDTHS[:2] if LONG else WIDTHS[1:2]:
            self.page.set_viewport_size({"width": width, "height": 900})
            found += [
                f"{each['id']} at {width}: {each['nodes'][0]['html'][:120]}"
                for each in Axe().run(self.page, options=ONLY).response["violations"]
                if each["impact"] in ("serious", "critical")
            ]
        return found


@pytest.fixture
def window(chromium: Browser) -> Iterator[Window]:
    context = chromium.new_context(service_workers="block", reduced_motion="reduce")
    yield Window(context.new_page())
    context.close()


def pages_of(client: Client, paths: list[str], language: str) -> Iterator[tuple[str, bytes]]:
    """Those that are pages, as this person sees them; a way, a file or an act is none."""
    for path in paths:
        answer = client.get(path, headers={"Accept-Language": language})
        if answer.status_code == 200 and not answer.streaming and b"<html" in answer.content:
            yield path, answer.content


def shared_out() -> dict[str, list[str]]:
    """The guarded addresses by the role that opens each: one in turn of those that may, in a long run every one."""
    found: dict[str, list[str]] = {role: [] for role in ROLES}
    for place, (path, view) in enumerate(GUARDED):
        able = [role for role in ROLES if may(role, view.permission)]
        for role in able if LONG else [able[place % len(able)]]:
            found[role].append(path)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_everybody_can_use_every_page_of_a_role(role, borrower, window):
    client, things = signed_in(role), real_things()
    found, opened = {}, 0
    for number, language in enumerate(LANGUAGES.values() if LONG else list(LANGUAGES.values())[:1]):
        paths = [filled(path, things) for path in shared_out()[role]]
        paths += [f"{path}?{more}" for path, more in FURTHER.items() if path in paths]
        for path, page in pages_of(client, paths, language):
            opened += 1
            if wrong := window.wrong(page):
                found[number, path] = wrong
    assert opened
    assert found == {}


def test_everybody_can_use_every_page_of_a_borrower(borrower, window, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    borrower.born_on = date(1990, 1, 31)
    borrower.save()
    client = Client()
    token = link_for(wished(borrower), NOON).rsplit("/", 1)[1]
    assert client.post("/my/", {"token": token, **born("19900131")})["Location"] == "/my/home"
    PaymentOrder.objects.create(
        order_id="ORDER", borrower=borrower, loan_id="B1-L1", amount=100, currency="CNY", minor_unit=100,
        state="paid", provider="till", made_at=NOON, settled_at=NOON,
    )  # fmt: skip
    things = real_things()
    paths = [filled(path, things) for path, _ in OWN]
    pages = dict(pages_of(client, [*paths, f"/my/plan?{BUDGET}"], "zh-hans"))
    assert "/my/receipt/ORDER" in pages
    assert len(pages) > 8
    assert {path: wrong for path, page in pages.items() if (wrong := window.wrong(page))} == {}


def test_everybody_can_use_every_open_page(borrower, window):
    paths = [f"/{path}" for path in OPEN if "<" not in path]
    pages = dict(pages_of(Client(), paths, "en"))
    assert {"/sign-in", "/verify", "/glossary", "/my/"} <= pages.keys()
    assert {path: wrong for path, page in pages.items() if (wrong := window.wrong(page))} == {}


def test_what_is_wrong_is_found(window):
    page = (
        '<html lang="en"><title>x</title><main><h1>x</h1><div style="width: 700px">wide</div>'
        '<form method="post" action="/x"></form><button tabindex="-1">go</button><input name="unnamed">'
        '<p style="color: #ddd; background: #fff">pale</p></main></html>'
    )
    found = " ".join(window.wrong(page.encode()))
    for each in (
        "318 px wider than 390",
        "no keyboard reaches",
        "/x has a form without tokens",
        "label at 390",
        "color-contrast at 390",
    ):
        assert each in found
    assert re.search(r"[1-9]\d* px wider than 320", found)
