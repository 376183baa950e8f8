"""The only importer of the columnar library.

Every other room asks `connect` for a connection and speaks SQL through it. One
connection is one in-memory database with its own threads, so that work on
separate partitions runs side by side without sharing anything.
"""

import os
import re
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

Connection = duckdb.DuckDBPyConnection
EngineError = duckdb.Error

#: Engines that wait to be used again, by process, threads and memory. To start one takes longer than most questions.
_idle: dict[tuple[int, int, str], list[Connection]] = defaultdict(list)
_MOST_IDLE = 4
#: How many rows are fetched at once.
_FETCH = 10_000
_lock = threading.Lock()
_numbers = count()


def connect(threads: int = 1, memory: str = "", spill: Path | None = None) -> Connection:
    """Open a private in-memory database.

    `threads` is how many cores one statement may use, `memory` a limit such as
    "2GB" (empty: the engine's own), `spill` the folder for what does not fit.
    Extensions are never downloaded: a lender's machine may be offline.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": _spills_to(spill),
    }
    if memory:
        settings["memory_limit"] = memory
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def confine(connection: Connection, folders: Sequence[Path]) -> None:
    """From here on the connection reads and writes files in these folders alone, and nobody can undo that.

    For statements with expressions that others wrote: they see what was loaded, and neither the disk nor the program.
    """
    named = ", ".join(quote(f"{folder.resolve()}/") for folder in folders)
    connection.execute("set python_enable_replacements = false")
    connection.execute(f"set allowed_directories = [{named}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _spills_to(spill: Path | None) -> str:
    return str(spill or Path(tempfile.gettempdir()) / "forbear-spill")


def _engine(threads: int, memory: str, spill: Path | None) -> Connection:
    """One that waits, if there is one and it can spill to that folder; else a new one."""
    idle = _idle[os.getpid(), threads, memory]
    with _lock:
        engine = idle.pop() if idle else None
    if engine is not None:
        try:
            engine.execute(f"set temp_directory = {quote(_spills_to(spill))}")
            return engine
        except EngineError:  # it has files elsewhere already
            engine.close()
    return connect(threads, memory, spill)


@contextmanager
def connected(threads: int = 1, memory: str = "", spill: Path | None = None) -> Iterator[Connection]:
    """A private in-memory database like `connect`'s, gone at the end of the block.

    The engine beneath it is used again: nobody else has it meanwhile, and what was made in the block goes with the
    database that was attached for it.
    """
    engine = _engine(threads, memory, spill)
    name, connection = f"block_{next(_numbers)}", engine.cursor()
    try:
        connection.execute(f"attach ':memory:' as {name}; use {name}; set TimeZone = 'UTC'")
        yield connection
        connection.close()
        engine.execute(f"detach {name}")
    except BaseException:
        # whatever state it is in, nobody meets it again
        connection.close()
        engine.close()
        raise
    with _lock:
        idle = _idle[os.getpid(), threads, memory]
        # one that spilled into a folder of its own goes with it
        keep = not (spill and spill.exists()) and len(idle) < _MOST_IDLE
        if keep:
            idle.append(engine)
    if not keep:
        engine.close()


def unwritten(error: Exception) -> str:
    """The file that the engine could not write, as on a full disk; "" for any other trouble of its."""
    match = re.search(r'[Cc]ould not write (?:to )?file \\?"([^"\\]+)', str(error))
    return match.group(1) if match else ""


@contextmanager
def as_written(connection: Connection) -> Iterator[None]:
    """Joins inside the block run in the order in which statements have them.

    The left side passes by in its own order, which one thread keeps, and the right side is held in memory.
    """
    connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("reset disabled_optimizers")


def insert_rows(
    connection: Connection, table: str, kinds: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Put rows into a table whose columns have these types; column by column, which takes a hundredth of the time."""
    columns = {f"c{at}": list(column) for at, column in enumerate(zip(*rows, strict=True))}
    if columns:
        lists = ", ".join(f"unnest($c{at}::{kind}[])" for at, kind in enumerate(kinds))
        connection.execute(f"insert into {table} select {lists}", columns)


def add_text_function(
    connection: Connection, name: str, function: Callable[..., str], arguments: int
) -> None:
    """Let statements call a module's pure function of texts, for what SQL can't do; NULL gives NULL.

    It stays with the engine, which is used again: a name always means the same function.
    """
    nothing = ", ".join(["null"] * arguments)
    try:  # to look into the catalogue takes a hundred times as long
        connection.execute(f"select {name}({nothing})")
    except EngineError:
        connection.create_function(name, function, ["VARCHAR"] * arguments, "VARCHAR")


def one_row(cursor: Connection) -> tuple[Any, ...]:
    """The first row of what was just asked, for a question that always has one, such as a count."""
    row = cursor.fetchone()
    assert row is not None, "the question has an answer"
    return row


def rows_of(cursor: Connection) -> Iterator[tuple[Any, ...]]:
    """The rows of what was just asked, fetched some thousands at a time."""
    while batch := cursor.fetchmany(_FETCH):
        yield from batch


def statements(package: str, name: str) -> str:
    """The text of the SQL file `name` that ships inside `package`."""
    return (files(package) / "sql" / name).read_text(encoding="utf-8")


def in_braces(text: str, values: Mapping[str, str]) -> str:
    """The text with each value where its name stands in braces."""
    return re.sub(r"\{(\w+)\}", lambda match: values[match.group(1)], text)


def named_queries(text: str) -> dict[str, str]:
    """The queries of an SQL file by name: each stands under a line `-- name: what it is` and ends with a semicolon."""
    return dict(re.findall(r"^-- (\w+):.*\n([^;]+);", text, re.MULTILINE))


def quote(value: object) -> str:
    """A SQL string literal; used for paths, which can't be parameters everywhere."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A SQL name for a column whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def parquet(folder: Path, pattern: str) -> str:
    """SQL for the rows of the Parquet files in `folder` whose name matches `pattern` (`*` allowed).

    The folder's own name is taken literally, and never as a guess about columns: a home may lie
    in a folder called `a=1` or `q?`.
    """
    return f"read_parquet({quote(files_in(folder, pattern))}, hive_partitioning = false)"


def files_in(folder: Path, pattern: str) -> str:
    """The engine's glob for files in `folder`, the folder's own name escaped."""
    return re.sub(r"([*?\[])", r"[\1]", str(folder)) + "/" + pattern
