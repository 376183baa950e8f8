"""Every source of a mapping into the engine, from files and databases; afterwards the engine may read nothing more."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from forbear.engine.columnar import Connection
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.mapping.csv_source import stage_csv
from forbear.interchange.mapping.database_source import Databases
from forbear.interchange.mapping.find_sources import Finder, Found
from forbear.interchange.mapping.json_source import stage_json, stage_parquet
from forbear.interchange.mapping.leftover import find_left_out
from forbear.interchange.mapping.mapping_file import MappingFile, Source
from forbear.interchange.mapping.sheet_source import stage_sheet
from forbear.interchange.mapping.staged import Piece, Staged

Stage = Callable[[Connection, str, Source, Found, Path], Piece]
_STAGES: dict[str, Stage] = {
    "csv": stage_csv,
    "excel": stage_sheet,
    "parquet": stage_parquet,
    "json": stage_json,
}
_ENDINGS = {
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".parquet": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}


def form_of(path: Path) -> str:
    """The form of a file by its ending; CSV where the ending says nothing else."""
    return _ENDINGS.get(path.suffix.lower(), "csv")


def load_sources(
    connection: Connection, mapping: MappingFile, feed: Path, scratch: Path
) -> tuple[dict[str, Staged], list[Path]]:
    """The sources by name, each a view of the connection; and the files that were read, in their order.

    `FeedError` names the file that is missing or can't be read. What is no row of data is noted in its piece.
    """
    finder = Finder(feed, scratch)
    staged: dict[str, Staged] = {}
    paths: list[Path] = []
    with ExitStack() as stack:
        databases = Databases(stack)
        for name, source in mapping.sources.items():
            if source.database:
                pieces = [databases.stage(connection, name, source, scratch)]
            else:
                found = _files_of(finder, mapping, name, source)
                paths += [each.path for each in found]
                pieces = [_stage(connection, name, source, each, scratch) for each in found]
            staged[name] = _together(name, source, pieces)
            staged[name].make_view(connection)
    return staged, paths


def _files_of(finder: Finder, mapping: MappingFile, name: str, source: Source) -> list[Found]:
    if finder.is_one_file and len({each.files for each in mapping.sources.values() if each.files}) == 1:
        return [finder.only_file()]
    found = finder.find(source.files)
    if not found and not source.optional:
        raise FeedError(finder.missing(name, source.files))
    return found


def _stage(connection: Connection, name: str, source: Source, found: Found, scratch: Path) -> Piece:
    if found.path.stat().st_size == 0:
        raise FeedError(f"{found.label}: is empty; send it again")
    piece = _STAGES[source.format or form_of(found.path)](connection, name, source, found, scratch)
    find_left_out(connection, name, piece, source.leave_out)
    return piece


def _together(name: str, source: Source, pieces: list[Piece]) -> Staged:
    """The files of a source as one; `FeedError` where one has other columns than the first."""
    if not pieces:
        return Staged(name, tuple(source.columns), [])
    first = pieces[0]
    for piece in pieces[1:]:
        lacking = _named(set(first.columns) - set(piece.columns))
        more = _named(set(piece.columns) - set(first.columns))
        if lacking or more:
            parts = [f"lacks {lacking}"] if lacking else []
            parts += [f"has {more} besides"] if more else []
            raise FeedError(
                f"{piece.label}: {' and '.join(parts)}, other than {first.label}; "
                "files of one source need the same columns"
            )
    return Staged(name, first.columns, pieces)


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
