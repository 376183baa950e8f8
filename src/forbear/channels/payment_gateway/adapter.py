"""The demo's till: its payment page is on this site, and what it calls back is signed like a real provider's.

No money moves. A home that names it says so on every page of it.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from forbear.channels.adapter_context import AdapterContext, provider_settings
from forbear.channels.payment import Order, Page, PaymentNotice, read_signed
from forbear.channels.standard_webhooks import signed_headers
from forbear.core.base.problem import Problem


@provider_settings
class GatewaySettings:
    """Nothing to set."""


class DemoGateway:
    """Orders are paid at /till/ORDER of the lender's own address."""

    def __init__(self, settings: GatewaySettings, around: AdapterContext) -> None:
        self.provider = around.name
        self._secret = f"whsec_{base64.b64encode(_key(around.folder / 'data' / 'till.key')).decode()}"

    def open(self, order: Order) -> Page | Problem:
        """The page is here already."""
        site = order.return_url.split("/my/", 1)[0]
        return Page(f"till-{order.order_id}", f"{site}/till/{order.order_id}")

    def call_back(self, notice: PaymentNotice, now: datetime) -> tuple[dict[str, str], bytes]:
        """What a provider would send: headers and body, signed."""
        body = json.dumps(
            {
                "order": notice.order_id,
                "ref": notice.ref,
                "state": notice.state,
                "amount": notice.amount,
                "currency": notice.currency,
                "paid_at": notice.paid_at.isoformat(),
            }
        ).encode()
        return signed_headers(self._secret, notice.ref, now, body), body

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> PaymentNotice | Problem:
        """One callback."""
        return read_signed(headers, body, self._secret, now)

    def close(self) -> None:
        """Nothing to close."""


def _key(path: Path) -> bytes:
    """32 bytes of this home's own, made on first use."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as handle:
        token = secrets.token_bytes(32)
        handle.write(token)
    return token
