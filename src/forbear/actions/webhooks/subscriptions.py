"""A program subscribes to news with its key, and asks for what it may have missed."""

from collections.abc import Iterable
from datetime import datetime

from forbear.store.models import ApiKey, WebhookDelivery, WebhookEndpoint


def subscribe(key: ApiKey, url: str, kinds: Iterable[str], secret: str, now: datetime) -> WebhookEndpoint:
    """Send these kinds of news to the address from now on, signed with the secret."""
    return WebhookEndpoint.objects.create(
        api_key=key, url=url, secret=secret, kinds=sorted(set(kinds)), made_at=now
    )


def deliver_again(webhook: WebhookEndpoint, since: datetime, now: datetime) -> int:
    """Send all that was made for this webhook since then once more, with the same event ids; how many."""
    return WebhookDelivery.objects.filter(webhook=webhook, made_at__gte=since).update(
        not_before=now, delivered_at=None, given_up_at=None, attempts=0
    )
