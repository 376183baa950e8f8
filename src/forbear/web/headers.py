"""What every answer tells browsers: keep no copy, use no device, come back by https only."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpResponse

from forbear.web.request import Request

#: Pages show debts and words of borrowers; a shared computer and a proxy must not have them. Files that are the same
#: for everybody say otherwise themselves.
CACHE = "no-store"
#: None of our pages uses these; the visitors' app alone asks where it is, takes pictures and records talks.
DEVICES = "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=(), interest-cohort=()"
#: Two years, as browsers' own lists ask for.
ONLY_HTTPS = "max-age=63072000; includeSubDomains"


def careful(get_response: Callable[[Request], HttpResponse]) -> Callable[[Request], HttpResponse]:
    """Middleware: adds these headers to an answer that doesn't say otherwise."""

    def answered(request: Request) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", CACHE)
        response.headers.setdefault("Permissions-Policy", DEVICES)
        if settings.HOME.url.startswith("https:"):
            response.headers.setdefault("Strict-Transport-Security", ONLY_HTTPS)
        return response

    return answered
