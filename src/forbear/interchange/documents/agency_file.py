"""Files between the lender and an agency: cases out, outcomes in, as CSV or Excel, each with its control totals.

The last row of every file begins with `#total` and holds the number of rows and the sum of one column. A file whose
totals don't add up, or that has none, is refused whole: half a file must not look like a whole one. A single
bad row goes aside with its row number, column and reason, and the rest goes on.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from xml.etree import ElementTree

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from forbear.core.base.problem import MessageId, Phrase, Problem, noop
from forbear.core.files.spreadsheet import plain_cell
from forbear.interchange.home.plain_table import PlainWriter

TOTAL = "#total"
FORMS = ("csv", "xlsx")
CASES = (
    "placement_id",
    "borrower_id",
    "name",
    "loans",
    "currency",
    "past_due",
    "outstanding",
    "days_past_due",
    "placed_on",
    "due_back_on",
    "stratum",
    "creditor",
)
OUTCOMES = ("contact_id", "result", "seconds", "willingness", "situation", "note")
#: May follow them: what a promise is about, as a plain decimal and an ISO day. A promise without them goes aside.
PROMISED = ("amount", "due_on")
MOST_ROWS = 200_000
LARGEST = 32 * 1024 * 1024
LARGEST_UNPACKED = 16 * LARGEST
_LONGEST_NOTE = 4_000
_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One outcome as an agency's file tells it; `row` is its place in the file."""

    row: int
    contact_id: str
    result: str
    seconds: int
    willingness: str
    situation: str
    note: str
    amount: str = ""
    due_on: date | None = None


_ONE_OF = noop("must be one of %(choices)s")
_EMPTY_OR_ONE_OF = noop("must be empty or one of %(choices)s")
_TWICE = noop("this contact stands in the file twice")


@dataclass(frozen=True, slots=True)
class Aside:
    """A row that was not taken: where it is wrong, and why."""

    row: int
    column: str
    reason: Phrase | MessageId


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it was read: rows in = taken + aside, proved before anything is done."""

    rows: int
    taken: list[OutcomeRow]
    aside: list[Aside]


def write_table(
    head: Sequence[str], rows: Iterable[Sequence[object]], form: str, total: Sequence[object] = ()
) -> bytes:
    """A table as CSV (UTF-8 with its mark, so that spreadsheets read Chinese) or Excel; `total` is the last row."""
    assert form in FORMS, form
    cells = [[_cell(value) for value in row] for row in rows]
    if total:
        cells.append([_cell(value) for value in total])
    if form == "csv":
        text = io.StringIO()
        writer = PlainWriter(text)
        writer.writerow(head)
        writer.writerows(cells)
        return ("\ufeff" + text.getvalue()).encode()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("forbear")
    sheet.append(list(head))
    for row in cells:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _cell(value: object) -> object:
    return value if isinstance(value, int) else plain_cell(str(value))


def read_outcomes(
    content: bytes, results: Sequence[str], willing: Sequence[str], situations: Sequence[str]
) -> Read | Problem:
    """An agency's file of outcomes; `results`, `willing` and `situations` are the words it may use."""
    table = _table(content)
    if isinstance(table, Problem):
        return table
    if not table or [cell.strip().lower() for cell in table[0]][: len(OUTCOMES)] != list(OUTCOMES):
        return Problem(
            "file_first_row_invalid", "the first row must be: %(outcomes)s", outcomes=tuple(OUTCOMES)
        )
    body = [
        (number, row) for number, row in enumerate(table[1:], start=2) if any(cell.strip() for cell in row)
    ]
    if not body or body[-1][1][0].strip() != TOTAL:
        return Problem(
            "file_last_row_invalid",
            "the last row must begin with %(total)s, then the number of rows and the sum of seconds",
            total=TOTAL,
        )
    total, body = body[-1][1], body[:-1]
    if len(body) > MOST_ROWS:
        return Problem(
            "file_too_many_rows", "a file has at most %(most)s rows; send it in parts", most=f"{MOST_ROWS:,}"
        )
    seconds = sum(int(row[2]) for _, row in body if len(row) > 2 and _NUMBER.fullmatch(row[2].strip()))
    said = [cell.strip() for cell in total[1:3]]
    if said != [str(len(body)), str(seconds)]:
        return Problem(
            "file_totals_differ",
            "the control totals don't add up: the file's last row says %(stated)s, it holds %(rows)s rows "
            "and %(seconds)s seconds; nothing was taken",
            stated=" / ".join(said),
            rows=len(body),
            seconds=seconds,
        )
    taken, aside, seen = [], [], set()
    known = len(OUTCOMES)
    promises = tuple(cell.strip().lower() for cell in table[0][known : known + len(PROMISED)]) == PROMISED
    for number, row in body:
        outcome = _outcome(number, row, results, willing, situations)
        if promises and isinstance(outcome, OutcomeRow):
            outcome = _promised(
                outcome, [cell.strip() for cell in (*row, "", "")][known : known + len(PROMISED)]
            )
        if isinstance(outcome, OutcomeRow) and outcome.contact_id in seen:
            outcome = Aside(number, "contact_id", _TWICE)
        if isinstance(outcome, OutcomeRow):
            seen.add(outcome.contact_id)
            taken.append(outcome)
        else:
            aside.append(outcome)
    assert len(taken) + len(aside) == len(body), "no row is lost"
    return Read(len(body), taken, aside)


