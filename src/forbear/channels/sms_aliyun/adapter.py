"""One signed call a message, version 3 of the signature.

Inside China a text may only leave in the words of a template the provider has approved. `templates` holds
their words as the provider has them, with `${name}` for each variable: a message is matched to one of them,
and what fits none is refused here. With `action: globe` (abroad) the words go as they are.

The provider's interface puts the parameters into the address; `http_call` keeps that out of every log.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import quote, urlsplit

from forbear.channels.adapter_context import AdapterContext, Number, Text, Url, provider_settings, setting
from forbear.channels.http_call import Answered, Caller, Unanswered
from forbear.channels.transport import Message, Receipt, check_permit
from forbear.core.base.problem import MessageId, Phrase, noop
from forbear.core.base.reason import Reason
from forbear.core.facts.contact import normal_point
from forbear.core.permits.permit import Permit, moment_text

CHANNELS = ("sms",)
_VARIABLE = re.compile(r"\$\{([A-Za-z][A-Za-z0-9_]{0,31})\}")
#: What a variable may hold at the provider.
_LONGEST_VALUE = 35
#: About our account, its money or the pace: kept for later, since it isn't about this message.
_OURS = (
    "isv.BUSINESS_LIMIT_CONTROL",
    "isv.DAY_LIMIT_CONTROL",
    "isv.MONTH_LIMIT_CONTROL",
    "isv.OUT_OF_SERVICE",
    "isv.AMOUNT_NOT_ENOUGH",
    "isv.ACCOUNT_ABNORMAL",
    "isv.PRODUCT_UN_SUBSCRIPT",
    "isv.PRODUCT_UNSUBSCRIBE",
    "Throttling",
    "SignatureDoesNotMatch",
    "SignatureNonceUsed",
    "InvalidTimeStamp",
    "InvalidAccessKeyId",
    "IncompleteSignature",
    "Forbidden",
    "NoPermission",
    "ServiceUnavailable",
)
_DOUBTFUL = ("isp.", "InternalError", "UnknownError")


@provider_settings
class AliyunSettings:
    """An account. `sign_name` is the approved signature without its 【】, put before the text by the provider.

    `templates`: the provider's template code to its words. `hook_token` must be in the address that reports
    are sent to (`?token=...`), because the provider doesn't sign what it sends back.
    """

    url: Url = setting(noop("The provider's address"), "https://dysmsapi.aliyuncs.com")
    action: Literal["template", "globe"] = setting(
        noop("Messages inside China by template, or to other countries"), "template"
    )
    key_id: Text = setting(noop("The access key's id"))
    key_secret: str = setting(noop("The access key's secret"), secret=True)
    sign_name: Text = setting(noop("The approved signature before each message"), "")
    templates: Mapping[str, str] = setting(noop("The approved texts by the provider's template code"), {})
    hook_token: str = setting(noop("What the provider shows when it calls back"), "", secret=True)
    timeout: Number = setting(
        noop("How long each step may take"), 15.0, least=0.1, maximum=300, unit="seconds"
    )


def mistakes(settings: AliyunSettings) -> dict[str, MessageId | Phrase]:
    """What the reader of the file can't see: field to message."""
    mistakes_found: dict[str, MessageId | Phrase] = {}
    if settings.action == "template" and not settings.templates:
        mistakes_found["templates"] = noop(
            "must list the templates approved at the provider, as SMS_123: 您好,${name}……"
        )
    if settings.action == "template" and not settings.sign_name:
        mistakes_found["sign_name"] = noop("must be the signature approved at the provider")
    for code, words in settings.templates.items():
        names = _VARIABLE.findall(words)
        if len(set(names)) < len(names):
            mistakes_found["templates"] = Phrase(
                noop("%(code)s uses a variable twice; number them"), code=code
            )
        if re.search(r"\}\$\{", words):
            mistakes_found["templates"] = Phrase(
                noop("%(code)s has two variables with nothing between them; they can't be distinguished"),
                code=code,
            )
    return mistakes_found


