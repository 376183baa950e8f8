"""A sheet of an Excel workbook (xlsx, xlsm, xlsb, xls, ods) as text, with the row numbers that Excel shows."""

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from forbear.engine.columnar import Connection
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.feed_hints import nearest
from forbear.interchange.book.origin import ROW
from forbear.interchange.mapping.csv_source import stage_text
from forbear.interchange.mapping.find_sources import Found
from forbear.interchange.mapping.leftover import is_note, is_total
from forbear.interchange.mapping.mapping_file import Source
from forbear.interchange.mapping.staged import LeftOut, Piece, column_names

_EXACT = 15  # digits of a number that Excel keeps
Cell = str | int | float | bool | date | datetime | time | timedelta
Range = tuple[tuple[int, int], tuple[int, int]]


def stage_sheet(connection: Connection, name: str, source: Source, found: Found, scratch: Path) -> Piece:
    """Stage one sheet of a workbook; `FeedError` for what can't be read as a table of rows."""
    sheet = open_sheet(source.sheet, found)
    header = max(source.header, 1) - 1
    merged = [cells for cells in sheet.merged_cell_ranges or [] if cells[1][0] >= header]
    rows = _Rows(name, source, f"{found.label} [{sheet.name}]", merged)
    text = scratch / f"{name}.sheet.csv"
    with text.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        for row in rows.of(sheet, header):
            out.writerow(row)
    labelled = Found(rows.label, found.path)
    plain = Source(files=source.files, header=1, nulls=source.nulls)
    piece = stage_text(connection, name, plain, text, labelled, rows.columns, scratch, numbered=True)
    text.unlink()
    piece.left_out += rows.left_out
    if rows.inexact:
        place, column = rows.inexact
        raise FeedError(
            f"{rows.label}: row {place}, column {column} holds a number of more than 15 digits, of which Excel has "
            "lost the last; store ids and account numbers as text"
        )
    return piece


def open_sheet(wanted: str, found: Found) -> CalamineSheet:
    """The sheet of that name or place, else the first; `FeedError` when it isn't there."""
    try:
        workbook = CalamineWorkbook.from_path(str(found.path))
    except (CalamineError, OSError, ValueError) as error:
        raise FeedError(
            f"{found.label}: is no workbook that can be read ({error}); open and save it again"
        ) from None
    names = workbook.sheet_names
    if wanted.isdigit() and wanted not in names and 0 < int(wanted) <= len(names):
        wanted = names[int(wanted) - 1]
    wanted = wanted or names[0]
    if wanted not in names:
        near = nearest(wanted, names)
        hint = f"is {near} meant" if near else f"it has {', '.join(names[:8])}"
        raise FeedError(f"{found.label}: has no sheet {wanted}; {hint}")
    return workbook.get_sheet_by_name(wanted)


