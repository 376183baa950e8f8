"""Programs: their keys and scopes, and the hooks they set up."""

from urllib.parse import urlsplit

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.selectors.agency_directory import agencies
from forbear.actions.selectors.programs import api_keys, webhook_endpoints
from forbear.actions.webhooks.api_keys import end_key, end_webhook, make_key, resume_webhook
from forbear.core.base.problem import Problem
from forbear.web.administration.forms import KeyForm
from forbear.web.call_forms import flash_result
from forbear.web.form_token import mark_done
from forbear.web.forms import form_on, refused
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest


@permission_required("administration:key:manage")
def programs(request: StaffRequest) -> HttpResponseBase:
    """Every key and hook; a new key's text is shown once."""
    if request.method != "POST":
        return _page(request)
    form = KeyForm(agencies(), request.POST)
    if not form.is_valid():
        return refused(request, form, lambda: _page(request))
    given = form.cleaned_data
    made = make_key(
        given["name"],
        given["scopes"],
        request.now,
        given["agency"],
        creditors=given.get("creditors", ()),
        actor=_who(request),
    )
    if isinstance(made, Problem):
        return refused(request, form, lambda: _page(request), made)
    key, text = made
    answer = render(request, "administration/key.html", {"key": key, "text": text})
    answer["Cache-Control"] = "no-store"
    return mark_done(answer)


def _page(request: StaffRequest) -> HttpResponse:
    shown = {
        "keys": api_keys(),
        "hooks": [(hook, urlsplit(hook.url).hostname) for hook in webhook_endpoints()],
        "form": form_on(request, KeyForm, agencies()),
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
