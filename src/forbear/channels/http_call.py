"""One HTTP request to a provider, and whether it may have had an effect when it went wrong.

A message gets a connection of its own: a kept one may have died unseen, and then nobody could tell whether
the request was read. Redirects are not followed, since they would carry a borrower's number elsewhere.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

_LARGEST_ANSWER = 1_000_000

# The library writes every address it calls to the log; some providers want the number in the address.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

#: What can only happen before the request is written.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Answered:
    """The provider's answer; `fields` is its JSON object, empty when it gave none."""

    status: int
    body: bytes

    @property
    def fields(self) -> dict:
        """The JSON object in the body; empty when the body is none."""
        try:
            payload = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return payload if isinstance(payload, dict) else {}


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer: `busy` when the request certainly was not written, else `unknown`."""

    answer: str
    detail: str


class Caller:
    """Makes requests with a time limit for each step of one, in seconds."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._client: httpx.Client | None = None

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes = b"",
        limit: int = _LARGEST_ANSWER,
    ) -> Answered | Unanswered:
        """Make one request, once; the answer has at most that many bytes. Never raises for what the other side does."""
        if self._client is None:
            limits = httpx.Limits(max_keepalive_connections=0)
            self._client = httpx.Client(timeout=self._timeout, limits=limits, follow_redirects=False)
        try:
            with self._client.stream(method, url, headers=dict(headers), content=content) as response:
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > limit:
                        return Unanswered("unknown", "the answer was too long to be one")
                return Answered(response.status_code, bytes(body))
        except _NOT_SENT as error:
            return Unanswered("busy", f"not connected ({type(error).__name__})")
        except httpx.HTTPError as error:
            return Unanswered("unknown", f"no answer after the request was sent ({type(error).__name__})")

    def close(self) -> None:
        """Let go of the client; the next call makes a new one."""
        if self._client is not None:
            self._client.close()
            self._client = None
