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

_ID = re.compile(r"\bid[:=] ?[\"']?(?!(?:sub|dlvrd)[:=])([^\s,;\"']+)", re.IGNORECASE)
_STAT = re.compile(r"\bstat(?:us)?[:=]\s*[\"']?([A-Za-z0-9:_-]+)", re.IGNORECASE)
_ERR = re.compile(r"\berr(?:or)?[:=]\s*(\w+)", re.IGNORECASE)

#: Final states, appendix B, and how centres also write them; what is not final, or says nothing, is no report.
_STATES = {
    "DELIVRD": "delivered",
    "EXPIRED": "undelivered",
    "DELETED": "undelivered",
    "UNDELIV": "undelivered",
    "REJECTD": "undelivered",
}
_SPELLINGS = {
    **dict.fromkeys(("DELIVERED", "DELIVER", "DELIVERD", "SUCCESS", "DELIVRED"), "DELIVRD"),
    **dict.fromkeys(("UNDELIVERABLE", "UNDELIVERED", "UNDELIVRD", "FAILED", "FAIL", "FAILURE"), "UNDELIV"),
    **dict.fromkeys(("REJECTED", "REJECT", "REJCTD", "BLOCKED"), "REJECTD"),
    **dict.fromkeys(("EXPIRD", "EXPIRE"), "EXPIRED"),
    **dict.fromkeys(("DELETD",), "DELETED"),
}
#: The numbers of message_state, section 5.2.28.
_NUMBERS = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 8: "REJECTD"}
#: A carrier's own word for a failure, as MK:0001 or CB:0010: China's carriers give DELIVRD for nothing but success.
_CARRIERS_FAILURE = re.compile(r"[A-Z]{1,6}[:_-]?\d{1,5}")
_UCS2 = (0x08, 0x18)


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
    """A receipt as a report under the identifier the receipt gives; None when it is not final.

    The optional parameters are what SMPP defines (receipted_message_id, message_state), so they count first; the text
    is each vendor's own. Source: SMPP 3.4, sections 5.3.2.12, 5.3.2.35 and appendix B.
    """
    text = _receipt_text(packet.short_message or packet.message_payload or b"", packet.data_coding or 0)
    named, err = _ID.search(text), _ERR.search(text)
    state = _NUMBERS.get(packet.message_state or 0, "") or _state_in(text)
    ref = (packet.receipted_message_id or b"").rstrip(b"\0").decode("latin-1").strip()
    ref = ref or (named.group(1) if named else "")
    if not ref or not state:
        return None
    error = err.group(1) if err else ""
    invalid = state != "DELIVRD" and error in invalid_errors
    return Report(
        provider,
        ref,
        "invalid" if invalid else _STATES[state],
        now,
        detail=f"stat {state}{f' err {error}' if error else ''}",
        spellings=spellings(ref),
    )


def _state_in(text: str) -> str:
    """The final state that a receipt's text names, as appendix B writes it; empty when it names none."""
    said = _STAT.search(text)
    if said is None:
        return ""
    word = said.group(1).upper()
    word = _SPELLINGS.get(word, word)
    if word in _STATES:
        return word
    return "UNDELIV" if _CARRIERS_FAILURE.fullmatch(word) else ""


def _receipt_text(octets: bytes, coding: int) -> str:
    """A receipt's text; it is plain letters, also where a centre writes them in two octets each."""
    if coding in _UCS2 or octets[:1] == b"\0":
        return octets.decode("utf-16-be", "replace")
    if octets[1:2] == b"\0":
        return octets.decode("utf-16-le", "replace")
    return octets.decode("latin-1")


def spellings(ref: str) -> tuple[str, ...]:
    """How else a centre may have written an identifier in its answer, the likeliest first.

    In other case, with other zeros in front, and as the same number in hexadecimal or decimal.
    """
    bare = ref.lstrip("0") or "0"
    numbers = [bare]
    if re.fullmatch(r"[0-9A-Fa-f]{1,32}", bare):
        numbers.append(str(int(bare, 16)))
    if re.fullmatch(r"[0-9]{1,38}", bare):
        numbers.append(f"{int(bare):x}")
    written = [form for number in numbers for form in (number, number.upper(), number.lower())]
    padded = [form.zfill(width) for form in written for width in (8, 10, 16, 20, 32) if len(form) < width]
    return tuple(form for form in dict.fromkeys((*written, *padded)) if form != ref)


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
