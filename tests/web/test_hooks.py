"""Goal: programs hear of what they asked for, signed, again until they answer, and never inside our own network."""

import asyncio
import contextlib
import json
import resource
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest
from standardwebhooks import WebhookVerificationError

from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import end_contact, make_contact
from forbear.actions.webhooks.api_keys import end_webhook, make_key, resume_webhook
from forbear.actions.webhooks.subscriptions import MOST_A_KEY, subscribe
from forbear.channels.addresses import is_public
from forbear.channels.standard_webhooks import new_secret
from forbear.core.base.problem import Problem
from forbear.jobs.deliver_webhooks import MOST_ATTEMPTS, MOST_FAILURES, Deliverer, _address, deliver_due
from forbear.store.models import Agency, WebhookDelivery, WebhookEndpoint
from tests.docs.pages import marked
from tests.factories.desk import NOON, house_rules, make_borrower, wish_for

SECRET = new_secret()
LOOPBACK = ["127.0.0.0/8"]
pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def listener():
    """A program that hears, answering with the status it is told to."""
    heard: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        status = 200

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((dict(self.headers), body))
            self.send_response(Handler.status)
            self.end_headers()

        def log_message(self, *words):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield heard, Handler, f"http://127.0.0.1:{server.server_port}/news"
    server.shutdown()


def hook(url: str, kinds=("contact.ended", "contact.refused"), agency=None) -> WebhookEndpoint:
    key, _ = make_key("listener", ["webhooks:manage"], NOON, agency.code if agency else "", actor="test")
    return WebhookEndpoint.objects.create(
        api_key=key, url=url, secret=SECRET, kinds=list(kinds), made_at=NOON
    )


def call() -> None:
    house_rules()
    borrower = make_borrower()
    made = make_contact(ContactDraft("B1", wish_for(borrower, "call")), NOON, actor="test")
    end_contact(made.contact.contact_id, "conversation", NOON, actor="test")
    make_contact(ContactDraft("B1", wish_for(borrower, "call")), NOON, actor="test")


def receiver_of_the_docs() -> Callable:
    """The function that docs/interface.md shows to those who receive."""
    names: dict = {}
    (shown,) = marked("python", "webhook-receiver")
    exec(shown.text, names)
    return names["read_message"]


def test_news_is_told_once_signed(listener):
    heard, _, url = listener
    hook(url)
    call()
    read_message, now = receiver_of_the_docs(), datetime.now(UTC)
    assert deliver_due(now, networks=LOOPBACK) == 2
    assert deliver_due(now + timedelta(hours=1), networks=LOOPBACK) == 0
    told = [json.loads(body) for _, body in heard]
    assert sorted(each["kind"] for each in told) == ["contact.ended", "contact.refused"]
    assert "王小明" not in heard[0][1].decode()
    for headers, body in heard:
        assert read_message(SECRET, headers, body)["id"] == headers["webhook-id"]
        with pytest.raises(WebhookVerificationError):
            read_message(SECRET, headers, body + b" ")


def test_who_does_not_answer_is_told_again_later_and_at_last_given_up(listener):
    heard, handler, url = listener
    handler.status = 500
    hook(url, ["contact.refused"])
    call()
    now, pauses = NOON, []
    for _ in range(MOST_ATTEMPTS):
        assert deliver_due(now, networks=LOOPBACK) == 1
        delivery = WebhookDelivery.objects.get()
        pauses.append(delivery.not_before - now)
        now = delivery.not_before
    assert delivery.given_up_at is not None
    assert len(heard) == MOST_ATTEMPTS
    assert pauses[:-1] == sorted(pauses[:-1])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x",
        "http://localhost/x",
        "http://[::1]/x",
        "http://169.254.169.254/latest",
        "http://nowhere.invalid/",
    ],
)
def test_an_address_inside_is_never_called(url):
    hook(url)
    call()
    deliver_due(NOON)
    answers = set(WebhookDelivery.objects.values_list("answer", flat=True))  # "" is not tried yet
    assert answers - {""} <= {"the address lies inside a private network", "the address is not known"}


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fec0::1",
        "::10.0.0.1",
        "::ffff:10.0.0.1",
        "ff0e::1",
        "224.0.0.1",
        "240.0.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "198.18.0.1",
    ],
)
def test_no_form_of_an_inner_address_is_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]
)
def test_a_public_address_is(address):
    assert is_public(ip_address(address))


def test_what_a_public_address_needs(monkeypatch):
    """Encryption, and a port on which web servers listen."""
    found = [(0, 0, 0, "", ("93.184.215.14", 0))]

    async def look_up(self, *names, **options):
        return found

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    wanted = {
        "http://example.org/x": "the address is not encrypted: https is needed",
        "https://example.org:25/x": "the port is not one of 443 and 8443",
        "https://example.org/x": "https://93.184.215.14:443/x",
    }
    with ThreadPoolExecutor(1) as pool:  # this thread may have a loop of a browser's
        found_here = {url: pool.submit(asyncio.run, _address(urlsplit(url), ())).result() for url in wanted}
    assert found_here == wanted


