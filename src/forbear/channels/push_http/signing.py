"""Standard Webhooks: `webhook-id`, `webhook-timestamp`, and HMAC-SHA256 over both and the body.

The same signature goes out and comes in, each way with its own key, so that nothing we send can be sent back.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from forbear.channels.hook import header, same

#: How far the other side's clock may be off, in seconds.
TOLERANCE = 300


def key_of(secret: str) -> bytes | None:
    """The key in a secret written as `whsec_` and base64; None when it is no such text or too short."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if 24 <= len(key) <= 64 else None


def signature(secret: str, identifier: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    key = key_of(secret)
    assert key is not None, "settings are checked when they are read"
    mac = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


def signed_headers(secret: str, identifier: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a call."""
    timestamp = int(now.timestamp())
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, identifier, timestamp, body),
    }


def proved(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
    """Whether a call carries one good signature (there may be several while keys are changed), made just now."""
    moment = header(headers, "webhook-timestamp")
    if not secret or not moment.isascii() or not moment.isdigit() or len(moment) > 12:
        return False
    if abs(int(now.timestamp()) - int(moment)) > TOLERANCE:
        return False
    expected = signature(secret, header(headers, "webhook-id"), int(moment), body)
    given = header(headers, "webhook-signature").split(" ")[:10]
    return any(same(candidate, expected) for candidate in given)
