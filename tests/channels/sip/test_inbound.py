"""Goal: the end of a call is told apart from a call that was never made."""

import pytest

from forbear.channels.sip.inbound import call_end
from forbear.channels.transport import ANSWERS, REPORTS


@pytest.mark.parametrize(
    ("told", "answer", "state"),
    [
        ("404 Not Found", "accepted", "invalid"),
        ("410 Gone", "accepted", "invalid"),
        ("484 Address Incomplete", "accepted", "invalid"),
        ("486 Busy Here", "accepted", "unanswered"),
        ("487 Request Terminated", "accepted", "unanswered"),
        ("408 Request Timeout", "accepted", "unanswered"),
        ("600 Busy Everywhere", "accepted", "unanswered"),
        ("401 Unauthorized", "busy", ""),
        ("407 Proxy Authentication Required", "busy", ""),
        ("500 Server Internal Error", "busy", ""),
        ("488 Not Acceptable Here", "busy", ""),
        ("Connection timed out [110]", "unknown", ""),
        ("Connection reset by peer", "unknown", ""),
        ("", "unknown", ""),
        ("Connection refused [111]", "busy", ""),
        ("Network is unreachable", "busy", ""),
    ],
)
def test_the_end_of_a_call(told, answer, state):
    end = call_end(told)
    assert (end.answer, end.state) == (answer, state)
    assert end.answer in ANSWERS
    assert end.state in ("", *REPORTS)
