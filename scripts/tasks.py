"""Do ten tasks of the desk in a real browser, and say what each takes: `python scripts/tasks.py` prints a table.

A demo of its own is made and opened; `--demo URL` uses one that runs. Each task is done in both languages and at both
widths, by keyboard where there are keys for it. Counted are keys pressed, signs typed apart from them, clicks, and the
seconds from the first of these to the page that says it is done. A task that finds nothing to do says so.

    python scripts/tasks.py > tasks.md
"""

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, sync_playwright
from scripts.pictures import CHROMIUM, LANGUAGES, demo

WIDTHS = (1280, 390)
#: More steps by Tab than this find nothing.
_MOST_TABS = 60
_DONE = ".alert-success"


class NothingToDo(Exception):
    """The demo has nothing for the task now."""


@dataclass
class Hand:
    """A person at a page: does and counts."""

    page: Page
    keys: int = 0
    signs: int = 0
    clicks: int = 0
    began: float = field(default_factory=time.monotonic)

    def begin(self) -> None:
        """Count from here on: what came before prepared the task."""
        self.keys = self.signs = self.clicks = 0
        self.began = time.monotonic()

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def tab_to(self, css: str) -> None:
        """Press Tab until this has the cursor."""
        for _ in range(_MOST_TABS):
            if self.page.evaluate("css => document.activeElement.matches(css)", css):
                return
            self.press("Tab")
        raise AssertionError(f"no Tab leads to {css}")

    def type(self, text: str) -> None:
        """Write where the cursor is."""
        self.page.keyboard.type(text)
        self.signs += len(text)

    def click(self, css: str) -> None:
        """Click the first of these."""
        if not self.page.locator(css).count():
            raise NothingToDo
        self.page.locator(css).first.click()
        self.clicks += 1

    def go(self, address: str) -> None:
        """Follow the menu, which is opened first on a telephone."""
        link = f"nav a[href='{address}']"
        if not self.page.locator(link).first.is_visible():
            self.click("[data-bs-target='#menu']")
            self.page.wait_for_timeout(400)
        self.click(link)
        self.at(f"{address}$")

    def choose(self, css: str, value: str) -> None:
        """Choose from a list: a click opens it, another chooses."""
        self.page.locator(css).first.select_option(value)
        self.clicks += 2

    def see(self, css: str) -> None:
        """Wait until this is on the page, and the page whole."""
        self.page.wait_for_selector(css)
        self.page.wait_for_load_state("load")

    def at(self, address: str) -> None:
        """Wait for the page of this address, a pattern."""
        self.page.wait_for_url(re.compile(address), wait_until="load")


#: Signs in as a role, in another window of the same width and language.
Enter = Callable[[str], Page]


def _caller(hand: Hand, _enter: Enter) -> None:
    shown = hand.page.locator("#strip").inner_text() if hand.page.locator("#strip").count() else ""
    if not shown:
        hand.page.goto("/desk/cases?handler=internal")
        hand.page.locator("tbody td a").first.click()
        hand.see("#strip")
        shown = hand.page.locator("#strip").inner_text()
        hand.page.goto("/desk/")
    found = re.search(r"\*(\d{4})\b", shown)
    assert found, "the strip shows the last digits of a number"
    hand.begin()
    hand.press("/")
    hand.type(found[1])
    hand.press("Enter")
    hand.see("form[action*='/open']")
    hand.tab_to("input[name=born_on]")
    hand.type("19900131")
    hand.press("Enter")
    hand.at("/desk/case/")


def _call(hand: Hand) -> None:
    hand.press("n")
    hand.see("#strip, .alert, .empty-words")
    if not hand.page.locator("main [data-key=c]").count():
        raise NothingToDo
    hand.press("c")
    hand.see("form[action$='/outcome'] [name=note]:focus")


def _promise(hand: Hand, _enter: Enter) -> None:
    _call(hand)
    hand.press("Alt+1", "Tab")
    last = hand.page.locator("form[action$='/outcome'] input[type=date]").first.get_attribute("max") or ""
    year, month, day = last.split("-")
    hand.type(f"{month}{day}{year}")  # Chromium without a desktop writes days as in America
    hand.press("ControlOrMeta+Enter")
    hand.see(_DONE)


def _correct(hand: Hand, _enter: Enter) -> None:
    _call(hand)
    hand.press("Alt+6", "ControlOrMeta+Enter")
    hand.see("form[action$='/correct']")
    hand.begin()
    hand.click("details:has(form[action$='/correct']) > summary")
    hand.choose("form[action$='/correct'] select[name=result]", "voicemail")
    hand.click("form[action$='/correct'] button.btn-primary")
    hand.see(_DONE)


def _reassign(hand: Hand, _enter: Enter) -> None:
    hand.go("/desk/cases")
    hand.page.wait_for_load_state("load")
    hand.click("[data-tick-all]:visible")
    person = hand.page.locator("select[name=to] option").nth(1).get_attribute("value") or ""
    hand.choose("select[name=to]", person)
    hand.click("#bulk button.btn-primary")
    hand.see(_DONE)


