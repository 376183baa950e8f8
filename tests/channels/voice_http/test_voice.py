"""Goal: a voice provider is told what to say and whom to join, and only its own word is taken for how it went."""

from xml.etree import ElementTree

import pytest

from forbear.channels.hook import NOT_PROVED
from forbear.channels.transport import Report
from forbear.channels.voice_http.adapter import VoiceHttp, VoiceSettings
from forbear.channels.voice_http.inbound import read_report, say
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from tests.factories.messages import NOW, around, message, permit_for

URL = "https://collections.example/hooks/web/"


def settings(port: int = 1, **more: object) -> VoiceSettings:
    given = {"url": f"http://127.0.0.1:{port}", "account": "AC1", "token": "twilio-token", "timeout": 1.0}
    return VoiceSettings(**given | {"sender": "+447000000001", "callback_url": URL} | more)


@pytest.fixture
def line(providers, tmp_path):
    made = VoiceHttp(settings(providers.port), around(tmp_path))
    yield made
    made.close()


def send(line, channel="voice", ending="01", **more):
    sent = message(channel, to=f"+86138000000{ending}", **more)
    return line.send(permit_for(sent, content="" if channel == "call" else sent.digest()), sent)


def test_a_reminder_is_asked_for_once_it_is_known_who_listens(line, providers):
    sent = message("voice", to="+8613800000001", body="您欠 412.00 元", on_machine="请回电")
    receipt = line.send(permit_for(sent), sent)
    assert receipt.answer == "accepted"
    assert receipt.provider_ref.startswith("CA")
    form = providers.hear_of("Calls")["form"]
    assert (form["To"], form["From"], form["Record"], form["MachineDetection"]) == (
        "+8613800000001",
        "+447000000001",
        "true",
        "DetectMessageEnd",
    )
    assert form["StatusCallback"] == f"{URL}?leg=borrower&machine=limited"
    assert form["Url"] == f"{URL}?leg=speak&contact={sent.contact_id}"
    assert "Twiml" not in form
    assert not any("412" in value for value in form.values())


def test_what_is_said_and_how_it_hangs_up():
    kind, markup = say("您好 <b>&\x00 412.00 元", "zh", 2)
    said = ElementTree.fromstring(markup.decode()).find("Say")
    assert (kind, said.text, said.get("language"), said.get("loop")) == (
        "text/xml",
        "您好 <b>& 412.00 元",
        "zh-CN",
        "2",
    )
    assert say(" \x00", "en", 1)[1] == b"<Response><Hangup/></Response>"


@pytest.mark.parametrize(
    ("answered_by", "by"),
    [
        ({"AnsweredBy": "human"}, "person"),
        ({"AnsweredBy": "machine_end_beep"}, "machine"),
        ({"AnsweredBy": "machine_end_silence"}, "machine"),
        ({"AnsweredBy": "machine_start"}, "unknown"),
        ({"AnsweredBy": "fax"}, "fax"),
        ({"AnsweredBy": "unknown"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_only_a_person_that_was_recognised_is_one(calls_back, answered_by, by):
    (asked,) = read(calls_back, "leg=speak&contact=c-1", CallStatus="in-progress", **answered_by)
    assert (asked.contact_id, asked.provider_ref, asked.by) == ("c-1", "CA7", by)


def test_click_to_call_rings_the_collector_first(line, providers):
    assert send(line, "call", body="", agent="+44 20 7000 0099").answer == "accepted"
    while (form := providers.hear_of("Calls")["form"])["To"] != "+442070000099":
        pass
    dial = ElementTree.fromstring(form["Twiml"]).find("Dial")
    assert dial.find("Number").text == "+8613800000001"
    assert dial.get("action") == f"{URL}?leg=dialled"
    assert dial.get("record") == "record-from-answer-dual"
    assert form["StatusCallback"] == f"{URL}?leg=agent"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"channel": "call", "body": "", "agent": ""}, "no_own_line"),
        ({"body": " "}, "text_not_sendable"),
        ({"body": "x" * 3001}, "text_not_sendable"),
    ],
)
def test_what_can_not_be_called_is_refused(line, more, code):
    receipt = send(line, **more)
    assert (receipt.answer, receipt.reason) == ("refused", Reason.of(code))