class _Rows:
    """The rows of a table on a sheet, and what around them is none."""

    def __init__(self, source: str, settings: Source, label: str, merged: list[Range]) -> None:
        self.source, self.settings, self.label, self.merged = source, settings, label, merged
        self.columns: list[str] = []
        self.left_out: list[LeftOut] = []
        self.inexact: tuple[int, str] | None = None

    def of(self, sheet: CalamineSheet, header: int) -> Iterator[list[object]]:
        """The header, then each row behind its number; `FeedError` for a table that isn't one."""
        fills: dict[int, tuple[int, str]] = {}
        blank_at = 0
        for at, cells in enumerate(sheet.iter_rows()):
            if at < header:
                continue
            if at == header and self.settings.header:
                yield [ROW, *self._name_columns(cells)]
                continue
            if not self.columns:
                self.columns = column_names(list(self.settings.columns))
                yield [ROW, *self.columns]
            texts = self._texts(at, cells, fills)
            if not any(texts):
                if self.settings.end == "blank":
                    return
                blank_at = blank_at or at + 1
            elif self._is_row(at, texts, blank_at):
                yield [at + 1, *texts]
        if not self.columns:
            raise FeedError(f"{self.label}: has no row {header + 1}, where its header should be")

    def _name_columns(self, cells: list[Cell]) -> list[str]:
        for (top, left), (bottom, right) in self.merged:
            if top == self.settings.header - 1 and (right > left or bottom > top):
                place = f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"
                raise FeedError(
                    f"{self.label}: cells of its header are merged ({place}); name in `header` the line that has a "
                    "name for each column, or write header: 0 and columns"
                )
        texts = [str(cell_text(cell)) for cell in cells]
        while texts and not texts[-1].strip():
            texts.pop()
        if not texts:
            raise FeedError(
                f"{self.label}: row {self.settings.header} is empty; name the header's row in the mapping"
            )
        self.columns = column_names(texts)
        return self.columns

    def _texts(self, at: int, cells: list[Cell], fills: dict[int, tuple[int, str]]) -> list[str]:
        width = len(self.columns)
        texts = [cell_text(cell) for cell in cells[:width]]
        texts += [""] * (width - len(texts))
        if self.inexact is None:
            self._look_for_inexact(at, texts, cells)
        if len(cells) > width and any(cell_text(cell) for cell in cells[width:]):
            raise FeedError(
                f"{self.label}: row {at + 1} goes on beside the last column {self.columns[-1]}; is another table there?"
            )
        for (top, left), (bottom, right) in self.merged:
            if top == at and not any(texts):
                continue
            if top <= at <= bottom and at > self.settings.header - 1 and left < width:
                self._fill(at, texts, (top, left, bottom, min(right, width - 1)), fills)
        return texts

    def _look_for_inexact(self, at: int, texts: list[str], cells: list[Cell]) -> None:
        for place, text in enumerate(texts):
            if len(text) > _EXACT and type(cells[place]) in (int, float) and "." not in text:
                self.inexact = (at + 1, self.columns[place])

    def _fill(
        self, at: int, texts: list[str], cells: tuple[int, int, int, int], fills: dict[int, tuple[int, str]]
    ) -> None:
        """A value that stands for several cells: one that goes down is filled where the mapping says so."""
        top, left, bottom, right = cells
        if top == bottom:
            return  # a title or a remark over the width: it is a row of one cell
        if self.settings.merged == "refuse":
            place = f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"
            raise FeedError(
                f"{self.label}: cells among its rows are merged ({place}); unmerge them, or write merged: fill so that "
                "each row has the value"
            )
        if at == top:
            fills[left] = (bottom, texts[left])
        elif left in fills and at <= fills[left][0]:
            texts[left] = fills[left][1]

    def _is_row(self, at: int, texts: list[str], blank_at: int) -> bool:
        """Whether it is a row of data; totals and notes are left out, and a second table is refused."""
        reason = ""
        if is_total(texts, self.settings.leave_out):
            reason = "a row of totals"
        elif blank_at and is_note(texts):
            reason = "a note under the table"
        if reason:
            text = " ".join(filter(None, texts))[:200]
            self.left_out.append(LeftOut(self.source, self.label, reason, 1, at + 1, at + 1, text))
            return False
        if blank_at:
            raise FeedError(
                f"{self.label}: row {blank_at} is blank and row {at + 1} goes on; if the table ends there, write "
                "end: blank in the mapping, else remove the blank row"
            )
        return True


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _plain(text: str) -> str:
    return (
        " ".join(text.split("\n")).replace("\r", "").replace("\0", "")
        if "\n" in text or "\0" in text
        else text
    )


def _number(value: float) -> str:
    """Whole numbers without a point; of others the fifteen digits that Excel keeps, not an artefact of binary ones."""
    return str(int(value)) if value.is_integer() else f"{Decimal(f'{value:.15g}'):f}"


def _moment(value: datetime) -> str:
    return value.isoformat(" ", "seconds").removesuffix(" 00:00:00")


_TEXTS: dict[type, Callable[[Any], str]] = {
    str: _plain,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _number,
    datetime: _moment,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: str,
}


def cell_text(cell: Cell) -> str:
    """A cell as it would be typed: whole numbers without a point, days as 2026-03-31."""
    return _TEXTS[type(cell)](cell)
