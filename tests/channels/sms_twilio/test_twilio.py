"""Goal: the provider gets what its manual asks for, its answers are judged rightly, and only its own calls are read."""

from urllib.parse import urlencode

import pytest

from forbear.channels.hook import NOT_PROVED
from forbear.channels.http_call import Answered
from forbear.channels.sms_twilio.adapter import Twilio, TwilioSettings, receipt_of
from forbear.channels.sms_twilio.inbound import read_report, signature
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem
from tests.factories.messages import NOW, around, message, permit_for

URL = "https://collections.example/hooks/line/"


def settings(providers, **more: object) -> TwilioSettings:
    given = {"url": f"http://127.0.0.1:{providers.port}", "account": "AC1", "token": "twilio-token"}
    return TwilioSettings(**given | {"sender": "+447000000001", "callback_url": URL, "timeout": 1.0} | more)


@pytest.fixture
def line(providers, tmp_path):
    made = Twilio(settings(providers), around(tmp_path))
    yield made
    made.close()


def send(line, ending="01", body="您好 & + = hello"):
    sent = message(to=f"+86 138-0000-00{ending}", body=body)
    return line.send(permit_for(sent), sent)


def test_it_is_taken(line, providers):
    receipt = send(line)
    assert receipt.answer == "accepted"
    assert receipt.provider_ref.startswith("SM")
    form = providers.hear_of("Messages")["form"]
    assert form == {
        "To": "+861380000001"[:3] + "138000000" + "01",
        "From": "+447000000001",
        "Body": "您好 & + = hello",
        "StatusCallback": URL,
    }


def test_a_messaging_service(providers, tmp_path):
    line = Twilio(settings(providers, sender="MG123", callback_url=""), around(tmp_path))
    assert send(line, "01", "service").answer == "accepted"
    while (form := providers.hear_of("Messages")["form"])["Body"] != "service":
        pass
    assert form["MessagingServiceSid"] == "MG123"
    assert not {"From", "StatusCallback"} & set(form)


@pytest.mark.parametrize(
    ("ending", "answer", "detail"),
    [
        ("03", "refused", "HTTP 400 code 21211"),
        ("10", "refused", "HTTP 400 code 21610"),
        ("11", "busy", "HTTP 400 code 21611"),
        ("29", "busy", "HTTP 429 code 20429"),
        ("50", "unknown", "HTTP 500 code 20500"),
        ("53", "unknown", "HTTP 503 code 20503"),
        ("20", "unknown", "HTTP 201"),
        ("30", "unknown", "HTTP 302"),
        ("21", "refused", "failed"),
        ("04", "unknown", "no answer after the request was sent (RemoteProtocolError)"),
        ("05", "unknown", "no answer after the request was sent (ReadTimeout)"),
    ],
)
def test_the_answer_is_what_is_known(line, ending, answer, detail):
    receipt = send(line, ending)
    assert (receipt.answer, receipt.detail) == (answer, detail)


def test_our_own_trouble_is_busy(providers, tmp_path):
    assert send(Twilio(settings(providers, token="wrong"), around(tmp_path))).answer == "busy"
    assert send(Twilio(settings(providers, url="http://127.0.0.1:1"), around(tmp_path))).answer == "busy"


@pytest.mark.parametrize("body", ["", "x" * 1601])
def test_what_the_provider_would_not_take_is_refused(line, body):
    assert send(line, body=body).answer == "refused"


def test_the_signature_is_the_published_one():
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    assert (
        signature("https://mycompany.com/myapp.php?foo=1&bar=2", form, "12345")
        == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    )


def read(providers, headers, body, query=""):
    return read_report(headers, body, settings(providers), NOW, provider="line", query=query)


@pytest.mark.parametrize(
    ("status", "error", "states"),
    [
        ("delivered", "", ["delivered"]),
        ("undelivered", "30003", ["undelivered"]),
        ("undelivered", "30005", ["invalid"]),
        ("failed", "21211", ["invalid"]),
        ("sent", "", []),
        ("queued", "", []),
        ("later-invented", "", []),
    ],
)
def test_a_status(providers, calls_back, status, error, states):
    form = {"MessageSid": "SM7", "MessageStatus": status, "To": "+8613800000001"}
    headers, body, _ = calls_back("twilio", url=URL, form=form | ({"ErrorCode": error} if error else {}))
    told = read(providers, headers, body)
    assert [(each.provider, each.provider_ref, each.state, each.at) for each in told] == [
        ("line", "SM7", state, NOW) for state in states
    ]
    assert all(isinstance(each, Report) and "138" not in each.detail for each in told)


def test_a_reply(providers, calls_back):
    form = {
        "MessageSid": "SM8",
        "SmsStatus": "received",
        "From": "+8613800000001",
        "To": "+447000000001",
        "Body": "退订 & 别发",
    }
    headers, body, _ = calls_back("twilio", url=URL, form=form)
    assert read(providers, headers, body) == (
        Reply("line", "SM8", "sms", "+8613800000001", "+447000000001", "退订 & 别发", NOW),
    )


def test_the_query_is_signed_too(providers, calls_back):
    headers, body, _ = calls_back(
        "twilio", url=f"{URL}?a=1&b=%20", form={"MessageSid": "SM9", "MessageStatus": "sent"}
    )
    assert read(providers, headers, body, "a=1&b=%20") == ()
    assert read(providers, headers, body, "a=2&b=%20") is NOT_PROVED
    assert read(providers, headers, body) is NOT_PROVED


def test_a_forged_call_is_not_read(providers, calls_back):
    form = {"MessageSid": "SM7", "MessageStatus": "delivered"}
    headers, body, _ = calls_back("twilio", url=URL, form=form)
    assert read(providers, headers, body)
    for bad in (
        ({}, body),
        ({"X-Twilio-Signature": ""}, body),
        ({"X-Twilio-Signature": headers["X-Twilio-Signature"][:-2] + "A="}, body),
        (headers, body.replace(b"SM7", b"SM8")),
        (headers, body + b"&MessageSid=SM8"),
        (headers, b""),
        (headers, b"\xff"),
    ):
        assert read(providers, *bad) is NOT_PROVED


def test_a_call_about_nothing_is_said(providers, calls_back):
    headers, body, _ = calls_back("twilio", url=URL, form={"x": "1"})
    told = read(providers, headers, body)
    assert isinstance(told, Problem)
    assert told is not NOT_PROVED


@pytest.mark.parametrize(
    ("kind", "command"), [("STOP", "stop"), ("stop", "stop"), ("START", "start"), ("HELP", ""), ("", "")]
)
@pytest.mark.parametrize("body", ["BASTA", "ARRÊT", "", None])
def test_what_the_provider_took_as_a_command(providers, kind, command, body):
    chosen = settings(providers)
    form = {"MessageSid": "SM1", "From": "+14155550100", "To": "+15005550006", "OptOutType": kind}
    if body is not None:
        form["Body"] = body
    proof = {"X-Twilio-Signature": signature(URL, form, chosen.token)}
    (reply,) = read_report(proof, urlencode(form).encode(), chosen, NOW, provider="line")
    assert (reply.text, reply.command) == (body or "", command)


def test_a_number_on_the_providers_list_has_opted_out():
    refused = receipt_of(Answered(400, b'{"code": 21610}'), "line")
    assert (refused.answer, refused.opted_out) == ("refused", True)
    assert not receipt_of(Answered(400, b'{"code": 21211}'), "line").opted_out
