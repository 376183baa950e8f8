"""Signed news to other programs, told until they answer, and told again on demand."""

from ninja import Router, Status

from forbear.actions.webhooks.api_keys import end_webhook
from forbear.actions.webhooks.subscriptions import deliver_again, subscribe
from forbear.channels.standard_webhooks import new_secret
from forbear.core.base.problem import Problem
from forbear.store.access import webhook_for, webhooks_for
from forbear.store.models import WebhookEndpoint
from forbear.web.api.answers import FAILURES, failed
from forbear.web.api.keys import Scoped
from forbear.web.api.schemas import ReplayIn, ReplayOut, WebhookId, WebhookIn, WebhookOut
from forbear.web.request import KeyRequest

router = Router(tags=["hooks"])
_NO_HOOK = Problem("no_such_webhook", "there is no such working webhook")


@router.post("/hooks", auth=Scoped("webhooks:manage"), response=FAILURES | {201: WebhookOut})
def make(request: KeyRequest, asked: WebhookIn) -> Status:
    """Hear of things at this address. The secret that signs them is shown once."""
    secret = new_secret()
    hook = subscribe(request.auth, asked.url, asked.kinds, secret, request.now)
    if isinstance(hook, Problem):
        return failed(request, 409, hook)
    return Status(
        201, WebhookOut(id=hook.pk, url=hook.url, kinds=hook.kinds, made_at=hook.made_at, secret=secret)
    )


def _shown(hook: WebhookEndpoint) -> WebhookOut:
    return WebhookOut(
        id=hook.pk, url=hook.url, kinds=hook.kinds, made_at=hook.made_at, suspended_at=hook.suspended_at
    )


@router.get("/hooks", auth=Scoped("webhooks:manage"), response={200: list[WebhookOut], 401: FAILURES[401]})
def listed(request: KeyRequest) -> Status:
    """This key's hooks."""
    rows = webhooks_for(request.auth).order_by("pk")
    return Status(200, [_shown(hook) for hook in rows])


@router.delete("/hooks/{webhook_id}", auth=Scoped("webhooks:manage"), response=FAILURES | {204: None})
def end(request: KeyRequest, webhook_id: WebhookId) -> Status:
    """Hear no more at this address."""
    key = request.auth
    found = webhook_for(key, webhook_id)
    if found is None or isinstance(end_webhook(found.pk, request.now, actor=f"key:{key.prefix}"), Problem):
        return failed(request, 404, _NO_HOOK)
    return Status(204, None)


@router.post(
    "/hooks/{webhook_id}/replay", auth=Scoped("webhooks:manage"), response=FAILURES | {200: ReplayOut}
)
def replay(request: KeyRequest, webhook_id: WebhookId, asked: ReplayIn) -> Status:
    """Tell everything again since a moment, with the same event ids, so that what was heard can be told apart."""
    hook = webhook_for(request.auth, webhook_id)
    if hook is None:
        return failed(request, 404, _NO_HOOK)
    return Status(200, ReplayOut(again=deliver_again(hook, asked.since, request.now)))
