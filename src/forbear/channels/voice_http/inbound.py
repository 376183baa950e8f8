"""How a call went, reported by the provider under the same signature as its messages.

Of click-to-call only what happened on the borrower's side counts as answered; when the collector's own line
did not answer, nobody was called, and the report says so in its detail.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs

from forbear.channels.sms_twilio.inbound import proved_form
from forbear.channels.transport import Reply, Report
from forbear.channels.voice_http.adapter import VoiceSettings
from forbear.core.base.problem import Problem

ACKNOWLEDGE = ("text/xml", b"<Response/>")
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
) -> tuple[Report | Reply, ...] | Problem:
    """The end of a call; what isn't the end is nothing."""
    form = proved_form(headers, body, settings, query)
    if isinstance(form, Problem):
        return form
    ref = form.get("CallSid", "")
    if not ref:
        return Problem("callback_without_call_sid", "the call names no CallSid")
    leg = parse_qs(query).get("leg", [""])[-1]
    prefix = "Dial" if leg == "dialled" else ""
    status = form.get(f"{prefix}CallStatus", "")
    if status not in _STATES or (leg == "agent" and status == "completed"):
        return ()
    state, detail = _STATES[status], status
    if leg == "agent":
        detail = f"the collector's line: {status}; the borrower was not called"
    elif state == "answered" and form.get("AnsweredBy", "").startswith(("machine", "fax")):
        state = "voicemail"
    elif form.get("ErrorCode", "") in _NO_SUCH_NUMBER and state == "unanswered":
        state = "invalid"
    seconds = form.get("DialCallDuration" if prefix else "CallDuration", "0")
    length = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 7 else 0
    return (Report(provider, ref, state, now, detail=detail, seconds=length),)
