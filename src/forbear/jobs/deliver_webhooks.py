"""Tell other programs what they asked to hear, signed as Standard Webhooks say, again until they answer 2xx.

The address is theirs to choose, so it is looked up here and refused when it leads into our own network; the
connection then goes to the very address that was looked up, so that a second answer of the name server can't
lead elsewhere.
"""

import ipaddress
import json
import socket
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from django.db import transaction

from forbear.channels.standard_webhooks import signed_headers
from forbear.store.models import WebhookDelivery

MOST_ATTEMPTS = 12
_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(hours=6)
_LEASE = timedelta(minutes=2)
_LIMITS = httpx.Timeout(5.0)


def deliver_due(now: datetime, *, limit: int = 50, private: bool = False) -> int:
    """Make the deliveries that are due, at most `limit`; how many were tried. `private` lets them go inwards."""
    due = WebhookDelivery.objects.filter(
        not_before__lte=now, delivered_at=None, given_up_at=None, webhook__ended_at=None
    ).order_by("not_before", "pk")
    tried = 0
    for pk in list(due.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            mine = WebhookDelivery.objects.filter(pk=pk, not_before__lte=now, delivered_at=None)
            if not mine.update(not_before=now + _LEASE):
                continue  # another worker has it
        _deliver(WebhookDelivery.objects.select_related("webhook").get(pk=pk), now, private)
        tried += 1
    return tried


def _deliver(delivery: WebhookDelivery, now: datetime, private: bool) -> None:
    body = json.dumps(
        {
            "id": delivery.event_id,
            "kind": delivery.kind,
            "made_at": delivery.made_at.isoformat(),
            "data": delivery.body,
        },
        ensure_ascii=False,
        sort_keys=True,
    ).encode()
    signed = signed_headers(delivery.webhook.secret, delivery.event_id, now, body)
    answer, done = _post(delivery.webhook.url, body, signed, private)
    delivery.attempts += 1
    delivery.answer = answer[:200]
    if done:
        delivery.delivered_at = now
    elif delivery.attempts >= MOST_ATTEMPTS:
        delivery.given_up_at = now
    else:
        delivery.not_before = now + min(_FIRST_PAUSE * 2 ** (delivery.attempts - 1), _LONGEST_PAUSE)
    delivery.save()


def _post(url: str, body: bytes, signed: dict[str, str], private: bool) -> tuple[str, bool]:
    """The answer in words, and whether it was accepted."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, UnicodeError):
        return "the address is not known", False
    address = ipaddress.ip_address(addresses[0][4][0])
    if not private and any(not ipaddress.ip_address(entry[4][0]).is_global for entry in addresses):
        return "the address lies inside a private network", False
    host = f"[{address}]" if address.version == 6 else str(address)
    headers = {
        "Host": parts.netloc.rpartition("@")[2],
        "Content-Type": "application/json",
        **signed,
    }
    target = parts._replace(netloc=f"{host}:{port}").geturl()
    try:
        with httpx.Client(timeout=_LIMITS, follow_redirects=False, trust_env=False) as client:
            answered = client.post(
                target, content=body, headers=headers, extensions={"sni_hostname": parts.hostname}
            )
    except httpx.HTTPError as error:
        return f"no answer ({type(error).__name__})", False
    return f"HTTP {answered.status_code}", 200 <= answered.status_code < 300
