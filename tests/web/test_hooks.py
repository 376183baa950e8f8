"""Goal: programs hear of what they asked for, signed, again until they answer, and never inside our own network."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from standardwebhooks import WebhookVerificationError

from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import end_contact, make_contact
from forbear.actions.webhooks.api_keys import make_key
from forbear.channels.standard_webhooks import new_secret
from forbear.jobs.deliver_webhooks import MOST_ATTEMPTS, deliver_due
from forbear.store.models import Agency, WebhookDelivery, WebhookEndpoint
from tests.docs.pages import marked
from tests.factories.desk import NOON, house_rules, make_borrower, wish_for

SECRET = new_secret()
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
    assert deliver_due(now, private=True) == 2
    assert deliver_due(now + timedelta(hours=1), private=True) == 0
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
        assert deliver_due(now, private=True) == 1
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
    answers = set(WebhookDelivery.objects.values_list("answer", flat=True))
    assert answers <= {"the address lies inside a private network", "the address is not known"}


def test_an_agency_hears_only_of_its_own(listener):
    agency = Agency.objects.create(code="huaxin", name_zh="华信", name_en="Huaxin")
    hook(listener[2], agency=agency)
    call()
    assert not WebhookDelivery.objects.exists()
