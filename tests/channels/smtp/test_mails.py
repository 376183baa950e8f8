"""E-mails as they really are: bounces in every form, any character set, and answers with our own text below them."""

import time
from pathlib import Path

import pytest

from forbear.channels.smtp.bounces import fate
from forbear.channels.smtp.inbound import read_mail
from forbear.channels.smtp.letter import SmtpSettings, reference_of
from forbear.channels.smtp.words import decoded, lines_of_html, own_words
from forbear.channels.transport import Reply, Report
from forbear.core.replies.understanding import understand
from tests.factories.messages import NOW

MAILS = Path(__file__).parent / "mails"
SETTINGS = SmtpSettings(host="mx", address="service@lender.example", key="k" * 32, security="none")
REF = reference_of("c-1", SETTINGS)


def read(raw: bytes):
    return read_mail(raw.replace(b"OUR-MESSAGE-ID", REF.encode()), SETTINGS, NOW, provider="post")


def of(kind: str) -> list:
    return [pytest.param(path, id=path.stem) for path in sorted(MAILS.glob(f"{kind}*.eml"))]


@pytest.mark.parametrize("path", of("bounce"))
def test_a_wrong_address_bounces_in_every_form(path):
    (report,) = read(path.read_bytes())
    assert isinstance(report, Report)
    assert (report.state, report.provider_ref) == ("bounced", REF)


@pytest.mark.parametrize("path", of("mail-charset"))
def test_a_stop_in_any_character_set(path):
    (reply,) = read(path.read_bytes())
    assert understand(reply.text).intent == "stop"
    assert "\ufffd" not in reply.text


@pytest.mark.parametrize("path", of("mail-quoted"))
def test_our_own_footer_is_no_stop(path):
    (reply,) = read(path.read_bytes())
    meant = understand(reply.text)
    assert (meant.intent, meant.also) == ("promise", ())


def notice(
    text: str, *, sender="MAILER-DAEMON@mx.example", path="<>", more="", subject="Undelivered Mail"
) -> bytes:
    return (
        f"From: {sender}\nReturn-Path: {path}\nTo: service@lender.example\nSubject: {subject}\n{more}"
        f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n\nMessage-ID: <{REF}>\n"
    ).encode()


@pytest.mark.parametrize(
    "text",
    [
        "<a@b.example>: Recipient address rejected: User unknown in virtual mailbox table",
        "您的邮件无法投递。原因:用户不存在",
        "A message that you sent could not be delivered. a@b.example: Unrouteable address",
        "The email account that you tried to reach does not exist. 550-5.1.1",
    ],
)
def test_a_notice_in_words_that_there_is_nobody(text):
    assert [report.state for report in read(notice(text))] == ["bounced"]


@pytest.mark.parametrize(
    "text",
    [
        "550 5.7.1 Message rejected due to spam content",
        "552 5.2.2 mailbox full, quota exceeded",
        "550 5.1.8 Sender address rejected: Domain not found",
        "554 Your IP is on a blacklist, see spamhaus",
        "550 发件人被列入黑名单,拒绝投递",
        "550 SPF check failed",
    ],
)
def test_the_senders_own_fault_strikes_nobody_out(text):
    assert [report.state for report in read(notice(text))] == ["undelivered"]