@pytest.mark.parametrize("host", ["bücher.example", "x" * 70 + ".example", "a..example", "数.example"])
def test_a_host_that_cannot_be_named_stops_no_worker(host, monkeypatch):
    async def look_up(self, *names, **options):
        return [(0, 0, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    hook(f"http://{host}:9/x")
    call()
    assert deliver_due(NOON, networks=LOOPBACK) == 2
    assert WebhookDelivery.objects.filter(answer__startswith="no answer (").count() == 1


def test_an_answer_without_end_is_not_read(listener):
    """800 MB of answer, or one that drips for ever, costs neither memory nor time: only the status counts."""
    heard, handler, url = listener

    def endless(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        heard.append(({}, b""))
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(800):
                self.wfile.write(b"x" * 1_000_000)

    handler.do_POST, before = endless, handler.do_POST
    hook(url, ["contact.refused"])
    call()
    try:
        grown = _most_memory()
        assert deliver_due(NOON, networks=LOOPBACK) == 1
        assert _most_memory() - grown < 50_000_000
    finally:
        handler.do_POST = before
    assert WebhookDelivery.objects.get().answer == "HTTP 200"


def _most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.fixture
def dripping():
    """A receiver that takes connections and answers one letter of a header every tenth of a second."""
    server = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def drip() -> None:
        with contextlib.suppress(OSError):
            while True:
                one, _ = server.accept()
                threading.Thread(target=answer, args=(one,), daemon=True).start()

    def answer(one: socket.socket) -> None:
        with contextlib.suppress(OSError), one:
            one.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not stopping.wait(0.1):
                one.sendall(b"x")

    threading.Thread(target=drip, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/slow"
    stopping.set()
    server.close()


def test_a_slow_receiver_delays_nobody_else(listener, dripping):
    heard, _, url = listener
    slow, quick = hook(dripping, ["contact.refused"]), hook(url, ["contact.refused"])
    call()
    deliverer = Deliverer(LOOPBACK, deadline=1.5)
    try:
        began = time.monotonic()
        assert deliverer.round(NOON) == 2
        while not heard and time.monotonic() - began < 1.4:
            time.sleep(0.01)
        assert heard, "the other one is told while the slow one still drips"
        assert deliverer.finish(NOON) == 0
    finally:
        deliverer.close()
    answers = dict(WebhookDelivery.objects.values_list("webhook", "answer"))
    assert answers == {slow.pk: "no answer within 1.5 seconds", quick.pk: "HTTP 200"}


def test_after_many_failures_a_receiver_is_suspended_and_called_again_when_resumed(listener):
    heard, handler, url = listener
    handler.status = 503
    receiver = hook(url, ["contact.refused"])
    call()
    once = WebhookDelivery.objects.get()
    for number in range(3):  # others wait with the one that failed
        WebhookDelivery.objects.create(
            webhook=receiver, event_id=f"e{number}", kind=once.kind, body={}, made_at=NOON, not_before=NOON
        )
    now = NOON
    for _ in range(MOST_FAILURES):
        assert deliver_due(now, networks=LOOPBACK) >= 1
        receiver.refresh_from_db()
        now = receiver.not_before
    assert receiver.suspended_at is not None
    assert len(heard) == MOST_FAILURES, "one call each time, whatever waits"
    assert timedelta(days=1) < receiver.suspended_at - NOON < timedelta(days=4)
    handler.status = 200
    assert deliver_due(now + timedelta(days=1), networks=LOOPBACK) == 0
    assert isinstance(resume_webhook(receiver.pk, now, actor="test"), WebhookEndpoint)
    later = now + timedelta(days=1)
    assert deliver_due(later, networks=LOOPBACK) == 3, "the first was given up before"
    receiver.refresh_from_db()
    assert (receiver.failures, receiver.suspended_at) == (0, None)


def test_a_key_has_few_webhooks():
    key, _ = make_key("listener", ["webhooks:manage"], NOON, actor="test")
    url = "https://example.org/news"
    made = [subscribe(key, url, ["contact.ended"], SECRET, NOON) for _ in range(MOST_A_KEY + 1)]
    assert [isinstance(each, Problem) for each in made] == [False] * MOST_A_KEY + [True]
    end_webhook(made[0].pk, NOON, actor="test")
    assert isinstance(subscribe(key, url, ["contact.ended"], SECRET, NOON), WebhookEndpoint)


def test_an_agency_hears_only_of_its_own(listener):
    agency = Agency.objects.create(code="huaxin", name_zh="华信", name_en="Huaxin")
    hook(listener[2], agency=agency)
    call()
    assert not WebhookDelivery.objects.exists()
