"""Short messages as octets: the GSM 7-bit alphabet or UCS-2, cut into parts that break no character."""

#: 3GPP TS 23.038, one sign a septet. The place of ESC (0x1B) holds a sign that no text contains.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\uffffÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: What stands behind an ESC.
_EXTENDED = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_ESC = 0x1B
assert len(_BASIC) == 128

_TO_GSM = {sign: bytes([place]) for place, sign in enumerate(_BASIC) if place != _ESC}
_TO_GSM |= {sign: bytes([_ESC, place]) for sign, place in _EXTENDED.items()}
_FROM_GSM = {place: sign for place, sign in enumerate(_BASIC) if place != _ESC}
_FROM_EXTENDED = {place: sign for sign, place in _EXTENDED.items()}

GSM, ASCII, LATIN1, UCS2 = 0, 1, 3, 8
#: Octets that fit: one message alone, and each part beside its six-octet header.
_ALONE = {GSM: 160, UCS2: 140}
_PART = {GSM: 153, UCS2: 134}
MOST_PARTS = 255


def encode(text: str) -> tuple[int, list[bytes]]:
    """The data coding and the parts of a text, without headers: one part, or several of a long message."""
    known = [_TO_GSM.get(sign) for sign in text]
    coding, pieces = GSM, [piece for piece in known if piece is not None]
    if None in known:
        # a surrogate half can't be sent; a whole one is two UCS-2 units that stay together
        clean = text.encode("utf-16-be", "replace").decode("utf-16-be")
        coding, pieces = UCS2, [sign.encode("utf-16-be") for sign in clean]
    whole = b"".join(pieces)
    if len(whole) <= _ALONE[coding]:
        return coding, [whole]
    parts, part = [], b""
    for piece in pieces:
        if len(part) + len(piece) > _PART[coding]:
            parts.append(part)
            part = b""
        part += piece
    return coding, [*parts, part]


def part_header(reference: int, count: int, number: int) -> bytes:
    """The user data header of part `number` (from 1) of `count`: TS 23.040 section 9.2.3.24.1."""
    return bytes((5, 0, 3, reference % 256, count, number))


def decode(octets: bytes, coding: int, *, default: str = "gsm") -> str:
    """The text in a message that came; `default` is what coding 0 means at this provider: gsm, ascii, latin1."""
    if coding in (UCS2, 0x18):  # 0x18: UCS-2 of class 0
        return octets.decode("utf-16-be", "replace")
    if coding == LATIN1 or (coding == GSM and default == "latin1"):
        return octets.decode("latin-1")
    if coding == ASCII or (coding == GSM and default == "ascii"):
        return octets.decode("ascii", "replace")
    return _from_gsm(octets)


def _from_gsm(octets: bytes) -> str:
    signs, escaped = [], False
    for octet in octets:
        if escaped:
            signs.append(_FROM_EXTENDED.get(octet, _FROM_GSM.get(octet, " ")))
            escaped = False
        elif octet == _ESC:
            escaped = True
        else:
            signs.append(_FROM_GSM.get(octet, "\ufffd"))
    return "".join(signs)


def split_header(octets: bytes) -> tuple[tuple[int, int, int] | None, bytes]:
    """The concatenation (reference, count, number) in a user data header, if any, and what follows the header."""
    if not octets or len(octets) < octets[0] + 1:
        return None, octets
    header, rest = octets[1 : octets[0] + 1], octets[octets[0] + 1 :]
    at = 0
    while at + 2 <= len(header):
        element, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if element == 0 and len(value) == 3:
            return (value[0], value[1], value[2]), rest
        if element == 8 and len(value) == 4:
            return (value[0] << 8 | value[1], value[2], value[3]), rest
        at += 2 + length
    return None, rest
