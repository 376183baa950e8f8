"""Read a folder of what already stands: every mistake of every file at once, each with file, line and column."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from forbear.core.base.problem import FileMistakes, InputError, Phrase, Problem, at_place, noop, with_hint
from forbear.core.files.hints import nearest, one_of
from forbear.interchange.history.columns import FILES, Column
from forbear.interchange.home.lender_file import ENCODINGS

LONGEST_KEY, LONGEST_TEXT = 64, 1_000
#: Beyond these a date is a slip of the keyboard.
_EARLIEST, _LATEST = 1950, 2199


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its file and line there, the borrower and loans it is about, and its other values as they were written.

    `currency` is that of its loans once they were looked up in the book.
    """

    file: str
    number: int
    borrower: str
    loans: tuple[str, ...]
    values: Mapping[str, str]
    currency: str = ""

    def day(self, column: str) -> date:
        """A date that is there."""
        return date.fromisoformat(self.values[column])

    def place(self, column: str = "") -> str:
        """Where it is, for a person."""
        return f"{self.file}.csv:{self.number}" + (f":{column}" if column else "")


@dataclass(frozen=True, slots=True)
class History:
    """The rows of all files in the order of FILES, and the SHA-256 of each file."""

    lines: list[Line]
    digests: dict[str, str] = field(default_factory=dict)

    def of(self, file: str) -> list[Line]:
        """The rows of one file."""
        return [line for line in self.lines if line.file == file]


class HistoryError(FileMistakes):
    """Files of what already stands that can't be used; nothing of them was imported."""


def read_history(folder: Path, today: date, *, encoding: str = "utf-8", timezone: str = "UTC") -> History:
    """The rows of the folder's files; HistoryError with every mistake in them."""
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; give the folder that holds the files, such as holds.csv")
    problems: list[Problem] = []
    lines: list[Line] = []
    digests: dict[str, str] = {}
    given = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    for stem, path in given.items():
        if stem not in FILES:
            unknown = Problem("history_file_unknown", "no file of this name is read")
            problems.append(at_place(path.name, with_hint(unknown, _like(stem, tuple(FILES)))))
    for name in FILES:
        if name in given:
            content = given[name].read_bytes()
            digests[name] = hashlib.sha256(content).hexdigest()
            lines += _lines(name, content, today, ENCODINGS[encoding], timezone, problems)
    if not digests and not problems:
        raise InputError(f"{folder}: holds none of the files {', '.join(f'{name}.csv' for name in FILES)}")
    problems += _said_twice(lines)
    if problems:
        raise HistoryError(problems)
    return History(lines, digests)


def _lines(
    name: str, content: bytes, today: date, codec: str, timezone: str, problems: list[Problem]
) -> Iterator[Line]:
    """The rows of one file that are right by themselves; what is wrong is added to `problems`."""
    try:
        text = content.decode("utf-8-sig" if codec == "utf-8" else codec)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        wrong = Problem("history_not_text", "is not text in %(encoding)s; see --encoding", encoding=codec)
        problems.append(at_place(f"{name}.csv:{row}", wrong))
        return
    reader = csv.reader(io.StringIO(text, newline=""))
    head = [cell.strip().lower() for cell in next(reader, [])]
    wrong_head = _head_problems(name, head)
    problems += wrong_head
    if wrong_head:
        return
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            problems.append(
                at_place(f"{name}.csv:{number}", Problem("history_row_unread", "can't be read as CSV"))
            )
            return
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(head):
            shape = Problem(
                "history_row_shape",
                "has %(count)s values, and the header has %(names)s",
                count=len(cells),
                names=len(head),
            )
            problems.append(at_place(f"{name}.csv:{number}", shape))
            continue
        values = dict(zip(head, (cell.strip() for cell in cells), strict=True))
        found = _value_problems(name, values, today, timezone)
        problems += [at_place(f"{name}.csv:{number}:{column}", problem) for column, problem in found]
        if not found:
            yield _line(name, number, values)


def _line(name: str, number: int, values: dict[str, str]) -> Line:
    loans = tuple(sorted(set(values.pop("loans", "").replace(";", " ").split())))
    loans = (values["loan_id"],) if name == "notices" else loans
    return Line(name, number, values.get("borrower_id", ""), loans, {k: v for k, v in values.items() if v})


