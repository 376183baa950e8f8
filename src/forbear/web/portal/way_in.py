"""The way in and out: a link from a message, one known fact, and a session that ends by itself but loses nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from forbear.actions.access.form_drafts import draft_numbered, drop_draft, newest_draft
from forbear.actions.access.portal_access import (
    KNOWN,
    ended_session,
    enter,
    leave,
    normal_token,
    session_of,
    slowed,
)
from forbear.actions.contacts.login_links import send_login_links
from forbear.interchange.home.country import country_of
from forbear.store.business_date import business_date
from forbear.store.rate_limit import take_token
from forbear.web.form_token import typed
from forbear.web.forms import ButtonForm, form_on, refused
from forbear.web.portal.forms import EnterForm, NewLinkForm
from forbear.web.portal.pace import too_fast, wait_of
from forbear.web.proxy import network_of
from forbear.web.recall import KEPT, back_to, keep_typed, recall
from forbear.web.request import BorrowerRequest

COOKIE = "forbear_my"
View = Callable[..., HttpResponseBase]
_PER_MINUTE, _BURST = 0.5, 5


def own(view: View) -> View:
    """Let in a borrower who is in, as `request.borrower`, at a pace; others are led to the way in, and lose no word."""

    @never_cache
    @wraps(view)
    def guarded(request: BorrowerRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        borrower = session_of(request.COOKIES.get(COOKIE, ""), request.now)
        if borrower is None:
            return _ended(request) if request.method == "POST" else redirect("portal:way_in")
        request.borrower = borrower
        if wait := wait_of(request):
            return too_fast(request, wait)
        if request.method == "GET" and (number := request.GET.get(KEPT)):
            draft = draft_numbered(borrower, number, request.now)
            if draft is None or draft.path != request.path:
                return redirect("portal:home")
            return recall(request, draft, lambda: view(request, *args, **kwargs))
        return view(request, *args, **kwargs)

    guarded.__dict__["for_borrowers"] = True
    return guarded


def _ended(request: BorrowerRequest) -> HttpResponse:
    """What was sent after the session had ended: kept for its borrower, or shown again so that it can be copied."""
    owner = ended_session(request.COOKIES.get(COOKIE, ""), request.now)
    kept = keep_typed(request, owner) if owner else None
    texts = [text for texts in typed(request).values() for text in texts]
    shown = {
        "form": _form(request),
        "ended": True,
        "kept": kept,
        "typed": [] if kept else [text for text in texts if len(text) > 1],
    }
    return render(request, "portal/way_in.html", shown, status=401)


def _form(request: BorrowerRequest, *given: Any, token: str = "") -> EnterForm:
    first = {"token": token}
    country, today = country_of(settings.HOME), business_date(request.now)
    return form_on(request, EnterForm, *given, initial=first, country=country, today=today)


@never_cache
def way_in(request: BorrowerRequest, token: str = "") -> HttpResponseBase:
    """Ask for the code and the one fact; the same answer for every kind of mistake."""
    if request.method != "POST":
        if not token and session_of(request.COOKIES.get(COOKIE, ""), request.now):
            return redirect("portal:home")
        return render(request, "portal/way_in.html", {"form": _form(request, token=token), "token": token})
    token = (ButtonForm(request.POST, "token").value("token") or token)[:64]
    form, now = _form(request, request.POST, token=token), request.now
    shown = {"form": form, "token": "" if "token" in form.errors else token}
    if not form.is_valid():
        return refused(request, form, lambda: render(request, "portal/way_in.html", shown))
    if slowed(network_of(request), normal_token(token), now):
        return render(request, "portal/way_in.html", {**shown, "slow": True}, status=429)
    key = enter(token, form.cleaned_data["fact"], now)
    if key is None:
        return render(request, "portal/way_in.html", {**shown, "wrong": True}, status=403)
    borrower = session_of(key, now)
    assert borrower is not None, "the session has just begun"
    draft = newest_draft(borrower, now)
    answer = redirect(back_to(draft) if draft else "portal:home")
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
def new_link(request: BorrowerRequest) -> HttpResponseBase:
    """Send a new link to the number or address on file; the answer is the same whether there is one or not."""
    form = NewLinkForm(request.POST) if request.method == "POST" else NewLinkForm()
    shown: dict[str, object] = {"form": form, "phone": dict(settings.HOME.contact).get("phone", "")}
    if request.method == "POST" and not form.is_valid():
        return refused(request, form, lambda: render(request, "portal/new_link.html", shown))
    if request.method == "POST":
        address = network_of(request)
        if take_token(f"new-link:{address}", request.now, per_minute=_PER_MINUTE, burst=_BURST):
            return render(request, "portal/new_link.html", {**shown, "slow": True}, status=429)
        send_login_links(form.cleaned_data["reach"], request.now)
        shown["done"] = form.cleaned_data["reach"]
    return render(request, "portal/new_link.html", shown)


@require_POST
@own
def drop(request: BorrowerRequest, number: int) -> HttpResponse:
    """Delete what was sent after the borrower had been signed out."""
    drop_draft(request.borrower, str(number))
    messages.success(request, gettext("Deleted. Nothing was sent."))
    return redirect("portal:home")


@require_POST
def way_out(request: BorrowerRequest) -> HttpResponse:
    """Leave; the session is over on every page at once."""
    leave(request.COOKIES.get(COOKIE, ""))
    answer = redirect("portal:way_in")
    answer.delete_cookie(COOKIE, path="/my/")
    return answer
