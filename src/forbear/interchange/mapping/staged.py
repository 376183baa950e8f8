"""A source as the engine holds it: each file's rows as text in Parquet, and what of it was no row of data."""

from dataclasses import dataclass, field
from pathlib import Path

from forbear.engine.columnar import Connection, identifier, quote
from forbear.interchange.book.origin import FILE, ROW

#: Names that a scan gives its own columns; a source's column of such a name is read under another.
OURS = (FILE, ROW, "file_row_number", "row_at")
STAGED = "format parquet, compression lz4_raw, row_group_size 122880, dictionary_size_limit 3000"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that are no data, or that a condition leaves out; `text` shows one of them."""

    source: str
    file: str
    reason: str
    rows: int
    first_row: int
    last_row: int
    text: str = ""
    misshapen: bool = False


@dataclass(slots=True)
class Piece:
    """One file's rows. `numbered`: the Parquet has the row's number in the source, else its place is the number."""

    label: str
    path: Path
    columns: tuple[str, ...]
    rows: int
    numbered: bool = False
    left_out: list[LeftOut] = field(default_factory=list)
    without: set[int] = field(default_factory=set)

    def scan(self) -> str:
        """SQL for its rows of data, with `source_file` and `source_row` behind their columns."""
        names = ", ".join(identifier(name) for name in self.columns)
        row = ROW if self.numbered else "file_row_number + 1"
        kept = f"where {row} not in ({', '.join(map(str, sorted(self.without)))})" if self.without else ""
        return (
            f"select file_row_number as row_at, {names}, {quote(self.label)} as {FILE}, {row} as {ROW} "
            f"from read_parquet({quote(self.path)}, file_row_number = true, hive_partitioning = false) {kept}"
        )


@dataclass(slots=True)
class Staged:
    """A whole source: the pieces of its files, all with the same columns."""

    name: str
    columns: tuple[str, ...]
    pieces: list[Piece]

    @property
    def rows(self) -> int:
        return sum(piece.rows for piece in self.pieces)

    @property
    def label(self) -> str:
        """The files' names for a message."""
        return ", ".join(piece.label for piece in self.pieces[:3]) or self.name

    def make_view(self, connection: Connection) -> None:
        """Let SQL speak of the source by its name."""
        scans = " union all ".join(
            f"select * exclude (row_at) from ({piece.scan()})" for piece in self.pieces
        )
        if not scans:
            empty = ", ".join(f"null::varchar as {identifier(name)}" for name in self.columns)
            scans = f"select {empty}, null::varchar as {FILE}, null::bigint as {ROW} where false"
        connection.execute(f"create view {identifier(self.name)} as {scans}")


def column_names(header: list[str]) -> list[str]:
    """The names of a header: none is empty, none stands twice, none is one of ours."""
    plain = [" ".join(name.split()) or f"unnamed_{place}" for place, name in enumerate(header, 1)]
    folded = [name.casefold() for name in plain]
    names = []
    for place, name in enumerate(plain):
        if name.casefold() in OURS:
            name = f"{name} as sent"
        if folded.count(folded[place]) > 1:
            name = f"{name} ({folded[: place + 1].count(folded[place])})"
        names.append(name)
    return names
