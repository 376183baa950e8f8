"""Keys of programs: made with scopes, shown once, ended; and the hooks that were set up with them."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.webhooks.subscriptions import resume
from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Agency, ApiKey, WebhookEndpoint
from forbear.store.models.api import AGENCY_SCOPES, SCOPES


def make_key(
    name: str,
    scopes: Iterable[str],
    now: datetime,
    agency: str = "",
    *,
    creditors: Iterable[str] = (),
    actor: str,
) -> tuple[ApiKey, str] | Problem:
    """A new key and its secret text, which is shown once; `creditors` are those whose loans alone it sees."""
    wanted = sorted(set(scopes))
    if not name.strip() or not wanted or not set(wanted) <= set(SCOPES):
        return Problem("api_key_incomplete", "a key has a name, and at least one scope")
    owner = Agency.objects.filter(code=agency).first() if agency else None
    if agency and owner is None:
        return Problem("no_such_agency", "there is no agency %(agency)s", agency=agency)
    if owner is not None and not set(wanted) <= set(AGENCY_SCOPES):
        return Problem(
            "api_scope_not_for_agency",
            "a key of an agency can't have %(scopes)s",
            scopes=tuple(sorted(set(wanted) - set(AGENCY_SCOPES))),
        )
    limited = sorted(set(creditors))
    if unknown := next((code for code in limited if code not in settings.HOME.creditor_codes), ""):
        return Problem("no_such_creditor", "there is no creditor %(creditor)s", creditor=unknown)
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    text = f"fb_{prefix}_{secret}"
    with transaction.atomic():
        key = ApiKey.objects.create(
            name=name.strip()[:100],
            prefix=prefix,
            digest=digest(text),
            scopes=wanted,
            creditors=limited,
            agency=owner,
            made_at=now,
        )
        body = {"key": prefix, "what": "key_made", "scopes": wanted, "agency": agency, "creditors": limited}
        evidence.append("access", at=now, actor=actor, body=body)
        return key, text


def end_key(key_id: int, now: datetime, *, actor: str) -> ApiKey | Problem:
    """End a key: from this moment it opens nothing, and its hooks hear nothing more."""
    with transaction.atomic():
        key = ApiKey.objects.select_for_update().filter(pk=key_id, revoked_at=None).first()
        if key is None:
            return Problem("no_such_api_key", "there is no such working key")
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        evidence.append("access", at=now, actor=actor, body={"key": key.prefix, "what": "key_ended"})
        return key


def end_webhook(webhook_id: int, now: datetime, *, actor: str) -> WebhookEndpoint | Problem:
    """Tell a hook nothing more."""
    with transaction.atomic():
        hook = (
            WebhookEndpoint.objects.select_for_update()
            .select_related("api_key")
            .filter(pk=webhook_id, ended_at=None)
            .first()
        )
        if hook is None:
            return Problem("no_such_webhook", "there is no such working webhook")
        hook.ended_at = now
        hook.save(update_fields=["ended_at"])
        body = {"key": hook.api_key.prefix, "what": "webhook_ended", "hook": hook.pk}
        evidence.append("access", at=now, actor=actor, body=body)
        return hook


def resume_webhook(webhook_id: int, now: datetime, *, actor: str) -> WebhookEndpoint | Problem:
    """Call a suspended webhook again."""
    with transaction.atomic():
        found = WebhookEndpoint.objects.select_for_update().select_related("api_key").filter(pk=webhook_id)
        hook = found.filter(ended_at=None).exclude(suspended_at=None).first()
        if hook is None:
            return Problem("no_such_webhook", "there is no such working webhook")
        resume(hook)
        body = {"key": hook.api_key.prefix, "what": "webhook_resumed", "hook": hook.pk}
        evidence.append("access", at=now, actor=actor, body=body)
        return hook


def digest(text: str) -> str:
    """What is kept of a key's text."""
    return hashlib.sha256(text.encode()).hexdigest()
