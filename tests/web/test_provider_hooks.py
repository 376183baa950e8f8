"""Goal: a provider may try the address of its hook first, with its proof, and nobody else learns or echoes anything."""

import pytest
from django.conf import settings

from forbear.channels.wechat_http.inbound import signature

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
