"""Programs' keys and webhooks, as administrators see them, and the key that a request shows."""

from django.db.models import Count, Q, QuerySet

from forbear.store.models import ApiKey, WebhookEndpoint


def api_keys() -> QuerySet[ApiKey]:
    """All keys with their agencies: working ones first, then the newest."""
    return ApiKey.objects.select_related("agency").order_by("revoked_at", "-pk")


def working_key(prefix: str) -> ApiKey | None:
    """The key of this prefix, unless it was ended."""
    return ApiKey.objects.select_related("agency").filter(prefix=prefix, revoked_at=None).first()


def webhook_endpoints() -> QuerySet[WebhookEndpoint]:
    """All webhooks with how many deliveries are `waiting` and `given_up`: working ones first, then the newest."""
    rows = WebhookEndpoint.objects.select_related("api_key").annotate(
        waiting=Count("deliveries", filter=Q(deliveries__delivered_at=None, deliveries__given_up_at=None)),
        given_up=Count("deliveries", filter=Q(deliveries__given_up_at__isnull=False)),
    )
    return rows.order_by("ended_at", "-pk")
