"""The rows behind a figure: on the page in the reader's words, in a file as codes for a program."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from forbear.web import labels as words
from forbear.web.templatetags.forbear import money, when

#: The columns that may be seen, codes and moments and nothing that names a person, with their names for people.
_COLUMNS = {
    "pk": _("Number"),
    "borrower_id": _("Borrower"),
    "loan_id": _("Loan"),
    "channel": _("Channel"),
    "state": _("State"),
    "outcome": _("Outcome"),
    "kind": _("Kind"),
    "stage": _("Stage"),
    "intent": _("Understood as"),
    "at": _("When"),
    "read_at": _("Read"),
    "answered_at": _("Answered"),
    "made_on": _("Made on"),
    "due_on": _("Due on"),
    "opened_at": _("Opened"),
    "by": _("To be paid by"),
    "paid_on": _("Paid on"),
    "received_at": _("Received"),
    "currency": _("Currency"),
    "amount": _("Amount"),
    "paid": _("Paid"),
    "outstanding": _("Outstanding"),
}
_AMOUNTS = ("amount", "paid", "outstanding")
#: In which words a code is told, by the table it stands in.
_WORDS = {
    "channel": "channel",
    "stage": "stage",
    "intent": "intent",
    "Contact.state": "state",
    "Contact.outcome": "outcome",
    "Promise.state": "agreement",
    "Plan.state": "agreement",
    "Settlement.state": "agreement",
    "Request.kind": "request",
    "Request.outcome": "answer",
}
#: What a page leaves to the file: keys that say nothing to a person, and what stands in another column.
_FILE_ONLY = ("pk", "currency", "Request.state", "Inbound.kind")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell; `borrower` where it is one's id, whose case it may lead to."""

    text: str
    borrower: bool = False
    number: bool = False


def head(rows: QuerySet) -> list[str]:
    """The columns that such rows have."""
    known = {field.attname for field in rows.model._meta.concrete_fields}
    return [name for name in _COLUMNS if name == "pk" or name in known]


def cells(row: object, names: Iterable[str]) -> list[str]:
    """These columns of a row for a file; what isn't there is empty."""
    cells = (getattr(row, name) for name in names)
    return ["" if value is None else str(value) for value in cells]


def named_head(rows: QuerySet) -> list[tuple[str, bool]]:
    """The columns of the page by their names in the reader's language, and whether each holds numbers."""
    return [(str(_COLUMNS[name]), name in _AMOUNTS) for name in _on_page(rows)]


def named_cells(rows: Iterable[object], query: QuerySet) -> list[list[Cell]]:
    """Rows for the page, in the reader's words, with moments in the lender's time zone."""
    names = _on_page(query)
    return [[_cell(row, name) for name in names] for row in rows]


def with_money(rows: QuerySet) -> QuerySet:
    """The same rows with what their amounts are in, in one question."""
    return rows.select_related("loan") if "loan_id" in head(rows) else rows


def _on_page(rows: QuerySet) -> list[str]:
    model = rows.model.__name__
    return [name for name in head(rows) if name not in _FILE_ONLY and f"{model}.{name}" not in _FILE_ONLY]


def _cell(row: Any, name: str) -> Cell:
    value, model = getattr(row, name), type(row).__name__
    if name in _AMOUNTS:
        unit = row if hasattr(row, "minor_unit") else row.loan
        return Cell(money(value, unit.minor_unit, unit.currency), number=True)
    if name == "borrower_id":
        return Cell(value or "—", borrower=bool(value))
    table = _WORDS.get(f"{model}.{name}") or _WORDS.get(name)
    if table is not None:
        return Cell(words.word(table, value) or "—")
    return Cell(value if isinstance(value, str) else when(value))
