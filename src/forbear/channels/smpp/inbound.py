"""What an SMSC delivers: receipts for what we sent, and messages that people wrote, maybe in parts."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from forbear.channels.smpp.parts import decode, split_header
from forbear.channels.transport import Reply, Report
from forbear.core.permits.permit import moment_text

#: esm_class of deliver_sm, SMPP 3.4 section 5.2.12: bits 5-2 say what it is, bit 6 that a header comes first.
_KIND, _RECEIPT, _MESSAGE, _HEADER = 0x3C, 0x04, 0x00, 0x40
#: The type of number (TON) of an international one, SMPP 3.4 section 5.2.5.
_INTERNATIONAL = 1
#: How long the other parts of a message are waited for.
_PATIENCE = timedelta(seconds=60)

_ID = re.compile(r"\bid:\s*(\S+)", re.IGNORECASE)
_STAT = re.compile(r"\bstat:\s*([A-Za-z]+)", re.IGNORECASE)
_ERR = re.compile(r"\berr:\s*(\w+)", re.IGNORECASE)

#: Final states, appendix B; the numbers are those of message_state, section 5.2.28. What is not final, or
#: says nothing (UNKNOWN), is no report.
_STATES = {
    "DELIVRD": "delivered",
    "EXPIRED": "undelivered",
    "DELETED": "undelivered",
    "UNDELIV": "undelivered",
    "REJECTD": "undelivered",
}
_NUMBERS = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 8: "REJECTD"}


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a message that somebody wrote. `whole` is (reference, count, number), None when it is all."""

    sender: str
    to: str
    octets: bytes
    text: str
    whole: tuple[int, int, int] | None


def read_receipt(
    packet: Any, now: datetime, *, provider: str, invalid_errors: tuple[str, ...] = ()
) -> Report | None:
    """A receipt as a report under the identifier the receipt gives; None when it is not final."""
    text = (packet.short_message or packet.message_payload or b"").decode("latin-1")
    named, stat, err = _ID.search(text), _STAT.search(text), _ERR.search(text)
    state = stat.group(1).upper()[:7] if stat else _NUMBERS.get(packet.message_state or 0, "")
    ref = named.group(1) if named else (packet.receipted_message_id or b"").decode("latin-1")
    if not ref or state not in _STATES:
        return None
    error = err.group(1) if err else ""
    invalid = state != "DELIVRD" and error in invalid_errors
    return Report(
        provider,
        ref,
        "invalid" if invalid else _STATES[state],
        now,
        detail=f"stat {state}{f' err {error}' if error else ''}",
    )


def is_receipt(packet: Any) -> bool:
    """Only what is marked as one: a text that merely looks like a receipt may be anybody's."""
    return packet.esm_class & _KIND == _RECEIPT


def is_message(packet: Any) -> bool:
    """Whether somebody wrote it; there are also acknowledgements and notes on the way, which say nothing."""
    return packet.esm_class & _KIND == _MESSAGE


def read_part(packet: Any, default: str) -> Part:
    """A message or a piece of one. `default` is the alphabet of data coding 0 at this provider."""
    octets = packet.short_message or packet.message_payload or b""
    whole = None
    if packet.esm_class & _HEADER:
        whole, octets = split_header(octets)
    elif packet.sar_msg_ref_num is not None and packet.sar_total_segments and packet.sar_segment_seqnum:
        whole = (packet.sar_msg_ref_num, packet.sar_total_segments, packet.sar_segment_seqnum)
    if whole is not None and not 1 <= whole[2] <= whole[1]:
        whole = None
    sender = _address(packet.source_addr, packet.source_addr_ton)
    to = _address(packet.destination_addr, packet.dest_addr_ton)
    return Part(sender, to, octets, decode(octets, packet.data_coding, default=default), whole)


def _address(octets: bytes, kind: int) -> str:
    """An address as others write it: an international number comes without its plus."""
    text = octets.decode("latin-1").strip()
    return f"+{text}" if kind == _INTERNATIONAL and text.isdigit() else text


def as_reply(parts: list[Part], now: datetime, *, provider: str) -> Reply:
    """The message that the parts are, in order.

    SMPP gives what people write no identifier. The same words between the same numbers in the same hour are
    one message: so a delivery repeated after a break counts once.
    """
    first = parts[0]
    said = b"\0".join([first.sender.encode(), first.to.encode(), *(part.octets for part in parts)])
    ref = hashlib.sha256(moment_text(now)[:13].encode() + said).hexdigest()[:32]
    text = "".join(part.text for part in parts)
    return Reply(provider, ref, "sms", first.sender, first.to, text, now)


class Gathering:
    """Pieces of messages until all are there. One that stays incomplete is given as it is: it may say stop."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, int, int], tuple[datetime, dict[int, Part]]] = {}

    def add(self, part: Part, now: datetime) -> list[Part] | None:
        """The whole message when this was the last piece of it."""
        if part.whole is None or part.whole[1] == 1:
            return [part]
        reference, count, number = part.whole
        key = (part.sender, part.to, reference, count)
        pieces = self._kept.setdefault(key, (now, {}))[1]
        pieces[number] = part
        if len(pieces) < count:
            return None
        return [pieces[at] for at in sorted(pieces)]

    def done(self, part: Part) -> None:
        """Forget the message of this part: it has been kept elsewhere."""
        if part.whole is not None:
            self._kept.pop((part.sender, part.to, part.whole[0], part.whole[1]), None)

    def overdue(self, now: datetime) -> list[list[Part]]:
        """Messages whose other pieces have not come in time."""
        return [
            [pieces[at] for at in sorted(pieces)]
            for since, pieces in self._kept.values()
            if now - since > _PATIENCE
        ]
