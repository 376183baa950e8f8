"""Tell other programs what they asked to hear, signed as Standard Webhooks say, again until they answer 2xx.

The address is theirs to choose, so it is looked up here and refused when it leads into our own network; the
connection then goes to the very address that was looked up, so that a second answer of the name server can't
lead elsewhere. Nothing of the answer is read but its status.

Each receiver is called in a thread of its own with a deadline for the whole call, so that a slow one delays nobody
else. All questions to the database are asked by the thread that asks for the deliveries.
"""

import asyncio
import json
import logging
import socket
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import httpx
from django.db import transaction
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from forbear.channels.addresses import is_public, is_within
from forbear.channels.standard_webhooks import signed_headers
from forbear.store.models import WebhookDelivery, WebhookEndpoint

MOST_ATTEMPTS = 12
#: A receiver that accepted none of this many in a row, over about two and a half days, is called no more until resumed.
MOST_FAILURES = 20
#: Seconds from the look-up of the name to the status.
DEADLINE = 10.0
_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(hours=6)
_LEASE = timedelta(minutes=2)
#: What one receiver gets in a row: no more, so that its lease outlasts even a slow one.
_IN_A_ROW = 8
_PORTS = (443, 8443)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One delivery as it is sent: all a thread needs, and nothing of the database."""

    delivery: int
    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one call: the answer in words, and whether it was accepted."""

    delivery: int
    answer: str
    accepted: bool


