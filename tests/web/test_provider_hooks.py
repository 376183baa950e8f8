"""Goal: a provider may try the address of its hook first, with its proof, and nobody else learns or echoes anything."""

import pytest
from django.conf import settings

from forbear.channels.wechat_http.inbound import signature
from forbear.store.models import Inbound

pytestmark = pytest.mark.django_db
WRITTEN = """
channels: {push: chat, sms: phone, letter: phone, email: phone, voice: phone, call: phone}
providers:
  phone: {kind: mailbox}
  chat: {kind: wechat_http, app_id: wx, app_secret_env: CHAT_SECRET, template: T1, hook_token_env: CHAT_TOKEN,
    encoding_key_env: CHAT_KEY}
"""


@pytest.fixture
def chat(monkeypatch):
    """A home with a WeChat account."""
    for name, value in (("CHAT_SECRET", "x"), ("CHAT_TOKEN", "wx-token"), ("CHAT_KEY", "k" * 43)):
        monkeypatch.setenv(name, value)
    (settings.HOME.folder / "channels.yaml").write_text(WRITTEN, encoding="utf-8")


def query(echo: str = "5927761", *, nonce: str = "2") -> str:
    return f"timestamp=1&nonce=2&echostr={echo}&signature={signature('wx-token', '1', nonce)}"


def test_the_handshake_is_answered_with_what_was_sent(chat, client):
    answer = client.get(f"/hooks/chat/?{query()}")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"5927761", "text/plain")


@pytest.mark.parametrize("asked", ["", query(nonce="3"), query("%3Cscript%3E"), query("x" * 200)])
def test_without_proof_or_with_markup_nothing_is_echoed(chat, client, asked):
    answer = client.get(f"/hooks/chat/?{asked}")
    assert (answer.status_code, answer.content) == (403, b"")


def test_a_provider_that_does_not_ask_first_has_no_such_page(chat, client):
    assert client.get("/hooks/phone/").status_code == 405
    assert client.get("/hooks/nobody/").status_code == 404
    assert client.put("/hooks/chat/").status_code == 405


MAIL = """
channels: {sms: phone, letter: phone, email: post, voice: phone, call: phone, push: phone}
providers:
  phone: {kind: mailbox}
  post: {kind: smtp, host: mx, address: service@lender.example, key_env: MAIL_KEY, hook_token_env: MAIL_TOKEN,
    security: none}
"""


@pytest.fixture
def post(monkeypatch, client):
    """The hook of a mail server; gives the status of a call with an e-mail."""
    for name, value in (("MAIL_KEY", "k" * 32), ("MAIL_TOKEN", "t0ken")):
        monkeypatch.setenv(name, value)
    (settings.HOME.folder / "channels.yaml").write_text(MAIL, encoding="utf-8")
    proof = {"HTTP_AUTHORIZATION": "Bearer t0ken"}
    return lambda raw: client.post("/hooks/post/", raw, content_type="message/rfc822", **proof).status_code


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\n\nSTOP\n" + b"x" * 10_000_000,
        b"From: a@b.example\nContent-Type: text/plain; charset=x-unknown\n\nSTOP",
        b"STOP",
        b"",
        b"\xff\x00" * 1000,
        b"From: a@b.example\nContent-Type: multipart/report\n\nSTOP",
    ],
)
def test_any_mail_is_taken_and_none_is_repeated_for_ever(post, raw):
    assert post(raw) == 200


def test_an_e_mail_with_a_large_attachment_says_stop(post):
    body = b"STOP\n--B\nContent-Type: image/png\n\n" + b"A" * 5_000_000
    raw = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\n" + body
    assert post(raw) == 200
    kept = Inbound.objects.get()
    assert (kept.intent, kept.text, kept.held, kept.sender) == ("stop", "STOP", True, "a@b.example")
