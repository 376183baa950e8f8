"""Goal: real calls to real phones on loopback: said, bridged, recorded, and told as what they were."""

import array
import math
import socket
import time

import pytest

from forbear.channels.sip import adapter, agent
from forbear.channels.sip.adapter import Sip, SipSettings, mistakes
from forbear.channels.sip.sound import as_wave
from forbear.channels.transport import Attachment, Reply
from tests.channels.process import wait_for
from tests.channels.sip.phones import (
    ECHOES,
    HANGS_UP,
    PRESSES_1,
    PRESSES_9,
    Phone,
    loudness,
    seconds_of,
    speaking,
)
from tests.factories.messages import Ears, around, message, permit_for
from tests.profile import variants

WORDS = "A payment of yours is late."
#: What may be left on a machine.
LIMITED = "Hello. This is Example Loans. Please call back."


def settings(domain: str = "sip.example", **more: object) -> SipSettings:
    given = {
        "domain": domain,
        "sender": "+862110000",
        "listen": "127.0.0.1",
        "times": 1,
        "ring": 2,
        "agent_ring": 2,
    }
    return SipSettings(**given | more)


@pytest.fixture
def ears():
    return Ears()


@pytest.fixture
def line(tmp_path, ears):
    made = []

    def make(domain: str, **more: object) -> Sip:
        made.append(Sip(settings(domain, **more), around(tmp_path, heard=ears)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def remind(line: Sip, body: str = WORDS, **more: object):
    sent = message("voice", body=body, language="en", **{"on_machine": LIMITED} | more)
    return sent, line.send(permit_for(sent), sent)


def test_a_reminder_is_said_and_recorded(line, tmp_path, ears):
    with Phone(tmp_path, "phone", MORE=ECHOES) as phone:
        sent, receipt = remind(line(phone.domain))
        assert (receipt.answer, receipt.provider_ref) == ("accepted", sent.contact_id)
        (report,) = wait_for(lambda: ears.heard)
    assert (report.provider_ref, report.state, report.detail) == (sent.contact_id, "answered", "all was said")
    assert 2 <= report.seconds <= 6
    assert report.recording_type == "audio/wav"
    assert seconds_of(report.recording) == pytest.approx(report.seconds, abs=1.5)


@pytest.mark.parametrize("tcp", [False, True])
def test_what_was_played_is_on_both_sides_when_the_phone_echoes(line, tmp_path, ears, tcp):
    made = array.array("h", (round(6000 * math.sin(2 * math.pi * 700 * at / 8000)) for at in range(12000)))
    sound = Attachment("said.wav", "audio/wav", as_wave(made))
    with Phone(tmp_path, "phone", tcp=tcp, MORE=PRESSES_1) as phone:
        out = line(phone.domain, transport="tcp" if tcp else "udp", hear_key="1")
        remind(out, body="", attachments=(sound,))
        (report,) = wait_for(lambda: ears.heard)
    for side in (0, 1):
        assert loudness(report.recording, side, 700) > 100
        assert loudness(report.recording, side, 1100) < 50


@pytest.mark.parametrize(
    ("hear_key", "answers"), variants(("1", "nobody"), ("", "nobody"), ("", "somebody who presses 1"))
)
def test_a_machine_hears_no_word_of_the_debt(line, tmp_path, ears, hear_key, answers):
    made = array.array("h", (round(6000 * math.sin(2 * math.pi * 700 * at / 8000)) for at in range(12000)))
    sound = Attachment("said.wav", "audio/wav", as_wave(made))
    with Phone(tmp_path, "phone", MORE=ECHOES if answers == "nobody" else PRESSES_1) as phone:
        remind(line(phone.domain, hear_key=hear_key), body="", attachments=(sound,))
        (report,) = wait_for(lambda: ears.heard)
    assert report.state == "answered"
    assert loudness(report.recording, 0, 700) < 50


def test_without_words_for_a_machine_nobody_is_called(line):
    _, receipt = remind(line("127.0.0.1:9"), on_machine="")
    assert (receipt.answer, "on a machine" in receipt.detail) == ("refused", True)


def test_click_to_call_joins_the_two_and_records_each_side(line, tmp_path, ears):
    with (
        Phone(tmp_path, "phone", MORE=speaking(tmp_path, 440)) as collector,
        Phone(tmp_path, "phone", MORE=speaking(tmp_path, 1000)) as borrower,
    ):
        trunk = line(borrower.domain)
        sent = message("call", body="", agent=f"1001@{collector.domain}")
        receipt = trunk.send(permit_for(sent, content=""), sent)
        assert receipt.answer == "accepted"
        time.sleep(2.0)
        trunk.close()
    (report,) = ears.heard
    assert (report.provider_ref, report.state) == (sent.contact_id, "answered")
    left, right = 0, 1
    assert loudness(report.recording, left, 440) > 4000
    assert loudness(report.recording, right, 1000) > 4000
    assert loudness(report.recording, left, 1000) < 300
    assert loudness(report.recording, right, 440) < 300


def test_when_the_borrower_hangs_up_the_collectors_leg_ends(line, tmp_path, ears):
    with (
        Phone(tmp_path, "phone", MORE=ECHOES) as collector,
        Phone(tmp_path, "phone", MORE=HANGS_UP) as borrower,
    ):
        sent = message("call", body="", agent=f"1001@{collector.domain}")
        assert line(borrower.domain).send(permit_for(sent, content=""), sent).answer == "accepted"
        (report,) = wait_for(lambda: ears.heard)
        assert (report.state, report.detail) == ("answered", "ended")
        assert 1 <= report.seconds <= 3
        wait_for(lambda: collector.ended)


@pytest.mark.parametrize(("scenario", "words"), [("refusing", {"STATUS": "486 Busy Here"}), ("ringing", {})])
def test_a_collector_who_does_not_answer_calls_nobody(line, tmp_path, ears, scenario, words):
    with Phone(tmp_path, scenario, **words) as collector, Phone(tmp_path, "phone", MORE=ECHOES) as borrower:
        sent = message("call", body="", agent=f"1001@{collector.domain}")
        receipt = line(borrower.domain).send(permit_for(sent, content=""), sent)
        assert receipt.answer == "refused"
        assert receipt.detail.startswith("the collector's line was not answered")
        assert not borrower.ended
    assert ears.heard == []


@pytest.mark.parametrize(
    ("status", "answer", "state"),
    [
        ("404 Not Found", "accepted", "invalid"),
        ("604 Does Not Exist Anywhere", "accepted", "invalid"),
        ("486 Busy Here", "accepted", "unanswered"),
        ("480 Temporarily Unavailable", "accepted", "unanswered"),
        ("603 Decline", "accepted", "unanswered"),
        ("503 Service Unavailable", "busy", ""),
        ("403 Forbidden", "busy", ""),
    ],
)
def test_how_a_trunk_says_no(line, tmp_path, ears, status, answer, state):
    with Phone(tmp_path, "refusing", STATUS=status) as trunk:
        out = line(trunk.domain)
        _, receipt = remind(out)
        assert (receipt.answer, receipt.detail) == (answer, f"SIP {status[:3]}")
        out.close()
    assert [report.state for report in ears.heard] == ([state] if state else [])


def test_a_phone_that_rings_out(line, tmp_path, ears):
    with Phone(tmp_path, "ringing") as phone:
        _, receipt = remind(line(phone.domain))
        assert receipt.answer == "accepted"
        (report,) = wait_for(lambda: ears.heard)
        assert (report.state, report.recording) == ("unanswered", b"")
        wait_for(lambda: phone.ended)


def test_a_silent_trunk_leaves_it_unknown(line, tmp_path, ears, monkeypatch):
    monkeypatch.setattr("forbear.channels.sip.adapter._FIRST_SIGN_SECONDS", 1.0)
    sent, receipt = remind(line("127.0.0.1:9"))
    assert (receipt.answer, receipt.provider_ref) == ("unknown", sent.contact_id)
    assert ears.heard == []


def test_a_control_port_taken_by_somebody_else_is_left_to_them(line, tmp_path, ears, monkeypatch):
    free = agent._free_port
    with (
        Phone(tmp_path, "refusing", STATUS="486 Busy Here") as trunk,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        ports = iter([other.getsockname()[1]])
        monkeypatch.setattr(agent, "_free_port", lambda: next(ports, None) or free())
        assert remind(line(trunk.domain))[1].answer == "accepted"
        other.settimeout(0)
        with pytest.raises(BlockingIOError):
            other.accept()


def test_an_agent_that_dies_leaves_it_unknown_at_once(line, monkeypatch):
    monkeypatch.setattr(agent.Agent, "dial", lambda self, *_: self._process.kill())
    began = time.monotonic()
    assert remind(line("127.0.0.1:9"))[1].answer == "unknown"
    assert time.monotonic() - began < adapter._FIRST_SIGN_SECONDS / 2


@pytest.mark.parametrize(("channel", "answer"), [("voice", "busy"), ("call", "refused")])
def test_what_can_not_be_dialled_called_nobody(line, monkeypatch, channel, answer):
    monkeypatch.setattr(agent.Agent, "dial", lambda self, *_: self.command("uafind", "sip:nobody@x"))
    said = {"body": WORDS, "on_machine": LIMITED} if channel == "voice" else {"body": ""}
    sent = message(channel, language="en", agent="1001@x", **said)
    content = {} if channel == "voice" else {"content": ""}
    receipt = line("127.0.0.1:9").send(permit_for(sent, **content), sent)
    assert (receipt.answer, "No such file" in receipt.detail) == (answer, True)


def test_a_key_opts_out(line, tmp_path, ears):
    with Phone(tmp_path, "phone", MORE=PRESSES_9) as phone:
        sent, _ = remind(line(phone.domain), body=WORDS * 2)
        wait_for(lambda: len(ears.heard) == 2)
    reply = ears.heard[1]
    assert isinstance(reply, Reply)
    assert (reply.sender, reply.text, reply.channel) == (sent.to, "STOP", "voice")


def test_a_listener_that_fails_is_told_again(tmp_path, monkeypatch):
    monkeypatch.setattr("forbear.channels.sip.adapter._TELL_AGAIN", (0.0, 0.1, 0.1))
    ears = Ears(failing=2)
    with Phone(tmp_path, "refusing", STATUS="486 Busy Here") as trunk:
        out = Sip(settings(trunk.domain), around(tmp_path, heard=ears))
        remind(out)
        wait_for(lambda: ears.heard)
        out.close()


def test_no_more_calls_than_lines(line, tmp_path, ears):
    with Phone(tmp_path, "ringing") as phone:
        out = line(phone.domain, lines=1)
        assert remind(out)[1].answer == "accepted"
        _, second = remind(out)
        assert (second.answer, second.detail) == ("busy", "all lines are taken")
        wait_for(lambda: ears.heard)
        wait_for(lambda: phone.ended)
    for _ in range(2):
        with Phone(tmp_path, "refusing", STATUS="486 Busy Here") as phone:
            again = Sip(settings(phone.domain, lines=1), around(tmp_path, heard=ears))
            assert remind(again)[1].answer == "accepted"
            again.close()
            assert again._lines.acquire(blocking=False)


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({"speech": ("no-such-program", "{file}")}, "busy"),
        ({"speech": ("false", "{file}")}, "busy"),
        ({"speech": ("true", "{file}")}, "busy"),
    ],
)
def test_without_speech_nobody_is_called(line, changed, answer):
    assert remind(line("127.0.0.1:9", **changed))[1].answer == answer


@pytest.mark.parametrize("to", ["", "abc", "1;x=y@evil.example"])
def test_what_is_no_number_is_refused(line, to):
    assert remind(line("127.0.0.1:9"), to=to)[1].answer == "refused"


@pytest.mark.parametrize("agent", ["", "a b", "1001@x;y", "1001\nquit", "<sip:x>"])
def test_what_is_no_line_is_refused(line, agent):
    sent = message("call", body="", agent=agent)
    assert line("127.0.0.1:9").send(permit_for(sent, content=""), sent).answer == "refused"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"domain": "a.example>;x"}, "domain"),
        ({"sender": "a b"}, "sender"),
        ({"password": 'x";y'}, "password"),
        ({"username": "a\nb"}, "username"),
        ({"listen": "localhost"}, "listen"),
        ({"rtp_ports": "all"}, "rtp_ports"),
        ({"speech": ("say",)}, "speech"),
    ],
)
def test_what_would_break_the_agents_files_is_named(changed, field):
    assert list(mistakes(settings(**changed))) == [field]


def test_nothing_of_a_call_stays_on_the_disk(line, tmp_path, ears, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with Phone(tmp_path, "refusing", STATUS="486 Busy Here") as trunk:
        out = line(trunk.domain)
        remind(out)
        out.close()
    assert list(tmp_path.glob("forbear-call-*")) == []
