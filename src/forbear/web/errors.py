"""Pages for what goes wrong, in the reader's language and the look of the face they are on; nothing typed is lost.

A page that isn't there, isn't theirs, isn't asked in that way, or that we broke. A form whose proof of origin was
missing (cookies off, two tabs) is offered again with all that was typed, unless another site sent it.
"""

import logging
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import REASON_BAD_ORIGIN, REASON_BAD_REFERER
from django.shortcuts import render

from forbear.web.recall import recall_sent
from forbear.web.request import Request

log = logging.getLogger("forbear.errors")
#: The faces that bear the lender's look; the others bear the desk's.
_LENDERS = ("/my/", "/verify", "/say/", "/stop/", "/till/", "/paid/")
_PROGRAMS = ("/api/", "/hooks/", "/health/", "/metrics")
#: Never shown or sent again.
_SECRET = ("password", "csrf")
_MOST_SHOWN = 60
_LAST_RESORT = (
    '<!DOCTYPE html><html lang="zh-hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>出错了 · Something went wrong</title><h1>我们这边出错了</h1><p>您没有做错什么。请过几分钟再试。</p>"
    '<div lang="en"><h1>Something went wrong on our side</h1><p>It was not your fault. Please try again in a few '
    'minutes.</p></div><p><a href="/">首页 · Start</a></p>'
)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or not for this person."""
    return _page(request, 404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: known, and not allowed."""
    return _page(request, 403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a request that no page of ours makes."""
    return _page(request, 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. When even the page can't be made, a plain one in both languages."""
    try:
        return _page(request, 500)
    except Exception:  # the database or a template may be what is broken
        log.exception("the page of a server error could not be made")
        return HttpResponse(_LAST_RESORT, status=500)


def told_plainly(get_response: Callable[[Request], HttpResponse]) -> Callable[[Request], HttpResponse]:
    """Middleware: a page asked for in a way it isn't (405) says so, too."""

    def answered(request: Request) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or response.content or request.path.startswith(_PROGRAMS):
            return response
        page = _page(request, 405)
        page["Allow"] = response.headers.get("Allow", "")
        return page

    return answered


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's proof of origin is missing. What was typed is shown, and can be sent again from here."""
    if request.path.startswith(_PROGRAMS):
        return JsonResponse({"code": "http_403", "message": "Forbidden"}, status=403)
    match = request.resolver_match
    strange = reason.startswith((REASON_BAD_ORIGIN[:20], REASON_BAD_REFERER[:20]))
    if match is not None and not strange and request.COOKIES:
        drawn = recall_sent(cast(Request, request), lambda: match.func(request, *match.args, **match.kwargs))
        if isinstance(drawn, HttpResponse):
            return drawn
    fields = [
        (name, text)
        for name, texts in request.POST.lists()
        for text in texts
        if not any(part in name.lower() for part in _SECRET)
    ][:_MOST_SHOWN]
    secret = any("password" in name.lower() for name in request.POST)
    shown = {
        "fields": [] if strange else fields,
        "typed": [] if strange else [text for _, text in fields if len(text) > 1],
        "cookies": bool(request.COOKIES),
        "again": bool(fields) and not strange and not secret and bool(request.COOKIES),
    }
    return _page(request, 403, template="public/csrf.html", **shown)


def _page(
    request: HttpRequest, status: int, template: str = "public/error.html", **more: Any
) -> HttpResponse:
    if request.path.startswith(_PROGRAMS):
        body = {"code": f"http_{status}", "message": HttpResponse(status=status).reason_phrase}
        return JsonResponse(body, status=status)
    request.__dict__["went_wrong"] = True
    lenders = request.path.startswith(_LENDERS)
    base = "portal/base.html" if lenders else "base.html"
    return render(
        request, template, {"base": base, "lenders": lenders, "status": status, **more}, status=status
    )
