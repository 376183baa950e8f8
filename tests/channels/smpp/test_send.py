"""Goal: a text arrives at an independent message centre as written, and the answer claims what is known."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from forbear.channels.smpp.adapter import Smpp, SmppSettings, mistakes
from forbear.channels.transport import Reply, Report
from tests.channels.process import PEERS, Peer, wait_for
from tests.factories.messages import Ears, around, message, permit_for

COMMAND = ("perl", str(PEERS / "smsc.pl"))


@pytest.fixture
def centre():
    with Peer(*COMMAND) as peer:
        yield peer


@pytest.fixture
def ears():
    return Ears()


def settings(port: int, **more: object) -> SmppSettings:
    given = {"host": "127.0.0.1", "port": port, "system_id": "lender", "password": "s3cret"}
    return SmppSettings(**given | {"sender": "1069", "timeout": 1.5} | more)


@pytest.fixture
def line(centre, ears, tmp_path):
    made = Smpp(settings(centre.port, invalid_errors=("001",)), around(tmp_path, heard=ears))
    yield made
    made.close()


def send(line, ending="01", body="hello", **more):
    sent = message(to=f"+86138000000{ending}", body=body, **more)
    return line.send(permit_for(sent), sent)


def test_it_arrives_and_its_receipt_comes_back(line, centre, ears):
    receipt = send(line, body="您好")
    assert (receipt.answer, receipt.provider, receipt.provider_ref) == ("accepted", "line", "m-1")
    bound = centre.hear_of("bind")
    assert (bound["system_id"], bound["version"]) == ("lender", 0x34)
    told = centre.hear_of("submit")
    assert (told["to"], told["ton"], told["from"], told["registered"]) == ("8613800000001", 1, "1069", 1)
    assert (told["coding"], bytes.fromhex(told["octets"]).decode("utf-16-be")) == (8, "您好")
    (report,) = wait_for(lambda: ears.heard)
    assert (report.provider_ref, report.state, report.detail) == ("m-1", "delivered", "stat DELIVRD err 000")
    assert centre.hear_of("deliver_sm_resp")["status"] == 0


@pytest.mark.parametrize(
    ("ending", "answer", "detail"),
    [
        ("02", "busy", "status 0x00000058"),
        ("03", "refused", "status 0x0000000B"),
        ("04", "unknown", "no answer"),
        ("05", "unknown", "no answer"),
        ("08", "refused", "status 0x00000003"),
        ("10", "unknown", "status 0x000000FF"),
    ],
)
def test_the_answer_is_what_is_known(line, ending, answer, detail):
    receipt = send(line, ending)
    assert (receipt.answer, receipt.detail, receipt.provider_ref) == (answer, detail, "")


def test_a_throttled_message_is_taken_later(line):
    assert [send(line, "02").answer for _ in range(3)] == ["busy", "busy", "accepted"]


@pytest.mark.parametrize(("ending", "state"), [("06", "undelivered"), ("09", "invalid")])
def test_what_could_not_be_delivered(line, ears, ending, state):
    ref = send(line, ending).provider_ref
    (report,) = wait_for(lambda: ears.heard)
    assert (report.provider_ref, report.state) == (ref, state)


def test_after_a_broken_line_a_new_one_is_made(line, centre):
    assert send(line, "04").answer == "unknown"
    assert send(line).answer == "accepted"
    assert centre.hear_of("bind")["good"] == 1
    assert centre.hear_of("bind")["good"] == 1


@pytest.mark.parametrize(
    ("body", "coding", "parts"),
    [
        ("x" * 160, 0, 1),
        ("x" * 161, 0, 2),
        ("€" * 80, 0, 1),
        ("还" * 70, 8, 1),
        ("还" * 71, 8, 2),
        ("还" * 400, 8, 6),
    ],
)
def test_a_long_text_goes_in_parts(line, centre, ears, body, coding, parts):
    receipt = send(line, body=body)
    assert receipt.answer == "accepted"
    assert receipt.provider_ref == f"m-{parts}"
    told = [centre.hear_of("submit") for _ in range(parts)]
    assert {each["coding"] for each in told} == {coding}
    assert [each["registered"] for each in told] == [2] * (parts - 1) + [1]
    octets = [bytes.fromhex(each["octets"]) for each in told]
    if parts > 1:
        assert {each["esm_class"] for each in told} == {0x40}
        assert len({each[3] for each in octets}) == 1
        assert [each[:3] + each[4:6] for each in octets] == [
            bytes((5, 0, 3, parts, at)) for at in range(1, parts + 1)
        ]
        octets = [each[6:] for each in octets]
    assert all(len(each) <= (140 if coding else 160) for each in octets)
    whole = b"".join(octets)
    assert (
        whole.decode("utf-16-be") if coding else whole.replace(b"\x1be", b"\x80").decode("cp1252")
    ) == body
    (report,) = wait_for(lambda: ears.heard)
    assert (report.provider_ref, report.state) == (receipt.provider_ref, "delivered")


def test_a_failed_early_part_is_told_of_the_whole(line, centre, ears):
    ref = send(line, body="x" * 400).provider_ref
    wait_for(lambda: ears.heard)
    centre.say(do="receipt", id="m-1", to="8613800000001", stat="UNDELIV", err="034")
    wait_for(lambda: len(ears.heard) == 2)
    assert (ears.heard[1].provider_ref, ears.heard[1].state) == (ref, "undelivered")


def test_half_a_message_is_never_said_to_have_stayed(line, monkeypatch):
    monkeypatch.setattr("forbear.channels.smpp.adapter._PAUSES", (0.01, 0.02))
    receipt = send(line, "07", body="x" * 400)
    assert (receipt.answer, receipt.detail) == ("unknown", "1 of 3 parts left, then status 0x00000058")


def test_a_part_that_is_throttled_is_tried_again(line, centre, monkeypatch):
    monkeypatch.setattr("forbear.channels.smpp.adapter._PAUSES", (0.01, 0.02, 0.02))
    assert [send(line, "02", body="x" * 200).answer for _ in range(3)] == ["busy", "busy", "accepted"]


@pytest.mark.parametrize("to", ["", "abc", "+", "12", "+8613800000001" * 2])
def test_what_is_no_number_is_refused(line, to):
    sent = message(to=to)
    assert line.send(permit_for(sent), sent).answer == "refused"


@pytest.mark.parametrize("body", ["", "还" * 67 * 256])
def test_what_no_message_can_hold_is_refused(line, body):
    assert send(line, body=body).answer == "refused"


def test_a_wrong_password_is_busy(centre, tmp_path):
    line = Smpp(settings(centre.port, password="wrong"), around(tmp_path))
    receipt = send(line)
    assert (receipt.answer, receipt.detail) == ("busy", "the bind was refused with status 0x0000000E")


def test_nobody_listens(tmp_path):
    receipt = send(Smpp(settings(1), around(tmp_path)))
    assert (receipt.answer, receipt.detail) == ("busy", "not connected (ConnectionRefusedError)")


def test_letters_as_a_sender(centre, tmp_path):
    line = Smpp(settings(centre.port, sender="MyLender"), around(tmp_path))
    send(line)
    told = centre.hear_of("submit")
    assert (told["from"], told["from_ton"]) == ("MyLender", 5)
    line.close()


def test_identifiers_in_decimal(tmp_path, ears):
    with Peer(*COMMAND, env={"SMSC_IDS": "hex"}) as centre:
        line = Smpp(settings(centre.port, receipt_ids="decimal"), around(tmp_path, heard=ears))
        ref = send(line).provider_ref
        (report,) = wait_for(lambda: ears.heard)
        assert report.provider_ref == ref == str(0xABC001)
        line.close()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"sender": "a sender too long"}, "sender"),
        ({"sender": "示例"}, "sender"),
        ({"password": "ninechars"}, "password"),
        ({"system_id": "x" * 16}, "system_id"),
    ],
)
def test_what_smpp_would_cut_off_is_said(changed, field):
    assert list(mistakes(settings(1, **changed))) == [field]
    assert mistakes(settings(1)) == {}


@contextmanager
def encrypted(port: int, certificate: Path) -> Iterator[int]:
    """A port that takes TLS and passes what it hears on to a plain one, for one session."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def pump(one: socket.socket, other: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while piece := one.recv(65536):
                    other.sendall(piece)
                other.shutdown(socket.SHUT_WR)

        def serve() -> None:
            with contextlib.suppress(OSError):
                line = context.wrap_socket(server.accept()[0], server_side=True)
                plain = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=pump, args=(plain, line), daemon=True).start()
                pump(line, plain)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def test_over_tls(centre, tmp_path, ears, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    with encrypted(centre.port, certificate) as port:
        line = Smpp(settings(port, tls=True), around(tmp_path, heard=ears))
        refs = [send(line, body="还" * 100).provider_ref for _ in range(5)]
        assert all(refs)
        wait_for(lambda: {each.provider_ref for each in ears.heard} == set(refs))
        line.close()


def test_a_certificate_of_nobody_we_know_is_busy(centre, tmp_path, certificate):
    with encrypted(centre.port, certificate) as port:
        receipt = send(Smpp(settings(port, tls=True), around(tmp_path)))
    assert (receipt.answer, receipt.detail) == ("busy", "not connected (SSLCertVerificationError)")


class TestTheLineStaysOpen:
    """What comes in on it, and whether both sides are still there."""

    def test_a_reply(self, line, centre, ears):
        line.listen()
        centre.hear_of("bind")
        centre.say(
            do="mo",
            **{
                "from": "8613800000001",
                "to": "1069",
                "coding": 8,
                "octets": "退订".encode("utf-16-be").hex(),
            },
        )
        (reply,) = wait_for(lambda: ears.heard)
        assert isinstance(reply, Reply)
        assert (reply.sender, reply.to, reply.text, reply.channel) == ("8613800000001", "1069", "退订", "sms")

    def test_what_could_not_be_kept_is_asked_for_again(self, centre, tmp_path):
        ears = Ears(failing=1)
        line = Smpp(settings(centre.port), around(tmp_path, heard=ears))
        line.listen()
        centre.hear_of("bind")
        for status in (0x64, 0):
            centre.say(do="mo", **{"from": "8613800000001", "to": "1069", "octets": b"STOP".hex()})
            assert centre.hear_of("deliver_sm_resp")["status"] == status
        assert [reply.text for reply in ears.heard] == ["STOP"]
        line.close()

    def test_a_reply_in_parts_in_any_order(self, line, centre, ears):
        line.listen()
        centre.hear_of("bind")
        text = "我已经还了" * 20
        halves = [text[:60].encode("utf-16-be"), text[60:].encode("utf-16-be")]
        for number in (2, 1):
            octets = bytes((5, 0, 3, 7, 2, number)) + halves[number - 1]
            centre.say(
                do="mo",
                **{"from": "861", "to": "1069", "coding": 8, "esm_class": 0x40, "octets": octets.hex()},
            )
        (reply,) = wait_for(lambda: ears.heard)
        assert reply.text == text

    def test_the_same_reply_delivered_twice_is_one(self, line, centre, ears):
        line.listen()
        centre.hear_of("bind")
        for _ in range(2):
            centre.say(do="mo", **{"from": "861", "to": "1069", "octets": b"STOP".hex()})
        wait_for(lambda: len(ears.heard) == 2)
        assert ears.heard[0] == ears.heard[1]

    def test_text_that_looks_like_a_receipt_is_none(self, line, centre, ears):
        line.listen()
        centre.hear_of("bind")
        faked = (
            b"id:m-1 sub:001 dlvrd:001 submit date:2603101500 done date:2603101501 stat:DELIVRD err:000 text:"
        )
        centre.say(do="mo", **{"from": "861", "to": "1069", "octets": faked.hex()})
        (told,) = wait_for(lambda: ears.heard)
        assert isinstance(told, Reply)

    @pytest.mark.parametrize("stat", ["ENROUTE", "ACCEPTD", "UNKNOWN"])
    def test_what_is_not_final_is_no_report(self, line, centre, ears, stat):
        line.listen()
        centre.hear_of("bind")
        centre.say(do="receipt", id="m-1", to="861", stat=stat, err="000")
        assert centre.hear_of("deliver_sm_resp")["status"] == 0
        assert ears.heard == []

    def test_we_answer_whether_we_are_there(self, line, centre):
        line.listen()
        centre.hear_of("bind")
        centre.say(do="enquire")
        assert centre.hear_of("enquire_link_resp")

    def test_we_ask_when_it_is_quiet(self, centre, tmp_path):
        line = Smpp(settings(centre.port, enquire_every=0.5), around(tmp_path))
        send(line)
        assert centre.hear_of("enquire_link")
        assert centre.hear_of("enquire_link")
        assert send(line).answer == "accepted"
        line.close()

    def test_a_line_that_died_unseen_is_noticed(self, tmp_path):
        with Peer(*COMMAND, "mute") as centre:
            line = Smpp(settings(centre.port, enquire_every=0.5, timeout=0.5), around(tmp_path))
            assert send(line).answer == "accepted"
            assert centre.hear_of("enquire_link")
            assert centre.hear_of("gone")
            line.close()

    def test_a_listener_stays_bound_without_sending(self, centre, tmp_path, ears):
        line = Smpp(settings(centre.port), around(tmp_path, heard=ears))
        line.listen()
        assert centre.hear_of("bind")
        centre.say(do="cut")
        assert centre.hear_of("bind")
        centre.say(do="mo", **{"from": "861", "to": "1069", "octets": b"paid".hex()})
        (reply,) = wait_for(lambda: ears.heard)
        assert reply.text == "paid"
        line.close()
        assert centre.hear_of("unbind")

    def test_many_at_once_on_one_line(self, line, centre, ears):
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            receipts = list(pool.map(lambda _: send(line), range(100)))
        assert {receipt.answer for receipt in receipts} == {"accepted"}
        assert len({receipt.provider_ref for receipt in receipts}) == 100
        wait_for(lambda: len(ears.heard) == 100)
        assert {each.provider_ref for each in ears.heard if isinstance(each, Report)} == {
            receipt.provider_ref for receipt in receipts
        }
        assert time.monotonic() - began < 10
