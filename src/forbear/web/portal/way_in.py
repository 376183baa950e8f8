"""The way in and out: a link from a message, one known fact, and a session that ends by itself."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from forbear.actions.access.portal_access import LONGEST, enter, leave, normal_token, session_of, slowed
from forbear.web.request import BorrowerRequest

COOKIE = "forbear_my"
View = Callable[..., HttpResponseBase]


def own(view: View) -> View:
    """Let in a borrower who is in, as `request.borrower`; everybody else is led to the way in."""

    @never_cache
    @wraps(view)
    def guarded(request: BorrowerRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        borrower = session_of(request.COOKIES.get(COOKIE, ""), request.now)
        if borrower is None:
            return redirect("portal:way_in")
        request.borrower = borrower
        return view(request, *args, **kwargs)

    guarded.__dict__["for_borrowers"] = True
    return guarded


@never_cache
def way_in(request: BorrowerRequest, token: str = "") -> HttpResponse:
    """Ask for the code and the one fact; the same answer for every kind of mistake."""
    token = request.POST.get("token", token)[:64]
    if request.method != "POST":
        if not token and session_of(request.COOKIES.get(COOKIE, ""), request.now):
            return redirect("portal:home")
        return render(request, "portal/way_in.html", {"token": token})
    now = request.now
    if slowed(request.META.get("REMOTE_ADDR", ""), normal_token(token), now):
        return render(request, "portal/way_in.html", {"token": token, "slow": True}, status=429)
    key = enter(token, request.POST.get("fact", ""), now)
    if key is None:
        return render(request, "portal/way_in.html", {"token": token, "wrong": True}, status=403)
    answer = redirect("portal:home")
    answer.set_cookie(
        COOKIE,
        key,
        max_age=int(LONGEST.total_seconds()),
        path="/my/",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer


@require_POST
def way_out(request: BorrowerRequest) -> HttpResponse:
    """Leave; the session is over on every page at once."""
    leave(request.COOKIES.get(COOKIE, ""))
    answer = redirect("portal:way_in")
    answer.delete_cookie(COOKIE, path="/my/")
    return answer
