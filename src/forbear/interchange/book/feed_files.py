"""A feed folder as tables of raw rows: finding the files, reading them, refusing what can't be read.

CSV is first staged as Parquet of plain text in the file's own order, so that
every later step reads one form and every row keeps its number. What is not in
UTF-8 is read in the encoding that the lender names.
"""

import csv
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from forbear.core.base.problem import InputError
from forbear.engine.columnar import (
    Connection,
    EngineError,
    files_in,
    identifier,
    one_row,
    parquet,
    quote,
    unwritten,
)
from forbear.interchange.book.csv_shape import LONGEST_LINE, csv_shape, take_out_misshapen
from forbear.interchange.book.feed_columns import CONSENT_NAME, OF_SCHEDULES, TABLES, Column, Table
from forbear.interchange.book.feed_hints import (
    hint_of_bytes,
    hint_of_file,
    hint_of_folder,
    hint_of_header,
    misnamed_reversal,
    nearest,
    printable,
    separator_of,
)
from forbear.interchange.book.origin import Origin, columns_beside
from forbear.interchange.book.transcode import NotInEncoding, ReadsAsUtf8, to_utf8


class FeedError(InputError):
    """The feed as a whole can't be used; the message says what, where and how to mend it."""


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One readable file: `staged` is Parquet, `types` the engine's type of each column by name.

    Of a CSV file with a header alone nothing is staged.
    """

    table: Table
    source: Path
    staged: Path | None
    types: dict[str, str]
    columns: tuple[Column, ...]
    rows: int
    misshapen: tuple[tuple[int, str, str], ...]  # (row number, reason, the line) of rows without a shape
    ended: bool = True  # the last line has its line end
    origin: Origin | None = None  # of a mapped feed: whose rows these are in the lender's own files

    @property
    def label(self) -> str:
        """The file's name for a person: of a mapped feed the table and where it comes from."""
        return f"{self.table.name} from {self.origin.label}" if self.origin else str(self.source)

    @property
    def has_rows(self) -> bool:
        """Whether there is any row with a shape."""
        return self.rows > len(self.misshapen)

    @property
    def scan(self) -> str:
        """SQL for the raw rows; `row_at` counts rows of the staged file from 0."""
        if self.origin and self.origin.scan:
            return f"({self.origin.scan})"
        if self.staged is None:
            empty = ", ".join(f"null::{kind} as {identifier(name)}" for name, kind in self.types.items())
            return f"(select null::bigint as row_at, {empty} where false)"
        file = quote(files_in(self.staged.parent, self.staged.name))
        return (
            f"(select file_row_number as row_at, * from read_parquet({file}, "
            "file_row_number = true, hive_partitioning = false))"
        )


_NEEDS = (
    "a feed needs loans, instalments and payments, each with its header even when it has no rows; "
    "one without schedules needs loans and accounts"
)


def _has_accounts(folder: Path) -> bool:
    return any((folder / f"accounts.{form}").is_file() for form in ("csv", "parquet"))


def find_files(folder: Path) -> dict[str, Path]:
    """The feed's files by table name; refuses a folder that isn't a feed."""
    if folder.is_file():
        raise FeedError(f"{folder}: there is no such folder: {hint_of_file(folder)}")
    if not folder.is_dir():
        raise FeedError(
            f"{folder}: there is no such folder; name the folder that holds loans.csv and the rest"
        )
    paths = {}
    for table in TABLES:
        both = [path for form in ("csv", "parquet") if (path := folder / f"{table.name}.{form}").is_file()]
        if len(both) == 2:
            raise FeedError(f"{folder}: holds both {both[0].name} and {both[1].name}; keep one of them")
        if both:
            paths[table.name] = both[0]
        elif table.required and not (table.name in OF_SCHEDULES and _has_accounts(folder)):
            hint = hint_of_folder(folder, table.name)
            held = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "nothing"
            raise FeedError(
                f"{folder}: {table.name}.csv or {table.name}.parquet is missing (the folder holds {held}); "
                f"{hint or _NEEDS}"
            )
    return paths