@pytest.mark.parametrize(
    ("ending", "answer"), [("03", "refused"), ("29", "busy"), ("50", "unknown"), ("04", "unknown")]
)
def test_the_answer_is_what_is_known(line, ending, answer):
    assert send(line, ending=ending).answer == answer


def read(calls_back, query, **form):
    headers, body, _ = calls_back("twilio", url=f"{URL}?{query}", form={"CallSid": "CA7"} | form)
    return read_report(headers, body, settings(), NOW, provider="web", query=query)


@pytest.mark.parametrize(
    ("query", "form", "state", "seconds"),
    [
        ("leg=borrower", {"CallStatus": "completed", "CallDuration": "42"}, "answered", 42),
        ("leg=borrower", {"CallStatus": "completed", "AnsweredBy": "machine_start"}, "voicemail", 0),
        (
            "leg=borrower",
            {"CallStatus": "completed", "AnsweredBy": "human", "CallDuration": "x"},
            "answered",
            0,
        ),
        (
            "leg=borrower&machine=limited",
            {"CallStatus": "completed", "AnsweredBy": "machine_end_beep", "CallDuration": "9"},
            "limited_message",
            9,
        ),
        ("leg=borrower", {"CallStatus": "completed", "AnsweredBy": "machine_end_beep"}, "voicemail", 0),
        (
            "leg=borrower&machine=limited",
            {"CallStatus": "completed", "AnsweredBy": "machine_start"},
            "voicemail",
            0,
        ),
        ("leg=borrower", {"CallStatus": "no-answer"}, "unanswered", 0),
        ("leg=borrower", {"CallStatus": "busy"}, "unanswered", 0),
        ("leg=borrower", {"CallStatus": "failed", "ErrorCode": "21211"}, "invalid", 0),
        ("leg=borrower", {"CallStatus": "ringing"}, None, 0),
        (
            "leg=dialled",
            {"DialCallStatus": "completed", "DialCallDuration": "61", "CallStatus": "in-progress"},
            "answered",
            61,
        ),
        ("leg=dialled", {"DialCallStatus": "no-answer", "CallStatus": "in-progress"}, "unanswered", 0),
        ("leg=agent", {"CallStatus": "completed", "CallDuration": "70"}, None, 0),
        ("leg=agent", {"CallStatus": "no-answer"}, "unanswered", 0),
    ],
)
def test_how_a_call_went(calls_back, query, form, state, seconds):
    told = read(calls_back, query, **form)
    assert [(each.provider_ref, each.state, each.seconds) for each in told] == (
        [("CA7", state, seconds)] if state else []
    )
    assert all(isinstance(each, Report) for each in told)


def test_an_absent_collector_is_told_apart(calls_back):
    (report,) = read(calls_back, "leg=agent", CallStatus="no-answer")
    assert report.detail == "the collector's line: no-answer; the borrower was not called"


def test_the_leg_is_signed_too(calls_back):
    headers, body, _ = calls_back(
        "twilio", url=f"{URL}?leg=agent", form={"CallSid": "CA7", "CallStatus": "completed"}
    )
    assert read_report(headers, body, settings(), NOW, provider="web", query="leg=borrower") is NOT_PROVED


def test_a_recording_is_fetched_from_the_provider_alone(line, providers):
    sound, kind = line.recording("CA1")
    assert (sound[:4], kind) == (b"RIFF", "audio/wav")
    paths = [providers.hear_of("get")["path"] for _ in range(2)]
    assert paths == [
        "/2010-04-01/Accounts/AC1/Calls/CA1/Recordings.json",
        "/2010-04-01/Accounts/AC1/Recordings/RE7.wav",
    ]


@pytest.mark.parametrize("call", ["CA99", "../../x", "", "CA1?x"])
def test_where_there_is_none_it_is_said(line, call):
    assert isinstance(line.recording(call), Problem)
