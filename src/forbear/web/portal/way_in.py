"""The way in and out: a link from a message, one known fact, and a session that ends by itself but loses nothing."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from forbear.actions.access.portal_access import (
    KNOWN,
    draft_of,
    drop_draft,
    enter,
    keep_draft,
    leave,
    normal_token,
    session_of,
    slowed,
)
from forbear.actions.contacts.login_links import send_login_links
from forbear.interchange.home.country import country_of
from forbear.store.business_date import business_date
from forbear.store.rate_limit import take_token
from forbear.web.portal.forms import EnterForm, NewLinkForm
from forbear.web.proxy import network_of
from forbear.web.request import BorrowerRequest

COOKIE, DRAFT = "forbear_my", "draft"
View = Callable[..., HttpResponseBase]
_PER_MINUTE, _BURST = 0.5, 5


def own(view: View) -> View:
    """Let in a borrower who is in, as `request.borrower`; everybody else is led to the way in, and loses no word."""

    @never_cache
    @wraps(view)
    def guarded(request: BorrowerRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        borrower = session_of(request.COOKIES.get(COOKIE, ""), request.now)
        if borrower is None:
            return _ended(request) if request.method == "POST" else redirect("portal:way_in")
        request.borrower = borrower
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 302 and DRAFT in request.POST:
            drop_draft(borrower, request.POST[DRAFT])
        return response

    guarded.__dict__["for_borrowers"] = True
    return guarded


def _ended(request: BorrowerRequest) -> HttpResponse:
    """What was sent after the session had ended: kept for its borrower, or shown again so that it can be copied."""
    fields = {name: texts for name, texts in request.POST.lists() if name != "csrfmiddlewaretoken"}
    kept = keep_draft(request.COOKIES.get(COOKIE, ""), request.path, fields, request.now)
    shown = {
        "form": _form(request),
        "ended": True,
        "kept": kept,
        "typed": [] if kept else [text for texts in fields.values() for text in texts if len(text) > 1],
    }
    return render(request, "portal/way_in.html", shown, status=401)


def _form(request: BorrowerRequest, data: object = None, token: str = "") -> EnterForm:
    return EnterForm(
        data,
        initial={"token": token},
        country=country_of(settings.HOME),
        today=business_date(request.now),
        auto_id="id_%s",
    )


@never_cache
def way_in(request: BorrowerRequest, token: str = "") -> HttpResponse:
    """Ask for the code and the one fact; the same answer for every kind of mistake."""
    token = request.POST.get("token", token)[:64]
    if request.method != "POST":
        if not token and session_of(request.COOKIES.get(COOKIE, ""), request.now):
            return redirect("portal:home")
        return render(request, "portal/way_in.html", {"form": _form(request, token=token), "token": token})
    form, now = _form(request, request.POST, token), request.now
    shown = {"form": form, "token": "" if "token" in form.errors else token}
    if not form.is_valid():
        return render(request, "portal/way_in.html", shown)
    if slowed(network_of(request), normal_token(token), now):
        return render(request, "portal/way_in.html", {**shown, "slow": True}, status=429)
    key = enter(token, form.cleaned_data["fact"], now)
    if key is None:
        return render(request, "portal/way_in.html", {**shown, "wrong": True}, status=403)
    borrower = session_of(key, now)
    assert borrower is not None, "the session has just begun"
    answer = redirect("portal:draft" if draft_of(borrower, now) else "portal:home")
    set_session(answer, key)
    return answer


def set_session(answer: HttpResponse, key: str) -> None:
    """Give a browser the key of a borrower's session, for the borrower's own pages alone."""
    answer.set_cookie(
        COOKIE,
        key,
        max_age=int(KNOWN.total_seconds()),
        path="/my/",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


@never_cache
def new_link(request: BorrowerRequest) -> HttpResponse:
    """Send a new link to the number or address on file; the answer is the same whether there is one or not."""
    form = NewLinkForm(request.POST or None)
    shown: dict[str, object] = {"form": form, "phone": dict(settings.HOME.contact).get("phone", "")}
    if request.method == "POST" and form.is_valid():
        address = network_of(request)
        if take_token(f"new-link:{address}", request.now, per_minute=_PER_MINUTE, burst=_BURST):
            return render(request, "portal/new_link.html", {**shown, "slow": True}, status=429)
        send_login_links(form.cleaned_data["reach"], request.now)
        shown["done"] = form.cleaned_data["reach"]
    return render(request, "portal/new_link.html", shown)


@own
def draft(request: BorrowerRequest) -> HttpResponse:
    """What was sent after the borrower had been signed out: send it now, or delete it."""
    found = draft_of(request.borrower, request.now)
    if found is None:
        return redirect("portal:home")
    if request.method == "POST":
        drop_draft(request.borrower, str(found.pk))
        messages.success(request, gettext("Deleted. Nothing was sent."))
        return redirect("portal:home")
    if not found.path.startswith("/my/"):
        raise Http404
    shown = {
        "draft": found,
        "fields": [(name, text) for name, texts in found.fields.items() for text in texts],
        "typed": [text for texts in found.fields.values() for text in texts if len(text) > 1],
        "asks": "/my/ask/" in found.path,
    }
    return render(request, "portal/draft.html", shown)


@require_POST
def way_out(request: BorrowerRequest) -> HttpResponse:
    """Leave; the session is over on every page at once."""
    leave(request.COOKIES.get(COOKIE, ""))
    answer = redirect("portal:way_in")
    answer.delete_cookie(COOKIE, path="/my/")
    return answer
