"""A call is one form POST; what happens when somebody answers is asked of our hook, or stands in its markup.

A reminder rings the borrower. The provider tells a person from a machine and then asks the hook what to say: the text
is for a person alone. Click-to-call rings the collector's own line first and,
once it is taken, dials the borrower and joins the two; the report is about the borrower's side.
"""

import re
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from forbear.channels.adapter_context import (
    AdapterContext,
    Number,
    Text,
    Truth,
    Url,
    Whole,
    provider_settings,
    setting,
)
from forbear.channels.http_call import Answered, Caller
from forbear.channels.sms_twilio.adapter import account_url, post_form, receipt_of, sign_in
from forbear.channels.transport import Message, Receipt, check_permit
from forbear.core.base.problem import Problem, noop
from forbear.core.base.reason import Reason
from forbear.core.facts.contact import normal_point
from forbear.core.permits.permit import Permit

CHANNELS = ("voice", "call")
LONGEST = 3000
_SID = re.compile(r"[A-Za-z0-9]{2,64}")


@provider_settings
class VoiceSettings:
    """An account. `sender` is the number that is shown; `ring` how many seconds it rings."""

    url: Url = setting(noop("The provider's address"), "https://api.twilio.com")
    account: Text = setting(noop("The account at the provider"))
    token: str = setting(noop("The account's token; it also checks what calls back"), secret=True)
    sender: Text = setting(noop("The number or name that borrowers see"))
    callback_url: Url = setting(noop("The public address of this provider's hook"))
    record: Truth = setting(noop("Whether calls are recorded"), True)
    detect_machines: Truth = setting(noop("Whether answering machines are recognised"), True)
    ring: Whole = setting(
        noop("How long the borrower's phone rings"), 30, least=5, maximum=120, unit="seconds"
    )
    timeout: Number = setting(
        noop("How long each step may take"), 15.0, least=0.1, maximum=300, unit="seconds"
    )


class VoiceHttp:
    """Makes calls; the reference is the SID of the first leg."""

    def __init__(self, settings: VoiceSettings, around: AdapterContext) -> None:
        self.provider = around.name
        self.channels = CHANNELS
        self.records = settings.record
        self._settings = settings
        self._caller = Caller(settings.timeout)

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Have the call made."""
        check_permit(permit, message)
        to, agent = normal_point("phone", message.to), normal_point("phone", message.agent)
        if not re.fullmatch(r"\+?[0-9]{3,20}", to):
            return Receipt("refused", self.provider, reason=Reason.of("not_a_phone_number"))
        if message.channel == "call":
            if not agent:
                return Receipt("refused", self.provider, reason=Reason.of("no_own_line"))
            form = {**self._form(agent, leg="agent"), "Twiml": self._join(to)}
        else:
            if not message.body.strip() or len(message.body) > LONGEST:
                return Receipt("refused", self.provider, reason=Reason.of("text_not_sendable"))
            left = {"machine": "limited"} if message.on_machine else {}
            form = self._form(to, leg="borrower", **left)
            form["Url"] = _leg(self._settings.callback_url, leg="speak", contact=message.contact_id)
            if self._settings.detect_machines:
                form["MachineDetection"] = "DetectMessageEnd"
            if self._settings.record:
                form["Record"] = "true"
        return receipt_of(post_form(self._caller, self._settings, "Calls.json", form), self.provider)

    def _form(self, to: str, **about: str) -> dict[str, str]:
        chosen = self._settings
        return {
            "To": to,
            "From": chosen.sender,
            "Timeout": str(chosen.ring),
            "StatusCallback": _leg(chosen.callback_url, **about),
            "StatusCallbackEvent": "completed",
        }

    def _join(self, to: str) -> str:
        """Dial the borrower when the collector has answered, and say how that went to the callback."""
        chosen = self._settings
        record = "record-from-answer-dual" if chosen.record else "do-not-record"
        return (
            f"<Response><Dial callerId={quoteattr(chosen.sender)} timeout={quoteattr(str(chosen.ring))} "
            f"record={quoteattr(record)} action={quoteattr(_leg(chosen.callback_url, leg='dialled'))}>"
            f"<Number>{escape(to)}</Number></Dial></Response>"
        )

    def recording(self, call: str) -> tuple[bytes, str] | Problem:
        """The recording of a call that has ended, and its media type.

        Problem when there is none yet: the provider needs a while. Asked of the provider's own address only,
        whatever address a callback may name.
        """
        if not _SID.fullmatch(call):
            return Problem("call_reference_invalid", "this is no reference of a call")
        base = account_url(self._settings)
        listed = self._caller.call(
            "GET", f"{base}/Calls/{call}/Recordings.json", headers=sign_in(self._settings)
        )
        entries = (
            listed.fields.get("recordings") if isinstance(listed, Answered) and listed.status == 200 else None
        )
        if not isinstance(entries, list):
            return Problem(
                "recording_state_unknown", "the provider does not say whether there is a recording"
            )
        names = [entry.get("sid") for entry in entries if isinstance(entry, dict)]
        if not names or not isinstance(names[0], str) or not _SID.fullmatch(names[0]):
            return Problem("recording_not_ready", "there is no recording yet")
        sound = self._caller.call(
            "GET", f"{base}/Recordings/{names[0]}.wav", headers=sign_in(self._settings), limit=100_000_000
        )
        if not isinstance(sound, Answered) or sound.status != 200 or sound.body[:4] != b"RIFF":
            return Problem("recording_not_fetched", "the recording could not be fetched")
        return sound.body, "audio/wav"

    def close(self) -> None:
        """Let go of the client."""
        self._caller.close()


def _leg(url: str, **about: str) -> str:
    """The callback's address with the leg it is about."""
    return f"{url}?{urlencode(about)}"
