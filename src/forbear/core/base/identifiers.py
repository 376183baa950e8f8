"""Names that other systems give to loans, borrowers and payments: how they are read, and how long they may be.

A name is what stands between white space. Exports put tabs behind numbers so that a spreadsheet keeps their digits,
and copied text brings no-break spaces, marks of byte order and signs without a width. None of them is part of a name.
"""

import re
import unicodedata

#: The longest name of a loan, borrower or payment, in characters: in the feed, the tables and the interface.
LONGEST = 64
#: Signs that nobody sees at the ends of a name: white space, controls, signs without a width or of direction.
UNSEEN = "".join(
    chr(code)
    for first, last in (
        *((0x00, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x61C, 0x61C), (0x115F, 0x1160), (0x1680, 0x1680)),
        *((0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x2800, 0x2800)),
        *((0x3000, 0x3000), (0x3164, 0x3164), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0)),
    )
    for code in range(first, last + 1)
)
_MARKS = re.compile(r"[\W_]+")


def trimmed(name: str) -> str:
    """The name without what nobody sees before and behind it."""
    return name.strip(UNSEEN)


def bare(name: str) -> str:
    """The name's letters and digits alone, for finding what somebody may have meant: `l-001 ` and `Ｌ001` are alike.

    Never for taking one name for another.
    """
    return _MARKS.sub("", unicodedata.normalize("NFKC", trimmed(name))).casefold()
