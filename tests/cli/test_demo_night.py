"""Goal: in an opened demo it is a workday morning, and a button runs the real night and brings the next morning."""

import json
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener
from zoneinfo import ZoneInfo

import pytest

from forbear.cli.demo import last_workday
from forbear.interchange.home import clock
from forbear.interchange.home.lender import open_home
from tests.cli.test_desk import LENDERS_OWN, PROGRAM, environment, interruptible, nobody_left, opened
from tests.profile import LONG

#: A Friday in the middle of no holiday.
FRIDAY = date(2026, 11, 27)
_MOST_SECONDS = 240


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> Iterator[tuple[Path, str, subprocess.Popen]]:
    """A small demo of a Friday, its pages answering: its folder, its address and what runs it."""
    root = tmp_path_factory.mktemp("demo")
    port = free_port()
    words = f"demo --dir demo --loans 300 --no-quarter --as-of {FRIDAY} --port {port} --no-browser".split()
    with (
        (root / "said.txt").open("w") as said,
        subprocess.Popen(
            [PROGRAM, *words],
            cwd=root,
            env=environment(**LENDERS_OWN),
            stdout=said,
            stderr=said,
            start_new_session=True,
            preexec_fn=interruptible,
        ) as running,
    ):
        try:
            address = f"http://localhost:{port}"
            wait_for(lambda: answers(address), running)
            yield root / "demo", address, running
            running.terminate()
            running.wait(60)
        finally:
            nobody_left(running.pid)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def wait_for(what, running: subprocess.Popen | None = None) -> None:
    end = time.monotonic() + _MOST_SECONDS
    while not what():
        assert time.monotonic() < end
        assert running is None or running.poll() is None, "the demo ended by itself"
        time.sleep(0.3)


def answers(address: str) -> bool:
    try:
        with build_opener().open(f"{address}/health/live", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


class Visitor:
    """A browser without scripts."""

    def __init__(self, address: str) -> None:
        self.address, self.jar = address, CookieJar()
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=60) as answer:
            return answer.read().decode()

    def post(self, path: str, **fields: str) -> None:
        token = next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")
        data = urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        self.opener.open(Request(self.address + path, data, {"Referer": self.address}), timeout=60).close()


def moment(home: Path) -> datetime:
    opened = open_home(home)
    return clock.now(opened).astimezone(ZoneInfo(opened.timezone))


def sealed(home: Path) -> str:
    """The newest day that the workers sealed; "" for none."""
    with sqlite3.connect(home / "data" / "desk.sqlite3") as connection:
        return connection.execute("select coalesce(max(day), '') from store_dailyseal").fetchone()[0]


def test_the_next_night_is_run_from_a_page(lived_in):
    home, address, _running = lived_in
    began = moment(home)
    assert (began.date(), began.hour) == (FRIDAY, 9)
    visitor = Visitor(address)
    visitor.get("/")
    visitor.post("/demo/collector")
    visitor.post("/demo/hour", next="/desk/")
    assert timedelta(minutes=59) < moment(home) - began < timedelta(minutes=70)
    visitor.post("/demo/night", next="/desk/")
    wait_for(lambda: not json.loads(visitor.get("/demo/clock"))["busy"])
    state = json.loads((home / "data" / "next_night.json").read_text("utf-8"))
    assert (state["state"], state["night"]) == ("done", str(FRIDAY + timedelta(days=1))), state
    morning = moment(home)
    assert (morning.date(), morning.hour) == (FRIDAY + timedelta(days=1), 9)
    assert 'action="/demo/night"' in visitor.get("/desk/"), "the collector is still signed in"
    with sqlite3.connect(home / "data" / "desk.sqlite3") as connection:
        nights = [day for (day,) in connection.execute("select as_of from store_publishednight order by 1")]
        sent = connection.execute("select max(at) from store_contact where state = 'sent'").fetchone()[0]
    assert nights[-1] == str(FRIDAY + timedelta(days=1))
    assert sent[:10] in {str(FRIDAY), str(FRIDAY + timedelta(days=1))}, "messages bear the demo's time"
    wait_for(lambda: sealed(home) >= str(FRIDAY))
    line = json.loads((home / "quarantine" / "imports.jsonl").read_text("utf-8").splitlines()[-1])
    assert line["verdict"] == "imported"


def test_a_demo_asked_for_again_is_opened_as_it_was_left(lived_in):
    home, _address, running = lived_in
    running.terminate()
    assert running.wait(60) == 0
    root, port = home.parent, free_port()
    assert "Everything read is accounted for" in (root / "said.txt").read_text("utf-8")
    with sqlite3.connect(home / "data" / "desk.sqlite3") as connection:
        hashes = connection.execute("select substr(password, 1, 19) from store_staff").fetchall()
    assert {text for (text,) in hashes} == {"pbkdf2_sha256$1000$"}, "known to everyone, so soon made"
    note = home / "left.txt"
    note.touch()
    again = opened(root, port, "--loans", "300", "--as-of", str(FRIDAY))
    assert "opened as it was left" in again
    assert "Everything read" not in again
    assert note.is_file()
    assert f"http://localhost:{port}" in (home / "lender.yaml").read_text("utf-8")
    if LONG:
        assert "Everything read is accounted for" in opened(root, port, "--fresh", alone=True)
        assert not note.exists()


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 11, 29), date(2026, 11, 27)),
        (date(2026, 10, 4), date(2026, 9, 30)),
        (date(2026, 10, 10), date(2026, 10, 10)),
    ],
)
def test_a_demo_is_of_a_workday(day, worked):
    assert last_workday(day) == worked, "a Monday, a Sunday, a national holiday, a Saturday that is worked"
