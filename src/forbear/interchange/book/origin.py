"""Where the rows of a mapped feed come from, so that messages name the lender's own file, row, column and value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from forbear.engine.columnar import identifier, quote

if TYPE_CHECKING:
    from forbear.interchange.book.feed_columns import Column

#: Stands before a value that wasn't written as its mapping says. It is in no text that anybody writes.
UNREAD = "\ue000"
FILE, ROW = "source_file", "source_row"
_SENT = "as_sent_"
_DATE_LIKE, _AMOUNT_LIKE = "a date like 2026-03-31", "an amount like 1234.50"


@dataclass(frozen=True, slots=True)
class Origin:
    """Of one table: `columns` names each feed column's origin, `sent` the columns whose own text is kept.

    `examples` shows by feed column how its values must be written, `worded` those whose words stand in the mapping.
    """

    label: str
    columns: Mapping[str, str]
    sent: frozenset[str] = frozenset()
    examples: Mapping[str, str] = field(default_factory=dict)
    worded: frozenset[str] = frozenset()
    scan: str = ""  # SQL for its rows where they are read from the source itself, and no file was written
    rows: int = 0  # of `scan`

    def name(self, field_name: str) -> str:
        """The source's own name for a feed column."""
        return self.columns.get(field_name, field_name)

    def value(self, field_name: str) -> str:
        """SQL for the value as the source has it."""
        return identifier(sent_name(field_name) if field_name in self.sent else field_name)

    def value_of(self, field_sql: str) -> str:
        """SQL for the value, as the source has it, of the column whose name a row gives."""
        cases = " ".join(f"when {quote(name)} then {self.value(name)}::varchar" for name in self.columns)
        return f"case {field_sql} {cases} end"

    def reason(self, field_name: str, reason: str) -> str:
        """A reason in the source's own style of dates and amounts."""
        for name, shown in self.examples.items():
            reason = reason.replace(f"{name} is not {_DATE_LIKE}", f"{name} is not a date like {shown}")
            reason = reason.replace(f"{name} is not {_AMOUNT_LIKE}", f"{name} is not an amount like {shown}")
        if field_name in self.worded and reason.startswith(f"{field_name} is not "):
            reason += "; the mapping's words don't have it"
        return reason


def sent_name(column: str) -> str:
    """The name of the column that keeps a value as the source has it."""
    return _SENT + column


@dataclass(frozen=True, slots=True)
class MappedFeed:
    """A feed made by a mapping: its folder, what it is known by, and where its rows come from, by table.

    `account` tells of each source: rows, columns, what was left out and why. `left_out` is a file of those rows.
    """

    folder: Path
    digest: str
    origins: Mapping[str, Origin]
    warnings: tuple[str, ...] = ()
    account: Mapping[str, object] = field(default_factory=dict)
    left_out: Path | None = None


def columns_beside(columns: "tuple[Column, ...]", types: Mapping[str, str]) -> dict[str, str]:
    """The feed's own columns among those of a mapped file."""
    names = {column.name for column in columns}
    return {name: kind for name, kind in types.items() if name in names}
