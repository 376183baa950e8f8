"""Goal: Chinese can be read on a machine without any font for it, and a machine that has one fetches none."""

import hashlib
import os
import re

import pytest
from django.test import Client
from playwright.sync_api import Page

from tests.tidy.tree import ROOT
from tests.web.conftest import ARGUMENTS, PROGRAM
from tests.web.pages import born
from tests.web.test_browser import BORN, link_in_mailbox
from tests.web.test_browser import site as site

FONTS = ROOT / "src/forbear/web/static/fonts"
PAGES = ("home", "who", "owe", "pay", "plan", "rights", "evidence", "credit", "ask/hardship")
#: Only these folders have fonts; none of them knows Chinese.
BARE = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def ready(browser, site: str, tmp_path) -> tuple[Page, list[str]]:
    """A borrower's page in Chinese, signed in, and the fonts it fetches from then on."""
    page = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=site
    ).new_page()
    fetched: list[str] = []
    page.on("response", lambda answer: fetched.append(answer.url) if ".woff2" in answer.url else None)
    page.goto(link_in_mailbox(tmp_path))
    for field, value in born(f"{BORN:%Y%m%d}").items():
        page.fill(f"input[name={field}]", value)
    page.click("main form button")
    page.wait_for_url(re.compile("/my/home"))
    return page, fetched


def fonts_of(page: Page, selector: str) -> set[str]:
    """The families that a node is really drawn with."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("DOM.enable")
    protocol.send("CSS.enable")
    root = protocol.send("DOM.getDocument")["root"]["nodeId"]
    node = protocol.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    told = protocol.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {each["familyName"] for each in told if each["glyphCount"]}


@pytest.mark.django_db
def test_without_a_chinese_font_the_pages_bring_their_own(playwright, site, tmp_path):
    config = tmp_path / "fonts.conf"
    config.write_text(BARE.format(cache=tmp_path / "cache"), encoding="utf-8")
    browser = playwright.chromium.launch(
        executable_path=PROGRAM,
        args=ARGUMENTS,
        env={**os.environ, "FONTCONFIG_FILE": str(config)},
    )
    page, fetched = ready(browser, site, tmp_path)
    for path in PAGES:
        page.goto(f"/my/{path}")
        page.evaluate("document.fonts.ready.then(() => true)")
        for selector in ("h1", ".brand"):
            families = fonts_of(page, selector)
            assert any(name.startswith("Noto Sans CJK SC") for name in families), (path, selector, families)
    # the signs of the pages stand in one piece, which is fetched once and kept
    assert any("han-pages" in url for url in fetched)
    assert len(set(fetched)) <= 3
    browser.close()


@pytest.mark.django_db
def test_with_a_chinese_font_nothing_is_fetched(chromium, site, tmp_path):
    page, fetched = ready(chromium, site, tmp_path)
    for path in PAGES:
        page.goto(f"/my/{path}")
        page.evaluate("document.fonts.ready.then(() => true)")
    assert fetched == []
    page.context.close()


def test_the_piece_of_the_pages_has_all_their_signs():
    """A new page may bring a sign that stands in another piece; a few are no harm, many cost every reader."""
    (told,) = re.findall(
        r"url\(han-pages[^}]*unicode-range:([^}]*)", (FONTS / "fonts.css").read_text("ascii")
    )
    known: set[int] = set()
    for part in told.split(","):
        first, _, last = part.removeprefix("U+").partition("-")
        known.update(range(int(first, 16), int(last or first, 16) + 1))
    web = ROOT / "src/forbear/web"
    text = "".join(path.read_text("utf-8") for path in [*web.rglob("*.html"), *web.rglob("*.py")])
    missing = {sign for sign in re.findall(r"[\u4e00-\u9fff]", text) if ord(sign) not in known}
    assert len(missing) <= 40, f"run scripts/web_font.py: {''.join(sorted(missing))}"


def test_every_piece_is_there_and_may_be_kept_for_ever():
    named = re.findall(r"url\(([^)]+)\)", (FONTS / "fonts.css").read_text("ascii"))
    assert sorted(named) == sorted(path.name for path in FONTS.glob("*.woff2"))
    for name in (named[0], named[-1]):
        answer = Client().get(f"/static/fonts/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer["Cache-Control"]
        assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest()[:12] in name


@pytest.mark.parametrize("path", ["portal.css", "fonts/fonts.css"])
def test_what_each_page_loads_beside_itself_is_light(path):
    # a page has less than 60 KB of its own; see test_portal
    assert (FONTS.parent / path).stat().st_size < 20_000
