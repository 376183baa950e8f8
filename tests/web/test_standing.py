"""Slow callers, locks and full disks: the process lives, pages answer or say when, readiness is honest."""

import contextlib
import errno
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import OperationalError
from django.test import Client, RequestFactory

from forbear.cli.main import group
from forbear.cli.web_server import HEAD_SECONDS, LARGEST_BODY, READERS, Deadlines, Front
from forbear.config.database import database
from forbear.store.health import failing
from forbear.web.errors import seconds_away, unavailable
from forbear.web.public import health
from tests.factories.desk import NOON

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SLOW = 24
#: A form's proof of origin, as a browser would send it.
PROOF = "a" * 32


class Site:
    """`forbear serve` as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.home, self.threads = folder / "home", 4
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("FORBEAR_")}
        self.env |= {"FORBEAR_LOCK_SECONDS": "1"}
        self._run("init", str(self.home))
        self.process = self._start("serve", "--port", str(self.port), "--threads", str(self.threads))

    def _run(self, *words: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "forbear", *words], check=True, env=self.env, capture_output=True
        )

    def _start(self, *words: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "forbear", *words, "--home", str(self.home)]
        return subprocess.Popen(
            command,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def get(self, path: str, *, timeout: float = 20.0) -> tuple[int, str, float]:
        """(status, body, seconds)."""
        begun = time.monotonic()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout) as answer:
                status, body = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read().decode()
        return status, body, time.monotonic() - begun

    def raw(self, text: bytes) -> socket.socket:
        """A connection that has sent so much and no more."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        sock.sendall(text)
        return sock

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(300):
            try:
                self.get("/health/live", timeout=1)
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("it never answered")

    def end(self) -> None:
        """Stop it and what it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("standing"))
    try:
        made.wait()
        yield made
    finally:
        made.end()


POST = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nusername="


@pytest.mark.process
@pytest.mark.parametrize("start", [POST, b"GET /sign-in HTTP/1.1\r\nHost: loc"], ids=["body", "head"])
def test_slow_callers_hold_no_thread_of_the_pages(site, start):
    slow = [site.raw(start) for _ in range(SLOW)]
    assert len(slow) > 4 * site.threads
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.5):
            for sock in slow:
                with contextlib.suppress(OSError):  # it was cut off
                    sock.sendall(b"a")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        time.sleep(1)
        for path in ("/health/live", "/health/ready", "/sign-in"):
            status, _, seconds = site.get(path)
            assert (status, seconds < 3) == (200, True), (path, status, seconds)
    finally:
        stop.set()
        dripping.join()
        for sock in slow:
            sock.close()


@pytest.mark.process
def test_who_never_ends_the_head_is_cut_off(site):
    sock = site.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    begun = time.monotonic()
    while time.monotonic() - begun < HEAD_SECONDS + 10:
        time.sleep(1)
        try:
            sock.sendall(b"X: y\r\n")
        except OSError:
            break
    assert HEAD_SECONDS - 1 < time.monotonic() - begun < HEAD_SECONDS + 5


@pytest.mark.process
def test_a_form_still_arrives_whole(site):
    form = b"username=x&password=" + b"y" * 300_000
    request = urllib.request.Request(f"http://127.0.0.1:{site.port}/sign-in", data=form)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    assert refused.value.code == 403, "no proof of origin: it was read and answered"


@pytest.mark.process
def test_a_body_that_is_too_large_is_refused_before_it_is_read(site):
    head = f"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: {LARGEST_BODY + 1}\r\n\r\n"
    assert site.raw(head.encode()).recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.process
def test_another_process_holds_the_lock_for_long(site):
    lock = sqlite3.connect(site.home / "data" / "desk.sqlite3", isolation_level=None)
    lock.execute("begin immediate")
    try:
        assert site.get("/health/live")[2] < 1
        status, body, seconds = site.get("/health/ready")
        assert (status, json.loads(body)["failing"]) == (503, ["database"])
        assert seconds < 4
        assert site.get("/verify")[0] == 200, "reading goes on"
        assert site.get("/sign-in")[2] < 4
        proof = {"Cookie": f"csrftoken={PROOF}", "X-CSRFToken": PROOF, "Accept-Language": "en"}
        address = f"http://127.0.0.1:{site.port}/my/new-link"
        form = urllib.request.Request(address, data=b"reach=13800000001", headers=proof)
        with pytest.raises(urllib.error.HTTPError) as busy:
            urllib.request.urlopen(form, timeout=20)
        assert busy.value.code == 503
        assert int(busy.value.headers["Retry-After"]) > 0
        assert "Try again in about 1 minute" in busy.value.read().decode()
    finally:
        lock.execute("rollback")
        lock.close()
    assert site.get("/health/ready")[0] == 200


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (OperationalError("database is locked"), 15),
        (OperationalError("database or disk is full"), 300),
        (OSError(errno.ENOSPC, "No space left on device"), 300),
        (ValueError("ours"), 0),
        (None, 0),
    ],
)
def test_what_waiting_mends(error, seconds):
    assert seconds_away(error) == seconds


@pytest.mark.parametrize(("language", "words"), [("en", "Please try again"), ("zh-hans", "稍后再试")])
def test_the_page_speaks_the_readers_language_and_asks_no_database(
    language, words, django_assert_num_queries
):
    request = RequestFactory().get("/desk/", headers={"Accept-Language": language})
    with django_assert_num_queries(0):
        page = unavailable(request, 300)
    assert words in page.content.decode()
    assert (page.status_code, page["Retry-After"]) == (503, "300")
    program = unavailable(RequestFactory().get("/api/v1/payments"), 15)
    assert json.loads(program.content) == {"code": "http_503", "message": "Service Unavailable"}


def test_a_full_disk_is_not_ready(monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE", 2**62)
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["disk"])
    assert failing(NOON, {}) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "forbear.example"])
def test_the_network_is_not_served_without_a_proxy(host, monkeypatch):
    monkeypatch.delenv("FORBEAR_PROXIES", raising=False)
    refused = CliRunner().invoke(group, ["serve", "--host", host], prog_name="forbear")
    assert refused.exit_code == 2
    assert "FORBEAR_PROXIES" in refused.output


def test_late_sockets_are_cut_and_others_are_not():
    deadlines = Deadlines()
    ours, theirs = socket.socketpair()
    early, _peer = socket.socketpair()
    deadlines.begin(ours, -1.0)
    deadlines.begin(early, 60.0)
    assert deadlines.cut_late() == 1
    assert ours.recv(1) == b""
    assert deadlines.cut_late() == 0
    for sock in (ours, theirs, early, _peer):
        sock.close()


def test_requests_beyond_those_that_can_wait_are_told_so():
    front, told = Front(lambda environ, start: [b"ok"], 1), []
    for _ in range(1000):
        front._waiting.acquire(blocking=False)
    environ = {"PATH_INFO": "/desk/", "REQUEST_METHOD": "GET"}
    front(environ, lambda status, head: told.append((status, dict(head))))
    front(environ | {"PATH_INFO": "/health/live"}, lambda status, head: told.append((status, dict(head))))
    assert [status[:3] for status, _ in told] == ["503", "200"]
    assert told[0][1]["Retry-After"] == "5"
    assert READERS > 32


def test_pages_wait_shorter_for_a_lock_than_workers(tmp_path):
    assert database("", tmp_path)["OPTIONS"]["timeout"] == 30
    assert database("", tmp_path, 5)["OPTIONS"]["timeout"] == 5
    assert database("postgresql://f@h/f", tmp_path, 5)["OPTIONS"]["options"] == "-c lock_timeout=5s"
