"""Samples of a lender's files as `forbear map` looks at them: how each is written, and the texts of its rows."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from python_calamine import CalamineWorkbook

from forbear.engine.columnar import Connection, connected
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.mapping.find_sources import Finder, Found
from forbear.interchange.mapping.json_source import stage_json, stage_parquet
from forbear.interchange.mapping.leftover import is_note, is_total
from forbear.interchange.mapping.load_sources import form_of
from forbear.interchange.mapping.mapping_file import Source
from forbear.interchange.mapping.sheet_source import cell_text
from forbear.interchange.mapping.staged import Piece, column_names

MOST_ROWS = 5_000
#: What programs write for nothing.
NULLS = ("NULL", "null", "\\N", "NA", "N/A", "NaN", "nan", "None", "#N/A", "<null>")
_BYTES = 8_000_000
_SEPARATORS = {",": "", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(slots=True)
class Sample:
    """One table of a sample: `settings` are those of its source, `rows` its first rows, each a text a column."""

    name: str
    label: str
    settings: dict[str, object]
    columns: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)

    def values(self, column: str) -> list[str]:
        """The column's texts that are not empty."""
        at = self.columns.index(column)
        return [row[at].strip() for row in self.rows if row[at] and row[at].strip()]


def read_samples(paths: list[Path]) -> list[Sample]:
    """The tables in some files or folders; `FeedError` where a file can't be read, or none has a table."""
    samples: list[Sample] = []
    with TemporaryDirectory(prefix="forbear-") as scratch, connected() as connection:
        for path in paths:
            finder = Finder(path, Path(scratch))
            found = [finder.only_file()] if finder.is_one_file else finder.find(("*", "*/*", "*/*/*"))
            for each in found:
                if not each.label.endswith((".zip", ".yaml", ".yml", ".md", ".txt.md")):
                    samples += _tables(connection, each, Path(scratch), samples)
    samples = [sample for sample in samples if sample.rows and len(sample.columns) > 1]
    if not samples:
        raise FeedError("no table was found in the samples; name CSV, Excel, JSON or Parquet files")
    return samples


def _tables(connection: Connection, found: Found, scratch: Path, before: list[Sample]) -> list[Sample]:
    form = form_of(Path(found.label.removesuffix(".gz")))
    taken = {sample.name for sample in before}
    if form == "excel":
        return _sheets(found, taken)
    if form == "json":
        return _lists(connection, found, scratch, taken)
    if form == "parquet":
        piece = stage_parquet(connection, "sample", Source(files=("x",)), found, scratch)
        plain: dict[str, object] = {"files": found.label}
        return [_of_piece(connection, piece, _name(found.label, taken), found.label, plain)]
    return [_text(found, taken)]


def _name(label: str, taken: set[str]) -> str:
    """A name for a source: the file's own in plain letters."""
    stem = Path(label.removesuffix(".gz")).stem.lower()
    plain = "".join(mark if mark.isalnum() else "_" for mark in stem).strip("_")
    name = plain if plain.isidentifier() else f"table_{plain}".rstrip("_")
    name = name if name.isidentifier() else f"table_{len(taken) + 1}"
    number = 2
    while name in taken:
        name, number = f"{name.rstrip('0123456789_')}_{number}", number + 1
    taken.add(name)
    return name


def _text(found: Found, taken: set[str]) -> Sample:
    with found.path.open("rb") as stream:
        begin = stream.read(_BYTES)
    whole = len(begin) < _BYTES
    if not whole:
        begin = begin[: begin.rfind(b"\n") + 1]
    notes: list[str] = []
    text, encoding = _decoded(begin, found, notes)
    separator = _separator(text)
    lines = list(islice(csv.reader(io.StringIO(text), delimiter=separator), MOST_ROWS + 50))
    header = _header_at(lines)
    settings: dict[str, object] = {"files": found.label}
    if separator != ",":
        settings["separator"] = _SEPARATORS[separator]
    if encoding != "utf-8":
        settings["encoding"] = encoding
    if header is None:
        columns = [f"column_{place}" for place in range(1, max(map(len, lines), default=0) + 1)]
        settings |= {"header": 0, "columns": columns}
        notes.append("no line looks like a header: name its columns in the mapping")
    else:
        columns = column_names(lines[header])
        if header:
            settings["header"] = header + 1
    rows = [row for row in lines[0 if header is None else header + 1 :] if row]
    sample = Sample(_name(found.label, taken), found.label, settings, columns, [], notes)
    _take_rows(sample, rows)
    return sample


def _take_rows(sample: Sample, rows: list[list[str]]) -> None:
    width = len(sample.columns)
    for row in rows[:MOST_ROWS]:
        padded = [*row, *[""] * (width - len(row))][:width]
        if any(cell.strip() for cell in padded) and not is_total(padded, ()):
            sample.rows.append(padded)
    while sample.rows and is_note(sample.rows[-1]):
        sample.rows.pop()
    found = {cell for row in sample.rows for cell in row if cell in NULLS}
    if found:
        sample.settings["nulls"] = sorted(found)
        sample.rows = [["" if cell in found else cell for cell in row] for row in sample.rows]