class Aliyun:
    """Sends one message a call."""

    def __init__(self, settings: AliyunSettings, around: AdapterContext) -> None:
        self.provider = around.name
        self.channels = CHANNELS
        self._settings, self._clock = settings, around.clock
        self._caller = Caller(settings.timeout)
        self._shapes = {code: _shape(words) for code, words in settings.templates.items()}

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Hand the text over; the reference is the provider's BizId (abroad: MessageId)."""
        check_permit(permit, message)
        request = self._request_of(message)
        if request is None:
            return Receipt("refused", self.provider, reason=Reason.of("no_registered_template"))
        action, version, query = request
        headers = signed_headers(self._settings, action, version, query, self._clock(), secrets.token_hex(16))
        url = f"{self._settings.url.rstrip('/')}/?{canonical_query(query)}"
        return receipt_of(self._caller.call("POST", url, headers=headers), self.provider)

    def _request_of(self, message: Message) -> tuple[str, str, dict[str, str]] | None:
        number = normal_point("phone", message.to)
        if self._settings.action == "globe":
            query = {"To": number.removeprefix("+"), "Message": message.body, "TaskId": message.contact_id}
            if self._settings.sign_name:
                query["From"] = self._settings.sign_name
            return "SendMessageToGlobe", "2018-05-01", query
        body = message.body.removeprefix(f"【{self._settings.sign_name}】")
        for code, shape in self._shapes.items():
            if match := shape.fullmatch(body):
                query = {
                    "PhoneNumbers": number.removeprefix("+86"),
                    "SignName": self._settings.sign_name,
                    "TemplateCode": code,
                    "OutId": message.contact_id,
                }
                if match.groupdict():
                    query["TemplateParam"] = json.dumps(match.groupdict(), ensure_ascii=False)
                return "SendSms", "2017-05-25", query
        return None

    def close(self) -> None:
        """Let go of the client."""
        self._caller.close()


def _shape(words: str) -> re.Pattern[str]:
    """What a text in the words of a template looks like. Values are bounded, so matching stays quick."""
    pieces = _VARIABLE.split(words)
    pattern = "".join(
        f"(?P<{piece}>.{{1,{_LONGEST_VALUE}}}?)" if at % 2 else re.escape(piece)
        for at, piece in enumerate(pieces)
    )
    return re.compile(pattern, re.DOTALL)


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def canonical_query(query: Mapping[str, str]) -> str:
    """The parameters in order of name, encoded as RFC 3986 says."""
    return "&".join(f"{_encoded(name)}={_encoded(query[name])}" for name in sorted(query))


def signed_headers(
    settings: AliyunSettings, action: str, version: str, query: Mapping[str, str], now: datetime, nonce: str
) -> dict[str, str]:
    """The headers of a call without a body, with `Authorization` as ACS3-HMAC-SHA256 wants it."""
    digest = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": urlsplit(settings.url).netloc,
        "x-acs-action": action,
        "x-acs-content-sha256": digest,
        "x-acs-date": moment_text(now),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    to_sign = f"POST\n/\n{canonical_query(query)}\n{lines}\n{names}\n{digest}"
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(to_sign.encode()).hexdigest()}"
    signature = hmac.new(settings.key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    proof = f"Credential={settings.key_id},SignedHeaders={names},Signature={signature}"
    return headers | {"Authorization": f"ACS3-HMAC-SHA256 {proof}"}


def receipt_of(answered: Answered | Unanswered, provider: str) -> Receipt:
    """What the provider's answer means, by its code. No code, or one of its own trouble, is `unknown`."""
    if isinstance(answered, Unanswered):
        return Receipt(answered.answer, provider, detail=answered.detail)
    fields = answered.fields
    code = fields.get("Code") or fields.get("ResponseCode")
    if not isinstance(code, str) or not re.fullmatch(r"[A-Za-z0-9_.:-]{1,80}", code):
        return Receipt("unknown", provider, detail=f"HTTP {answered.status} without a code")
    ref = fields.get("BizId") or fields.get("MessageId")
    if code == "OK" and answered.status == 200 and isinstance(ref, str) and ref:
        return Receipt("accepted", provider, ref[:128])
    if code == "OK" or answered.status >= 500 or code.startswith(_DOUBTFUL):
        return Receipt("unknown", provider, detail=f"HTTP {answered.status} {code}")
    return Receipt("busy" if code.startswith(_OURS) else "refused", provider, detail=code)
