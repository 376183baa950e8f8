"""Pages for what goes wrong, in the reader's language and the look of the face they are on; nothing typed is lost.

A page that isn't there, isn't theirs, isn't asked in that way, or that we broke. A form whose proof of origin was
missing (cookies off, two tabs) is offered again with all that was typed, unless another site sent it.
"""

import errno
import logging
import sys
from collections.abc import Callable
from math import ceil
from typing import Any, cast

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import REASON_BAD_ORIGIN, REASON_BAD_REFERER
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, override

from forbear.web.recall import recall_sent
from forbear.web.request import Request

log = logging.getLogger("forbear.errors")
#: The faces that bear the lender's look; the others bear the desk's.
_LENDERS = ("/my/", "/verify", "/say/", "/stop/", "/till/", "/paid/")
_PROGRAMS = ("/api/", "/hooks/", "/health/", "/metrics")
#: Try again after so long: somebody else's lock, or a disk that a person makes room on.
_BUSY_SECONDS, _FULL_SECONDS = 15, 300
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FULL_WORDS = ("disk is full", "database or disk", "no space left", "disk i/o error", "readonly database")
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
    """500: our fault. When even the page can't be made, a plain one in both languages.

    503 when the database is busy, away or full: then the page says when to try again.
    """
    wait = seconds_away(sys.exc_info()[1])
    if wait:
        return unavailable(request, wait)
    try:
        return _page(request, 500)
    except Exception:  # the database or a template may be what is broken
        log.exception("the page of a server error could not be made")
        return HttpResponse(_LAST_RESORT, status=500)


def seconds_away(error: BaseException | None) -> int:
    """After how many seconds it makes sense to try again: 0 for an error that waiting doesn't mend."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    texts = " ".join(str(each).lower() for each in chain)
    full = any(isinstance(each, OSError) and each.errno in _FULL for each in chain)
    if full or any(words in texts for words in _FULL_WORDS):
        return _FULL_SECONDS
    return _BUSY_SECONDS if any(isinstance(each, OperationalError | InterfaceError) for each in chain) else 0


def unavailable(request: HttpRequest, seconds: int) -> HttpResponse:
    """503 with a time, in the reader's language; nothing of it asks the database."""
    if request.path.startswith(_PROGRAMS):
        answer: HttpResponse = JsonResponse(
            {"code": "http_503", "message": "Service Unavailable"}, status=503
        )
    else:
        language = get_language_from_request(request)
        with override(language):
            shown = {"minutes": ceil(seconds / 60), "language": language}
            answer = HttpResponse(render_to_string("public/unavailable.html", shown), status=503)
    answer["Retry-After"] = str(seconds)
    answer["Cache-Control"] = "no-store"
    return answer


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
