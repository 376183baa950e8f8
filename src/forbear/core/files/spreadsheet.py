"""Cells that no spreadsheet takes for a formula, for every file that somebody may open with one.

What a spreadsheet does with `=cmd|'/c calc'!A0` it also does after blanks, line ends and marks nobody sees. It does it
with the full-width signs of Chinese keyboards, too. An apostrophe before it makes it a text (OWASP, CSV Injection).
"""

import re
from collections.abc import Iterable

_BLANK = "".join(
    map(chr, [*range(0x21), *range(0x7F, 0xA1), 0x1680, *range(0x2000, 0x2010), *range(0x2028, 0x2030)])
) + "".join(map(chr, [*range(0x205F, 0x2065), 0x3000, 0xFEFF]))
_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫−"
#: What begins a formula, as a regular expression of Python and of RE2 alike.
FORMULA = f"^[{_BLANK[1:]}]*[{_SIGNS}]|^[\t\r\n]"
#: What looks so and is a number.
NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER.replace("$", r"\Z"))


def plain_cell(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula."""
    bare = text.replace("\0", "")
    return f"'{bare}" if _FORMULA.search(bare) and not _NUMBER.match(bare) else bare


def plain_row(row: Iterable[object]) -> list[object]:
    """A row of such cells; numbers stay numbers, and nothing is an empty cell."""
    return [
        cell
        if isinstance(cell, int) and not isinstance(cell, bool)
        else plain_cell("" if cell is None else str(cell))
        for cell in row
    ]


def plain_sql(column: str) -> str:
    """The same for a column of text in SQL; `column` is written as it stands in the statement."""
    formula, number = (pattern.replace("'", "''") for pattern in (FORMULA, NUMBER))
    return (
        f"case when regexp_matches({column}, '{formula}') and not regexp_matches({column}, '{number}') "
        f"then '''' || {column} else {column} end"
    )