def _outcome(
    number: int, row: Sequence[str], results: Sequence[str], willing: Sequence[str], situations: Sequence[str]
) -> OutcomeRow | Aside:
    cells = [cell.strip() for cell in (*row, *[""] * len(OUTCOMES))][: len(OUTCOMES)]
    contact, result, seconds, willingness, situation, note = cells
    for column, is_wrong, reason in (
        ("contact_id", not contact or len(contact) > 36, noop("is missing or too long")),
        ("result", result not in results, Phrase(_ONE_OF, choices=tuple(results))),
        ("seconds", not _NUMBER.fullmatch(seconds or "0"), noop("must be a whole number of seconds")),
        (
            "willingness",
            willingness not in willing,
            Phrase(_EMPTY_OR_ONE_OF, choices=tuple(filter(None, willing))),
        ),
        (
            "situation",
            situation not in situations,
            Phrase(_EMPTY_OR_ONE_OF, choices=tuple(filter(None, situations))),
        ),
        (
            "note",
            len(note) > _LONGEST_NOTE,
            Phrase(noop("is longer than %(most)s characters"), most=_LONGEST_NOTE),
        ),
    ):
        if is_wrong:
            return Aside(number, column, reason)
    return OutcomeRow(number, contact, result, int(seconds or "0"), willingness, situation, note)


def _promised(outcome: OutcomeRow, cells: Sequence[str]) -> OutcomeRow | Aside:
    """The row with what was promised; a day that is none goes aside."""
    amount, day = cells
    try:
        return replace(outcome, amount=amount, due_on=date.fromisoformat(day) if day else None)
    except ValueError:
        return Aside(outcome.row, "due_on", noop("must be a day such as 2026-03-31"))


def _table(content: bytes) -> list[list[str]] | Problem:
    """The rows of a CSV or Excel file as texts."""
    if len(content) > LARGEST:
        return Problem(
            "file_too_large",
            "a file has at most %(megabytes)s MB; send it in parts",
            megabytes=LARGEST // 1024 // 1024,
        )
    if content.startswith(b"PK"):
        return _sheet(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            return Problem(
                "file_type_unknown",
                "the file is neither UTF-8 nor GBK text, nor an Excel file; save it as one of them",
            )
    try:
        return list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        return Problem("csv_unreadable", "the file can't be read as CSV (%(error)s)", error=str(error))


#: What a broken or hostile workbook makes its library raise.
_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    IndexError,
    EOFError,
    NotImplementedError,
)


def _sheet(content: bytes) -> list[list[str]] | Problem:
    """The first sheet's rows; a workbook that unpacks to far more than its size is not unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(member.file_size for member in packed.infolist()) > LARGEST_UNPACKED:
                return Problem(
                    "workbook_too_large", "the workbook unpacks to too much; send it as CSV, or in parts"
                )
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True, max_col=len(OUTCOMES) + len(PROMISED) + 1)
        first = islice(rows, MOST_ROWS + 3)
        return [["" if cell is None else str(cell) for cell in row] for row in first]
    except _BROKEN:
        return Problem(
            "workbook_unreadable",
            "the file can't be read as an Excel workbook; save it again as .xlsx or as CSV",
        )
