"""An access token, kept until it runs out, then one POST a message to an approved template.

The template has the fields named in `fields`: `title` gets the subject, `body` the words. `to` is the openid
that the follower has with this account.
"""

import json
import re
import threading
from datetime import datetime, timedelta
from urllib.parse import urlencode

from forbear.channels.adapter_context import AdapterContext, Number, Text, Url, provider_settings, setting
from forbear.channels.http_call import Answered, Caller, Unanswered
from forbear.channels.transport import Message, Receipt, check_permit
from forbear.core.base.problem import MessageId, noop
from forbear.core.permits.permit import Permit

CHANNELS = ("push",)
#: The token is wrong or has run out: nothing was sent, a new one is asked for once.
_STALE_TOKEN = frozenset({40001, 40014, 42001})
#: Busy (the provider asks to try later), pace and quota, and our account's own trouble.
_OURS = frozenset({-1, 45009, 45011, 45047, 40013, 40125, 40164, 41001, 48001, 50002})
_EARLY = timedelta(minutes=5)


@provider_settings
class WechatSettings:
    """An official account in secure mode (安全模式).

    `hook_token` and `encoding_key` are the Token and EncodingAESKey of its server settings. `title_field` and
    `body_field` are the template's variables.
    """

    url: Url = setting(noop("The provider's address"), "https://api.weixin.qq.com")
    app_id: Text = setting(noop("The official account's id"))
    app_secret: str = setting(noop("The official account's secret"), secret=True)
    template: Text = setting(noop("The approved message template's id"))
    title_field: Text = setting(noop("The template's field for the title"), "first")
    body_field: Text = setting(noop("The template's field for the text"), "remark")
    hook_token: str = setting(
        noop("The token that the official account's server settings name"), "", secret=True
    )
    encoding_key: str = setting(noop("The key of encrypted messages, where they are"), "", secret=True)
    timeout: Number = setting(
        noop("How long each step may take"), 15.0, least=0.1, maximum=300, unit="seconds"
    )


def mistakes(settings: WechatSettings) -> dict[str, MessageId]:
    """What the reader of the file can't see: field to message."""
    if settings.encoding_key and not re.fullmatch(r"[A-Za-z0-9]{43}", settings.encoding_key):
        return {"encoding_key": noop("must hold the 43 letters and digits of the account's EncodingAESKey")}
    return {}


class Wechat:
    """Sends one template message a call."""

    def __init__(self, settings: WechatSettings, around: AdapterContext) -> None:
        self.provider = around.name
        self.channels = CHANNELS
        self._settings, self._clock = settings, around.clock
        self._caller = Caller(settings.timeout)
        self._lock = threading.Lock()
        self._token = ""
        self._good_until: datetime | None = None

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Send it; the reference is the provider's msgid."""
        check_permit(permit, message)
        answer = None
        for _ in range(2):
            token = self._token_now()
            if token is None:
                return Receipt("busy", self.provider, detail="no access token")
            answer = self._caller.call(
                "POST",
                f"{self._settings.url.rstrip('/')}/cgi-bin/message/template/send?{urlencode({'access_token': token})}",
                headers={"Content-Type": "application/json"},
                content=self._body(message),
            )
            if isinstance(answer, Unanswered) or answer.fields.get("errcode") not in _STALE_TOKEN:
                break
            self._forget(token)
        assert answer is not None, "it was tried at least once"
        return self._receipt(answer)

    def _body(self, message: Message) -> bytes:
        chosen = self._settings
        data = {chosen.body_field: {"value": message.body}}
        if message.subject:
            data[chosen.title_field] = {"value": message.subject}
        fields = {
            "touser": message.to,
            "template_id": chosen.template,
            "data": data,
            "client_msg_id": message.contact_id,  # the provider drops a second one within ten minutes
        }
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")

    def _receipt(self, answer: Answered | Unanswered) -> Receipt:
        if isinstance(answer, Unanswered):
            return Receipt(answer.answer, self.provider, detail=answer.detail)
        code, ref = answer.fields.get("errcode"), answer.fields.get("msgid")
        if answer.status != 200 or not isinstance(code, int):
            return Receipt("unknown", self.provider, detail=f"HTTP {answer.status} without a code")
        if code == 0:
            if not isinstance(ref, int | str):
                return Receipt("unknown", self.provider, detail="taken without a msgid")
            return Receipt("accepted", self.provider, str(ref)[:128])
        ours = code in _OURS or code in _STALE_TOKEN
        return Receipt("busy" if ours else "refused", self.provider, detail=f"errcode {code}")

    def _token_now(self) -> str | None:
        """The access token, a new one when the last has run out; None when there is none to be had."""
        with self._lock:
            now = self._clock()
            if self._token and self._good_until is not None and now < self._good_until:
                return self._token
            query = {
                "grant_type": "client_credential",
                "appid": self._settings.app_id,
                "secret": self._settings.app_secret,
            }
            answer = self._caller.call(
                "POST",
                f"{self._settings.url.rstrip('/')}/cgi-bin/stable_token",
                headers={"Content-Type": "application/json"},
                content=json.dumps(query).encode(),
            )
            if isinstance(answer, Unanswered):
                return None
            token, seconds = answer.fields.get("access_token"), answer.fields.get("expires_in")
            if not isinstance(token, str) or not token or not isinstance(seconds, int):
                return None
            self._token, self._good_until = token, now + timedelta(seconds=seconds) - _EARLY
            return token

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token = ""

    def close(self) -> None:
        """Let go of the client; the token stays good."""
        self._caller.close()
