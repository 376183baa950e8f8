"""The e-mail itself: headers that can't be broken into, and a Message-ID that only we can have made.

The Message-ID is `contact_id.tag@domain`, the tag a keyed digest of the contact. Anyone who quotes it back, as a
bounce or a reply must, has seen the message; nobody can make one up to have a stranger's address struck out.
"""

import hashlib
import hmac
import re
import unicodedata
from base64 import b32encode
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator

from forbear.channels.adapter_context import Number, Text, Whole, provider_settings, setting
from forbear.channels.transport import Message
from forbear.core.base.problem import MessageId, Problem, noop
from forbear.core.base.setting import WrongValue

#: One plain address: no spaces, control characters, quotes, brackets or lists. Rarer forms are refused.
_LOCAL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
_DOMAIN = r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z0-9-]{1,63}"
_ADDRESS = re.compile(rf"{_LOCAL}@{_DOMAIN}")
_REFERENCE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.([a-z2-7]{26})@([A-Za-z0-9.-]{1,253})")


def plain_address(text: str) -> bool:
    """Whether this is one ordinary e-mail address, fit for a header and an envelope."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def _email(given: str) -> str:
    if given and not plain_address(given):
        raise WrongValue(noop("must be one plain e-mail address"))
    return given


Email = Annotated[str, AfterValidator(_email)]


@provider_settings
class SmtpSettings:
    """A mail server and how letters to borrowers look.

    `address` is what the borrower sees as the sender, `bounces_to` the envelope's return path (`address` when
    empty). `key` makes Message-IDs; change it and bounces of older e-mails are no longer known. `hook_token` is
    what the mail server shows when it passes on a bounce. `timeout` is seconds for each step.
    """

    host: Text = setting(noop("The mail server's host"))
    port: Whole = setting(noop("The mail server's port"), 587, least=1, maximum=65535)
    security: Literal["starttls", "tls", "none"] = setting(
        noop("How the line to the mail server is encrypted"), "starttls"
    )
    username: Text = setting(noop("The account, if the mail server wants one"), "")
    password: str = setting(noop("The account's password"), "", secret=True)
    address: Email = setting(noop("The sender that borrowers see"))
    bounces_to: Email = setting(noop("Where bounces go; empty is the sender"), "")
    key: str = setting(
        noop("Makes Message-IDs; change it and bounces of older e-mails are unknown"), secret=True
    )
    hook_token: str = setting(noop("What the mail server shows when it passes on an e-mail"), "", secret=True)
    timeout: Number = setting(
        noop("How long each step may take"), 30.0, least=0.1, maximum=300, unit="seconds"
    )

    @property
    def return_path(self) -> str:
        """Where bounces go."""
        return self.bounces_to or self.address


def mistakes(settings: SmtpSettings) -> dict[str, MessageId]:
    """What the reader of the file can't see: field to message."""
    mistakes_found = {}
    if len(settings.key) < 16:
        mistakes_found["key"] = noop("must hold at least 16 characters; make one with `openssl rand -hex 32`")
    if settings.username and not settings.password:
        mistakes_found["username"] = noop("needs password_env too")
    if settings.username and settings.security == "none":
        mistakes_found["security"] = noop("must be starttls or tls where a password is sent")
    return mistakes_found


def reference_of(contact_id: str, settings: SmtpSettings) -> str:
    """The Message-ID of a contact's e-mail without its angle brackets; also the provider's reference."""
    return f"{contact_id}.{_tag(contact_id, settings.key)}@{settings.address.rpartition('@')[2]}"


def known_reference(text: str, settings: SmtpSettings) -> str:
    """The first reference in a text that we made, or an empty text. Compared in constant time."""
    for contact_id, tag, _ in _REFERENCE.findall(text):
        if hmac.compare_digest(tag, _tag(contact_id, settings.key)):
            return reference_of(contact_id, settings)
    return ""


def _tag(contact_id: str, key: str) -> str:
    mac = hmac.new(key.encode(), f"message-id:{contact_id}".encode(), hashlib.sha256).digest()
    return b32encode(mac[:16]).decode().rstrip("=").lower()


def compose(message: Message, settings: SmtpSettings, now: datetime) -> EmailMessage | Problem:
    """The e-mail of a message; Problem when its address or its unsubscribe link can't stand in a header."""
    if not plain_address(message.to):
        return Problem("email_address_invalid", "the address is no plain e-mail address")
    letter = EmailMessage(policy=SMTP.clone(utf8=False))
    letter["Message-ID"] = f"<{reference_of(message.contact_id, settings)}>"
    letter["Date"] = format_datetime(now)
    letter["From"] = Address(display_name=_one_line(message.sender), addr_spec=settings.address)
    letter["To"] = Address(addr_spec=message.to)
    letter["Subject"] = _one_line(message.subject)
    if message.language:
        letter["Content-Language"] = re.sub(r"[^A-Za-z0-9-]", "", message.language)
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: so that holiday notes don't answer
    if message.unsubscribe_url:
        problem = _unsubscribe(letter, message.unsubscribe_url)
        if problem:
            return problem
    letter.set_content(message.body, charset="utf-8", cte="base64")
    for attachment in message.attachments:
        kind, _, rest = attachment.media_type.partition("/")
        letter.add_attachment(
            attachment.content, maintype=kind, subtype=rest, filename=_one_line(attachment.name)
        )
    return letter


def _unsubscribe(letter: EmailMessage, url: str) -> Problem | None:
    """RFC 2369 and RFC 8058: the POST header may only stand beside an https address."""
    parts = urlsplit(url)
    if (
        not re.fullmatch(r"[!-~]{1,900}", url)
        or set(url) & set("<>,")
        or parts.scheme not in ("https", "http")
    ):
        return Problem("unsubscribe_link_invalid", "the unsubscribe link can't stand in a header")
    letter["List-Unsubscribe"] = f"<{url}>"
    if parts.scheme == "https":
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return None


def _one_line(text: str) -> str:
    """A header's text: line breaks and control characters become blanks, and nothing in it is an encoded word."""
    plain = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join(plain.replace("=?", "= ?").split())