class Deliverer:
    """Calls receivers at once; `networks` are private ones that may be called, also without encryption."""

    def __init__(self, networks: Iterable[str] = (), *, deadline: float = DEADLINE) -> None:
        self._networks = tuple(networks)
        self._deadline = deadline
        self._pool = ThreadPoolExecutor(16, "webhooks")
        self._calls: dict[int, Future[list[Delivered]]] = {}

    def round(self, now: datetime, *, limit: int = 200) -> int:
        """Write down what was answered, and call who is due and isn't being called; how many deliveries began."""
        for webhook, future in list(self._calls.items()):
            if future.done():
                del self._calls[webhook]
                _write_down(webhook, future.result(), now)
        due = _due(now, self._calls, limit)
        for webhook, calls in due.items():
            self._calls[webhook] = self._pool.submit(_call_all, calls, self._networks, self._deadline)
        return sum(len(calls) for calls in due.values())

    def finish(self, now: datetime) -> int:
        """Make all deliveries that are due and wait for the answers; how many were tried."""
        began = self.round(now)
        while self._calls:
            wait(self._calls.values(), return_when=FIRST_COMPLETED)
            began += self.round(now)
        return began

    def close(self) -> None:
        """Begin no more; what is under way is tried again by the next worker."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def deliver_due(now: datetime, *, networks: Iterable[str] = (), deadline: float = DEADLINE) -> int:
    """Make the deliveries that are due and wait for the answers; how many were tried."""
    deliverer = Deliverer(networks, deadline=deadline)
    try:
        return deliverer.finish(now)
    finally:
        deliverer.close()


def _due(now: datetime, busy: Iterable[int], limit: int) -> dict[int, list[Call]]:
    """What is due by receiver, oldest first, kept from other workers for as long as a lease."""
    waiting = (
        WebhookDelivery.objects.filter(
            Q(webhook__not_before=None) | Q(webhook__not_before__lte=now),
            not_before__lte=now,
            delivered_at=None,
            given_up_at=None,
            webhook__ended_at=None,
            webhook__suspended_at=None,
        )
        .exclude(webhook__in=list(busy))
        .annotate(place=Window(RowNumber(), partition_by=F("webhook"), order_by=("not_before", "pk")))
        .filter(place__lte=_IN_A_ROW)
        .order_by("not_before", "pk")
    )
    calls: dict[int, list[Call]] = {}
    for pk in [row.pk for row in waiting[:limit]]:
        with transaction.atomic():
            mine = WebhookDelivery.objects.filter(pk=pk, not_before__lte=now, delivered_at=None)
            if not mine.update(not_before=now + _LEASE):
                continue  # another worker has it
        delivery = WebhookDelivery.objects.select_related("webhook").get(pk=pk)
        calls.setdefault(delivery.webhook_id, []).append(_call(delivery, now))
    return calls


def _call(delivery: WebhookDelivery, now: datetime) -> Call:
    fields = {
        "id": delivery.event_id,
        "kind": delivery.kind,
        "made_at": delivery.made_at.isoformat(),
        "data": delivery.body,
    }
    body = json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()
    signed = signed_headers(delivery.webhook.secret, delivery.event_id, now, body)
    return Call(delivery.pk, delivery.webhook.url, body, {"Content-Type": "application/json", **signed})


def _write_down(webhook_id: int, outcomes: list[Delivered], now: datetime) -> None:
    """Keep the answers; what was not tried, since an earlier one failed, is due again with it."""
    with transaction.atomic():
        webhook = WebhookEndpoint.objects.select_for_update().get(pk=webhook_id)
        for each in outcomes:
            delivery = WebhookDelivery.objects.get(pk=each.delivery)
            if each.answer:
                delivery.attempts += 1
                delivery.answer = each.answer[:200]
                webhook.failures = 0 if each.accepted else webhook.failures + 1
            if each.accepted:
                delivery.delivered_at = now
                webhook.not_before = None
            else:
                pause = _FIRST_PAUSE * 2 ** max(0, min(webhook.failures, MOST_ATTEMPTS) - 1)
                delivery.not_before = webhook.not_before = now + min(pause, _LONGEST_PAUSE)
                if delivery.attempts >= MOST_ATTEMPTS:
                    delivery.given_up_at = now
            delivery.save()
        if webhook.failures >= MOST_FAILURES and webhook.suspended_at is None:
            webhook.suspended_at = now
            log.warning("webhook %s accepted nothing %s times and is suspended", webhook.pk, webhook.failures)
        webhook.save(update_fields=["failures", "not_before", "suspended_at"])


def _call_all(calls: list[Call], networks: tuple[str, ...], deadline: float) -> list[Delivered]:
    """Make one receiver's calls in their order; after one that isn't accepted the rest wait for another time."""
    outcomes: list[Delivered] = []
    for at, call in enumerate(calls):
        answer, accepted = asyncio.run(_post(call, networks, deadline))
        outcomes.append(Delivered(call.delivery, answer, accepted))
        if not accepted:
            return outcomes + [Delivered(later.delivery, "", False) for later in calls[at + 1 :]]
    return outcomes


async def _post(call: Call, networks: tuple[str, ...], deadline: float) -> tuple[str, bool]:
    """The answer in words, and whether it was accepted."""
    parts = urlsplit(call.url)
    try:
        async with asyncio.timeout(deadline):
            target = await _address(parts, networks)
            if not target.startswith("http"):
                return target, False
            headers = {"Host": parts.netloc.rpartition("@")[2], **call.headers}
            extensions = {"sni_hostname": parts.hostname}
            async with (
                httpx.AsyncClient(timeout=deadline, follow_redirects=False, trust_env=False) as client,
                client.stream(
                    "POST", target, content=call.body, headers=headers, extensions=extensions
                ) as answered,
            ):
                return f"HTTP {answered.status_code}", 200 <= answered.status_code < 300
    except TimeoutError:
        return f"no answer within {deadline:g} seconds", False
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # a host that no header can name, too
        return f"no answer ({type(error).__name__})", False


async def _address(parts: SplitResult, networks: tuple[str, ...]) -> str:
    """The URL with the address that its name stands for, or what forbids to call it."""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        addresses = [ip_address(str(entry[4][0])) for entry in found]
    except (OSError, ValueError, UnicodeError):
        return "the address is not known"
    if not all(is_within(address, networks) for address in addresses):
        if not all(is_public(address) for address in addresses):
            return "the address lies inside a private network"
        if parts.scheme != "https":
            return "the address is not encrypted: https is needed"
        if port not in _PORTS:
            return "the port is not one of 443 and 8443"
    address = addresses[0]
    host = f"[{address}]" if address.version == 6 else str(address)
    return parts._replace(netloc=f"{host}:{port}").geturl()
