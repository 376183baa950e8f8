"""How a call went, reported by the provider under the same signature as its messages.

Of click-to-call only what happened on the borrower's side counts as answered; when the collector's own line
did not answer, nobody was called, and the report says so in its detail. When a reminder is taken, the provider says
whether by a person, and asks what to say.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from forbear.channels.sms_twilio.inbound import proved_form
from forbear.channels.transport import AnsweredCall, Reply, Report
from forbear.channels.voice_http.adapter import VoiceSettings
from forbear.core.base.problem import Problem

ACKNOWLEDGE = ("text/xml", b"<Response/>")
_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
#: What is said after the tone of a machine is left there; of a machine that was told too early nothing is.
_RECORDS = "machine_end"
_STATES = {
    "completed": "answered",
    "answered": "answered",
    "busy": "unanswered",
    "no-answer": "unanswered",
    "canceled": "unanswered",
    "failed": "unanswered",
}
#: 21211, 21214, 32009: no such number; 13223, 13224: the number dialled is not one.
_NO_SUCH_NUMBER = frozenset({"21211", "21214", "32009", "13223", "13224"})


def read_report(
    headers: Mapping[str, str],
    body: bytes,
    settings: VoiceSettings,
    now: datetime,
    *,
    provider: str,
    query: str = "",
) -> tuple[Report | Reply | AnsweredCall, ...] | Problem:
    """The end of a call, or that it was taken; what is neither is nothing."""
    form = proved_form(headers, body, settings, query)
    if isinstance(form, Problem):
        return form
    ref = form.get("CallSid", "")
    if not ref:
        return Problem("callback_without_call_sid", "the call names no CallSid")
    about = {name: values[-1] for name, values in parse_qs(query).items()}
    leg, by = about.get("leg", ""), form.get("AnsweredBy", "")
    if leg == "speak":
        return (AnsweredCall(provider, ref, about.get("contact", ""), _who(by), now),)
    prefix = "Dial" if leg == "dialled" else ""
    status = form.get(f"{prefix}CallStatus", "")
    if status not in _STATES or (leg == "agent" and status == "completed"):
        return ()
    state, detail = _STATES[status], status
    if leg == "agent":
        detail = f"the collector's line: {status}; the borrower was not called"
    elif state == "answered" and by.startswith(("machine", "fax")):
        left = by.startswith(_RECORDS) and about.get("machine") == "limited"
        state, detail = "limited_message" if left else "voicemail", f"{status}, {by}"
    elif form.get("ErrorCode", "") in _NO_SUCH_NUMBER and state == "unanswered":
        state = "invalid"
    seconds = form.get("DialCallDuration" if prefix else "CallDuration", "0")
    length = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 7 else 0
    return (Report(provider, ref, state, now, detail=detail, seconds=length),)


def _who(answered_by: str) -> str:
    """Who took the call; a machine that may not record yet is as good as unknown."""
    if answered_by == "human":
        return "person"
    if answered_by == "fax":
        return "fax"
    return "machine" if answered_by.startswith(_RECORDS) else "unknown"


def say(words: str, language: str, times: int) -> tuple[str, bytes]:
    """The markup that says the words, and then the call ends; without words it ends at once."""
    spoken = escape("".join(sign for sign in words if sign.isprintable() or sign in "\n "))
    if not spoken.strip():
        return "text/xml", b"<Response><Hangup/></Response>"
    spoken_in = _LANGUAGES.get(language[:2], "en-GB")
    markup = f'<Response><Say language="{spoken_in}" loop="{times}">{spoken}</Say></Response>'
    return "text/xml", markup.encode()
