"""The web's one clock: each request has its moment, `request.now`, read once when it comes in."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpResponse

from forbear.web.request import Request


def now() -> datetime:
    """The moment, in UTC. Tests put another one in its place; nothing else in the web reads a clock."""
    return datetime.now(UTC)


def timed(get_response: Callable[[Request], HttpResponse]) -> Callable[[Request], HttpResponse]:
    """Middleware: gives the request its moment."""

    def answered(request: Request) -> HttpResponse:
        request.now = now()
        return get_response(request)

    return answered
