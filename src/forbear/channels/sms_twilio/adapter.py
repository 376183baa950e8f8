"""One form POST a message, signed in with the account's token; the provider's error codes say what became of it."""

import base64
from typing import Protocol
from urllib.parse import urlencode

from forbear.channels.adapter_context import AdapterContext, Number, Text, Url, provider_settings, setting
from forbear.channels.http_call import Answered, Caller, Unanswered
from forbear.channels.transport import Message, Receipt, check_permit
from forbear.core.base.problem import noop
from forbear.core.base.reason import Reason
from forbear.core.facts.contact import normal_point
from forbear.core.permits.permit import Permit

CHANNELS = ("sms",)
LONGEST = 1600
#: About our account or the pace, not about this message: it is kept for later.
#: 20003 sign-in, 20005 suspended, 20429 too many requests, 14107 and 63038 limits, 21611 queue full, 30001 queue.
_OURS = frozenset({20003, 20005, 20429, 14107, 63038, 21611, 30001})
#: The number is on the provider's list of those who opted out.
_OPTED_OUT = 21610


@provider_settings
class TwilioSettings:
    """An account. `sender` is a number or a messaging service (MG...). `callback_url` is where reports go."""

    url: Url = setting(noop("The provider's address"), "https://api.twilio.com")
    account: Text = setting(noop("The account at the provider"))
    token: str = setting(noop("The account's token; it also checks what calls back"), secret=True)
    sender: Text = setting(noop("The number or name that borrowers see"))
    callback_url: Url = setting(noop("The public address of this provider's hook"), "")
    timeout: Number = setting(
        noop("How long each step may take"), 15.0, least=0.1, maximum=300, unit="seconds"
    )


class Twilio:
    """Sends one message a call."""

    def __init__(self, settings: TwilioSettings, around: AdapterContext) -> None:
        self.provider = around.name
        self.channels = CHANNELS
        self._settings = settings
        self._caller = Caller(settings.timeout)

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Hand the text over; the reference is the provider's SID."""
        check_permit(permit, message)
        if not message.body or len(message.body) > LONGEST:
            return Receipt("refused", self.provider, reason=Reason.of("text_not_sendable"))
        chosen = self._settings
        kind = "MessagingServiceSid" if chosen.sender.startswith("MG") else "From"
        form = {"To": normal_point("phone", message.to), kind: chosen.sender, "Body": message.body}
        if chosen.callback_url:
            form["StatusCallback"] = chosen.callback_url
        answered = post_form(self._caller, chosen, "Messages.json", form)
        return receipt_of(answered, self.provider)

    def close(self) -> None:
        """Let go of the client."""
        self._caller.close()


class Account(Protocol):
    """What signs in: the provider's address, the account's name there and its token."""

    @property
    def url(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def token(self) -> str: ...


def post_form(caller: Caller, chosen: Account, resource: str, form: dict[str, str]) -> Answered | Unanswered:
    """POST a form to a resource of the account."""
    return caller.call(
        "POST",
        f"{account_url(chosen)}/{resource}",
        headers=sign_in(chosen) | {"Content-Type": "application/x-www-form-urlencoded"},
        content=urlencode(form).encode(),
    )


def account_url(chosen: Account) -> str:
    """The account's address at the provider."""
    return f"{chosen.url.rstrip('/')}/2010-04-01/Accounts/{chosen.account}"


def sign_in(chosen: Account) -> dict[str, str]:
    """The header that signs in."""
    pair = base64.b64encode(f"{chosen.account}:{chosen.token}".encode()).decode()
    return {"Authorization": f"Basic {pair}", "Accept": "application/json"}


def receipt_of(answered: Answered | Unanswered, provider: str) -> Receipt:
    """What the provider's answer means.

    A 4xx says that nothing was made. A 5xx may come after the message was; so may an answer without a SID.
    """
    if isinstance(answered, Unanswered):
        return Receipt(answered.answer, provider, detail=answered.detail)
    fields = answered.fields
    code = fields.get("code")
    detail = f"HTTP {answered.status}{f' code {code}' if isinstance(code, int) else ''}"
    if 200 <= answered.status < 300 and isinstance(fields.get("sid"), str) and fields["sid"]:
        if fields.get("status") in ("failed", "canceled"):
            return Receipt("refused", provider, fields["sid"][:128], f"{fields['status']}")
        return Receipt("accepted", provider, fields["sid"][:128])
    if answered.status in (401, 403, 408, 429) or (400 <= answered.status < 500 and code in _OURS):
        return Receipt("busy", provider, detail=detail)
    if 400 <= answered.status < 500:
        return Receipt("refused", provider, detail=detail, opted_out=code == _OPTED_OUT)
    return Receipt("unknown", provider, detail=detail)
