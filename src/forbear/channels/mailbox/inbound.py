"""What the person at the page that looks like a phone does: reads a message, answers it, takes a call or not."""

import hashlib
from datetime import datetime

from forbear.channels.mailbox.adapter import Kept
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem
from forbear.core.permits.permit import moment_text

LONGEST_REPLY = 2000

#: What the page's buttons mean, by kind of channel.
_DONE = {
    "voice": ("answered", "unanswered", "voicemail", "invalid"),
    "call": ("answered", "unanswered", "voicemail", "invalid"),
    "email": ("delivered", "bounced", "complained", "invalid"),
}
_DONE_ELSEWHERE = ("delivered", "undelivered", "invalid")


def report_of(kept: Kept, state: str, now: datetime, *, seconds: int = 0) -> Report | Problem:
    """That a kept message arrived, bounced, or that its call was taken; Problem for a state it can't have."""
    possible = _DONE.get(kept.message.channel, _DONE_ELSEWHERE)
    if state not in possible:
        return Problem(
            "mailbox_state_invalid",
            "a %(channel)s can be %(possible)s, not %(state)s",
            channel=kept.message.channel,
            possible=tuple(possible),
            state=state,
        )
    if state == "voicemail" and kept.message.on_machine:
        state = "limited_message"
    return Report(kept.provider, kept.message.contact_id, state, now, seconds=seconds)


def reply_to(kept: Kept, text: str, now: datetime) -> Reply | Problem:
    """What the person wrote back to a kept message; the same words in the same second count once."""
    if not text.strip():
        return Problem("reply_empty", "the reply is empty; write something")
    if len(text) > LONGEST_REPLY:
        return Problem(
            "reply_too_long", "the reply is longer than %(most)s characters; write less", most=LONGEST_REPLY
        )
    message = kept.message
    said = "\0".join((message.contact_id, moment_text(now), text))
    ref = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Reply(kept.provider, ref, message.channel, message.to, message.sender, text, now)
