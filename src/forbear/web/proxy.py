"""Who is asking, behind proxies: paces and lock-outs count by address, so every borrower must not look like one."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

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


def network_of(request: HttpRequest) -> str:
    """Whose pace it counts to: the IPv4 address, or the IPv6 network of 64 bits, all of which is one subscriber's.

    Written as an address; "" where none is known.
    """
    text = request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address.packed, 64), strict=False).network_address)
    return str(address)
