"""Standard Webhooks: `webhook-id`, `webhook-timestamp`, and HMAC-SHA256 over both and the body.

The same signature goes out and comes in, each way with its own key, so that nothing we send can be sent back.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks import Webhook

from forbear.channels.hook import header, same

#: How far the other side's clock may be off, in seconds; the library's own check takes as much.
TOLERANCE = 300


def new_secret() -> str:
    """A secret to sign with: `whsec_` and 32 random bytes in base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def key_of(secret: str) -> bytes | None:
    """The key in a secret written as `whsec_` and base64; None when it is no such text or too short."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if 24 <= len(key) <= 64 else None


def signed_headers(secret: str, identifier: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a call whose `body` is UTF-8."""
    # the library takes the time of day as UTC, whatever zone it is of
    moment = now.astimezone(UTC)
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(identifier, moment, body.decode()),
    }


def proved(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
    """Whether a call carries one good signature (there may be several while keys are changed), made just now.

    The library's `verify` reads the machine's clock, and raises whatever a strange header makes it raise; so the
    moment is looked at here, against `now`, and the library says what the signature should be.
    """
    moment = header(headers, "webhook-timestamp")
    if not secret or not moment.isascii() or not moment.isdigit() or len(moment) > 12:
        return False
    if abs(int(now.timestamp()) - int(moment)) > TOLERANCE:
        return False
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    made_at = datetime.fromtimestamp(int(moment), UTC)
    expected = Webhook(secret).sign(header(headers, "webhook-id"), made_at, text)
    given = header(headers, "webhook-signature").split(" ")[:10]
    return any(same(candidate, expected) for candidate in given)
