"""Programs: their keys and scopes, and the hooks they set up."""

from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.selectors.agency_directory import agencies
from forbear.actions.selectors.programs import api_keys, webhook_endpoints
from forbear.actions.webhooks.api_keys import end_key, end_webhook, make_key, resume_webhook
from forbear.core.base.problem import Problem
from forbear.store.models.api import SCOPES
from forbear.web.call_forms import flash_result
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest


@permission_required("administration:key:manage")
def programs(request: StaffRequest) -> HttpResponse:
    """Every key and hook; a new key's text is shown once."""
    wrong: Problem | None = None
    if request.method == "POST":
        form = request.POST
        made = make_key(
            form.get("name", ""),
            form.getlist("scopes"),
            request.now,
            form.get("agency", ""),
            actor=_who(request),
        )
        if not isinstance(made, Problem):
            key, text = made
            answer = render(request, "administration/key.html", {"key": key, "text": text})
            answer["Cache-Control"] = "no-store"
            return answer
        wrong = made
    shown = {
        "keys": api_keys(),
        "hooks": [(hook, urlsplit(hook.url).hostname) for hook in webhook_endpoints()],
        "scopes": SCOPES,
        "chosen": request.POST.getlist("scopes"),
        "agencies": agencies(),
        "wrong": wrong,
    }
    return render(request, "administration/programs.html", shown)


@require_POST
@permission_required("administration:key:manage")
def end(request: StaffRequest, key_id: int) -> HttpResponse:
    """End a key."""
    return _back(request, end_key(key_id, request.now, actor=_who(request)))


@require_POST
@permission_required("administration:key:manage")
def end_webhook_view(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """End a hook."""
    return _back(request, end_webhook(webhook_id, request.now, actor=_who(request)))


@require_POST
@permission_required("administration:key:manage")
def resume_webhook_view(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Call a suspended hook again."""
    made = resume_webhook(webhook_id, request.now, actor=_who(request))
    return _back(request, made, gettext("It is called again."))


def _back(request: StaffRequest, made: object, done: str = "") -> HttpResponse:
    flash_result(request, made, done or gettext("Ended."))
    return redirect("administration:programs")


def _who(request: StaffRequest) -> str:
    return f"staff:{request.user.number}"
