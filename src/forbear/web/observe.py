"""One line and one span for each request: by its route, never by its address, which may name a borrower."""

import logging
import time
from collections.abc import Callable

from django.http import HttpResponse

from forbear.engine.telemetry import span
from forbear.web.request import Request

log = logging.getLogger("forbear.request")


def observed(get_response: Callable[[Request], HttpResponse]) -> Callable[[Request], HttpResponse]:
    """Middleware: tells what was asked, how it was answered and how long that took."""

    def answered(request: Request) -> HttpResponse:
        started = time.perf_counter()
        with span("request", method=request.method or ""):
            response = get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            extra={
                "route": match.route if match else "none",
                "method": request.method,
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                "role": getattr(getattr(request, "user", None), "role", "")
                or ("borrower" if getattr(request, "borrower", None) else ""),
            },
        )
        return response

    return answered
