"""The seam between us and anyone who takes payments: an order out, a page for the borrower back, and a signed callback.

payments.yaml names one provider, as channels.yaml does; its folder under `channels` is its `kind`:

    paygate:
      kind: pay_http
      url: https://pay.example.net/orders
      secret_env: PAY_SECRET
      hook_secret_env: PAY_HOOK_SECRET

A provider is never trusted with an amount: what it says was paid is held against the order.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeGuard
from urllib.parse import urlsplit

from forbear.channels.hook import LARGEST_BODY, NOT_PROVED
from forbear.channels.standard_webhooks import proved
from forbear.core.base.problem import Problem

STATES = ("paid", "failed")
_REF = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Order:
    """What a borrower is about to pay; `amount` in minor units. It names no person and no number of theirs."""

    order_id: str
    amount: int
    currency: str
    minor_unit: int
    subject: str
    return_url: str
    notify_url: str


@dataclass(frozen=True, slots=True)
class Page:
    """Where the borrower pays, and the provider's own number for it."""

    ref: str
    url: str


@dataclass(frozen=True, slots=True)
class PaymentNotice:
    """What the provider says became of an order; `paid_at` is when."""

    order_id: str
    ref: str
    state: str
    amount: int
    currency: str
    paid_at: datetime


class PaymentGateway(Protocol):
    """Anyone who takes payments. `open` never raises for what the other side does."""

    provider: str

    def open(self, order: Order) -> Page | Problem: ...

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> PaymentNotice | Problem: ...

    def close(self) -> None: ...


def read_signed(
    headers: Mapping[str, str], body: bytes, secret: str, now: datetime
) -> PaymentNotice | Problem:
    """A callback signed by Standard Webhooks: NOT_PROVED without its proof, another Problem when it makes no sense.

    {"order": "...", "ref": "...", "state": "paid", "amount": 41200, "currency": "CNY",
     "paid_at": "2026-03-10T07:00:00Z"}
    """
    if len(body) > LARGEST_BODY or not proved(headers, body, secret, now):
        return NOT_PROVED
    try:
        payload = json.loads(body)
        assert isinstance(payload, dict)
        paid_at = datetime.fromisoformat(payload["paid_at"])
    except (ValueError, RecursionError, KeyError, TypeError, AssertionError):
        return Problem("callback_not_payment", "the call is no news of an order")
    order, ref, state, amount = (payload.get(name) for name in ("order", "ref", "state", "amount"))
    if not _is_ref(order) or not _is_ref(ref):
        return Problem(
            "callback_order_invalid", "order and ref are at most 64 letters, digits, dots, _ and -"
        )
    if state not in STATES or not isinstance(amount, int) or isinstance(amount, bool) or amount < 0:
        return Problem(
            "callback_state_or_amount_invalid",
            "state is one of %(states)s, and amount whole minor units",
            states=tuple(STATES),
        )
    if not isinstance(payload.get("currency"), str) or paid_at.tzinfo is None:
        return Problem(
            "callback_currency_or_time_invalid", "currency is a code, and paid_at a time with its zone"
        )
    return PaymentNotice(order, ref, state, amount, payload["currency"], paid_at)


def _is_ref(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and _REF.fullmatch(text) is not None


def safe_page(url: object) -> TypeGuard[str]:
    """Whether a borrower may be sent there: encrypted, or on this machine."""
    if not isinstance(url, str) or not re.fullmatch(r"https?://[!-~]{3,600}", url):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")
