"""The web's one clock: each request has its moment, `request.now`, read once when it comes in."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.http import HttpResponse

from forbear.interchange.home import clock
from forbear.web.request import Request


def now() -> datetime:
    """The moment, in UTC. Tests put another one in its place; nothing else in the web reads a clock."""
    return clock.now(settings.HOME)


def worldly(moment: datetime) -> datetime:
    """That moment of the home as the world counts it: what is measured by sessions and by telephones' own clocks.

    The two differ in a demo alone, whose time can be moved.
    """
    return moment - clock.ahead(settings.HOME)


def timed(get_response: Callable[[Request], HttpResponse]) -> Callable[[Request], HttpResponse]:
    """Middleware: gives the request its moment."""

    def answered(request: Request) -> HttpResponse:
        request.now = now()
        return get_response(request)

    return answered
