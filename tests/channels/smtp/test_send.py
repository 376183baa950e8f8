"""Goal: an e-mail reaches a real server as it was meant, and the answer never claims more than is known."""

import base64
from email import message_from_bytes
from email.policy import default

import pytest

from forbear.channels.smtp.adapter import Smtp, _stuffed
from forbear.channels.smtp.letter import SmtpSettings, known_reference, plain_address
from forbear.channels.transport import Attachment
from tests.channels.process import python_peer
from tests.factories.messages import around, message, permit_for

LINK = "https://lender.example/u/4Gf9-x"


@pytest.fixture(scope="module")
def server():
    with python_peer("mail_server", "plain") as peer:
        yield peer


def settings(port: int, **more: object) -> SmtpSettings:
    given = {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 1.0} | more
    return SmtpSettings(
        address="service@lender.example", bounces_to="back@lender.example", key="k" * 32, **given
    )


def send(server, tmp_path, to="li@example.org", **more):
    sent = message("email", to, **{"subject": "您的还款", "unsubscribe_url": LINK} | more)
    return sent, Smtp(settings(server.port), around(tmp_path, "post")).send(permit_for(sent), sent)


def letter_at(server, receipt):
    """The letter the server took under the receipt's reference."""
    while True:
        told = server.hear_of("letter")
        letter = message_from_bytes(base64.b64decode(told["content"]), policy=default)
        if letter["Message-ID"] == f"<{receipt.provider_ref}>":
            return told, letter


def test_the_letter_arrives_as_it_was_meant(server, tmp_path):
    bill = Attachment("账单.pdf", "application/pdf", b"%PDF-1.7\r\n\0\xff")
    sent, receipt = send(server, tmp_path, body="您好\n.\n..\n一行 Zeile", attachments=(bill,))
    assert receipt.answer == "accepted"
    told, letter = letter_at(server, receipt)
    assert (told["mail_from"], told["to"]) == ("back@lender.example", ["li@example.org"])
    assert letter["Message-ID"] == f"<{receipt.provider_ref}>"
    assert receipt.provider_ref.startswith(f"{sent.contact_id}.")
    assert known_reference(letter["Message-ID"], settings(1)) == receipt.provider_ref
    assert letter["Subject"] == "您的还款"
    assert letter["From"].addresses[0].display_name == "示例贷款"
    assert letter["From"].addresses[0].addr_spec == "service@lender.example"
    assert letter["Date"].datetime.isoformat() == "2026-03-10T07:00:00+00:00"
    assert letter["List-Unsubscribe"] == f"<{LINK}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_body(("plain",)).get_content()
    assert text.replace("\r\n", "\n").rstrip("\n") == "您好\n.\n..\n一行 Zeile"
    (file,) = letter.iter_attachments()
    assert (file.get_filename(), file.get_content()) == (bill.name, bill.content)


@pytest.mark.parametrize(
    ("name", "answer", "detail"),
    [
        ("greylisted", "busy", "RCPT: 451 4.7.1"),
        ("nobody", "refused", "RCPT: 550 5.1.1"),
        ("full", "busy", "letter: 452 4.2.2"),
        ("spam", "refused", "letter: 554 5.7.1"),
        ("cut-early", "busy", "the connection broke before the letter (SMTPServerDisconnected)"),
        ("cut-late", "unknown", "no answer to the letter (SMTPServerDisconnected)"),
        ("silent", "unknown", "no answer to the letter (SMTPServerDisconnected)"),
    ],
)
def test_the_answer_is_what_is_known(server, tmp_path, name, answer, detail):
    sent, receipt = send(server, tmp_path, to=f"{name}@example.org")
    assert (receipt.answer, receipt.detail) == (answer, detail)
    assert receipt.provider_ref.startswith(sent.contact_id) == (answer == "unknown")


def test_a_refused_sender_stops_before_the_recipient(server, tmp_path):
    sent = message("email", "li@example.org")
    chosen = settings(server.port)
    blocked = SmtpSettings(
        host=chosen.host, port=chosen.port, security="none", address="blocked@lender.example", key="k" * 32
    )
    receipt = Smtp(blocked, around(tmp_path)).send(permit_for(sent), sent)
    assert (receipt.answer, receipt.detail) == ("refused", "MAIL: 550 5.7.1")


def test_nobody_listens(tmp_path):
    sent = message("email", "li@example.org")
    receipt = Smtp(settings(1), around(tmp_path)).send(permit_for(sent), sent)
    assert (receipt.answer, receipt.detail) == ("busy", "not connected (ConnectionRefusedError)")


