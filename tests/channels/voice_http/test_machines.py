"""Goal: what a machine that calls says of a debt is heard by a person alone, from the outbox to the evidence.

Method: a reminder through the outbox to a voice provider on loopback; the provider then asks the hook what to say, as
the one who takes the call, and reports how it ended.
"""

import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from forbear.actions.contacts.send import claim, send_one
from forbear.channels.settings import parse_channels
from forbear.store.models import Contact, Event
from tests.factories.desk import NOON, house_rules, make_borrower, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
DEBT = "您欠 412.00 元，已逾期 12 天。"
CHANNELS = """
channels: {{voice: web, call: web}}
providers:
  web: {{kind: voice_http, url: "http://127.0.0.1:{port}", account: AC1, token_env: VOICE_TOKEN, timeout: 2.0,
    sender: "+447000000001", callback_url: "https://collections.example/hooks/web/", detect_machines: {detects}}}
"""


@pytest.fixture
def calling(providers, monkeypatch, client, calls_back):
    """Have a reminder called; gives its contact, and what the hook answers the one who takes the call."""
    monkeypatch.setenv("VOICE_TOKEN", "twilio-token")

    def call(
        contact_lines: dict,
        packs: tuple[str, ...] = ("cn",),
        name=("示例银行", "Example Bank"),
        detects="true",
    ):
        written = CHANNELS.format(port=providers.port, detects=detects)
        (settings.HOME.folder / "channels.yaml").write_text(written, encoding="utf-8")
        about = {"contact": tuple(sorted(contact_lines.items())), "name": name}
        house_rules()
        contact = wished(make_borrower(phone="+8613800000001"), "voice")
        Contact.objects.filter(pk=contact.pk).update(body=DEBT)
        lines = parse_channels(written, "channels.yaml", {"VOICE_TOKEN": "twilio-token"}).open(
            settings.HOME.folder, lambda: NOON, lambda heard: None
        )
        monkeypatch.setattr("forbear.actions.contacts.spoken_words.pack_names", lambda: frozenset(packs))
        monkeypatch.setattr(settings, "HOME", replace(settings.HOME, **about))
        assert list(claim("w1", NOON)) == [contact.contact_id]
        assert send_one(contact.contact_id, "w1", lines, lambda: NOON) == "sent"
        contact.refresh_from_db()
        while (form := providers.hear_of("Calls")["form"])["To"] != "+8613800000001" or "Url" not in form:
            pass

        def asked(leg: str, **more: str) -> str:
            url = form["Url" if leg == "speak" else "StatusCallback"]
            told = {"CallSid": contact.provider_ref, "CallStatus": "in-progress"} | more
            headers, body, _ = calls_back("twilio", url=url, form=told)
            answer = client.post(
                f"/hooks/web/?{urlsplit(url).query}",
                body,
                content_type="application/x-www-form-urlencoded",
                headers=headers,
            )
            assert answer.status_code == 200, answer.content
            return answer.content.decode()

        return contact, asked

    return call


def said_in_evidence() -> list[tuple[str, str]]:
    """Who took the call and what was said, of each time it was asked."""
    bodies = [json.loads(event.line)["body"] for event in Event.objects.filter(kind="report").order_by("id")]
    return [(body["by"], body["said"]) for body in bodies if body.get("state") == "taken"]


def test_a_person_hears_it_and_a_machine_a_request_to_call_back(calling):
    contact, asked = calling({"phone": "4001234567"})
    assert "412.00" in asked("speak", AnsweredBy="human")
    left = asked("speak", AnsweredBy="machine_end_beep")
    assert "您好，这里是示例银行，请您回电4001234567，谢谢。" in left
    assert "412" not in left
    assert "逾期" not in left
    asked("status", CallStatus="completed", AnsweredBy="machine_end_beep", CallDuration="11")
    contact.refresh_from_db()
    assert (contact.outcome, contact.seconds) == ("limited_message", 11)
    assert said_in_evidence() == [("person", "message"), ("machine", "limited")]


@pytest.mark.parametrize("answered_by", [{"AnsweredBy": "unknown"}, {"AnsweredBy": "machine_start"}, {}])
def test_who_can_not_be_told_from_a_machine_is_taken_for_one(calling, answered_by):
    _, asked = calling({"phone": "4001234567"}, detects="false" if not answered_by else "true")
    heard = asked("speak", **answered_by)
    assert "请您回电4001234567" in heard
    assert "412" not in heard
    assert said_in_evidence() == [("unknown", "limited")]


@pytest.mark.parametrize(
    ("lines", "packs", "name", "left"),
    [
        ({"phone": "1", "person": "Ana Diaz"}, ("us", "house"), ("Ana", "Northwind Bank"), True),
        ({"phone": "1"}, ("us",), ("北风", "Northwind Bank"), False),
        ({"phone": "1"}, ("uk",), ("北风", "Northwind Bank"), True),
        ({"phone": "1", "person": "王芳"}, ("cn",), ("华信催收", "Huaxin Debt Collection"), False),
        ({"person": "王芳"}, ("cn",), ("北风", "Northwind"), False),
    ],
)
def test_without_lawful_words_it_hangs_up(calling, lines, packs, name, left):
    contact, asked = calling(lines, packs, name)
    heard = asked("speak", AnsweredBy="machine_end_beep")
    assert ("<Hangup/>" in heard) == (not left)
    asked("status", CallStatus="completed", AnsweredBy="machine_end_beep", CallDuration="3")
    contact.refresh_from_db()
    assert contact.outcome == ("limited_message" if left else "voicemail")


def test_a_fax_a_call_of_nobody_and_one_that_has_ended_hear_nothing(calling):
    contact, asked = calling({"phone": "4001234567"})
    assert "<Hangup/>" in asked("speak", AnsweredBy="fax")
    asked("status", CallStatus="completed", AnsweredBy="human", CallDuration="3")
    assert "<Hangup/>" in asked("speak", AnsweredBy="human")
    Contact.objects.filter(pk=contact.pk).update(outcome="pending", channel="call")
    assert "<Hangup/>" in asked("speak", AnsweredBy="human")


def test_nobody_else_can_ask_what_is_said(calling, client):
    contact, _ = calling({"phone": "4001234567"})
    answer = client.post(
        f"/hooks/web/?leg=speak&contact={contact.contact_id}", {"AnsweredBy": "human", "CallSid": "CA1"}
    )
    assert (answer.status_code, answer.content) == (403, b"")
