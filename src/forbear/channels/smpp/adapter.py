"""SMS to an SMSC. An answer with a status is certain; a part without one makes the whole message `unknown`.

Of a long message the last part asks for a receipt of any outcome and is what the contact's reference names;
the parts before it ask for one only when they fail.
"""

import hashlib
import re
import threading
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from smpplib import consts

from forbear.channels.adapter_context import (
    AdapterContext,
    Number,
    Text,
    Truth,
    Whole,
    provider_settings,
    setting,
)
from forbear.channels.smpp.inbound import (
    Gathering,
    Part,
    as_reply,
    is_message,
    is_receipt,
    read_part,
    read_receipt,
    spellings,
)
from forbear.channels.smpp.parts import MOST_PARTS, encode, part_header
from forbear.channels.smpp.session import Answer, NotBound, Session, log
from forbear.channels.transport import Message, Receipt, check_permit
from forbear.core.base.problem import MessageId, Phrase, noop
from forbear.core.base.reason import Reason
from forbear.core.facts.contact import normal_point
from forbear.core.permits.permit import Permit

CHANNELS = ("sms",)
#: Not taken now: throttled, queue full, trouble of its own, not bound; and what 3.4 leaves to a later try.
_BUSY = frozenset(
    {
        consts.SMPP_ESME_RTHROTTLED,
        consts.SMPP_ESME_RMSGQFUL,
        consts.SMPP_ESME_RSYSERR,
        consts.SMPP_ESME_RINVBNDSTS,
        consts.SMPP_ESME_RSUBMITFAIL,
        consts.SMPP_ESME_RX_T_APPN,
    }
)
_DOUBTFUL = consts.SMPP_ESME_RUNKNOWNERR
_HEADER_FIRST = 0x40
_ANY_OUTCOME, _ONLY_FAILURE = 0x01, 0x02
_SENDER = re.compile(r"[A-Za-z0-9 &.+_-]{1,11}|\+?[0-9]{1,20}")
#: How long a long message's later part is tried again, in seconds: the first has left already.
_PAUSES = (0.5, 1.0, 2.0, 4.0)
_MOST_REMEMBERED = 20_000


@provider_settings
class SmppSettings:
    """An account at an SMSC.

    `sender` is the number or up to 11 letters that borrowers see. `default_alphabet` is what data coding 0
    means in replies. `receipt_ids` says how receipts write an identifier: as the answer to the submission did
    (same), or in decimal or hex while the answer used the other. `invalid_errors` are the provider's err codes
    of numbers that don't exist. `enquire_every` and `timeout` are seconds.
    """

    host: Text = setting(noop("The message centre's host"))
    port: Whole = setting(noop("The message centre's port"), 2775, least=1, maximum=65535)
    tls: Truth = setting(noop("Whether the line is encrypted"), False)
    system_id: Text = setting(noop("The account at the provider"))
    password: str = setting(noop("The account's password; SMPP takes at most 8 characters"), "", secret=True)
    system_type: Text = setting(noop("The kind of system, where the message centre asks for it"), "")
    sender: Text = setting(noop("The number, or at most 11 letters, that borrowers see"))
    default_alphabet: Literal["gsm", "ascii", "latin1"] = setting(
        noop("What data coding 0 means in replies"), "gsm"
    )
    receipt_ids: Literal["same", "decimal", "hex"] = setting(
        noop("How receipts write an identifier, compared with the answer"), "same"
    )
    invalid_errors: tuple[str, ...] = setting(
        noop("The provider's error codes of numbers that do not exist"), ()
    )
    enquire_every: Number = setting(
        noop("How often the line is tried while nothing is sent"),
        30.0,
        least=0.5,
        maximum=600,
        unit="seconds",
    )
    timeout: Number = setting(
        noop("How long each step may take"), 15.0, least=0.1, maximum=300, unit="seconds"
    )


