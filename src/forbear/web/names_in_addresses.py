"""The lender's own names as a part of an address: whatever a core puts into them, a link leads back to the same row.

A slash would be another part, `..` is taken away by browsers, and a percent sign, a question mark or a number sign mean
something of their own. Each such sign becomes `~` with its UTF-8 bytes in hexadecimal; letters and digits of every
writing stay readable.
"""

import re

_PLAIN = re.compile(r"[\w-]", re.ASCII)
_ESCAPED = re.compile(r"~([0-9A-F]{2})")
_LOOSE = re.compile(r"~(?![0-9A-F]{2})")


class NameConverter:
    """`<name:borrower_id>` in an address."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The name; ValueError, which is answered by 404, for what no link of ours has."""
        if _LOOSE.search(value):
            raise ValueError("a ~ stands before two hexadecimal digits")
        parts = _ESCAPED.split(value)
        raw = b"".join(
            bytes.fromhex(part) if place % 2 else part.encode() for place, part in enumerate(parts)
        )
        name = raw.decode()
        if not name or "\0" in name:
            raise ValueError("no name is empty or has a NUL")
        return name

    def to_url(self, value: str) -> str:
        """The name as a part of an address."""
        dots = set(value) == {"."}
        return "".join(sign if _stays(sign, dots) else _escaped(sign) for sign in value)


def _stays(sign: str, dots: bool) -> bool:
    return bool(_PLAIN.match(sign)) or (sign == "." and not dots) or (ord(sign) > 127 and sign.isalnum())


def _escaped(sign: str) -> str:
    return "".join(f"~{byte:02X}" for byte in sign.encode())
