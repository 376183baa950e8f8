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
from forbear.channels.standard_webhooks import proved
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
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return Problem("callback_not_json", "the call is no JSON")
    if not isinstance(payload, dict) or not all(isinstance(value, str) for value in payload.values()):
        return Problem("callback_not_object", "the call must be an object of texts")
    if payload.get("ref"):
        if payload.get("state") not in STATES:
            return Problem("callback_state_invalid", "state must be one of %(states)s", states=tuple(STATES))
        detail = re.sub(r"[^A-Za-z0-9 _.:-]", "", payload.get("detail", ""))[:60]
        return (Report(provider, payload["ref"][:128], payload["state"], now, detail=detail),)
    if payload.get("id") and payload.get("from") and payload.get("text", "").strip():
        text = payload["text"][:LONGEST_REPLY]
        return (
            Reply(provider, payload["id"][:128], "push", payload["from"], payload.get("to", ""), text, now),
        )
    return Problem("callback_incomplete", "the call has neither ref and state nor id, from and text")