def _decoded(begin: bytes, found: Found, notes: list[str]) -> tuple[str, str]:
    if b"\0" in begin[:1000]:
        raise FeedError(
            f"{found.label}: is not text in UTF-8, GB18030 or Windows-1252; save it as CSV in UTF-8"
        )
    try:
        return begin.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        text = begin.decode("gb18030")
    except UnicodeDecodeError:
        return begin.decode("cp1252", errors="replace"), "cp1252"
    chinese = sum("\u4e00" <= mark <= "\u9fff" for mark in text)
    foreign = sum(byte > 127 for byte in begin)
    # each Chinese sign takes two bytes; accents of Western Europe stand alone and read as rare signs
    if chinese * 2 >= foreign * 0.8:
        notes.append("the encoding is gb18030 by its signs; look whether names are right")
        return text, "gb18030"
    notes.append("the encoding is cp1252 by its signs; look whether names are right")
    return begin.decode("cp1252", errors="replace"), "cp1252"


def _separator(text: str) -> str:
    """The mark that cuts most of the first lines into the same number of values, more than one."""
    best, most = ",", (0.0, 0)
    for mark in _SEPARATORS:
        widths = Counter(len(row) for row in islice(csv.reader(io.StringIO(text), delimiter=mark), 50) if row)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        if width > 1 and (count / max(1, sum(widths.values())), width) > most:
            best, most = mark, (count / sum(widths.values()), width)
    return best


def _header_at(lines: list[list[str]]) -> int | None:
    """Where the header stands: the first line as wide as most, with a text in nearly every cell and hardly a number."""
    widths = Counter(sum(bool(cell.strip()) for cell in line) for line in lines[:200])
    usual = max(widths, key=lambda width: (widths[width], width), default=0)
    for at, line in enumerate(lines[:40]):
        filled = [cell.strip() for cell in line if cell.strip()]
        numbers = sum(cell.replace(".", "").replace("-", "").replace(",", "").isdigit() for cell in filled)
        if len(filled) >= max(2, usual * 0.7) and numbers <= len(filled) * 0.2:
            return at
    return None


def _sheets(found: Found, taken: set[str]) -> list[Sample]:
    samples = []
    try:
        workbook = CalamineWorkbook.from_path(str(found.path))
    except Exception as error:  # calamine raises what it meets inside a broken file
        raise FeedError(f"{found.label}: is no workbook that can be read ({error})") from None
    for name in workbook.sheet_names:
        lines = [
            [cell_text(cell) for cell in row]
            for row in islice(workbook.get_sheet_by_name(name).iter_rows(), MOST_ROWS)
        ]
        header = _header_at(lines)
        if header is None:
            continue
        settings: dict[str, object] = {"files": found.label}
        if len(workbook.sheet_names) > 1:
            settings["sheet"] = name
        if header:
            settings["header"] = header + 1
        head = lines[header]
        while head and not head[-1].strip():
            head.pop()
        sample = Sample(
            _name(name if len(workbook.sheet_names) > 1 else found.label, taken),
            f"{found.label} [{name}]",
            settings,
            column_names(head),
            [],
        )
        rows = lines[header + 1 :]
        blank = next((at for at, row in enumerate(rows) if not any(cell.strip() for cell in row)), len(rows))
        if any(any(cell.strip() for cell in row) and not is_note(row) for row in rows[blank:]):
            settings["end"] = "blank"
            sample.notes.append("the sheet goes on below a blank row; only what stands above it is read")
        _take_rows(sample, rows[:blank])
        samples.append(sample)
    return samples


def _lists(connection: Connection, found: Found, scratch: Path, taken: set[str]) -> list[Sample]:
    """The lists of objects in a JSON file, and those inside their rows."""
    samples: list[Sample] = []
    for path in ("", *_list_paths(connection, found, scratch)):
        settings: dict[str, object] = {"files": found.label, **({"path": path} if path else {})}
        try:
            piece = stage_json(connection, "sample", Source(files=("x",), path=path), found, scratch)
        except FeedError:
            continue
        if piece.rows <= 1:
            continue
        rows = _of_piece(connection, piece, _name(path or found.label, taken), found.label, settings)
        samples.append(rows)
        for column in _columns_of_lists(rows):
            source = Source(files=("x",), path=path, each=column)
            inner = stage_json(connection, "sample", source, found, scratch)
            name, label = _name(column.rpartition(".")[2], taken), f"{found.label} {column}"
            samples.append(_of_piece(connection, inner, name, label, {**settings, "each": column}))
    return samples


def _columns_of_lists(sample: Sample) -> list[str]:
    return [
        name for at, name in enumerate(sample.columns) if any(row[at].startswith("[{") for row in sample.rows)
    ]


def _list_paths(connection: Connection, found: Found, scratch: Path) -> list[str]:
    """Where one object around everything has lists of objects."""
    try:
        piece = stage_json(connection, "sample", Source(files=("x",)), found, scratch)
    except FeedError:
        return []
    return _columns_of_lists(_of_piece(connection, piece, "top", found.label, {})) if piece.rows == 1 else []


def _of_piece(
    connection: Connection, piece: Piece, name: str, label: str, settings: dict[str, object]
) -> Sample:
    rows = connection.execute(
        f"select * exclude (source_file, source_row, row_at) from ({piece.scan()}) "
        f"order by source_row limit {MOST_ROWS}"
    ).fetchall()
    texts = [[value or "" for value in row] for row in rows]
    return Sample(name, label, settings, list(piece.columns), texts)