def _head_problems(name: str, head: list[str]) -> list[Problem]:
    """What is wrong with a file's first line."""
    file, found = FILES[name], []
    for place, column in enumerate(head, start=1):
        if column not in file.names:
            unknown = Problem("history_column_unknown", "the column `%(name)s` is not known", name=column)
            hint = nearest(column, file.names) or one_of(file.names)
            found.append(at_place(f"{name}.csv:1:{place}", with_hint(unknown, hint)))
        elif column in head[: place - 1]:
            twice = Problem("history_column_twice", "the column `%(name)s` is there twice", name=column)
            found.append(at_place(f"{name}.csv:1:{place}", twice))
    found += [
        at_place(
            f"{name}.csv:1",
            Problem("history_column_missing", "the column `%(name)s` is missing", name=column.name),
        )
        for column in file.columns
        if column.needed and column.name not in head
    ]
    return found


def _value_problems(
    name: str, values: dict[str, str], today: date, timezone: str
) -> list[tuple[str, Problem]]:
    """What is wrong with one row, by column."""
    found = []
    for column in FILES[name].columns:
        value = values.get(column.name, "")
        if not value:
            if column.needed:
                found.append((column.name, Problem("history_value_missing", "is empty")))
            continue
        problem = _value_problem(column, value, today, timezone)
        if problem is not None:
            found.append((column.name, problem))
    if not found:
        for first, last in (("starts_on", "ends_on"), ("made_on", "due_on"), ("placed_on", "due_back_on")):
            if values.get(first) and values.get(last) and values[last] < values[first]:
                found.append((last, Problem("history_days_turned", "is before %(first)s", first=first)))
    return found


def _value_problem(column: Column, value: str, today: date, timezone: str) -> Problem | None:
    longest = LONGEST_TEXT if column.kind in ("text", "loans") else LONGEST_KEY
    if len(value) > longest:
        return Problem("history_value_long", "is longer than %(most)s characters", most=longest)
    if column.kind == "word" and value not in column.words:
        unknown = Problem("history_word_unknown", "`%(value)s` is not known here", value=value)
        if f"{value}s" in FILES:
            return with_hint(unknown, Phrase(noop("it belongs in %(file)s"), file=f"{value}s.csv"))
        return with_hint(unknown, nearest(value, column.words) or one_of(column.words))
    if column.kind not in ("day", "moment"):
        return None
    try:
        day = date.fromisoformat(value) if column.kind == "day" else moment_of(value, timezone).date()
        if column.kind == "day" and day.isoformat() != value:
            raise ValueError
    except ValueError:
        if column.kind == "day":
            return Problem("history_no_day", "`%(value)s` is not a date like 2026-03-31", value=value)
        return Problem("history_no_moment", "`%(value)s` is not a time like 2026-03-31 14:05", value=value)
    if not _EARLIEST <= day.year <= _LATEST:
        return Problem("history_day_far", "`%(value)s` is too far away to be meant", value=value)
    if column.past and day > today:
        return Problem("history_day_future", "`%(value)s` has not come yet", value=value)
    return None


def moment_of(text: str, timezone: str) -> datetime:
    """A moment as it was written; without a zone it is the lender's. A day alone is its last minute: rules that count
    contacts then count it for as long as it may count.
    """
    alone = len(text) == len("2026-03-31")
    moment = datetime.fromisoformat(f"{text} 23:59" if alone else text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))


def _said_twice(lines: list[Line]) -> list[Problem]:
    """Rows that are the same by what a row is known by."""
    first: dict[tuple[str, ...], Line] = {}
    found = []
    for line in lines:
        before = first.setdefault(key_of(line), line)
        if before is not line:
            twice = Problem(
                "history_row_twice",
                "says what line %(row)s says; give both a `reference` if both happened",
                row=before.number,
            )
            found.append(at_place(line.place(), twice))
    return found


def key_of(line: Line) -> tuple[str, ...]:
    """By what the row is known again when the file comes a second time."""
    return (
        line.file,
        *(
            " ".join(line.loans) if name == "loans" else line.values.get(name, "")
            for name in FILES[line.file].key
        ),
    )


def _like(word: str, words: tuple[str, ...]) -> Phrase:
    return nearest(word, words) or one_of(tuple(f"{name}.csv" for name in words))
