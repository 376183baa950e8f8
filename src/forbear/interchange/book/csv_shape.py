"""How many rows a CSV file truly holds, counted without the engine that reads it.

A reader that drops a row drops it from its own count too, so the count that
everything is held against is made here, from the bytes: line ends outside
quotes, less the empty lines.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

LONGEST_LINE = 2_000_000  # bytes; a feed's row has a few hundred
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class CsvShape:
    """`rows` after the header; `blank` the numbers of empty lines (the header is line 1); `too_long` a line, or 0."""

    rows: int
    blank: tuple[int, ...]
    too_long: int


def csv_shape(path: Path) -> CsvShape:
    """Count the file's rows; line numbers count line ends outside quotes, as a CSV reader does."""
    count = _Count()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            block += stream.readline(LONGEST_LINE)  # so that blocks end where lines do
            if not count.plain(block):
                count.careful(block)
            if count.length > LONGEST_LINE:
                return CsvShape(0, tuple(count.blank), count.line)
    lines = count.line if count.length else count.line - 1
    return CsvShape(max(0, lines - 1 - len(count.blank)), tuple(count.blank), 0)


_OTHERS = bytes(code for code in range(256) if code not in b'"\n')


class _Count:
    """How far the counting has come: the line it is in, that line's length so far, whether inside quotes."""

    def __init__(self) -> None:
        self.line, self.length, self.quoted = 1, 0, False
        self.blank: list[int] = []

    def plain(self, block: bytes) -> bool:
        """Count a block of whole lines without empty ones or line ends inside quotes; False if it isn't such."""
        if self.quoted or self.length or block[-1:] != b"\n" or block[:1] in b"\r\n":
            return False
        if b"\n\n" in block or b"\n\r" in block:
            return False
        # a pair of quotes encloses nothing that ends a line
        if b'"' in block and b'"' in (block := block.replace(b'""', b"")):
            block = block.translate(None, _OTHERS).replace(b'""', b"")
            if b'"' in block:
                return False
        self.line += block.count(b"\n")
        return True

    def careful(self, block: bytes) -> None:
        """Count any block, piece by piece between quotes."""
        for position, piece in enumerate(block.split(b'"')):
            if position:
                self.quoted = not self.quoted
                self.length += 1
            if self.quoted:
                self.length += len(piece)
                continue
            first, *rest = piece.split(b"\n")
            self.length += len(first.strip(b"\r"))
            for part in rest:
                if not self.length:
                    self.blank.append(self.line)
                self.line += 1
                self.length = len(part.strip(b"\r"))
            if self.length > LONGEST_LINE:
                return


def take_out_misshapen(
    path: Path, columns: int, folder: Path
) -> tuple[Path, tuple[tuple[int, str, str], ...]]:
    """Copy the file without the rows that have not `columns` values.

    Returns the copy and, for each row left out, its number (data rows from 1), the reason and the row's text.
    """
    copy, left_out = folder / f"{path.stem}.shaped.csv", []
    csv.field_size_limit(LONGEST_LINE)
    with (
        path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as source,
        copy.open("w", encoding="utf-8", errors="surrogateescape", newline="") as target,
    ):
        out = csv.writer(target, lineterminator="\n")
        number = -1  # the header comes first
        for values in csv.reader(source):
            if not values:
                continue
            number += 1
            if len(values) == columns:
                out.writerow(values)
            else:
                kind = "few" if len(values) < columns else "many"
                left_out.append((number, f"the row has too {kind} columns", ",".join(values)))
    return copy, tuple(left_out)
