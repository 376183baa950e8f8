"""Who is asking, behind proxies: paces and lock-outs count by address, so every borrower must not look like one."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpResponse

from forbear.web.request import Request


def own_address(get_response: Callable[[Request], HttpResponse]) -> Callable[[Request], HttpResponse]:
    """Middleware: REMOTE_ADDR becomes the address that the outermost of our own proxies saw.

    Each proxy adds what it saw to the end of X-Forwarded-For, so with N of them the N-th from the right is right, and
    whatever a caller wrote in front of it is not believed. Without proxies of ours the header is not looked at.
    """

    def answered(request: Request) -> HttpResponse:
        if settings.PROXIES:
            seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            if len(seen) >= settings.PROXIES and seen[-settings.PROXIES]:
                request.META["REMOTE_ADDR"] = seen[-settings.PROXIES]
        return get_response(request)

    return answered
