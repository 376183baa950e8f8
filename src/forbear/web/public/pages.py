"""Who is calling? The page beside the interface: the same answer, the same pace."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from forbear.actions.who_is_calling import who_is_calling
from forbear.web.api.verify import slowed, told
from forbear.web.guard import clock
from forbear.web.templatetags.forbear import chinese


def verify(request: HttpRequest) -> HttpResponse:
    """Check a code, a number or a collector's id."""
    asked = request.GET.get("q", "")[:64]
    slow = bool(asked) and bool(slowed(request))
    answer = told(who_is_calling(asked, clock()), "zh" if chinese() else "en") if asked and not slow else None
    shown = {"asked": asked, "told": answer, "slow": slow}
    return render(request, "public/verify.html", shown, status=429 if slow else 200)


def home(request: HttpRequest) -> HttpResponse:
    """The way in."""
    return redirect("desk:queue")
