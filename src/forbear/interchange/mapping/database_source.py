"""The rows of a query on the lender's own database, read in one read-only transaction, as text."""

import csv
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql
import pymysql.cursors

from forbear.engine.columnar import Connection
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.origin import ROW
from forbear.interchange.mapping.csv_source import stage_text
from forbear.interchange.mapping.find_sources import Found
from forbear.interchange.mapping.mapping_file import Source
from forbear.interchange.mapping.staged import Piece, column_names

_BATCH = 10_000
_FAULTS = (psycopg.Error, pymysql.Error, sqlite3.Error, OSError)
_KINDS = "postgresql://, mysql://, mariadb:// or sqlite:///path"


class Databases:
    """The connections of one import: sources of one address share a transaction, so that they show one moment."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._open: dict[str, Any] = {}

    def stage(self, connection: Connection, name: str, source: Source, scratch: Path) -> Piece:
        """Stage the rows of a source's query; `FeedError` when the database can't be asked to the end."""
        found = Found(f"{source.database}: {name}", scratch)
        text = scratch / f"{name}.query.csv"
        try:
            with text.open("w", encoding="utf-8", newline="") as stream:
                columns = _write(csv.writer(stream, lineterminator="\n"), self._rows(source))
        except _FAULTS as error:
            said = " ".join(str(error).split())[:300]
            raise FeedError(
                f"{found.label}: the database could not be read to the end ({said}); nothing was imported, import again"
            ) from None
        plain = Source(files=("x",), header=1, nulls=source.nulls)
        piece = stage_text(connection, name, plain, text, found, columns, scratch, numbered=True)
        text.unlink()
        return piece

    def _rows(self, source: Source) -> Iterator[tuple[list[str], list[tuple]]]:
        url = os.environ.get(source.database, "")
        if not url:
            raise FeedError(
                f"the environment has no {source.database}: set it to the database's address ({_KINDS})"
            )
        scheme = urlsplit(url).scheme
        if scheme in ("postgresql", "postgres"):
            return self._postgresql(url, source.query)
        if scheme in ("mysql", "mariadb"):
            return self._mysql(url, source.query)
        if scheme == "sqlite":
            return self._sqlite(url, source.query)
        raise FeedError(f"{source.database}: is no address of a database that can be read ({_KINDS})")

    def _postgresql(self, url: str, query: str) -> Iterator[tuple[list[str], list[tuple]]]:
        if url not in self._open:
            opened = self._stack.enter_context(psycopg.connect(url, connect_timeout=20))
            opened.read_only = True
            opened.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self._open[url] = opened
        with self._open[url].cursor(name="rows") as cursor:
            cursor.execute(query)
            names = [column.name for column in cursor.description]
            yield names, []
            while batch := cursor.fetchmany(_BATCH):
                yield names, batch

    def _mysql(self, url: str, query: str) -> Iterator[tuple[list[str], list[tuple]]]:
        if url not in self._open:
            parts = urlsplit(url)
            opened = pymysql.connect(
                host=parts.hostname or "localhost",
                port=parts.port or 3306,
                user=unquote(parts.username or ""),
                password=unquote(parts.password or ""),
                database=parts.path.strip("/"),
                charset="utf8mb4",
                connect_timeout=20,
                cursorclass=pymysql.cursors.SSCursor,
            )
            self._stack.enter_context(closing(opened))
            with opened.cursor() as cursor:
                cursor.execute("start transaction with consistent snapshot, read only")
            self._open[url] = opened
        with self._open[url].cursor() as cursor:
            cursor.execute(query)
            yield from _batches(cursor)

    def _sqlite(self, url: str, query: str) -> Iterator[tuple[list[str], list[tuple]]]:
        if url not in self._open:
            path = Path(unquote(url.removeprefix("sqlite:///")))
            if not path.is_file():
                raise FeedError(f"{path}: there is no such database")
            opened = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            self._stack.enter_context(closing(opened))
            opened.execute("begin")
            self._open[url] = opened
        yield from _batches(self._open[url].execute(query))


def _batches(cursor: Any) -> Iterator[tuple[list[str], list[tuple]]]:
    names = [column[0] for column in cursor.description or ()]
    yield names, []
    while batch := cursor.fetchmany(_BATCH):
        yield names, list(batch)


def _write(out: Any, batches: Iterable[tuple[list[str], list[tuple]]]) -> list[str]:
    columns: list[str] = []
    number = 0
    for names, batch in batches:
        if not columns:
            columns = column_names(names)
            out.writerow([ROW, *columns])
        for row in batch:
            number += 1
            out.writerow([number, *map(_text, row)])
    return columns


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    if isinstance(value, bytes):
        # a flag of one bit is what a database stores a truth in
        return str(int.from_bytes(value, "big")) if len(value) == 1 else value.hex()
    return str(value).replace("\0", "")
