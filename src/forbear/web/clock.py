"""The web's one clock: each request has its moment, `request.now`, read once when it comes in."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse


def now() -> datetime:
    """The moment, in UTC. Tests put another one in its place; nothing else in the web reads a clock."""
    return datetime.now(UTC)


def timed(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: gives the request its moment."""

    def answered(request: HttpRequest) -> HttpResponse:
        request.now = now()
        return get_response(request)

    return answered
