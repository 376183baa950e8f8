"""What a feed that can't be read most likely is, and how to mend it: a workbook, an archive, another separator."""

import difflib
from collections.abc import Iterable
from pathlib import Path

from forbear.interchange.book.feed_columns import TABLES

_PACKED = {".zip": "unpack it", ".gz": "unpack it", ".7z": "unpack it", ".rar": "unpack it"}
_SHEETS = (".xlsx", ".xls", ".ods")
_SAVE_SHEET = (
    "save each sheet as CSV in UTF-8, named loans.csv, instalments.csv, payments.csv and so on, "
    "or let `forbear map` propose a mapping"
)
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars", "，": "full-width commas"}


def hint_of_file(path: Path) -> str:
    """For a file where a folder was wanted; "" where nothing comes to mind."""
    end = path.suffix.lower()
    if end in _PACKED:
        return f"it is an archive; {_PACKED[end]} and name the folder with loans.csv and the rest"
    if end in _SHEETS:
        return f"it is a workbook; {_SAVE_SHEET}"
    return "it is a file; name the folder that holds loans.csv and the rest"


def hint_of_folder(folder: Path, table: str) -> str:
    """For a folder without the file of a table: another spelling of its name, an archive or a workbook."""
    for path in sorted(folder.iterdir()):
        name, end = path.name.lower(), path.suffix.lower()
        if name in (f"{table}.csv", f"{table}.parquet"):
            return f"rename {path.name} to {name}"
        if end in _PACKED:
            return f"{path.name} is an archive: {_PACKED[end]} first"
        if end in _SHEETS:
            return f"{path.name} is a workbook: {_SAVE_SHEET}"
    return ""


def hint_of_bytes(first: bytes) -> str:
    """For the first bytes of what is called CSV and is something else."""
    if first.startswith(b"PK\x03\x04"):
        return f"is a workbook or a zip archive with another name; {_SAVE_SHEET}"
    if first.startswith(b"\xd0\xcf\x11\xe0"):
        return f"is an old workbook with another name; {_SAVE_SHEET}"
    if first.startswith(b"\x1f\x8b"):
        return "is packed with gzip; unpack it first"
    if first.startswith(b"PAR1"):
        return "is a Parquet file; call it .parquet"
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is UTF-16 and not UTF-8 text; save it as CSV in UTF-8"
    if b"\r" in first and b"\n" not in first:
        return "ends its lines with carriage returns alone; save it with line feeds at their ends (CSV UTF-8)"
    return ""


def separator_of(header: Iterable[str], wanted: Iterable[str]) -> str:
    """The words for the separator that makes known columns of a header, "" when commas do or nothing does."""
    names, known = list(header), set(wanted)
    if known & set(names):
        return ""
    line = ",".join(names)
    for mark, words in _SEPARATORS.items():
        if known & {name.strip().strip('"').casefold() for name in line.split(mark)}:
            return words
    return ""


def nearest(name: str, names: Iterable[str]) -> str:
    """The name in a header that is most likely meant, whatever its case, spaces and marks; "" for none."""
    plain = {_plain(each): each for each in names}
    if _plain(name) in plain:
        return plain[_plain(name)]
    near = difflib.get_close_matches(_plain(name), list(plain), 1, 0.7)
    return plain[near[0]] if near else ""


def _plain(name: str) -> str:
    return "".join(mark for mark in name.casefold() if mark.isalnum())


def hint_of_header(table: str, names: Iterable[str]) -> str:
    """For a header without a table's columns: that of another table, or no header at all; "" for another fault."""
    held = set(names)
    for other in TABLES:
        if other.name != table and {c.name for c in other.columns if not c.optional} <= held:
            return f"; this is the header of {other.name}: are two files swapped? Give each its own name"
    if not held & {column.name for other in TABLES for column in other.columns}:
        return "; its first line has no name of a column: send the file again with its header line"
    return ""


def misnamed_reversal(names: Iterable[str]) -> str:
    """A column that most likely is `reverses` under another name: read past it, and undone payments would count."""
    for name in names:
        if "revers" in name.casefold() or name in ("冲正", "冲销", "被冲正流水"):
            return name
    return ""


def printable(text: str) -> str:
    """The beginning of a text from outside, fit for one line."""
    return "".join(mark if mark.isprintable() else "?" for mark in text[:60])
