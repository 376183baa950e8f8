"""Signed news to other programs, told until they answer, and told again on demand."""

import secrets

from django.http import HttpRequest
from ninja import Router, Status

from forbear.core.base.problem import Problem
from forbear.store.models import WebhookDelivery, WebhookEndpoint
from forbear.web.api.answers import FAILURES, failed
from forbear.web.api.keys import Scoped
from forbear.web.api.schemas import ReplayIn, ReplayOut, WebhookId, WebhookIn, WebhookOut

router = Router(tags=["hooks"])
_NO_HOOK = Problem("no_such_webhook", "there is no such working webhook")


@router.post("/hooks", auth=Scoped("webhooks:manage"), response=FAILURES | {201: WebhookOut})
def make(request: HttpRequest, asked: WebhookIn) -> Status:
    """Hear of things at this address. The secret that signs them is shown once."""
    secret = secrets.token_hex(32)
    hook = WebhookEndpoint.objects.create(
        api_key=request.auth,
        url=asked.url,
        secret=secret,
        kinds=sorted(set(asked.kinds)),
        made_at=request.now,
    )
    return Status(
        201, WebhookOut(id=hook.pk, url=hook.url, kinds=hook.kinds, made_at=hook.made_at, secret=secret)
    )


@router.get("/hooks", auth=Scoped("webhooks:manage"), response={200: list[WebhookOut], 401: FAILURES[401]})
def listed(request: HttpRequest) -> Status:
    """This key's hooks."""
    rows = WebhookEndpoint.objects.filter(api_key=request.auth, ended_at=None).order_by("pk")
    return Status(
        200, [WebhookOut(id=hook.pk, url=hook.url, kinds=hook.kinds, made_at=hook.made_at) for hook in rows]
    )


@router.delete("/hooks/{webhook_id}", auth=Scoped("webhooks:manage"), response=FAILURES | {204: None})
def end(request: HttpRequest, webhook_id: WebhookId) -> Status:
    """Hear no more at this address."""
    rows = WebhookEndpoint.objects.filter(pk=webhook_id, api_key=request.auth, ended_at=None)
    if not rows.update(ended_at=request.now):
        return failed(request, 404, _NO_HOOK)
    return Status(204, None)


@router.post(
    "/hooks/{webhook_id}/replay", auth=Scoped("webhooks:manage"), response=FAILURES | {200: ReplayOut}
)
def replay(request: HttpRequest, webhook_id: WebhookId, asked: ReplayIn) -> Status:
    """Tell everything again since a moment, with the same event ids, so that what was heard can be told apart."""
    hook = WebhookEndpoint.objects.filter(pk=webhook_id, api_key=request.auth, ended_at=None).first()
    if hook is None:
        return failed(request, 404, _NO_HOOK)
    now = request.now
    again = WebhookDelivery.objects.filter(webhook=hook, made_at__gte=asked.since).update(
        not_before=now, delivered_at=None, given_up_at=None, attempts=0
    )
    return Status(200, ReplayOut(again=again))
