"""What the lender's push server calls back with, signed as our calls are but with its own key.

{"ref": "...", "state": "delivered", "detail": "..."}          what became of a message
{"id": "...", "from": "...", "to": "...", "text": "..."}       what somebody wrote in the app
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from forbear.channels.hook import LARGEST_BODY, NOT_PROVED
from forbear.channels.push_http.adapter import PushSettings
from forbear.channels.push_http.signing import proved
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem

ACKNOWLEDGE = ("application/json", b"{}")
STATES = ("delivered", "undelivered", "invalid")
LONGEST_REPLY = 4000


def read_report(
    headers: Mapping[str, str],
    body: bytes,
    settings: PushSettings,
    now: datetime,
    *,
    provider: str,
    query: str = "",
) -> tuple[Report | Reply, ...] | Problem:
    """One report or reply."""
    if len(body) > LARGEST_BODY or not proved(headers, body, settings.hook_secret, now):
        return NOT_PROVED
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return Problem("callback_not_json", "the call is no JSON")
    if not isinstance(told, dict) or not all(isinstance(each, str) for each in told.values()):
        return Problem("callback_not_object", "the call must be an object of texts")
    if told.get("ref"):
        if told.get("state") not in STATES:
            return Problem("callback_state_invalid", "state must be one of %(states)s", states=tuple(STATES))
        detail = re.sub(r"[^A-Za-z0-9 _.:-]", "", told.get("detail", ""))[:60]
        return (Report(provider, told["ref"][:128], told["state"], now, detail=detail),)
    if told.get("id") and told.get("from") and told.get("text", "").strip():
        text = told["text"][:LONGEST_REPLY]
        return (Reply(provider, told["id"][:128], "push", told["from"], told.get("to", ""), text, now),)
    return Problem("callback_incomplete", "the call has neither ref and state nor id, from and text")
