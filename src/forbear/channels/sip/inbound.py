"""What the end of a call means, by SIP's status codes (RFC 3261) as the user agent tells them."""

import re
from dataclasses import dataclass
from datetime import datetime

from forbear.channels.transport import Report

#: Nobody has this number.
_INVALID = frozenset({404, 410, 416, 484, 485, 604})
#: The phone was reached, or is there and silent: busy, not now, declined, rang out.
_UNANSWERED = frozenset({408, 480, 486, 487, 600, 603})
#: Words of the user agent when the other side could not be reached at all.
_NOT_REACHED = (
    "connection refused",
    "no route",
    "network is unreachable",
    "host unreachable",
    "name or service",
)


@dataclass(frozen=True, slots=True)
class End:
    """How a call that was never taken ended.

    `answer` is as in a receipt; `state` of a report follows when it is accepted. `detail` is for staff.
    """

    answer: str
    state: str
    detail: str


def call_end(event_text: str) -> End:
    """The meaning of a call's end before it was taken.

    A status about our account or the trunk (401, 403, 5xx...) says that the number was not called. Silence may
    hide a phone that rang.
    """
    code = re.match(r"(\d{3})\b", event_text)
    if code is None:
        reached = not any(words in event_text.lower() for words in _NOT_REACHED)
        return End(
            "unknown" if reached else "busy",
            "",
            "no answer from the trunk" if reached else "trunk not reached",
        )
    number = int(code.group(1))
    detail = f"SIP {number}"
    if number in _INVALID:
        return End("accepted", "invalid", detail)
    if number in _UNANSWERED:
        return End("accepted", "unanswered", detail)
    return End("busy", "", detail)


def report_of(
    provider: str,
    ref: str,
    state: str,
    now: datetime,
    *,
    detail: str,
    seconds: int = 0,
    recording: bytes = b"",
) -> Report:
    """The report of a call that is over."""
    kind = "audio/wav" if recording else ""
    return Report(
        provider, ref, state, now, detail=detail, seconds=seconds, recording=recording, recording_type=kind
    )
