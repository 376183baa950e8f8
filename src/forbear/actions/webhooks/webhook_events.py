"""Notify the programs that subscribed. Written in the act's own transaction, delivered afterwards by a job."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from forbear.store.models import ApiKey, Contact, Loan, WebhookDelivery, WebhookEndpoint

#: What can be subscribed to.
KINDS = (
    "account.changed",
    "account.signature_refused",
    "contact.ended",
    "contact.refused",
    "due_date.moved",
    "evidence.sealed",
    "instruction.changed",
    "instruction.made",
    "payment.recorded",
    "personal_data.allowance_used",
    "placement.placed",
    "placement.recalled",
    "reply.alarm",
    "reply.alarm_unseen",
    "visit.alarm",
)


def enqueue_webhooks(kind: str, body: dict, now: datetime, *, agency: str = "") -> int:
    """Queue the news for every hook that wants this kind; how many. An agency hears only of its own,
    and a key limited to creditors of theirs; what names no borrower it does not hear.

    In a shadow run no program hears anything, later neither: its news would be old.
    """
    assert kind in KINDS, kind
    if settings.HOME.in_shadow:
        return 0
    if not WebhookEndpoint.objects.filter(ended_at=None).exists():
        return 0  # most lenders have none, and this is asked at every contact
    hooks = WebhookEndpoint.objects.filter(ended_at=None, api_key__revoked_at=None).select_related("api_key")
    wanting = [
        hook
        for hook in hooks
        if kind in hook.kinds
        and hook.api_key.agency_id in (None, agency or None)
        and _sees(hook.api_key, body)
    ]
    event_id = str(uuid.uuid4())
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=hook, event_id=event_id, kind=kind, body=body, made_at=now, not_before=now)
        for hook in wanting
    )
    return len(wanting)


def _sees(key: ApiKey, body: Mapping[str, object]) -> bool:
    """Whether a key may know of this: one limited to creditors hears only of borrowers who owe no others."""
    if not key.only_creditors:
        return True
    named = str(body.get("borrower_id") or body.get("borrower") or "")
    owner = Loan.objects.filter(pk=str(body.get("loan_id", ""))).values("borrower_id")
    loans = Loan.objects.filter(borrower=named) if named else Loan.objects.filter(borrower__in=owner)
    codes = set(loans.values_list("creditor", flat=True))
    return bool(codes) and codes <= set(key.only_creditors)


def enqueue_contact_webhook(kind: str, contact: Contact, now: datetime) -> int:
    """Tell that a contact ended or was refused; nothing in it names the borrower but their id."""
    fields = {
        "contact_id": contact.contact_id,
        "borrower_id": contact.borrower_id,
        "channel": contact.channel,
        "state": contact.state,
        "outcome": contact.outcome,
        "reason": contact.reason.as_dict(),
    }
    return enqueue_webhooks(kind, fields, now, agency=contact.agency_id or "")