def mistakes(settings: SmppSettings) -> dict[str, MessageId | Phrase]:
    """What the reader of the file can't see: field to message. SMPP would cut these off unseen."""
    mistakes_found: dict[str, MessageId | Phrase] = {}
    if not _SENDER.fullmatch(settings.sender):
        mistakes_found["sender"] = noop(
            "must be a number of at most 20 digits, or at most 11 plain letters and digits"
        )
    for name, limit in (("system_id", 15), ("password", 8), ("system_type", 12)):
        if len(getattr(settings, name)) > limit or not getattr(settings, name).isascii():
            mistakes_found[name] = Phrase(
                noop("may have at most %(most)s plain characters in SMPP"), most=limit
            )
    return mistakes_found


class Smpp:
    """One session, made when first needed and made again when it breaks."""

    def __init__(self, settings: SmppSettings, around: AdapterContext) -> None:
        self.provider = around.name
        self.channels = CHANNELS
        self._settings = settings
        self._clock, self._on_message = around.clock, around.on_message
        self._session: Session | None = None
        self._lock = threading.Lock()
        self._gathering = Gathering()
        self._names: dict[str, str] = {}
        self._listening: threading.Event | None = None

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Submit every part in order."""
        check_permit(permit, message)
        to = normal_point("phone", message.to)
        if not re.fullmatch(r"\+?[0-9]{3,20}", to):
            return Receipt("refused", self.provider, reason=Reason.of("not_a_phone_number"))
        coding, parts = encode(message.body)
        if not message.body or len(parts) > MOST_PARTS:
            return Receipt("refused", self.provider, reason=Reason.of("text_not_sendable"))
        try:
            session = self._bound()
        except NotBound as why:
            return Receipt("busy", self.provider, detail=str(why))
        return self._submit(session, message.contact_id, to, coding, parts)

    def listen(self) -> None:
        """Stay bound from now on, also while nothing is sent, so that receipts and replies come in."""
        if self._listening is None:
            self._listening = threading.Event()
            threading.Thread(
                target=self._stay_bound, args=(self._listening,), daemon=True, name="smpp-stay"
            ).start()

    def close(self) -> None:
        """Unbind."""
        if self._listening is not None:
            self._listening.set()
            self._listening = None
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None

    def _stay_bound(self, stopped: threading.Event) -> None:
        pause = 1.0
        while not stopped.is_set():
            try:
                self._bound()
                pause = 1.0
            except NotBound as why:
                log.warning("%s: %s; trying again in %.0f s", self.provider, why, pause)
                pause = min(pause * 2, 60.0)
            stopped.wait(pause)

    def _bound(self) -> Session:
        with self._lock:
            if self._session is None or not self._session.alive:
                chosen = self._settings
                bind = {
                    "system_id": chosen.system_id,
                    "password": chosen.password,
                    "system_type": chosen.system_type,
                    "interface_version": 0x34,
                }
                self._session = Session(
                    chosen.host,
                    chosen.port,
                    bind,
                    tls=chosen.tls,
                    timeout=chosen.timeout,
                    enquire_every=chosen.enquire_every,
                    take=self._take,
                    tick=self._flush,
                )
            return self._session

    def _submit(self, session: Session, contact_id: str, to: str, coding: int, parts: list[bytes]) -> Receipt:
        fields = self._envelope(to, coding)
        reference = hashlib.sha256(contact_id.encode()).digest()[0]
        taken: list[str] = []
        for number, octets in enumerate(parts, 1):
            last = number == len(parts)
            header = part_header(reference, len(parts), number) if len(parts) > 1 else b""
            answer = self._insist(
                session,
                bool(taken),
                short_message=header + octets,
                esm_class=_HEADER_FIRST if header else 0,
                registered_delivery=_ANY_OUTCOME if last else _ONLY_FAILURE,
                **fields,
            )
            if answer.status != consts.SMPP_ESME_ROK:
                return self._not_taken(answer, len(taken), len(parts))
            taken.append(self._as_receipts_say(answer.message_id))
        self._remember(taken)
        return Receipt("accepted", self.provider, taken[-1])

    def _envelope(self, to: str, coding: int) -> dict[str, Any]:
        """The fields that all parts share. TON 1 is international, 0 unknown, 5 letters; NPI 1 is E.164."""
        sender = self._settings.sender
        letters = not sender.removeprefix("+").isdigit()
        return {
            "source_addr_ton": 5 if letters else int(sender.startswith("+")),
            "source_addr_npi": 0 if letters else 1,
            "source_addr": sender.removeprefix("+"),
            "dest_addr_ton": int(to.startswith("+")),
            "dest_addr_npi": 1,
            "destination_addr": to.removeprefix("+"),
            "data_coding": coding,
        }

    @staticmethod
    def _insist(session: Session, begun: bool, **fields: Any) -> Answer:
        """Submit a part; once an earlier one has left, a busy provider is asked a few times more."""
        answer = session.submit(**fields)
        for pause in _PAUSES if begun else ():
            if answer.status not in _BUSY:
                break
            threading.Event().wait(pause)
            answer = session.submit(**fields)
        return answer

    def _not_taken(self, answer: Answer, taken: int, count: int) -> Receipt:
        status = "no answer" if answer.status is None else f"status 0x{answer.status:08X}"
        if taken:
            return Receipt("unknown", self.provider, detail=f"{taken} of {count} parts left, then {status}")
        if answer.status is None:
            kind = "unknown" if answer.written else "busy"
        elif answer.status == _DOUBTFUL:
            kind = "unknown"
        else:
            kind = "busy" if answer.status in _BUSY else "refused"
        return Receipt(kind, self.provider, detail=status)

    def _as_receipts_say(self, message_id: str) -> str:
        """The identifier of an answer in the spelling of receipts."""
        try:
            if self._settings.receipt_ids == "decimal":
                return str(int(message_id, 16))
            if self._settings.receipt_ids == "hex":
                return f"{int(message_id):X}"
        except ValueError:
            return message_id
        return message_id

    def _known_as(self, ref: str) -> str:
        """The reference of the message that a receipt's identifier belongs to."""
        if self._settings.receipt_ids == "hex":
            ref = ref.upper().lstrip("0") or "0"
        elif self._settings.receipt_ids == "decimal":
            ref = ref.lstrip("0") or "0"
        return self._names.get(ref) or next(
            (self._names[form] for form in spellings(ref) if form in self._names), ref
        )

    def _remember(self, taken: list[str]) -> None:
        """Earlier parts stand for the whole message. Kept in memory: after a restart only a part's failure is lost."""
        for ref in taken[:-1]:
            self._names[ref] = taken[-1]
        while len(self._names) > _MOST_REMEMBERED:
            self._names.pop(next(iter(self._names)))

    def _take(self, packet: Any) -> int:
        """Keep what was delivered; the status to answer with. Not kept: the provider shall say it again."""
        now = self._clock()
        try:
            if is_receipt(packet):
                self._take_receipt(packet, now)
            elif is_message(packet):
                self._take_part(read_part(packet, self._settings.default_alphabet), now)
        except Exception as error:  # the listener is the caller's, and may fail as a database does
            log.warning("%s: a delivery could not be kept (%s)", self.provider, type(error).__name__)
            return consts.SMPP_ESME_RX_T_APPN
        return consts.SMPP_ESME_ROK

    def _take_receipt(self, packet: Any, now: datetime) -> None:
        report = read_receipt(
            packet, now, provider=self.provider, invalid_errors=self._settings.invalid_errors
        )
        if report is not None:
            self._on_message(replace(report, provider_ref=self._known_as(report.provider_ref)))

    def _take_part(self, part: Part, now: datetime) -> None:
        whole = self._gathering.add(part, now)
        if whole is not None:
            self._on_message(as_reply(whole, now, provider=self.provider))
            self._gathering.done(part)

    def _flush(self) -> None:
        """Hand on what stayed incomplete."""
        now = self._clock()
        for pieces in self._gathering.overdue(now):
            try:
                self._on_message(as_reply(pieces, now, provider=self.provider))
            except Exception as error:  # as above; tried again at the next tick
                log.warning("%s: a reply could not be kept (%s)", self.provider, type(error).__name__)
                return
            self._gathering.done(pieces[0])
