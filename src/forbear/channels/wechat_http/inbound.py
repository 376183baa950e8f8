"""Events and messages of an official account in secure mode: signed and encrypted with the account's key.

In plain mode the provider's signature leaves the body out, so anyone who saw one call could write another;
only secure mode is read.
"""

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from forbear.channels.hook import LARGEST_BODY, NOT_PROVED, same
from forbear.channels.transport import Reply, Report
from forbear.channels.wechat_http.adapter import WechatSettings
from forbear.core.base.problem import Problem

ACKNOWLEDGE = ("text/plain", b"success")
#: How far the provider's clock may be off, in seconds.
TOLERANCE = 600
_JOB = "TEMPLATESENDJOBFINISH"


def signature(*parts: str) -> str:
    """SHA-1 over the parts, sorted and joined."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324


def read_handshake(query: str, settings: WechatSettings) -> str | Problem:
    """What to answer when the provider tries the address (a GET with echostr)."""
    given = _one_each(query)
    expected = signature(settings.hook_token, given.get("timestamp", ""), given.get("nonce", ""))
    echo = given.get("echostr", "")
    if not settings.hook_token or not same(given.get("signature", ""), expected):
        return NOT_PROVED
    return echo if re.fullmatch(r"[A-Za-z0-9_+/=-]{1,128}", echo) else NOT_PROVED


def read_report(
    headers: Mapping[str, str],
    body: bytes,
    settings: WechatSettings,
    now: datetime,
    *,
    provider: str,
    query: str = "",
) -> tuple[Report | Reply, ...] | Problem:
    """What became of a template message, or what a follower wrote. Other events are nothing."""
    given = _one_each(query)
    moment = given.get("timestamp", "")
    if len(body) > LARGEST_BODY or not re.fullmatch(r"[0-9]{1,12}", moment):
        return NOT_PROVED
    outer = _fields(body)
    sealed = outer.get("Encrypt", "") if outer else ""
    expected = signature(settings.hook_token, moment, given.get("nonce", ""), sealed)
    fresh = abs(int(now.timestamp()) - int(moment)) <= TOLERANCE
    if (
        not sealed
        or not settings.hook_token
        or not same(given.get("msg_signature", ""), expected)
        or not fresh
    ):
        return NOT_PROVED
    inner = _opened(sealed, settings)
    fields = _fields(inner) if inner is not None else None
    if fields is None:
        return Problem("callback_not_decrypted", "the call can't be decrypted; check encoding_key and app_id")
    return _read(fields, now, provider)


def _read(fields: dict[str, str], now: datetime, provider: str) -> tuple[Report | Reply, ...]:
    kind, ref = fields.get("MsgType", ""), fields.get("MsgID") or fields.get("MsgId", "")
    if kind == "event" and fields.get("Event", "").upper() == _JOB and ref:
        status = fields.get("Status", "")
        state = "delivered" if status == "success" else "undelivered"
        return (Report(provider, ref[:128], state, now, detail=re.sub(r"[^a-z :]", "", status)[:60]),)
    if kind == "text" and ref and fields.get("Content", "").strip():
        sender, to = fields.get("FromUserName", ""), fields.get("ToUserName", "")
        return (Reply(provider, ref[:128], "push", sender, to, fields["Content"], now),)
    return ()


def _one_each(query: str) -> dict[str, str]:
    """The parameters that are given once."""
    try:
        parameters = parse_qs(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return {}
    return {name: given[0] for name, given in parameters.items() if len(given) == 1}


def _fields(text: bytes) -> dict[str, str] | None:
    """The elements right below the root; None for what is no XML, or has declarations of its own."""
    try:
        plain = text.decode("utf-8")
        root = None if "<!DOCTYPE" in plain or "<!ENTITY" in plain else ElementTree.fromstring(plain)  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    return None if root is None else {element.tag: element.text or "" for element in root}


def _opened(sealed: str, settings: WechatSettings) -> bytes | None:
    """AES-256-CBC with the key's first 16 bytes as its start; inside are 16 random bytes, length, text, app id."""
    try:
        key = base64.b64decode(settings.encoding_key + "=")
        octets = base64.b64decode(sealed, validate=True)
        opener = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = opener.update(octets) + opener.finalize()
    except (binascii.Error, ValueError):
        return None
    if not plain or not 1 <= plain[-1] <= 32:
        return None
    plain = plain[: -plain[-1]]
    if len(plain) < 20:
        return None
    (length,) = struct.unpack(">I", plain[16:20])
    text, app = plain[20 : 20 + length], plain[20 + length :]
    return text if same(app.decode("utf-8", "replace"), settings.app_id) else None
