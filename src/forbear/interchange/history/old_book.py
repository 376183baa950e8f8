"""The old system's figures of a day, by loan: what a shadow run is compared with."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from forbear.core.base.money import is_currency
from forbear.core.base.problem import InputError, Problem, at_place, with_hint
from forbear.core.files.hints import nearest, one_of
from forbear.interchange.history.read_history import HistoryError
from forbear.interchange.home.lender_file import ENCODINGS

#: The columns; the last two may be missing. `list` names the list on which the loan stood that day, empty for none.
COLUMNS = ("loan_id", "days_past_due", "amount", "currency", "list")
NEEDED = COLUMNS[:3]
#: What a person may write for no list.
_NO_LIST = ("", "no", "none", "0", "false", "-", "否", "无")
_LARGEST = Decimal(10) ** 13


@dataclass(frozen=True, slots=True)
class OldRow:
    """A loan of the old system: `amount` in the currency's unit, `currency` "" where the file names none.

    `listed` is the list it stood on; None where the file has no lists.
    """

    loan_id: str
    days_past_due: int
    amount: Decimal
    currency: str
    listed: str | None


def read_old_book(path: Path, encoding: str = "utf-8") -> dict[str, OldRow]:
    """The file's rows by loan; HistoryError with every mistake in it."""
    codec = ENCODINGS[encoding]
    try:
        text = path.read_bytes().decode("utf-8-sig" if codec == "utf-8" else codec)
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text in {codec}; see --encoding") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    head = [cell.strip().lower() for cell in next(reader, [])]
    problems = list(_head_problems(path.name, head))
    rows: dict[str, OldRow] = {}
    if not problems:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            place = f"{path.name}:{reader.line_num}"
            row = _row(head, cells)
            if isinstance(row, OldRow) and row.loan_id in rows:
                row = "loan_id", Problem("old_loan_twice", "loan %(name)s is there twice", name=row.loan_id)
            if isinstance(row, OldRow):
                rows[row.loan_id] = row
            else:
                problems.append(at_place(f"{place}:{row[0]}" if row[0] else place, row[1]))
    if problems:
        raise HistoryError(problems)
    return rows


def _head_problems(name: str, head: list[str]) -> Iterator[Problem]:
    for place, column in enumerate(head, start=1):
        if column not in COLUMNS:
            unknown = Problem("history_column_unknown", "the column `%(name)s` is not known", name=column)
            yield at_place(
                f"{name}:1:{place}", with_hint(unknown, nearest(column, COLUMNS) or one_of(COLUMNS))
            )
        elif column in head[: place - 1]:
            twice = Problem("history_column_twice", "the column `%(name)s` is there twice", name=column)
            yield at_place(f"{name}:1:{place}", twice)
    for column in NEEDED:
        if column not in head:
            missing = Problem("history_column_missing", "the column `%(name)s` is missing", name=column)
            yield at_place(f"{name}:1", missing)


def _row(head: list[str], cells: list[str]) -> OldRow | tuple[str, Problem]:
    """A row, or the column that is wrong and why."""
    if len(cells) != len(head):
        return "", Problem(
            "history_row_shape",
            "has %(count)s values, and the header has %(names)s",
            count=len(cells),
            names=len(head),
        )
    values = dict(zip(head, (cell.strip() for cell in cells), strict=True))
    if not values["loan_id"]:
        return "loan_id", Problem("history_value_missing", "is empty")
    days = values["days_past_due"] or "0"
    if not days.isascii() or not days.isdecimal() or len(days) > 5:
        return "days_past_due", Problem("old_no_days", "`%(value)s` is not a number of days", value=days)
    try:
        amount = Decimal(values["amount"].replace(",", "") or "0")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) > _LARGEST:
        return "amount", Problem("old_no_amount", "`%(value)s` is not an amount", value=values["amount"])
    currency = values.get("currency", "").upper()
    if currency and not is_currency(currency):
        return "currency", Problem("old_no_currency", "`%(value)s` is no currency", value=currency)
    listed = values.get("list")
    if listed is not None and listed.lower() in _NO_LIST:
        listed = ""
    return OldRow(values["loan_id"], int(days), amount, currency, listed)
