"""How many SMS a text is: GSM 7-bit where every sign allows it, else UCS-2 (3GPP TS 23.038, TS 23.040)."""

from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "\f^{}\\[~]|€"
_SEPTETS = {**dict.fromkeys(_BASIC, 1), **dict.fromkeys(_EXTENDED, 2)}
#: Units in a message that stands alone, and in each of several, whose header takes six octets.
_ROOM = {"gsm7": (160, 153), "ucs2": (70, 67)}


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs by SMS: `count` messages of `encoding` gsm7 or ucs2; `units` septets or 16-bit units."""

    count: int
    encoding: str
    units: int

    @property
    def room(self) -> int:
        """Units left in the last message."""
        alone, per_part = _ROOM[self.encoding]
        return alone - self.units if self.count <= 1 else self.count * per_part - self.units


def sms_segments(text: str) -> Segments:
    """The messages a text needs. A sign of two units is never split between two messages. Empty needs none."""
    encoding = "gsm7" if all(sign in _SEPTETS for sign in text) else "ucs2"
    sizes = [_SEPTETS[sign] if encoding == "gsm7" else 1 + (ord(sign) > 0xFFFF) for sign in text]
    units = sum(sizes)
    alone, per_part = _ROOM[encoding]
    if units <= alone:
        return Segments(1 if text else 0, encoding, units)
    count, used, padding = 1, 0, 0
    for size in sizes:
        if used + size > per_part:
            padding += per_part - used
            count, used = count + 1, 0
        used += size
    return Segments(count, encoding, units + padding)