@pytest.mark.parametrize(
    ("status", "words", "state"),
    [
        ("5.1.7", "550 5.1.7 bad sender address", "undelivered"),
        ("5.1.8", "550 user unknown", "undelivered"),
        ("5.0.0", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", "bounced"),
        ("5.0.0", "550 relay access denied", "undelivered"),
        ("4.4.7", "421 no such user", "undelivered"),
        ("", "550 sorry, no mailbox here by that name", "bounced"),
        ("5.3.0", "554 account is disabled", "bounced"),
        ("5.5.0", "550 Requested action not taken", "undelivered"),
    ],
)
def test_the_final_answer_counts(status, words, state):
    assert fate(status, words) == state


def test_a_delay_is_no_report_and_no_reply():
    assert read(notice("Delivery delayed. We will keep trying for 4 days.", subject="Warning: delayed")) == ()


def test_a_bounce_of_a_mail_that_is_not_ours_is_nothing():
    assert read(notice("550 5.1.1 no such user").replace(REF.encode(), b"x@y.example")) == ()


def test_what_a_person_at_postmaster_writes_is_read():
    (reply,) = read(
        notice("Please stop.", sender="postmaster@small.example", path="<p@small.example>", subject="Hi")
    )
    assert isinstance(reply, Reply)


@pytest.mark.parametrize(
    ("octets", "charset", "text"),
    [
        ("退订".encode("gbk"), "GB2312", "退订"),
        ("退订".encode("gb18030"), "x-gbk", "退订"),
        ("退訂".encode("big5"), "big5", "退訂"),
        ("停止".encode(), "no-such-thing", "停止"),
        ("停止".encode("gbk"), "", "停止"),
        (b"STOP\xff", "utf-8", "STOP\ufffd"),
        (b"STOP", "hex", "STOP"),
        (b"STOP", "undefined", "STOP"),
        ("ARRÊT".encode("latin-1"), "iso-8859-1", "ARRÊT"),
    ],
)
def test_a_character_set(octets, charset, text):
    assert decoded(octets, charset) == text


OURS = "Your payment is late. To stop these e-mails, use the unsubscribe link."
OURS += "\n如不想再收到此类邮件，请点击邮件中的退订。"


@pytest.mark.parametrize(
    "head",
    [
        "On Tue, Mar 10, 2026 at 3:00 PM L <s@l.example> wrote:",
        "On Tue, Mar 10, 2026 at 3:00 PM Lender\n<service@lender.example> wrote:",
        "Le mar. 10 mars 2026 à 15:00, L <s@l.example> a écrit :",
        "Il giorno mar 10 mar 2026 alle ore 15:00 L ha scritto:",
        "Em ter., 10 de mar. de 2026 às 15:00, L escreveu:",
        "Op di 10 mrt 2026 om 15:00 schreef L:",
        "于2026年3月10日周二 15:00，L 写道：",
        "---- 回复的原邮件 ----\n| 发件人 | L |",
        "-----Original Message-----\nFrom: L\nSent: Tuesday",
        "From: L <s@l.example>\nSent: Tuesday, March 10, 2026 3:00 PM\nTo: a@b.example\nSubject: x",
        "Von: L\nGesendet: Dienstag\nAn: a\nBetreff: x",
        "De: L\nEnviado: martes\nPara: a\nAsunto: x",
    ],
)
def test_what_is_quoted_is_cut(head):
    words = own_words(f"I will pay 200 on Friday.\n\n{head}\n{OURS}")
    assert understand(words).intent == "promise"
    assert "unsubscribe" not in words


def test_whoever_writes_below_the_quotation_is_read():
    assert own_words("> Your payment is late.\n> Pay now.\n\nPlease stop writing.") == "Please stop writing."


@pytest.mark.parametrize(
    "html",
    [
        "<p>明天还200元</p><blockquote>如不想再收到请退订</blockquote>",
        '<div>明天还200元</div><div id="divRplyFwdMsg">From: L</div><div class="gmail_quote">请退订</div>',
        "明天还200元<br><br>发件人：机构<br>发送时间：2026<br>请退订",
    ],
)
def test_html(html):
    words = own_words(lines_of_html(html))
    assert understand(words).intent == "promise"


def test_html_that_is_nothing_but_a_quotation_is_still_read():
    assert lines_of_html("<blockquote>stop</blockquote>") == "stop"


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\n\nSTOP\n" + b"x" * 10_000_000,
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=\n\nSTOP",
        b"From: a@b.example\nContent-Type: text/html\n\n<p>STOP" + b"<div" * 200_000,
        b"From: a@b.example\nContent-Type: text/html\n\nSTOP" + b"<![CDATA[" * 5_000,
        b'From: a@b.example\nContent-Type: text/plain; charset="\xff\xfe"\n\nSTOP',
        b"From: =?x?b?=?= <a@b.example>\nContent-Transfer-Encoding: base64\n\nU1RPUA==",
        b"\n\nSTOP",
        b"From: a@b.example\n\n" + b"On Tue wrote " * 8_000 + b"\nSTOP",
    ],
)
def test_bad_mail_is_kept_and_takes_no_time(raw):
    began = time.process_time()
    (reply,) = read(raw)
    assert "STOP" in reply.text
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "line",
    [
        "вт, 3 мар. 2026 г. в 10:11, Fenghe <service@lender.example>:",
        "Vào Th 3, 3 thg 3, 2026 lúc 10:11 Fenghe <service@lender.example> đã viết:",
        "ในวันที่ 3 มี.ค. 2026 10:11 Fenghe <service@lender.example> เขียนว่า:",
        "3 Mart 2026 Sal 10.11 tarihinde Fenghe <service@lender.example> şunu yazdı:",
    ],
)
def test_the_writer_before_is_named_in_any_language(line):
    words = own_words(f"I will pay on Friday\n\n{line}\n\nTo stop these e-mails, use the unsubscribe link.")
    assert words == "I will pay on Friday"


def test_a_persons_own_line_with_an_address_is_no_quotation():
    said = "Call me at 10:30 or write to <me@example.org>, please. I will pay on Friday."
    assert own_words(said) == said


@pytest.mark.parametrize("text", ["退订", "请停止给我发邮件，谢谢"])
def test_words_under_a_false_name_of_utf_8_are_read_all_the_same(text):
    assert decoded(text.encode("gb18030"), "utf-8") == text
    assert decoded(text.encode("utf-8"), "utf-8") == text
    assert decoded("停止".encode("big5hkscs"), "x-x-big5") == "停止"
    assert decoded("解除".encode("cp932"), "x-sjis") == "解除"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("554 delivery error: dd This user doesn't have a yahoo.com account", "bounced"),
        ("550 we do not have an example.net mailbox of that name", "bounced"),
        ("550 your server does not have a valid certificate for this domain", "undelivered"),
    ],
)
def test_a_domain_in_the_answer_hides_nothing(words, expected):
    assert fate("5.0.0", words) == expected