def _approve(hand: Hand, enter: Enter) -> None:
    analyst = enter("analyst")
    analyst.goto("/desk/strategies/draft")
    written = analyst.locator("textarea[name=text]")
    written.fill(f"{written.input_value().rstrip()}\n# {time.monotonic_ns()}\n")
    analyst.locator("main form:has(textarea[name=text]) button.btn-primary").click()
    analyst.wait_for_url(re.compile(r"/desk/strategies/\d+"))
    analyst.locator("button[data-key=t]").click()
    form = analyst.locator("form[action$='/propose']")
    form.wait_for(timeout=120_000)
    form.locator("[name=note]").fill("the same, with a remark")
    form.locator("button.btn-primary").click()
    analyst.wait_for_load_state()
    hand.page.reload()
    hand.begin()
    hand.click("main a[href*='/desk/strategies/']")
    hand.click("form[action$='/decide'] button[name=sign]")
    hand.see(_DONE)


def _review(hand: Hand, _enter: Enter) -> None:
    hand.go("/desk/reviews")
    hand.click(".panel:not(:has(.tag)) a[href*='/desk/reviews/']")
    hand.see("form[action*='/desk/reviews/'] button.btn-primary")
    radios = hand.page.locator("form[action*='/desk/reviews/'] input[type=radio]")
    for name in dict.fromkeys(radios.evaluate_all("all => all.map(one => one.name)")):
        hand.click(f"form[action*='/desk/reviews/'] input[name='{name}']")
    note = hand.page.locator("form[action*='/desk/reviews/'] textarea").first
    if note.count():
        note.focus()
        hand.clicks += 1
        hand.type("clear and kind")
    hand.press("ControlOrMeta+Enter")
    hand.see(_DONE)


def _figure(hand: Hand, _enter: Enter) -> None:
    hand.page.goto("/desk/dashboard?days=90")
    hand.begin()
    hand.click(".tiles.ranked a")
    hand.click("main a[href*='rows=part']")
    hand.see("tbody tr, .empty-words, .card.panel")


def _export(hand: Hand, _enter: Enter) -> None:
    hand.page.goto("/desk/promises")
    hand.begin()
    with hand.page.expect_download() as found:
        hand.click("a[href*='file=csv']")
    assert found.value.path().stat().st_size


def _hold(hand: Hand, _enter: Enter) -> None:
    hand.go("/desk/holds")
    form = "form[action*='/desk/holds/']:has([name=review_on]):not(#bulk)"
    hand.click(f"details:has({form}) > summary")
    hand.click(f"{form} [name=note]")
    hand.type("still ill, doctor's letter seen")
    hand.press("Enter")
    hand.see(_DONE)


def _reply(hand: Hand, _enter: Enter) -> None:
    hand.go("/desk/inbox")
    hand.press("n")
    hand.at(r"/desk/inbox/\d+")
    hand.click("form[action$='/read'] button.btn-primary")
    hand.see(_DONE)


#: What is done, by whom, and how. Those that need calls come first: reviews look at the calls made before.
TASKS: tuple[tuple[str, str, Callable[[Hand, Enter], None]], ...] = (
    ("A caller phones back: found, birthday checked, opened", "collector", _caller),
    ("A promise: next case, call, result, day, saved", "collector", _promise),
    ("A wrong result corrected", "collector", _correct),
    ("A page of cases reassigned", "lead", _reassign),
    ("A strategy approved", "compliance", _approve),
    ("A call reviewed with scorecard and note", "lead", _review),
    ("From a figure to its rows", "lead", _figure),
    ("A list exported", "lead", _export),
    ("A hold reviewed: it goes on", "lead", _hold),
    ("A message read and decided", "lead", _reply),
)


@contextmanager
def window(browser: Browser, address: str, role: str, language: str, width: int) -> Iterator[Page]:
    """A window in which somebody of a role has signed in."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        locale=LANGUAGES[language],
        base_url=address,
        service_workers="block",
    )
    page = context.new_page()
    page.goto("/")
    page.locator(f"form[action='/demo/{role}'] button").click()
    page.wait_for_load_state()
    yield page
    context.close()


def measure(
    browser: Browser, address: str, task: Callable[[Hand, Enter], None], role: str, *how: object
) -> str:
    """What a task took, as a cell of the table."""
    language, width = how
    assert isinstance(language, str)
    assert isinstance(width, int)
    with (
        window(browser, address, role, language, width) as page,
        window(browser, address, "analyst", language, width) as other,
    ):
        hand = Hand(page)
        try:
            task(hand, lambda _role: other)
        except NothingToDo:
            return "nothing to do"
        seconds = time.monotonic() - hand.began
        typed = f" + {hand.signs} signs" if hand.signs else ""
        return f"{hand.keys}{typed} / {hand.clicks} / {seconds:.1f} s"


def main() -> None:
    """Do all of it, and print the table."""
    parser = argparse.ArgumentParser(description="Measure ten tasks of the desk.")
    parser.add_argument("--demo", metavar="URL", help="a demo that is open already")
    asked = parser.parse_args()
    if asked.demo:
        _print(asked.demo)
    else:
        with demo() as address:
            _print(address)


def _print(address: str) -> None:
    ways = [(language, width) for language in LANGUAGES for width in WIDTHS]
    heads = [f"{language}, {width} px" for language, width in ways]
    sys.stdout.write(f"| task: keys / clicks / seconds | {' | '.join(heads)} |\n|---|{'---|' * len(ways)}\n")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, role, task in TASKS:
            cells = [measure(browser, address, task, role, *way) for way in ways]
            sys.stdout.write(f"| {name} | {' | '.join(cells)} |\n")
            sys.stdout.flush()
        browser.close()


if __name__ == "__main__":
    main()
