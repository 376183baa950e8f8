"""SmsReport and SmsUp: lists in JSON, many at a time.

The provider doesn't sign them. The address it is given holds a token, compared in constant time; let the
web server admit only the provider's addresses besides.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs

from forbear.channels.hook import LARGEST_BODY, NOT_PROVED, same
from forbear.channels.sms_aliyun.adapter import AliyunSettings
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem

ACKNOWLEDGE = ("application/json", '{"code":0,"msg":"成功"}'.encode())
#: The network says that there is no such number: 空号, 停机 is only out of service and may come back.
_NO_SUCH_NUMBER = frozenset({"MOBILE_NOT_EXIST", "MK:0001", "MK:0000", "UNKNOWN_NUMBER", "EMPTY_NUMBER"})


def read_report(
    headers: Mapping[str, str],
    body: bytes,
    settings: AliyunSettings,
    now: datetime,
    *,
    provider: str,
    query: str = "",
) -> tuple[Report | Reply, ...] | Problem:
    """What became of messages, and what people wrote."""
    given = parse_qs(query, keep_blank_values=True).get("token", [""])
    if len(given) != 1 or not same(given[0], settings.hook_token) or len(body) > LARGEST_BODY:
        return NOT_PROVED
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return Problem("callback_not_json", "the call is no JSON")
    entries = payload if isinstance(payload, list) else [payload]
    if not all(isinstance(entry, dict) for entry in entries):
        return Problem("callback_not_list", "the call is no list of reports")
    messages = [_read(entry, now, provider) for entry in entries]
    known = tuple(message for message in messages if message is not None)
    if len(known) < len(messages):
        return Problem("callback_entry_unknown", "an entry is neither a report nor a reply")
    return known


def _read(entry: dict, now: datetime, provider: str) -> Report | Reply | None:
    if isinstance(entry.get("biz_id"), str) and isinstance(entry.get("success"), bool):
        code = str(entry.get("err_code", ""))
        state = "delivered" if entry["success"] else "undelivered"
        if not entry["success"] and code in _NO_SUCH_NUMBER:
            state = "invalid"
        detail = code if code.replace(":", "").replace("_", "").isalnum() else ""
        return Report(provider, entry["biz_id"][:128], state, now, detail=detail[:60])
    if isinstance(entry.get("content"), str) and isinstance(entry.get("phone_number"), str):
        number = str(entry.get("sequence_id", ""))
        said = "\0".join((number, entry["phone_number"], str(entry.get("send_time", "")), entry["content"]))
        ref = number or hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        to = str(entry.get("dest_code", ""))
        return Reply(provider, ref[:128], "sms", entry["phone_number"], to, entry["content"], now)
    return None
