"""Columns whose values are encrypted with a key that lies outside the database.

A value is in the clear for the program and sealed in the table: a copy of the database alone doesn't open it. Nobody
can look for one by it, sort or join by it, so a query that tries is an error. Only what is empty can be asked for. Who
is looked for is found by a keyed digest: `ContactPoint.digest`, `SearchTerm`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.lookups import Exact, IsNull


class Sealed(models.TextField):
    """What every sealed column has; each kind says what its values look like as text.

    `EMPTY` are the texts of values that say nothing: they stay in the clear, so that rows can be asked for them.
    """

    EMPTY: ClassVar[tuple[str, ...]] = ("",)

    # what a model takes and gives, as django-stubs reads it
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    @property
    def place(self) -> str:
        """The table and column, to which each of its values is bound."""
        return f"{self.model._meta.db_table}.{self.column}"

    def sealer(self) -> Callable[[Any], str | None]:
        """What seals many values in a row, for a statement that doesn't come from the ORM."""
        seal, as_text, empty = settings.FIELD_KEYS.sealer(self.place), self.as_text, self.EMPTY

        def sealed(value: Any) -> str | None:
            text = as_text(value)
            return text if text is None or text in empty else seal(text)

        return sealed

    def get_prep_value(self, value: Any) -> Any:
        """As the table has it."""
        text = self.as_text(value)
        return text if text is None or text in self.EMPTY else settings.FIELD_KEYS.seal(self.place, text)

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> Any:
        """As the program has it."""
        if value is None:
            return None
        return self.from_text(value if value in self.EMPTY else settings.FIELD_KEYS.unseal(self.place, value))

    def as_text(self, value: Any) -> str | None:
        """A value as text, to be sealed."""
        return None if value is None else str(value)

    def from_text(self, text: str) -> Any:
        """The value of a text."""
        return text

    def get_lookup(self, lookup_name: str) -> type[models.Lookup] | None:
        """How rows may be asked for: whether there is a value, and whether it is empty."""
        return {"exact": _IsEmpty, "isnull": IsNull}.get(lookup_name)

    def get_transform(self, _lookup_name: str) -> None:
        """Nothing in a sealed value can be asked for."""


class _IsEmpty(Exact):
    """Rows whose value is the empty one; FieldError for any other value: nobody would be found by it."""

    def get_prep_lookup(self) -> Any:
        """The empty value as the table has it."""
        field = self.lhs.output_field
        text = "?" if hasattr(self.rhs, "resolve_expression") else field.as_text(self.rhs)
        if text is not None and text not in field.EMPTY:
            raise FieldError(f"{field.place} is sealed: rows are found by a digest, or by being empty")
        return text


def open_column(model: type[models.Model], name: str, value: str | None) -> Any:
    """A column's value as a statement gave it that doesn't come from the ORM, in the clear."""
    field = model._meta.get_field(name)
    assert isinstance(field, Sealed), f"{name} is in the clear"
    return field.from_db_value(value, None, None)


def sealed_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[list[Any]]:
    """Rows of a table with these columns as a statement writes them that doesn't come from the ORM."""
    fields = {field.column: field for field in model._meta.concrete_fields if isinstance(field, Sealed)}
    sealing = [(place, fields[name].sealer()) for place, name in enumerate(columns) if name in fields]
    for row in rows:
        written = list(row)
        for place, seal in sealing:
            written[place] = seal(written[place])
        yield written


class SealedTextField(Sealed):
    """A text."""

    _pyi_private_set_type: str | Combinable
    _pyi_private_get_type: str


class SealedEvidenceField(SealedTextField):
    """A text that something else vouches for: one that no key opens is given as it stands, and found to be wrong."""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        """As the program has it, or as it stands in the table."""
        try:
            return super().from_db_value(value, expression, connection)
        except ValueError:
            return value


class SealedJSONField(Sealed):
    """A JSON value; `{}` and `[]` are empty."""

    EMPTY: ClassVar[tuple[str, ...]] = ("{}", "[]")

    def as_text(self, value: Any) -> str | None:
        """As JSON."""
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def from_text(self, text: str) -> Any:
        """Out of JSON."""
        return json.loads(text)


class SealedDateField(Sealed):
    """A day."""

    _pyi_private_set_type: date | str | Combinable
    _pyi_private_get_type: date
    EMPTY: ClassVar[tuple[str, ...]] = ()

    def as_text(self, value: date | str | None) -> str | None:
        """Like 1990-01-31."""
        return value.isoformat() if isinstance(value, date) else value

    def from_text(self, text: str) -> date:
        """Out of 1990-01-31."""
        return date.fromisoformat(text)


class SealedIntegerField(Sealed):
    """A whole number."""

    _pyi_private_set_type: int | Combinable
    _pyi_private_get_type: int
    EMPTY: ClassVar[tuple[str, ...]] = ()

    def from_text(self, text: str) -> int:
        """Out of its digits."""
        return int(text)
