"""A CSV file of any separator, quote and encoding, with lines before its header and notes after its rows, as text."""

import csv
from pathlib import Path

from forbear.engine.columnar import Connection, EngineError, files_in, one_row, quote, unwritten
from forbear.interchange.book.csv_shape import LONGEST_LINE, csv_shape
from forbear.interchange.book.feed_files import FeedError, first_reject
from forbear.interchange.book.feed_hints import hint_of_bytes, printable
from forbear.interchange.book.origin import ROW
from forbear.interchange.book.transcode import NotInEncoding, ReadsAsUtf8, to_utf8
from forbear.interchange.mapping.find_sources import Found
from forbear.interchange.mapping.leftover import is_note, is_total
from forbear.interchange.mapping.mapping_file import SEPARATORS, Source
from forbear.interchange.mapping.staged import STAGED, LeftOut, Piece, column_names

_BOM = b"\xef\xbb\xbf"


def stage_csv(connection: Connection, name: str, source: Source, found: Found, scratch: Path) -> Piece:
    """Stage one file of the source `name`; `FeedError` where it can't be told apart into rows."""
    text = _as_utf8(source, found, scratch)
    if hint := hint_of_bytes(_first_line(text)[:2000]):
        raise FeedError(f"{found.label}: {hint}")
    text = _cut(source, text, scratch, found)
    columns = _columns(source, text, found)
    return stage_text(connection, name, source, text, found, columns, scratch)


def stage_text(
    connection: Connection,
    name: str,
    source: Source,
    text: Path,
    found: Found,
    columns: list[str],
    scratch: Path,
    numbered: bool = False,
) -> Piece:
    """Stage a UTF-8 text whose first line, unless the source has no header, is the header.

    `numbered`: its first column is the row's number in the source.
    """
    target = scratch / f"{name}-{len(list(scratch.glob(f'{name}-*.parquet')))}.parquet"
    piece = Piece(found.label, target, tuple(columns), 0, numbered)
    expected = _rows_by_line_ends(source, text, found)
    rows = _copy(connection, source, text, found, columns, target, numbered)
    misshapen = 0
    if _rejected(connection, found):
        text, left_out = _take_out(name, source, text, found, columns, scratch)
        plain = Source(files=("x",), header=1, nulls=source.nulls)
        rows = _copy(connection, plain, text, found, columns, target, True)
        _rejected(connection, found)
        piece.numbered, piece.left_out = True, left_out
        misshapen = sum(each.rows for each in left_out)
    if expected is not None and rows + misshapen != expected:
        raise FeedError(
            f"{found.label}: holds {expected:,} rows by its line ends, but {rows + misshapen:,} can be told apart; "
            "a quote mark inside a value must be written twice, and the value put in quotes"
        )
    piece.rows = rows
    return piece


def _as_utf8(source: Source, found: Found, scratch: Path) -> Path:
    if source.encoding == "utf-8":
        return found.path
    text = scratch / "text.utf8.csv"
    try:
        to_utf8(found.path, source.encoding, text)
    except NotInEncoding as error:
        raise FeedError(
            f"{found.label}: line {error.line} is not {source.encoding.upper()}; name its encoding in the mapping"
        ) from None
    except ReadsAsUtf8:
        raise FeedError(f"{found.label}: is UTF-8 text; write encoding: utf-8 in the mapping") from None
    return text


def _first_line(text: Path) -> bytes:
    with text.open("rb") as stream:
        return stream.readline(LONGEST_LINE)


def _cut(source: Source, text: Path, scratch: Path, found: Found) -> Path:
    """The text from its header on, up to the first blank line where the source's rows end there."""
    if source.header <= 1 and source.end == "last":
        return text
    cut = scratch / "cut.csv"
    with text.open("rb") as stream, cut.open("wb") as out:
        for _ in range(source.header - 1):
            if not stream.readline(LONGEST_LINE):
                raise FeedError(f"{found.label}: has no line {source.header}, where its header should be")
        begun = False
        for line in stream:
            blank = not line.strip(b" ,;\t|\r\n" + _BOM)
            if blank and source.end == "blank":
                if begun:
                    break
                continue
            begun = True
            out.write(line)
    return cut


