"""Which paths and addresses may stand in channels.yaml."""

import re
from ipaddress import ip_address
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