@pytest.mark.parametrize(
    ("subject", "sender"),
    [
        ("a\r\nBcc: thief@example.org", "b"),
        ("a", "b\r\nBcc: thief@example.org"),
        ("a\n\nbody", "b\u2028Bcc: x@y.example"),
        ("a\0b\x0bc", '"<evil@example.org>, "'),
        ("=?utf-8?q?a=0ABcc=3A_thief?=", "=?utf-8?q?=0D=0ABcc:?="),
    ],
)
def test_no_header_can_be_broken_into(server, tmp_path, subject, sender):
    _, receipt = send(server, tmp_path, subject=subject, sender=sender)
    assert receipt.answer == "accepted"
    told, letter = letter_at(server, receipt)
    assert told["to"] == ["li@example.org"]
    names = [name.lower() for name in letter]
    assert len(names) == len(set(names))
    assert "bcc" not in names
    assert [each.addr_spec for each in letter["From"].addresses] == ["service@lender.example"]
    assert letter["To"] == "li@example.org"
    assert b"thief" not in b"".join(
        line for line in base64.b64decode(told["content"]).splitlines() if line.lower().startswith(b"bcc")
    )


@pytest.mark.parametrize(
    "address",
    [
        *("", "li", "@example.org", "li@", "li@example", "a b@example.org", "a@example.org, b@example.org"),
        *(
            "li@example.org\r\nRCPT TO:<x@example.org>",
            "<li@example.org>",
            "li@exa\u0000mple.org",
            "李@example.org",
        ),
        *(
            '"a b"@example.org',
            "li@example.org ",
            "li@-",
            "x" * 65 + "@example.org",
            "li@" + "a." * 130 + "org",
        ),
    ],
)
def test_only_plain_addresses_are_written_to(server, tmp_path, address):
    assert not plain_address(address)
    _, receipt = send(server, tmp_path, to=address)
    assert receipt.answer == "refused"


@pytest.mark.parametrize("address", ["li@example.org", "a.b+c@sub.example.co.uk", "o'hara_1@x-y.example"])
def test_ordinary_addresses_are(address):
    assert plain_address(address)


@pytest.mark.parametrize(
    "link", ["javascript:x", "https://a.example/\r\nX: y", "https://a.example/>,<b", "ftp://a/b"]
)
def test_a_link_that_breaks_the_header_is_refused(server, tmp_path, link):
    _, receipt = send(server, tmp_path, unsubscribe_url=link)
    assert receipt.answer == "refused"


@pytest.mark.parametrize(
    ("letter", "sent"),
    [
        (b".a\r\n..b\r\nc.\r\n", b"..a\r\n...b\r\nc.\r\n.\r\n"),
        (b"a\n.\nb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r.b\r\n", b"a\r\n..b\r\n.\r\n"),
    ],
)
def test_no_line_of_a_letter_ends_it(letter, sent):
    assert _stuffed(letter) == sent


def test_one_click_only_over_https(server, tmp_path):
    _, receipt = send(server, tmp_path, unsubscribe_url="http://localhost:8000/u/1")
    _, letter = letter_at(server, receipt)
    assert letter["List-Unsubscribe"] == "<http://localhost:8000/u/1>"
    assert letter["List-Unsubscribe-Post"] is None


@pytest.fixture(scope="module")
def strict_server(certificate):
    with python_peer(
        "mail_server", "starttls", str(certificate / "cert.pem"), str(certificate / "key.pem")
    ) as peer:
        yield peer


def strict(server, tmp_path, **more):
    sent = message("email", "li@example.org")
    chosen = settings(
        server.port, **{"security": "starttls", "username": "lender", "password": "geheim"} | more
    )
    return Smtp(chosen, around(tmp_path)).send(permit_for(sent), sent)


def test_encrypted_and_signed_in(strict_server, tmp_path, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    receipt = strict(strict_server, tmp_path)
    assert receipt.answer == "accepted"
    told, _ = letter_at(strict_server, receipt)
    assert (told["encrypted"], told["signed_in"]) == (True, True)


@pytest.mark.parametrize(
    ("more", "trusted", "detail"),
    [
        ({"password": "wrong"}, True, "not connected (SMTPAuthenticationError 535)"),
        ({}, False, "not connected (SSLCertVerificationError)"),
        ({"host": "localhost"}, True, "not connected (SSLCertVerificationError)"),
        ({"username": ""}, True, "MAIL: 530 5.7.0"),
    ],
)
def test_our_own_trouble_is_busy(strict_server, tmp_path, certificate, monkeypatch, more, trusted, detail):
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    receipt = strict(strict_server, tmp_path, **more)
    assert (receipt.answer, receipt.detail) == ("busy", detail)


def test_a_server_without_encryption_gets_nothing(server, tmp_path):
    sent = message("email", "li@example.org")
    receipt = Smtp(settings(server.port, security="starttls"), around(tmp_path)).send(permit_for(sent), sent)
    assert (receipt.answer, receipt.detail) == ("busy", "not connected (SMTPNotSupportedError)")
