"""What comes back by e-mail: bounces (RFC 3464), complaints (RFC 5965) and what people write.

A bounce or complaint counts only when it quotes a Message-ID that we made (see `letter`). The mail server
passes each e-mail on to the hook with its token; `docs/operate/channels.md` shows how.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr

from forbear.channels.hook import LARGEST_BODY, NOT_PROVED, bearer
from forbear.channels.smtp.letter import SmtpSettings, known_reference
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem

ACKNOWLEDGE = ("text/plain", b"")
LONGEST_REPLY = 4000
_LONGEST_READ = 50_000

#: Where a person's own words end and what they answer begins.
_QUOTED = re.compile(
    r"(?m)^(?:>|-{2,}\s*(?:Original Message|原始邮件|原始郵件|Forwarded)|_{10,}|On .{1,200}\bwrote:\s*$"
    r"|.{0,80}(?:写道|寫道)[::]\s*$|(?:From|发件人|寄件者)[::] )"
)
_TAG = re.compile(
    r"<(?:style|script)\b.{0,5000}?</(?:style|script)\s*>|<[^<>]{0,2000}>", re.IGNORECASE | re.DOTALL
)


def read_report(
    headers: Mapping[str, str],
    body: bytes,
    settings: SmtpSettings,
    now: datetime,
    *,
    provider: str,
    query: str = "",
) -> tuple[Report | Reply, ...] | Problem:
    """An e-mail the mail server passed on, as its raw bytes."""
    if not bearer(headers, settings.hook_token):
        return NOT_PROVED
    return read_mail(body, settings, now, provider=provider)


def read_mail(
    raw: bytes, settings: SmtpSettings, now: datetime, *, provider: str
) -> tuple[Report | Reply, ...] | Problem:
    """What one e-mail says. Nothing for a delay, a holiday note, or a bounce of a message that isn't ours."""
    if len(raw) > LARGEST_BODY:
        return Problem("email_too_long", "the e-mail is too long to be read")
    try:
        mail = message_from_bytes(raw, policy=default)
        if mail.get_content_type() == "multipart/report":
            return tuple(_reports(mail, settings, now, provider))
        return tuple(_replies(mail, raw, settings, now, provider))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Problem(
            "email_unreadable", "the e-mail can't be read"
        )  # the library's parser fails so on malformed headers


def _reports(mail: EmailMessage, settings: SmtpSettings, now: datetime, provider: str) -> list[Report]:
    parts = list(mail.walk())
    ref = _returned_reference(mail, parts, settings)
    kind = str(mail.get_param("report-type", "")).lower()
    if not ref:
        return []
    if kind == "feedback-report":
        about = [part for part in parts if part.get_content_type() == "message/feedback-report"]
        said = " ".join(_text_of(part) for part in about)
        if re.search(r"(?im)^Feedback-Type:\s*not-spam", said):
            return []
        return [Report(provider, ref, "complained", now, detail="feedback report")]
    statuses = [
        (state, detail)
        for part in parts
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status")
        for state, detail in _statuses(part)
    ]
    return [Report(provider, ref, state, now, detail=detail) for state, detail in statuses[:1]]


def _statuses(part: Message) -> list[tuple[str, str]]:
    """Each recipient's fate as (state, detail). Only 5.1.x says that the address is wrong; see RFC 3463."""
    statuses = []
    for block in _inside(part):
        action = str(block.get("Action", "")).strip().lower()
        code = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})", str(block.get("Status", "")))
        status = code.group(1) if code else ""
        if action == "failed":
            statuses.append(("bounced" if status.startswith("5.1.") else "undelivered", status))
        elif action == "delivered":
            statuses.append(("delivered", status))
    return statuses


def _returned_reference(mail: EmailMessage, parts: Sequence[Message], settings: SmtpSettings) -> str:
    """Our Message-ID, from what the report returns of the original, or from what it answers."""
    for part in parts:
        if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            lines = re.findall(r"(?im)^Message-ID:\s*(\S+)", _text_of(part))
            reference = lines[0] if lines else ""
        elif part is not mail:
            reference = _header(part, "Message-ID")
        else:
            continue
        if ref := known_reference(reference, settings):
            return ref
    return known_reference(f"{_header(mail, 'In-Reply-To')} {_header(mail, 'References')}", settings)


def _header(part: Message, name: str) -> str:
    """A header as it came: the library's own reading of some of them fails on what people's programs write."""
    for key, value in part.raw_items():
        if key.lower() == name.lower():
            try:
                return str(make_header(decode_header(str(value)))).strip()
            except (ValueError, LookupError):
                return str(value).strip()
    return ""


def _text_of(part: Message) -> str:
    """A part's text, also of the kinds that the parser takes for messages."""
    if part.is_multipart():
        return "\n".join(block.as_string() for block in _inside(part))
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    return content.decode(part.get_content_charset() or "utf-8", "replace")


def _inside(part: Message) -> list[Message]:
    """The messages that a part is made of; none where it has a text."""
    found = part.get_payload()
    return [each for each in found if isinstance(each, Message)] if isinstance(found, list) else []


def _replies(
    mail: EmailMessage, raw: bytes, settings: SmtpSettings, now: datetime, provider: str
) -> list[Reply]:
    if _header(mail, "Auto-Submitted").lower() not in ("", "no") or _header(mail, "X-Autoreply"):
        return []
    if _header(mail, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply"):
        return []
    sender = parseaddr(_header(mail, "From"))[1]
    text = own_words(_body(mail)) or _header(mail, "Subject")
    if not sender or not text.strip():
        return []
    named = _header(mail, "Message-ID")
    ref = hashlib.sha256(named.encode("utf-8", "replace") if named else raw).hexdigest()[:32]
    return [Reply(provider, ref, "email", sender, settings.address, text[:LONGEST_REPLY], now)]


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    text = _text_of(part)[:_LONGEST_READ]
    return _TAG.sub(" ", text) if part.get_content_type() == "text/html" else text


def own_words(text: str) -> str:
    """What a person wrote themselves, without what they quote below it."""
    text = text.replace("\r\n", "\n")
    quoted = _QUOTED.search(text)
    return (text[: quoted.start()] if quoted else text).strip()
