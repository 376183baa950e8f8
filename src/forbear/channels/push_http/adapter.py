"""The lender's push server gets the words and the address of the device or account, and answers what it did."""

import json

from forbear.channels.adapter_context import AdapterContext, Number, Url, provider_settings, setting
from forbear.channels.http_call import Answered, Caller, Unanswered
from forbear.channels.standard_webhooks import key_of, signed_headers
from forbear.channels.transport import Message, Receipt, check_permit
from forbear.core.base.problem import MessageId, noop
from forbear.core.permits.permit import Permit

CHANNELS = ("push",)
#: 404 and 410: no such device any more. Others of 4xx say no to this message for good.
_OURS = frozenset({401, 402, 403, 408, 425, 429})


@provider_settings
class PushSettings:
    """`url` takes our calls. `secret` signs them, `hook_secret` what is called back; both `whsec_` and base64."""

    url: Url = setting(noop("The address of your own server that messages are posted to"))
    secret: str = setting(noop("Signs what is sent; whsec_ and base64"), secret=True)
    hook_secret: str = setting(
        noop("Checks what your server calls back with; another key than the first"), "", secret=True
    )
    timeout: Number = setting(
        noop("How long each step may take"), 15.0, least=0.1, maximum=300, unit="seconds"
    )


def mistakes(settings: PushSettings) -> dict[str, MessageId]:
    """What the reader of the file can't see: field to message."""
    wrong_secret = noop(
        "must hold whsec_ and 24 to 64 bytes in base64; make one with `openssl rand -base64 32`"
    )
    mistakes_found = {} if key_of(settings.secret) else {"secret": wrong_secret}
    if settings.hook_secret and not key_of(settings.hook_secret):
        mistakes_found["hook_secret"] = wrong_secret
    if settings.hook_secret and settings.hook_secret == settings.secret:
        mistakes_found["hook_secret"] = noop(
            "must be another key than secret, or our own calls could be sent back to us"
        )
    return mistakes_found


class Push:
    """One POST a message. `webhook-id` is the contact's id: a server that has seen it does nothing twice."""

    def __init__(self, settings: PushSettings, around: AdapterContext) -> None:
        self.provider = around.name
        self.channels = CHANNELS
        self._settings, self._clock = settings, around.clock
        self._caller = Caller(settings.timeout)

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Hand the words over; the reference is the server's, or else the contact's id."""
        check_permit(permit, message)
        body = json.dumps(
            {
                "contact_id": message.contact_id,
                "to": message.to,
                "sender": message.sender,
                "language": message.language,
                "title": message.subject,
                "body": message.body,
                "unsubscribe_url": message.unsubscribe_url,
            },
            ensure_ascii=False,
        ).encode("utf-8", "replace")
        headers = signed_headers(self._settings.secret, message.contact_id, self._clock(), body)
        answered = self._caller.call(
            "POST", self._settings.url, headers=headers | {"Content-Type": "application/json"}, content=body
        )
        return self._receipt(answered, message.contact_id)

    def _receipt(self, answered: Answered | Unanswered, contact_id: str) -> Receipt:
        if isinstance(answered, Unanswered):
            ref = contact_id if answered.answer == "unknown" else ""
            return Receipt(answered.answer, self.provider, ref, answered.detail)
        detail = f"HTTP {answered.status}"
        if 200 <= answered.status < 300:
            reference = answered.fields.get("ref")
            named = reference if isinstance(reference, str) and 0 < len(reference) <= 128 else contact_id
            return Receipt("accepted", self.provider, named)
        if answered.status in _OURS:
            return Receipt("busy", self.provider, detail=detail)
        if 400 <= answered.status < 500:
            return Receipt("refused", self.provider, detail=detail)
        return Receipt("unknown", self.provider, contact_id, detail)

    def close(self) -> None:
        """Let go of the client."""
        self._caller.close()
