"""One browser for all files of a process: starting one costs more than most pages do."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

#: The shell draws the same pages by the same engine, without the windows, menus and services of a person's browser,
#: which take as long as the pages do.
PROGRAM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
#: What every browser of the tests is started with.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What starts browsers. Its loop runs on in this thread, which Django would take for a mistake of ours."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as started:
        yield started
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The browser; each test has a context of its own in it, as two people who know nothing of each other."""
    browser = playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def policy_of(settings) -> Iterator[Callable[[str], None]]:
    """Writes the home's policy for one test; the former one is back afterwards."""
    path = settings.HOME.folder / "policy.yaml"
    before = path.read_text("utf-8") if path.is_file() else None
    yield lambda text: path.write_text(text, "utf-8") and None
    path.unlink(missing_ok=True)
    if before is not None:
        path.write_text(before, "utf-8")
