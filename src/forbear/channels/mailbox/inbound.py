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
            f"a {kept.message.channel} can be {', '.join(possible)}, not {state}",
            f"{kept.message.channel} 的结果只能是 {'、'.join(possible)}，不能是 {state}",
        )
    return Report(kept.provider, kept.message.contact_id, state, now, seconds=seconds)


def reply_to(kept: Kept, text: str, now: datetime) -> Reply | Problem:
    """What the person wrote back to a kept message; the same words in the same second count once."""
    if not text.strip():
        return Problem("the reply is empty; write something", "回复是空的，请写些内容")
    if len(text) > LONGEST_REPLY:
        return Problem(
            f"the reply is longer than {LONGEST_REPLY} characters; write less",
            f"回复超过 {LONGEST_REPLY} 个字，请写短一些",
        )
    message = kept.message
    said = "\0".join((message.contact_id, moment_text(now), text))
    ref = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Reply(kept.provider, ref, message.channel, message.to, message.sender, text, now)
