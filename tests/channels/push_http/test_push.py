"""Goal: the lender's push server can check every call by the public specification, and only its own are read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from forbear.channels.hook import NOT_PROVED
from forbear.channels.push_http.adapter import Push, PushSettings, mistakes
from forbear.channels.push_http.inbound import read_report
from forbear.channels.standard_webhooks import TOLERANCE, proved, signed_headers
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem
from tests.factories.messages import NOW, around, message, permit_for

SECRET = "whsec_" + "cHBw" * 10 + "cHA="
HOOK = "whsec_" + "aGho" * 10 + "aGg="
AT = int(NOW.timestamp())


def settings(port: int = 1, **more: object) -> PushSettings:
    given = {"url": f"http://127.0.0.1:{port}/push", "secret": SECRET, "hook_secret": HOOK, "timeout": 1.0}
    return PushSettings(**given | more)


def send(providers, tmp_path, ending="00", **more):
    sent = message("push", to=f"device-{ending}", subject="标题", unsubscribe_url="https://a.example/u")
    line = Push(settings(providers.port, **more), around(tmp_path))
    receipt = line.send(permit_for(sent), sent)
    line.close()
    return sent, receipt


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=8))])
def test_the_signature_is_the_published_one(zone):
    """The example of the Standard Webhooks specification, whatever zone the moment is told in."""
    made = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, zone),
        b'{"test": 2432232314}',
    )
    assert made["webhook-timestamp"] == "1614265330"
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(("ending", "named"), [("00", False), ("01", True)])
def test_it_is_taken(providers, tmp_path, ending, named):
    sent, receipt = send(providers, tmp_path, ending)
    assert receipt.answer == "accepted"
    assert receipt.provider_ref.startswith("push-" if named else sent.contact_id)
    told = providers.hear_of("push")
    assert told["id"] == sent.contact_id
    assert told["told"] == {
        "contact_id": sent.contact_id,
        "to": sent.to,
        "sender": sent.sender,
        "language": "zh",
        "title": "标题",
        "body": sent.body,
        "unsubscribe_url": "https://a.example/u",
    }


@pytest.mark.parametrize(
    ("ending", "answer"),
    [("42", "busy"), ("41", "refused"), ("40", "refused"), ("50", "unknown"), ("04", "unknown")],
)
def test_the_answer_is_what_is_known(providers, tmp_path, ending, answer):
    sent, receipt = send(providers, tmp_path, ending)
    assert receipt.answer == answer
    assert receipt.provider_ref == (sent.contact_id if answer == "unknown" else "")


def test_a_wrong_key_is_busy(providers, tmp_path):
    assert send(providers, tmp_path, secret=HOOK)[1].answer == "busy"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"secret": "short"}, "secret"),
        ({"secret": "whsec_" + "QQ=="}, "secret"),
        ({"hook_secret": "not base64 !"}, "hook_secret"),
        ({"hook_secret": SECRET}, "hook_secret"),
    ],
)
def test_mistakes_are_named(changed, field):
    assert list(mistakes(settings(**changed))) == [field]
    assert mistakes(settings()) == {}


def read(headers, body, **more):
    return read_report(headers, body, settings(**more), NOW, provider="app")


@pytest.mark.parametrize("state", ["delivered", "undelivered", "invalid"])
def test_a_report(calls_back, state):
    headers, body, _ = calls_back(
        "push", at=AT, told={"ref": "push-1", "state": state, "detail": "gone <b>13800000001"}
    )
    assert read(headers, body) == (Report("app", "push-1", state, NOW, detail="gone b13800000001"),)


def test_a_reply(calls_back):
    headers, body, _ = calls_back(
        "push", at=AT, told={"id": "r1", "from": "device-1", "to": "app", "text": "退订"}
    )
    assert read(headers, body) == (Reply("app", "r1", "push", "device-1", "app", "退订", NOW),)


def test_a_forged_call_is_not_read(calls_back):
    headers, body, _ = calls_back("push", at=AT, told={"ref": "push-1", "state": "delivered"})
    lower = {name.lower(): value for name, value in headers.items()}
    assert len(read(lower, body)) == 1
    for bad in (
        ({}, body),
        (headers, body + b" "),
        (headers, body + b"\xff"),
        (headers | {"Webhook-Id": "m2"}, body),
        (headers | {"Webhook-Timestamp": str(AT + 1)}, body),
        (headers | {"Webhook-Timestamp": "²"}, body),
        (headers | {"Webhook-Signature": "v1,"}, body),
    ):
        assert read(*bad) is NOT_PROVED
    assert read(headers, body, hook_secret="") is NOT_PROVED
    assert read(headers, body, hook_secret=SECRET) is NOT_PROVED


@pytest.mark.parametrize(
    ("late", "good"), [(0, True), (TOLERANCE, True), (TOLERANCE + 1, False), (-TOLERANCE - 1, False)]
)
def test_an_old_call_is_not_read_again(calls_back, late, good):
    headers, body, _ = calls_back("push", at=AT - late, told={"ref": "push-1", "state": "delivered"})
    assert proved(headers, body, HOOK, NOW) is good


@pytest.mark.parametrize(
    "told",
    [{}, [], "x", {"ref": "a"}, {"ref": "a", "state": "answered"}, {"id": "1", "from": "a"}, {"ref": 3}],
)
def test_what_makes_no_sense_is_said(calls_back, told):
    headers, body, _ = calls_back("push", at=AT, told=told)
    answered = read(headers, body)
    assert isinstance(answered, Problem)
    assert answered is not NOT_PROVED
