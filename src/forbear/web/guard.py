"""Who gets past: a page asks for one permission, and answers "not found" to everybody else."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language

from forbear.store.permissions import PERMISSIONS, may

View = Callable[..., HttpResponse]


def needs(permission: str) -> Callable[[View], View]:
    """Let in who is signed in and has the permission; to others the page doesn't exist, so nothing leaks."""
    assert permission in PERMISSIONS, permission

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not may(request.user.role, permission):
                raise Http404
            return view(request, *args, **kwargs)

        entered = login_required(guarded)
        entered.permission = permission
        return entered

    return guard


def clock() -> datetime:
    """The moment of this request, in UTC."""
    return datetime.now(UTC)


def surroundings(request: HttpRequest) -> dict[str, object]:
    """What every page of the desk knows: what the person may do, for the menu, and the moment."""
    role = getattr(request.user, "role", "")
    lender = settings.HOME.name[0 if (get_language() or "zh").startswith("zh") else 1]
    return {
        "lender_name": lender,
        "can": {name.replace(":", "_"): may(role, name) for name in PERMISSIONS},
        "now": clock(),
    }
