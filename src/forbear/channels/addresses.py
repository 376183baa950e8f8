"""Which paths and addresses may stand in channels.yaml, and which a program may have us call."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import PurePosixPath
from urllib.parse import urlsplit


def is_inside(text: str) -> bool:
    """Whether a path stays in the folder it is relative to."""
    path = PurePosixPath(text)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in text and "\0" not in text


def is_safe_url(text: str) -> bool:
    """Whether an address is encrypted, or never leaves this machine."""
    if not re.fullmatch(r"[!-~]{8,500}", text) or "?" in text or "#" in text or "@" in text:
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme != "http":
        return False
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


#: IPv6 addresses that stand for an IPv4 address, or for a network of one's own, and that `is_global` lets pass.
_TRANSLATED = tuple(
    ip_network(text)
    for text in (
        "::/96",  # IPv4-compatible, RFC 4291 2.5.5.1
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # NAT64 of a network's own, RFC 8215
        "2001::/32",  # Teredo, RFC 4380
        "2002::/16",  # 6to4, RFC 3056
        "fec0::/10",  # site-local, RFC 3879
    )
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address leads to one host of the open internet, and by itself rather than by a translation."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_within(address: IPv4Address | IPv6Address, networks: Iterable[str]) -> bool:
    """Whether an address lies in one of these networks, such as 10.20.0.0/16."""
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    return any(plain in ip_network(text) for text in networks)
