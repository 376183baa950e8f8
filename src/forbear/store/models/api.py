"""Programs that talk to us: their keys, what they asked before, what we tell them, and how fast they may ask."""

from django.db import models

from forbear.store.models.agency import Agency
from forbear.store.sealed_field import SealedJSONField, SealedTextField

#: What a key may do.
SCOPES = (
    "permits:ask",
    "contacts:read",
    "contacts:write",
    "payments:write",
    "placements:read",
    "placements:write",
    "webhooks:manage",
)
#: What a key of an agency may do. Payments come from the lender's own systems: an agency earns by what is paid.
AGENCY_SCOPES = tuple(scope for scope in SCOPES if scope != "payments:write")


class ApiKey(models.Model):
    """A program's key. Only its SHA-256 is kept. A key of an agency sees and does what the agency may."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    creditors = models.JSONField(default=list, blank=True, help_text="Whose loans it sees; empty is all")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="keys")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    @property
    def only_creditors(self) -> list[str]:
        """The codes of the creditors whose loans it sees; empty for all."""
        return list(self.creditors)


class Idempotency(models.Model):
    """An answer given before under the caller's own key; asked again, it is given again."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE)
    key = models.CharField(max_length=100)
    request = models.CharField(max_length=64)
    status = models.IntegerField()
    answer = SealedJSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="idempotency_once")]


class WebhookEndpoint(models.Model):
    """Where a program wants to hear of things, and the secret its messages are signed with."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="hooks")
    url = models.CharField(max_length=500)
    secret = SealedTextField()
    kinds = models.JSONField(default=list)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    #: Deliveries in a row that were not accepted; none is tried before `not_before`, and none while it is suspended.
    failures = models.IntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)


class WebhookDelivery(models.Model):
    """One event for one webhook; sent again until it answers 2xx, or by hand."""

    webhook = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.CharField(max_length=36)
    kind = models.CharField(max_length=32)
    body = SealedJSONField()
    made_at = models.DateTimeField()
    not_before = models.DateTimeField(db_index=True)
    attempts = models.IntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True)


class RateLimitBucket(models.Model):
    """How much a caller may still ask: a bucket that fills steadily. `who` is a digest, never an address."""

    who = models.CharField(max_length=64, primary_key=True)
    tokens = models.FloatField()
    at = models.DateTimeField()
