"""Who gets past: a page asks for one permission, and answers "not found" to everybody else."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext

from forbear.actions.replies.inbox import waiting_for
from forbear.actions.selectors.staff_directory import READERS
from forbear.actions.selectors.waiting import waiting_counts
from forbear.store.access import replies_for
from forbear.store.business_date import business_date
from forbear.store.models import Staff
from forbear.store.permissions import PERMISSIONS, WITHIN_CREDITORS, may
from forbear.web.actors import open_directory
from forbear.web.demo_clock import demo_clock
from forbear.web.menu import first_page_of, menu_for
from forbear.web.recall import after_sign_in
from forbear.web.request import Request, StaffRequest
from forbear.web.steady import counted
from forbear.web.tour import DONE, TOURS, Step

View = Callable[..., HttpResponseBase]
#: In a session: by which second proof it was begun ("" for none), and when, in seconds.
PROOF, BEGUN = "proof", "begun"


def permission_required(permission: str) -> Callable[[View], View]:
    """Let in who is signed in and has the permission; to others the page doesn't exist, so nothing leaks."""
    assert permission in PERMISSIONS, permission

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: StaffRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not may(request.user.role, permission):
                raise Http404
            if request.user.creditors and permission not in WITHIN_CREDITORS:
                raise Http404
            if request.user.role in settings.SIGN_IN.second_factor and not request.session.get(PROOF):
                return _prove(request)
            open_directory(request.user)
            page = request.resolver_match
            if request.user.must_change and (page is None or page.view_name != "own_password"):
                return redirect("own_password")
            return view(request, *args, **kwargs)

        @wraps(view)
        def entered(request: StaffRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(after_sign_in(request) or "/")
            return guarded(request, *args, **kwargs)

        entered.__dict__["permission"] = permission
        return entered

    return guard


def _prove(request: Request) -> HttpResponse:
    """The role needs a second proof, and the session was begun without one: sign in again."""
    sentence = gettext("Your role needs a second factor. Please sign in again.")
    messages.info(request, sentence)
    return redirect_to_login(after_sign_in(request) or "/")


def _shell(request: Request, role: str) -> dict[str, object]:
    """The menu and what waits behind it, for a page of somebody who signed in.

    A page of an error counts nothing: what is asked most often by programs that guess must be the cheapest to answer.
    """
    if not role or not isinstance(request.user, Staff):
        return {}
    staff = request.user

    def count() -> dict[str, int]:
        if staff.role not in READERS:
            return waiting_counts(staff, today=business_date(request.now))
        inbox = waiting_for(replies_for(staff).select_related(None), staff, request.now)
        return waiting_counts(staff, inbox, business_date(request.now))

    wrong = getattr(request, "went_wrong", False)
    counts = {} if wrong else counted(f"waiting:{staff.pk}", count, request.now).found
    shown: dict[str, object] = {"menu": menu_for(role, request.path, counts), "waiting": counts}
    return shown


def tour_for(request: Request) -> tuple[Step, ...]:
    """The steps for who looks at the first page of their role in a demo, until they put them away."""
    page = request.resolver_match
    if not settings.HOME.is_demo or page is None or request.GET != {} or request.session.get(DONE):
        return ()
    if page.view_name == "portal:home":
        return TOURS["borrower"]
    role = getattr(request.user, "role", "")
    return TOURS.get(role, ()) if role and page.view_name == first_page_of(role) else ()


def desk_context(request: Request) -> dict[str, object]:
    """What every page of the desk knows: what the person may do, for the menu, and the moment."""
    role = getattr(request.user, "role", "")
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "lender_name": settings.HOME.name[0 if language.startswith("zh") else 1],
        "other_languages": [each for each in settings.LANGUAGES if each[0] != language],
        "can": {name.replace(":", "_"): may(role, name) for name in PERMISSIONS},
        "now": request.now,
        "demo": demo_clock(),
        "in_shadow": bool(role) and settings.HOME.in_shadow,
        "tour": tour_for(request),
        **_shell(request, role),
    }
