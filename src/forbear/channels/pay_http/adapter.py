"""A payment provider over HTTP: we POST an order, it answers where the borrower pays, and calls back when they have.

Both ways are signed by Standard Webhooks, each with its own key, so that nothing we send can be sent back to us.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from forbear.channels.adapter_context import AdapterContext, Number, Url, provider_settings, setting
from forbear.channels.http_call import Caller, Unanswered
from forbear.channels.payment import Order, Page, PaymentNotice, read_signed, safe_page
from forbear.channels.standard_webhooks import key_of, signed_headers
from forbear.core.base.problem import MessageId, Problem, noop

_SORRY = Problem(
    "payment_page_unreachable",
    "the payment page can't be reached now; please try again later, or pay as your contract says",
)


@provider_settings
class PaySettings:
    """`url` takes our orders. `secret` signs them, `hook_secret` what is called back; both `whsec_` and base64."""

    url: Url = setting(noop("The address of your own payment page's server"))
    secret: str = setting(noop("Signs what is sent; whsec_ and base64"), secret=True)
    hook_secret: str = setting(
        noop("Checks what your server calls back with; another key than the first"), secret=True
    )
    timeout: Number = setting(
        noop("How long each step may take"), 10.0, least=0.1, maximum=60, unit="seconds"
    )


def mistakes(settings: PaySettings) -> dict[str, MessageId]:
    """What the reader of the file can't see: field to message."""
    wrong_secret = noop(
        "must hold whsec_ and 24 to 64 bytes in base64; make one with `openssl rand -base64 32`"
    )
    mistakes_found = {
        name: wrong_secret for name in ("secret", "hook_secret") if not key_of(getattr(settings, name))
    }
    if not mistakes_found and settings.hook_secret == settings.secret:
        mistakes_found["hook_secret"] = noop(
            "must be another key than secret, or our own calls could be sent back to us"
        )
    return mistakes_found


class PayHttp:
    """One POST an order. `webhook-id` is the order's id: a provider that has seen it opens no second one."""

    def __init__(self, settings: PaySettings, around: AdapterContext) -> None:
        self.provider = around.name
        self._settings, self._clock = settings, around.clock
        self._caller = Caller(settings.timeout)

    def open(self, order: Order) -> Page | Problem:
        """Ask for the page on which this order is paid."""
        body = json.dumps(
            {
                "order": order.order_id,
                "amount": order.amount,
                "currency": order.currency,
                "minor_unit": order.minor_unit,
                "subject": order.subject,
                "return_url": order.return_url,
                "notify_url": order.notify_url,
            },
            ensure_ascii=False,
        ).encode()
        headers = signed_headers(self._settings.secret, order.order_id, self._clock(), body)
        answered = self._caller.call(
            "POST", self._settings.url, headers=headers | {"Content-Type": "application/json"}, content=body
        )
        if isinstance(answered, Unanswered) or not 200 <= answered.status < 300:
            return _SORRY
        ref, url = answered.fields.get("ref"), answered.fields.get("pay_url")
        if not isinstance(ref, str) or not 0 < len(ref) <= 64 or not safe_page(url):
            return _SORRY
        return Page(ref, url)

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> PaymentNotice | Problem:
        """One callback."""
        return read_signed(headers, body, self._settings.hook_secret, now)

    def close(self) -> None:
        """Let go of the client."""
        self._caller.close()
