"""Status callbacks and incoming messages, signed by the provider over the whole address and every field."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from forbear.channels.hook import LARGEST_BODY, NOT_PROVED, header, same
from forbear.channels.sms_twilio.adapter import TwilioSettings
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem

ACKNOWLEDGE = ("text/xml", b"<Response/>")
_FINAL = {
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "undelivered",
}
#: OptOutType of an incoming message: the provider took it as this, by the account's own key words.
_COMMANDS = {"STOP": "stop", "START": "start"}
#: 21211, 21614: no mobile number; 30005: unknown number; 30006: a landline or out of reach for good.
_NO_SUCH_NUMBER = frozenset({"21211", "21614", "30005", "30006"})


def signature(url: str, form: Mapping[str, str], token: str) -> str:
    """X-Twilio-Signature: HMAC-SHA1 over the address and the fields in order of name, in base64."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def proved_form(
    headers: Mapping[str, str], body: bytes, settings: Any, query: str
) -> dict[str, str] | Problem:
    """The fields of a call that the provider signed. `settings` has callback_url and token.

    The address that was signed is the one we gave, and not what a proxy made of it.
    """
    if len(body) > LARGEST_BODY or not settings.callback_url:
        return NOT_PROVED
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=500
        )
    except ValueError:
        return NOT_PROVED
    form = dict(pairs)
    url = settings.callback_url + (f"?{query}" if query else "")
    if not same(header(headers, "X-Twilio-Signature"), signature(url, form, settings.token)):
        return NOT_PROVED
    return form


def read_report(
    headers: Mapping[str, str],
    body: bytes,
    settings: TwilioSettings,
    now: datetime,
    *,
    provider: str,
    query: str = "",
) -> tuple[Report | Reply, ...] | Problem:
    """What the provider says of a message, or what somebody wrote."""
    form = proved_form(headers, body, settings, query)
    if isinstance(form, Problem):
        return form
    ref = form.get("MessageSid") or form.get("SmsSid", "")
    if not ref:
        return Problem("callback_without_message", "the call names no message")
    status = form.get("MessageStatus") or form.get("SmsStatus", "")
    if ("Body" in form or "OptOutType" in form) and status in ("", "received"):
        sender, to = form.get("From", ""), form.get("To", "")
        command = _COMMANDS.get(form.get("OptOutType", "").strip().upper(), "")
        return (Reply(provider, ref, "sms", sender, to, form.get("Body", ""), now, command),)
    if status not in _FINAL:
        return ()
    error = form.get("ErrorCode", "")
    state = "invalid" if status != "delivered" and error in _NO_SUCH_NUMBER else _FINAL[status]
    return (
        Report(provider, ref, state, now, detail=f"{status}{f' code {error}' if error.isdigit() else ''}"),
    )
