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
from forbear.channels.smtp.bounces import by_machine, fate, fate_in_words
from forbear.channels.smtp.letter import SmtpSettings, known_reference
from forbear.channels.smtp.words import decoded, lines_of_html, own_words
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem

ACKNOWLEDGE = ("text/plain", b"")
LONGEST_REPLY = 60_000
_LONGEST_READ, _LONGEST_END = 50_000, 5_000


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
) -> tuple[Report | Reply, ...]:
    """What one e-mail says. Nothing for a delay, a holiday note, or a bounce of a message that isn't ours.

    Whatever comes is read as far as it can be: of a very long e-mail its beginning, of a malformed one its words.
    """
    raw = raw[:LARGEST_BODY]
    try:
        mail = message_from_bytes(raw, policy=default)
        if mail.get_content_type() == "multipart/report":
            return tuple(_reports(mail, settings, now, provider))
        headers = {key.lower(): str(value) for key, value in reversed(list(mail.raw_items()))}
        if by_machine(mail, headers):
            noticed = _noticed(mail, headers, settings, now, provider)
            if noticed is not None:
                return noticed
        return tuple(_replies(mail, raw, settings, now, provider))
    except (ValueError, LookupError, TypeError, AttributeError, IndexError, RecursionError):
        return _unparsed(raw, settings, now, provider)  # the library's parser fails so on malformed headers


def _noticed(
    mail: EmailMessage, headers: dict[str, str], settings: SmtpSettings, now: datetime, provider: str
) -> tuple[Report, ...] | None:
    """What a mail server's own notice says of our e-mail; None where it isn't sure that a server wrote it."""
    text = _all_text(mail)
    state, code = fate_in_words(mail, headers, text)
    ref = _returned_reference(mail, list(mail.walk()), settings) or known_reference(
        text[:_LONGEST_READ], settings
    )
    if state and ref:
        return (Report(provider, ref, state, now, detail=code or "in words"),)
    return () if state or headers.get("return-path", "-").strip() in ("<>", "") else None


def _unparsed(raw: bytes, settings: SmtpSettings, now: datetime, provider: str) -> tuple[Reply, ...]:
    """An e-mail that the library can't take apart, as its sender and its words; nothing is lost for its form."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    found = re.search(rb"(?im)^From:[^\n]*?([\w.+-]{1,64}@[\w.-]{1,190})", head)
    sender = found.group(1).decode("ascii", "replace") if found else ""
    text = own_words(decoded(body[:_LONGEST_READ], "")) or decoded(head[:_LONGEST_READ], "")
    ref = hashlib.sha256(raw).hexdigest()[:32]
    return (Reply(provider, ref, "email", sender, settings.address, text[:LONGEST_REPLY], now),)


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
    blocks = [
        part
        for part in parts
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status")
    ]
    statuses = [status for part in blocks for status in _statuses(part)]
    if not blocks or not any(_inside(part) for part in blocks):
        headers = {key.lower(): str(value) for key, value in mail.raw_items()}
        state, code = fate_in_words(mail, headers, _all_text(mail))
        statuses = [(state, code or "in words")] if state else []
    return [Report(provider, ref, state, now, detail=detail) for state, detail in statuses[:1]]


def _statuses(part: Message) -> list[tuple[str, str]]:
    """Each recipient's fate as (state, status); see `bounces.fate`."""
    statuses = []
    for block in _inside(part):
        action = str(block.get("Action", "")).strip().lower()
        code = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})", str(block.get("Status", "")))
        status = code.group(1) if code else ""
        if action == "failed":
            statuses.append((fate(status, _header(block, "Diagnostic-Code")), status))
        elif action == "delivered":
            statuses.append(("delivered", status))
    return statuses


def _all_text(mail: EmailMessage) -> str:
    """The words of every part that is text, and of what a part returns; for a server's notice."""
    texts = []
    for part in mail.walk():
        if part.get_content_type() == "text/html":
            texts.append(lines_of_html(_text_of(part)[:_LONGEST_READ]))
        elif part.get_content_maintype() == "text":
            texts.append(_text_of(part)[:_LONGEST_READ])
    return "\n".join(texts)[:_LONGEST_READ]


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
    return decoded(content, part.get_content_charset())


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
    named = _header(mail, "Message-ID")
    ref = hashlib.sha256(named.encode("utf-8", "replace") if named else raw).hexdigest()[:32]
    return [Reply(provider, ref, "email", sender, settings.address, text[:LONGEST_REPLY], now)]


def _body(mail: EmailMessage) -> str:
    """The words of the first part that has some, also where the parts have no bounds."""
    for kind in ("plain", "html"):
        part = mail.get_body(preferencelist=(kind,))
        text = _text_of(part) if part is not None else ""
        if text.strip():
            return lines_of_html(text) if kind == "html" else _trimmed(text)
    payload = mail.get_payload()
    return (
        _trimmed(payload)
        if isinstance(payload, str) and mail.get_content_maintype() in ("text", "multipart")
        else ""
    )


def _trimmed(text: str) -> str:
    """How a long text begins and ends."""
    if len(text) <= _LONGEST_READ:
        return text
    return f"{text[: _LONGEST_READ - _LONGEST_END]}\n{text[-_LONGEST_END:]}"
