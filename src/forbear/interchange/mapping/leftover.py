"""What stands in a table and is no loan: totals, blank rows, notes under it. Each is left out and counted."""

import re
from collections.abc import Sequence

from forbear.engine.columnar import Connection, identifier, quote
from forbear.interchange.mapping.staged import LeftOut, Piece

#: The first filled cell of a row of totals, whole or up to a colon or a bracket.
_TOTALS = (
    "合\\s*计|总\\s*计|小\\s*计|共\\s*计|累\\s*计|总和|汇总|本页合计|本页小计|"
    "grand total|total|totals|sum|sub-?total|subtotals|summe|gesamt"
)
_TOTAL = f"(?i)\\s*({_TOTALS})\\s*([:：(（].*|[0-9,. ]+([笔条户]|rows|records|loans)?)?"
_FIRST_SIGNS = "合总小共累汇本gGtTsS"
_LAST = 30  # rows at the end in which notes are looked for


def is_total(cells: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a row is one of totals: its first filled cell says so, and not every cell is filled."""
    first = next((cell for cell in cells if cell and not cell.isspace()), "").strip()
    if first[:1] not in _FIRST_SIGNS and not first.startswith(tuple(words) or ("\0",)):
        return False
    if not first or all(cell and not cell.isspace() for cell in cells):
        return False
    return bool(re.fullmatch(_TOTAL, first)) or first.startswith(tuple(words) or ("\0",))


def is_note(cells: Sequence[str]) -> bool:
    """Whether a row is a remark: one cell alone, or every filled cell has a colon, as signatures have."""
    filled = [cell for cell in cells if cell and cell.strip()]
    if len(cells) < 3 or not filled:
        return False
    return len(filled) == 1 or (
        len(filled) <= len(cells) // 2 and all(re.search("[:：]", cell) for cell in filled)
    )


def find_left_out(connection: Connection, source: str, piece: Piece, words: Sequence[str]) -> None:
    """Note in `piece` the rows that are no data: blank ones and totals anywhere, remarks at the end."""
    if not piece.columns or not piece.rows:
        return
    first = identifier(piece.columns[0])
    cells = ", ".join(identifier(name) for name in piece.columns)
    # a look at the first sign costs little, and few rows begin with that of a word for totals
    signs = "".join(dict.fromkeys([" \t", *_FIRST_SIGNS, *(word[:1] for word in words)]))
    begins = f"regexp_matches({first}, {quote('^' + _TOTAL + '$')})"
    for word in words:
        begins += f" or starts_with(trim({first}), {quote(word)})"
    doubtful = connection.execute(
        f"select source_row, {cells} from ({piece.scan()}) where {first} is null or {first} = '' "
        f"or (contains({quote(signs)}, left({first}, 1)) and (trim({first}) = '' or {begins})) order by source_row"
    )
    blank: list[int] = []
    while batch := doubtful.fetchmany(10_000):
        for row, *values in batch:
            if not any(value and value.strip() for value in values):
                blank.append(row)
            elif is_total(values, words):
                _leave_out(source, piece, row, values, "a row of totals")
    if blank:
        piece.without |= set(blank)
        piece.left_out.append(LeftOut(source, piece.label, "a blank row", len(blank), blank[0], blank[-1]))
    last = connection.execute(
        f"select source_row, {cells} from ({piece.scan()}) where row_at >= {piece.rows - _LAST} order by row_at desc"
    ).fetchall()
    for row, *values in last:
        if not is_note(values):
            break
        _leave_out(source, piece, row, values, "a note under the table")


def _leave_out(source: str, piece: Piece, row: int, values: Sequence[str], reason: str) -> None:
    piece.without.add(row)
    text = " ".join(value for value in values if value)[:200]
    piece.left_out.append(LeftOut(source, piece.label, reason, 1, row, row, text))
