"""A program subscribes to news with its key, and asks for what it may have missed."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.store.models import ApiKey, WebhookDelivery, WebhookEndpoint

#: Working webhooks of one key.
MOST_A_KEY = 10


def subscribe(
    key: ApiKey, url: str, kinds: Iterable[str], secret: str, now: datetime
) -> WebhookEndpoint | Problem:
    """Send these kinds of news to the address from now on, signed with the secret."""
    with transaction.atomic():
        # the key's row orders those who subscribe at the same moment
        owner = ApiKey.objects.select_for_update().get(pk=key.pk)
        if owner.hooks.filter(ended_at=None).count() >= MOST_A_KEY:
            return Problem(
                "too_many_webhooks", "a key has at most %(most)s webhooks: end one first", most=MOST_A_KEY
            )
        return WebhookEndpoint.objects.create(
            api_key=owner, url=url, secret=secret, kinds=sorted(set(kinds)), made_at=now
        )


def deliver_again(webhook: WebhookEndpoint, since: datetime, now: datetime) -> int:
    """Send all that was made for this webhook since then once more, with the same event ids; how many.

    One that was suspended is called again.
    """
    with transaction.atomic():
        resume(webhook)
        return WebhookDelivery.objects.filter(webhook=webhook, made_at__gte=since).update(
            not_before=now, delivered_at=None, given_up_at=None, attempts=0
        )


def resume(webhook: WebhookEndpoint) -> None:
    """Call a suspended webhook again; what waited for it is due."""
    WebhookEndpoint.objects.filter(pk=webhook.pk).update(failures=0, not_before=None, suspended_at=None)