def _columns(source: Source, text: Path, found: Found) -> list[str]:
    if source.header == 0:
        return column_names(list(source.columns))
    try:
        line = _first_line(text).decode("utf-8-sig").rstrip("\r\n")
        names = next(csv.reader([line], **_dialect(source)), [])
    except (UnicodeDecodeError, csv.Error):
        raise FeedError(
            f"{found.label}: its header is not UTF-8 text; name the file's encoding in the mapping (gb18030, cp1252)"
        ) from None
    if not any(name.strip() for name in names):
        raise FeedError(f"{found.label}: its header line is empty; name the header's line in the mapping")
    if len(names) == 1:
        for word, mark in SEPARATORS.items():
            if mark != source.separator and mark != " " and line.count(mark) > 0:
                raise FeedError(
                    f"{found.label}: its header is one name ({printable(line)}); write separator: {word} in the mapping"
                )
    return column_names(names)


def _dialect(source: Source) -> dict:
    if source.quote in ("", "none"):
        return {"delimiter": source.separator, "quoting": csv.QUOTE_NONE}
    return {"delimiter": source.separator, "quotechar": source.quote}


def _rows_by_line_ends(source: Source, text: Path, found: Found) -> int | None:
    """How many rows the bytes have; None where another quote mark than " says where a line ends."""
    if source.quote != '"':
        return None
    shape = csv_shape(text)
    if shape.too_long:
        raise FeedError(
            f"{found.label}: line {shape.too_long} is longer than {LONGEST_LINE:,} bytes, so it is no row; "
            "look for a quote mark that is never closed, or write quote: none in the mapping"
        )
    return shape.rows + (1 if source.header == 0 and text.stat().st_size else 0)


def _copy(
    connection: Connection,
    source: Source,
    text: Path,
    found: Found,
    columns: list[str],
    target: Path,
    numbered: bool,
) -> int:
    for rejects in ("reject_errors", "reject_scans"):
        connection.execute(f"drop table if exists {rejects}")
    typed = ", ".join(f"{quote(name)}: 'VARCHAR'" for name in columns)
    if numbered:
        typed = f"'{ROW}': 'BIGINT', {typed}"
    mark = quote("" if source.quote == "none" else source.quote)
    nulls = ", ".join(map(quote, ("", *source.nulls)))
    try:
        return one_row(
            connection.execute(
                f"""copy (select * from read_csv({quote(files_in(text.parent, text.name))}, auto_detect = false,
                columns = {{{typed}}}, header = {"true" if source.header else "false"},
                delim = {quote(source.separator)}, quote = {mark}, escape = {mark}, nullstr = [{nulls}],
                store_rejects = true, hive_partitioning = false))
                to {quote(target)} ({STAGED})"""
            )
        )[0]
    except EngineError as error:
        if unwritten(error):
            raise
        raise FeedError(f"{found.label}: can't be read as CSV ({str(error).splitlines()[0]})") from None


def _rejected(connection: Connection, found: Found) -> bool:
    """Whether some row has too many or too few columns; what is wrong in another way refuses the file."""
    first = first_reject(connection)
    if first is None:
        return False
    line, kind, shape = first
    if kind == "INVALID ENCODING":
        raise FeedError(f"{found.label}: line {line} is not UTF-8; name the file's encoding in the mapping")
    if kind == "UNQUOTED VALUE":
        raise FeedError(
            f"{found.label}: line {line} has a quote mark that opens a value and never closes it; remove the mark, "
            "or write quote: none in the mapping"
        )
    if not shape:
        raise FeedError(f"{found.label}: line {line} can't be read ({kind.lower()})")
    return True


def _take_out(
    name: str, source: Source, text: Path, found: Found, columns: list[str], scratch: Path
) -> tuple[Path, list[LeftOut]]:
    """A copy with plain commas and the rows' numbers, without the rows that have not as many values as the header."""
    copy, left_out = scratch / "shaped.csv", []
    csv.field_size_limit(LONGEST_LINE)
    with (
        text.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream,
        copy.open("w", encoding="utf-8", errors="surrogateescape", newline="") as target,
    ):
        out = csv.writer(target, lineterminator="\n")
        out.writerow([ROW, *columns])
        number = 0 if source.header == 0 else -1
        for values in csv.reader(stream, **_dialect(source)):
            if not values:
                continue
            number += 1
            if number == 0:
                continue
            if len(values) == len(columns):
                out.writerow([number, *values])
                continue
            padded = [*values, *[""] * (len(columns) - len(values))]
            few = "few" if len(values) < len(columns) else "many"
            reason = f"the row has too {few} columns"
            if is_total(padded, source.leave_out):
                reason = "a row of totals"
            elif is_note(padded):
                reason = "a note"
            shown = source.separator.join(values)[:200]
            left_out.append(
                LeftOut(name, found.label, reason, 1, number, number, shown, reason.startswith("the row"))
            )
    return copy, left_out
