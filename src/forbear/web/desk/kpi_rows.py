"""The columns of the rows behind a figure, and the same rows as codes for a program."""

from collections.abc import Iterable

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

#: The columns that may be seen, codes and moments and nothing that names a person, with their names for people.
COLUMNS = {
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
AMOUNTS = ("amount", "paid", "outstanding")
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


def head(model: type[Model]) -> list[str]:
    """The columns that such rows have."""
    known = {field.attname for field in model._meta.concrete_fields}
    return [name for name in COLUMNS if name == "pk" or name in known]


def cells(row: object, names: Iterable[str]) -> list[str]:
    """These columns of a row for a program; what isn't there is empty."""
    cells = (getattr(row, name) for name in names)
    return ["" if value is None else str(value) for value in cells]


def page_columns(model: type[Model]) -> list[str]:
    """The columns that say something to a person."""
    return [
        name
        for name in head(model)
        if name not in _FILE_ONLY and f"{model.__name__}.{name}" not in _FILE_ONLY
    ]


def words_of(model: type[Model], name: str) -> str:
    """In which words a code is told; "" where it is no code."""
    return _WORDS.get(f"{model.__name__}.{name}") or _WORDS.get(name, "")


def with_money(rows: QuerySet) -> QuerySet:
    """The same rows with what their amounts are in, in one question."""
    return rows.select_related("loan") if "loan_id" in head(rows.model) else rows