#: A column that an adapter leaves in a table: the row of the user's own file that the row was made of.
SOURCE_ROW = "source_row"
#: What belongs to a feed beside its tables: a new business date makes a new feed of the same rows.
_BESIDE = ("products.yaml", "control.csv", "control.json")


def digest(folder: Path) -> str:
    """SHA-256 over the feed's files, by name: two feeds with one digest are the same feed."""
    whole = hashlib.sha256()
    paths = [*find_files(folder).values(), *(p for name in _BESIDE if (p := folder / name).is_file())]
    for path in sorted(paths):
        with path.open("rb") as stream:
            whole.update(f"{path.name}\0{hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()


def open_file(
    connection: Connection, table: Table, path: Path, staging: Path, encoding: str = "utf-8"
) -> FeedFile:
    """Make one file readable, or raise `FeedError`. `encoding` is that of a CSV file, one of ENCODINGS."""
    if path.suffix == ".parquet":
        return _open_parquet(connection, table, path)
    if encoding == "utf-8":
        return _open_csv(connection, table, path, staging, path)
    text = staging / f"{table.name}.utf8.csv"
    try:
        to_utf8(path, encoding, text)
    except NotInEncoding as error:
        raise FeedError(
            f"{path}: line {error.line} is not {encoding.upper()}; save the whole file in one encoding and name it"
        ) from None
    except ReadsAsUtf8:
        raise FeedError(
            f"{path}: is UTF-8 text, and read as {encoding.upper()} its names would turn into others; import it with "
            "--encoding utf-8"
        ) from None
    opened = _open_csv(connection, table, path, staging, text)
    text.unlink()
    return opened


def _open_parquet(connection: Connection, table: Table, path: Path) -> FeedFile:
    try:
        described = connection.execute(f"describe select * from {parquet(path.parent, path.name)}").fetchall()
        rows = one_row(connection.execute(f"select count(*) from {parquet(path.parent, path.name)}"))[0]
    except EngineError as error:
        raise FeedError(_unreadable(path, error)) from None
    types = {name: kind for name, kind, *_ in described}
    ours = [name for name in types if name.casefold() in _OURS]
    if ours:
        raise FeedError(f"{path}: the column name {ours[0]} is kept for other use; rename the column")
    columns = _columns_present(table, path, list(types))
    return FeedFile(table, path, path, types, columns, rows, ())


def open_mapped(connection: Connection, table: Table, folder: Path, origin: Origin) -> FeedFile:
    """Make one table of a mapped feed readable: beside the feed's columns it has those of its origin."""
    path = folder / f"{table.name}.parquet"
    if origin.scan:
        columns = _columns_present(table, path, list(origin.columns))
        types = dict.fromkeys(origin.columns, "VARCHAR")
        return FeedFile(table, path, path, types, columns, origin.rows, (), origin=origin)
    opened = _open_parquet(connection, table, path)
    types = columns_beside(opened.columns, opened.types)
    return FeedFile(table, path, path, types, opened.columns, opened.rows, (), origin=origin)


def first_damaged(connection: Connection, folder: Path) -> str:
    """The message for the feed's first Parquet file that can't be decoded to its end, or ""."""
    for path in find_files(folder).values():
        if path.suffix == ".parquet":
            try:
                connection.execute(
                    f"select count(hash(f)) from {parquet(path.parent, path.name)} f"
                ).fetchall()
            except EngineError as error:
                return _unreadable(path, error)
    return ""


def _unreadable(path: Path, error: Exception) -> str:
    first = str(error).splitlines()[0]
    return f"{path}: is not a whole Parquet file ({first}); send it again"


_LONGEST_HEADER = 10_000  # bytes
_SAVE = (
    "save the whole file as CSV in UTF-8, or name its encoding (--encoding gb18030 for GBK, --encoding cp1252 for the "
    "Windows of Western Europe and America)"
)

_OPEN_QUOTE = (
    "has a quote mark that opens a value and never closes it, so the rows after it can't be told apart; "
    "remove the mark or write it twice"
)


#: A quoted column name that goes over a few lines and does close, before a comma or the end of a line.
_BROKEN_NAME = re.compile(rb'(?:^|,)"((?:[^"\n]{0,200}\n){1,5}[^"\n]{0,200})"(?=[,\r\n]|$)')


def _header(path: Path, text: Path) -> list[str]:
    with text.open("rb") as stream:
        line = stream.readline(LONGEST_LINE)
        rest = stream.read(_LONGEST_HEADER) if line.count(b'"') % 2 else b""
    if hint := hint_of_bytes(line[:2000]):
        raise FeedError(f"{path}: {hint}")
    try:
        head = [name.strip() for name in next(csv.reader([line.decode("utf-8-sig").rstrip("\r\n")]), [])]
    except (UnicodeDecodeError, csv.Error):
        raise FeedError(f"{path}: line 1 is not UTF-8 text; {_SAVE}") from None
    if "\0" in "".join(head):
        raise FeedError(f"{path}: line 1 is not UTF-8 text; {_SAVE}")
    if line.count(b'"') % 2:
        broken = _BROKEN_NAME.search(line + rest)
        if broken is None:
            raise FeedError(f"{path}: line 1 {_OPEN_QUOTE}")
        name = " ".join(broken[1].decode("utf-8", errors="replace").split())
        raise FeedError(
            f"{path}: the column name {name} has a line break in it; write the header on one line, then import again"
        )
    if not any(head):
        raise FeedError(f"{path}: is empty; a file without rows still needs its header line")
    # spreadsheets leave a comma at the end of each line
    return [name or f"unnamed_{place}" for place, name in enumerate(head, 1)]


# names that a scan of the staged file gives itself; a column of the feed with such a name is staged under another
_OURS = ("file_row_number", "row_at")
STAGED_SUFFIX = " as sent"


def _staged_name(name: str) -> str:
    return f"{name}{STAGED_SUFFIX}" if name.casefold() in _OURS else name


def _known(table: Table) -> set[str]:
    return {column.name for column in table.columns}


def _columns_present(table: Table, path: Path, names: list[str]) -> tuple[Column, ...]:
    folded = [name.casefold() for name in names]
    twice = sorted({name for name in names if folded.count(name.casefold()) > 1})
    if twice:
        raise FeedError(f"{path}: the column {twice[0]} stands twice in the header; keep one")
    for column in table.columns:
        if column.name not in names and not column.optional:
            if words := separator_of(names, (column.name for column in table.columns)):
                raise FeedError(
                    f"{path}: the column {column.name} is missing, for the values are separated by {words}; "
                    "save it as CSV with commas and import it again"
                )
            near = nearest(column.name, (name for name in names if name not in _known(table)))
            hint = f"; is {near} meant?" if near else hint_of_header(table.name, names)
            raise FeedError(
                f"{path}: the column {column.name} is missing (the header has {', '.join(names)}){hint}"
            )
    if table.name == "payments" and "reverses" not in names and (other := misnamed_reversal(names)):
        raise FeedError(
            f"{path}: has no column reverses but {other}; name it reverses, or payments that were undone would count"
        )
    present = [column for column in table.columns if column.name in names]
    if table.name == "borrowers":
        present += [Column(name, "truth") for name in names if re.fullmatch(CONSENT_NAME, name)]
    return tuple(present)


def _open_csv(connection: Connection, table: Table, path: Path, staging: Path, text: Path) -> FeedFile:
    """Stage one CSV file; messages name `path`, what is read is `text`, the same rows in UTF-8."""
    names = _header(path, text)
    names = [_staged_name(name) for name in names]
    columns = _columns_present(table, path, names)
    types = dict.fromkeys(names, "VARCHAR")
    if _is_one_line(text):  # as most files of a delta are
        return FeedFile(table, path, None, types, columns, 0, ())
    ended = ends_with_line_end(text)
    shape = csv_shape(text)
    if shape.too_long:
        raise FeedError(
            f"{path}: line {shape.too_long} is longer than {LONGEST_LINE:,} bytes, so it is no row of a feed; "
            "look for a quote mark that is never closed, or send the file again"
        )
    typed = ", ".join(f"{quote(name)}: 'VARCHAR'" for name in names)
    staged = staging / f"{table.name}.parquet"
    rows = _stage_csv(connection, path, text, typed, staged)
    misshapen: tuple[tuple[int, str, str], ...] = ()
    if _rejected(connection, path):
        # the engine may stop early in a file with many misshapen rows, so they are taken out before it reads
        whole, misshapen = take_out_misshapen(text, len(names), staging)
        if not ended and misshapen and misshapen[-1][0] == shape.rows:
            raise FeedError(
                f"{path}: its last line is cut ({printable(misshapen[-1][2])}), so the transfer broke or the file was "
                "still being written; send the whole file again"
            )
        rows = _stage_csv(connection, path, whole, typed, staged)
        _rejected(connection, path)
        whole.unlink()
    if rows + len(misshapen) != shape.rows:
        raise FeedError(
            f"{path}: holds {shape.rows:,} rows by its line ends, but {rows + len(misshapen):,} can be told apart; "
            "a quote mark inside a value must be written twice, and the value put in quotes"
        )
    return FeedFile(table, path, staged, types, columns, shape.rows, misshapen, ended)


def ends_with_line_end(path: Path) -> bool:
    """Whether a text's last line is ended, as programs that write whole files end it."""
    with path.open("rb") as stream:
        stream.seek(0, 2)
        if stream.tell() == 0:
            return False
        stream.seek(-1, 2)
        return stream.read(1) == b"\n"


def _is_one_line(path: Path) -> bool:
    """Whether a file surely holds no more than its header; where quotes stand in it, a reader has to say."""
    if path.stat().st_size > _LONGEST_HEADER:
        return False
    line = path.read_bytes().removesuffix(b"\n").removesuffix(b"\r")
    return not any(mark in line for mark in b'\n\r"')


#: To make a dictionary of more values costs more than it spares those who read them.
_STAGED = "format parquet, compression lz4_raw, row_group_size 122880, dictionary_size_limit 3000"


def _stage_csv(connection: Connection, path: Path, text: Path, typed: str, staged: Path) -> int:
    """Stage the rows; how many."""
    for rejects in ("reject_errors", "reject_scans"):
        connection.execute(f"drop table if exists {rejects}")
    source = quote(files_in(text.parent, text.name))
    try:
        return one_row(
            connection.execute(
                f"""copy (select * from read_csv({source}, auto_detect = false, columns = {{{typed}}}, header = true,
            delim = ',', quote = '"', escape = '"', nullstr = '', store_rejects = true, hive_partitioning = false))
            to {quote(staged)} ({_STAGED})"""
            )
        )[0]
    except EngineError as error:
        if unwritten(error):
            raise  # the feed is not to blame where the disk is full
        raise FeedError(f"{path}: can't be read as CSV ({str(error).splitlines()[0]})") from None


def first_reject(connection: Connection) -> tuple[int, str, bool] | None:
    """What the engine could not read in the file it read last: line, kind, and whether the row only lacks its shape.

    What is wrong in another way comes first. None where all could be read.
    """
    return connection.execute(
        """select line, error_type, error_type in ('MISSING COLUMNS', 'TOO MANY COLUMNS') as shape
        from reject_errors order by shape, line limit 1"""
    ).fetchone()


def _rejected(connection: Connection, path: Path) -> bool:
    """Whether some row has too many or too few columns. Broken quoting or encoding refuses the file."""
    first = first_reject(connection)
    if first is None:
        return False
    line, kind, shape = first
    if kind == "INVALID ENCODING":
        raise FeedError(f"{path}: line {line} is not UTF-8; {_SAVE}")
    if kind == "UNQUOTED VALUE":
        raise FeedError(f"{path}: line {line} {_OPEN_QUOTE}")
    if not shape:
        raise FeedError(f"{path}: line {line} can't be read ({kind.lower()})")
    return True
