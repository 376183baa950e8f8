"""Take the pictures of README and docs: `python scripts/pictures.py` writes docs/pictures/NAME-en.png and NAME-zh.png.

A demo of its own is made and opened, the pages are the product's own, the browser is Chromium. Each picture says whose
page it is, where, how wide and how high; those of one hour are taken before the clock is moved to the next.

    python scripts/pictures.py                      all of them
    python scripts/pictures.py roles case           these
    python scripts/pictures.py --demo URL NAME      from a demo that is open already
"""

import argparse
import io
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
#: The demo's day and size: the same people and figures each time.
DAY, LOANS, PORT = "2026-11-30", 20_000, 8765
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}
#: A number of colours that is enough for flat pages and keep a picture small.
COLOURS = 96
#: What a picture of the product leaves out: the demo's strip and tour.
_WITHOUT_DEMO = ".demo-bar, .tour { display: none !important }"


@dataclass(frozen=True, slots=True)
class Picture:
    """One page of one role. `then` goes on from the page; `hours` the clock is moved on before it."""

    name: str
    role: str = ""
    path: str = ""
    width: int = 1280
    height: int = 760
    hours: int = 0
    then: Callable[[Page], None] = lambda _page: None
    demo_shown: bool = False


def _first_link(css: str) -> Callable[[Page], None]:
    def follow(page: Page) -> None:
        page.locator(css).first.click()
        page.wait_for_load_state()

    return follow


def _scrolled(css: str) -> Callable[[Page], None]:
    return lambda page: page.locator(css).first.scroll_into_view_if_needed()


PICTURES = (
    Picture("roles", height=790, demo_shown=True),
    Picture("queue", "collector", "/desk/", height=560),
    Picture("inbox", "lead", "/desk/inbox", height=560),
    Picture("dashboard", "manager", "/desk/dashboard?days=90", height=900, then=_scrolled(".chart")),
    Picture("agencies", "manager", "/desk/agencies", height=760),
    Picture("strategy", "analyst", "/desk/strategies", height=760),
    Picture("refusals", "compliance", "/desk/refusals", height=620),
    Picture("litigation", "legal", "/desk/court/wanted", height=560),
    Picture("agency", "agency", "/agency/", height=560),
    Picture("settings", "administrator", "/administration/settings", height=620),
    Picture("portal", "borrower", "/my/home", width=390, height=780),
    Picture("owe", "borrower", "/my/owe", width=390, height=780),
    Picture("visits", "visitor", "/field/", width=390, height=780),
    Picture(
        "case", "collector", "/desk/cases?handler=internal", hours=13, then=_first_link("td a"), height=620
    ),
)


def take(browser: Browser, address: str, picture: Picture, language: str) -> bytes:
    """The picture as PNG."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        locale=LANGUAGES[language],
        base_url=address,
        bypass_csp=True,
        service_workers="block",
    )
    try:
        page = context.new_page()
        page.goto("/")
        if picture.role:
            page.locator(f"form[action='/demo/{picture.role}'] button").click()
            page.wait_for_load_state()
            page.goto(picture.path)
        picture.then(page)
        if not picture.demo_shown:
            page.add_style_tag(content=_WITHOUT_DEMO)
        page.wait_for_timeout(900)  # charts draw themselves
        return small(page.screenshot())
    finally:
        context.close()


def small(picture: bytes) -> bytes:
    """The same picture in few colours."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    found = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(found, "PNG", optimize=True)
    return found.getvalue()


def move_on(browser: Browser, address: str, hours: int) -> None:
    """Let hours go by in the demo."""
    page = browser.new_page(base_url=address)
    for _ in range(hours):
        page.goto("/")
        page.locator("form[action='/demo/hour'] button").click()
        page.wait_for_load_state()
    page.close()


@contextmanager
def demo() -> Iterator[str]:
    """A demo that is made for the pictures alone; its address."""
    with tempfile.TemporaryDirectory(prefix="forbear-pictures-") as folder:
        words = f"demo --dir {folder}/demo --loans {LOANS} --as-of {DAY} --port {PORT} --no-browser".split()
        running = subprocess.Popen([sys.executable, "-m", "forbear", *words], stdout=subprocess.DEVNULL)
        try:
            while not _answers(PORT):
                assert running.poll() is None, "the demo ended by itself"
                time.sleep(0.5)
            yield f"http://localhost:{PORT}"
        finally:
            running.terminate()
            running.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port), timeout=2).close()
    except OSError:
        return False
    return True


def take_all(address: str, wanted: list[str]) -> None:
    """Write the pictures of these names, all where none is given."""
    chosen = [picture for picture in PICTURES if not wanted or picture.name in wanted]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        moved = 0
        for picture in sorted(chosen, key=lambda each: each.hours):
            move_on(browser, address, picture.hours - moved)
            moved = picture.hours
            for language in LANGUAGES:
                path = FOLDER / f"{picture.name}-{language}.png"
                path.write_bytes(take(browser, address, picture, language))
                sys.stdout.write(f"{path.relative_to(ROOT)} {path.stat().st_size / 1000:.0f} kB\n")
        browser.close()


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description="Take the pictures of README and docs from a demo.")
    parser.add_argument("--demo", metavar="URL", help="a demo that is open already")
    parser.add_argument("names", nargs="*", metavar="NAME")
    asked = parser.parse_args()
    if unknown := set(asked.names) - {picture.name for picture in PICTURES}:
        parser.error(f"no such picture: {', '.join(sorted(unknown))}")
    if asked.demo:
        take_all(asked.demo, asked.names)
    else:
        with demo() as address:
            take_all(address, asked.names)


if __name__ == "__main__":
    main()
