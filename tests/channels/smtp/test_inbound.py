"""Goal: bounces and complaints about our e-mails are known, forged ones aren't, and people's words come through."""

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.channels.hook import NOT_PROVED
from forbear.channels.smtp.inbound import read_mail, read_report
from forbear.channels.smtp.letter import SmtpSettings, reference_of
from forbear.channels.smtp.words import own_words
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem
from tests.factories.messages import NOW
from tests.profile import examples

SETTINGS = SmtpSettings(
    host="mx", address="service@lender.example", key="k" * 32, hook_token="t0ken", security="none"
)
CONTACT = "0d9a4a52-8f0f-4c3e-9a77-3d1f1c8a9b10"
REF = reference_of(CONTACT, SETTINGS)


def dsn(action="failed", status="5.1.1", ref=REF, original="headers") -> bytes:
    """A delivery status notification as postfix writes it."""
    returned = {
        "headers": f"Content-Type: text/rfc822-headers\n\nFrom: a@b.example\nMessage-ID: <{ref}>\nSubject: x\n",
        "whole": f"Content-Type: message/rfc822\n\nMessage-ID: <{ref}>\nSubject: x\nTo: li@example.org\n\nbody\n",
        "nothing": "Content-Type: text/plain\n\nnothing returned\n",
    }[original]
    return f"""From: MAILER-DAEMON@mx.example.org
To: back@lender.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Tue, 10 Mar 2026 07:00:00 +0000

Final-Recipient: rfc822; li@example.org
Original-Recipient: rfc822;li@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status[:1] or 5}50 {status} refused

--B
{returned}
--B--
""".encode()


def arf(kind="abuse", ref=REF) -> bytes:
    """A feedback report as RFC 5965 shows one."""
    return f"""From: <abusedesk@example.com>
To: <abuse@lender.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

This is an email abuse report.
--B
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1

--B
Content-Type: message/rfc822

From: <service@lender.example>
Message-ID: <{ref}>
Subject: x

body
--B--
""".encode()


def read(raw: bytes):
    return read_mail(raw, SETTINGS, NOW, provider="post")


@pytest.mark.parametrize(
    ("action", "status", "state"),
    [
        ("failed", "5.1.1", "bounced"),
        ("failed", "5.1.10", "bounced"),
        ("Failed", "5.2.2", "undelivered"),
        ("failed", "5.7.1", "undelivered"),
        ("failed", "4.4.7", "undelivered"),
        ("failed", "", "undelivered"),
        ("delivered", "2.0.0", "delivered"),
    ],
)
@pytest.mark.parametrize("original", ["headers", "whole"])
def test_a_bounce(action, status, state, original):
    assert read(dsn(action, status, original=original)) == (Report("post", REF, state, NOW, detail=status),)


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded"])
def test_what_is_not_final_is_no_report(action):
    assert read(dsn(action, "4.4.1")) == ()


@pytest.mark.parametrize(
    "ref", [REF.replace("a", "b", 1), f"{CONTACT}.{'a' * 26}@lender.example", "made-up@example.org", ""]
)
def test_a_forged_bounce_counts_for_nothing(ref):
    assert read(dsn(ref=ref)) == ()
    assert read(arf(ref=ref)) == ()


def test_a_bounce_that_returns_nothing_counts_for_nothing():
    assert read(dsn(original="nothing")) == ()


@pytest.mark.parametrize(("kind", "count"), [("abuse", 1), ("fraud", 1), ("opt-out", 1), ("not-spam", 0)])
def test_a_complaint(kind, count):
    assert read(arf(kind)) == (Report("post", REF, "complained", NOW, detail="feedback report"),) * count


def answer(text: str, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Li Wei <li@example.org>"
    mail["To"] = "service@lender.example"
    mail["Subject"] = "Re: 您的还款"
    mail["In-Reply-To"] = f"<{REF}>"
    mail["Message-ID"] = "<1@example.org>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("我已经还了\n\n在 2026年3月10日,示例贷款 写道:\n> 您好", "我已经还了"),
        ("stop\n\nOn Tue, 10 Mar 2026 at 15:00, Lender <service@lender.example> wrote:\n> x", "stop"),
        ("停\n-----原始邮件-----\n发件人: x", "停"),
        ("I dispute this\r\n> quoted", "I dispute this"),
        ("just words", "just words"),
        ("a\n________________________________\nFrom: x", "a"),
    ],
)
def test_a_persons_own_words(text, own):
    assert own_words(text) == own
    (reply,) = read(answer(text))
    assert (reply.sender, reply.channel, reply.text) == ("li@example.org", "email", own)


def test_html_alone_is_read_too():
    mail = EmailMessage()
    mail["From"] = "li@example.org"
    mail.set_content("<style>p {color: red}</style><p>请<b>不要</b>再发</p>", subtype="html")
    (reply,) = read(mail.as_bytes())
    assert "".join(reply.text.split()) == "请不要再发"


@pytest.mark.parametrize(
    "header", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}]
)
def test_a_holiday_note_is_no_reply(header):
    assert read(answer("I am on holiday. I paid for it.", **header)) == ()


def test_the_same_mail_twice_is_one_reply():
    first, again, other = (read(answer("paid", **more))[0] for more in ({}, {}, {"X-Other": "1"}))
    assert first.provider_ref == again.provider_ref == other.provider_ref


@pytest.mark.parametrize(
    "broken", [b"Message-ID: <>", b"Date: never", b"Subject: =?x?q?=ff?=", b"To: <<>", b"Sender: ,,"]
)
def test_a_malformed_header_loses_no_words(broken):
    (reply,) = read(b"From: li@example.org\n" + broken + b"\n\nplease stop\n")
    assert (reply.sender, reply.text) == ("li@example.org", "please stop")


def test_an_empty_reply_speaks_by_its_subject():
    (reply,) = read(answer("> only quoted"))
    assert reply.text == "Re: 您的还款"


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer wrong", "t0ken", "Basic t0ken"])
def test_without_the_token_nothing_is_read(token):
    headers = {"Authorization": token} if token else {}
    assert read_report(headers, dsn(), SETTINGS, NOW, provider="post") is NOT_PROVED


def test_with_the_token_it_is():
    assert len(read_report({"authorization": "Bearer t0ken"}, dsn(), SETTINGS, NOW, provider="post")) == 1
    keyless = SmtpSettings(host="mx", address="a@b.example", key="k" * 32, security="none")
    assert read_report({"Authorization": "Bearer "}, dsn(), keyless, NOW, provider="post") is NOT_PROVED


@settings(max_examples=examples(60))
@given(st.binary(max_size=600), st.sampled_from([dsn(), arf(), answer("x")]), st.integers(0, 1500))
def test_no_bytes_break_it(noise, base, at):
    for raw in (noise, base[:at] + noise + base[at:], base[:at]):
        told = read(raw)
        assert isinstance(told, Problem) or all(isinstance(each, Report | Reply) for each in told)
