"""Goal: behind a proxy each caller is counted by their own address, and nobody can write themselves another."""

import pytest
from django.test import RequestFactory

from forbear.web.proxy import own_address


def address(proxies: int, forwarded: str | None, settings) -> str:
    settings.PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="127.0.0.1")
    own_address(lambda asked: asked)(request)
    return request.META["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, None, "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
    ],
)
def test_the_address_is_what_our_outermost_proxy_saw(proxies, forwarded, expected, settings):
    assert address(proxies, forwarded, settings) == expected
