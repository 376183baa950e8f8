"""What a provider calls us with: read only after its proof has been checked, and compared in constant time."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from forbear.channels.transport import AnsweredCall, Reply, Report
from forbear.core.base.problem import Problem

#: Nothing a provider says of a message is longer; a recording is fetched, not sent.
LARGEST_BODY = 2_000_000

NOT_PROVED = Problem("callback_unproven", "the call does not prove that it comes from the provider")


class ReadReport(Protocol):
    """The shape of every `read_report`.

    It gives what the provider says, none when that is nothing to write down, or a Problem when the call is
    not the provider's (`NOT_PROVED`: answer 403) or makes no sense (answer 400). `query` is the address's
    part after the question mark as it came; `now` the moment it came.
    """

    def __call__(
        self,
        headers: Mapping[str, str],
        body: bytes,
        settings: Any,
        now: datetime,
        *,
        provider: str,
        query: str,
    ) -> tuple[Report | Reply | AnsweredCall, ...] | Problem:
        """Check the proof, then read."""
        ...


def header(headers: Mapping[str, str], name: str) -> str:
    """One header whatever its case; empty when missing."""
    for key, value in headers.items():
        if key.lower() == name.lower():
            return value.strip()
    return ""


def same(given: str, expected: str) -> bool:
    """Whether two proofs are equal; takes the same time wherever they differ. An empty expectation never is."""
    return bool(expected) and hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass")
    )


def bearer(headers: Mapping[str, str], token: str) -> bool:
    """Whether the call shows the token as `Authorization: Bearer TOKEN`."""
    kind, _, given = header(headers, "Authorization").partition(" ")
    return kind.lower() == "bearer" and same(given.strip(), token)
