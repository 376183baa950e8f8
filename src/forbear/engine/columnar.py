"""The only importer of the columnar library.

Every other room asks `connect` for a connection and speaks SQL through it. One
connection is one in-memory database with its own threads, so that work on
separate partitions runs side by side without sharing anything.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import duckdb

Connection = duckdb.DuckDBPyConnection
EngineError = duckdb.Error


def connect(threads: int = 1, memory: str = "", spill: Path | None = None) -> Connection:
    """Open a private in-memory database.

    `threads` is how many cores one statement may use, `memory` a limit such as
    "2GB" (empty: the engine's own), `spill` the folder for what does not fit.
    Extensions are never downloaded: a lender's machine may be offline.
    """
    settings: dict[str, str | bool | int] = {
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": str(spill or Path(tempfile.gettempdir()) / "forbear-spill"),
    }
    if memory:
        settings["memory_limit"] = memory
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("set TimeZone = 'UTC'")
    return connection


@contextmanager
def connected(threads: int = 1, memory: str = "", spill: Path | None = None) -> Iterator[Connection]:
    """`connect`, closed at the end of the block."""
    connection = connect(threads, memory, spill)
    try:
        yield connection
    finally:
        connection.close()


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


def statements(package: str, name: str) -> str:
    """The text of the SQL file `name` that ships inside `package`."""
    return (files(package) / "sql" / name).read_text(encoding="utf-8")


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
