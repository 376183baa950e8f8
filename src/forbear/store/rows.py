"""Single rows by statements whose text is made once.

The ORM takes longer to write the text of a statement than the database takes to run it. On the way of a permit,
which is walked for every contact, rows are held and written by these instead; elsewhere the ORM does (a test holds
that). What a value looks like in the database is still the model's own affair.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Self, TypeVar, overload

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from django.db.models import AutoField, Field, Model
from psycopg import RawCursor

from forbear.store.sql_value import SqlValue

Row = TypeVar("Row", bound=Model)
Text = tuple[str, list[SqlValue]]
_MARK = re.compile(r"%(?:%|s|\((\w+)\)s)")


class StatementCursor(RawCursor):
    """A cursor that reads the marks of a statement once a process, however long it is.

    The driver's own keeps what it knows of a short statement only, and cut two of a permit's at their marks each time.
    """

    # it takes fewer kinds of statement than the driver's: text, as Django gives
    def execute(  # type: ignore[override]
        self, query: str, params: Sequence[SqlValue] | Mapping[str, SqlValue] | None = None
    ) -> Self:
        """Run a statement with `%s` or `%(name)s` for values; `%%` is a per cent sign. Without values none is read."""
        if params is None:
            return super().execute(query)
        text, names = _numbered(query)
        values = [params[name] for name in names] if isinstance(params, Mapping) else params
        return super().execute(text, values)


@lru_cache(maxsize=256)
def _numbered(text: str) -> tuple[str, tuple[str, ...]]:
    """A statement with the database's own marks, numbered, and the names in their order where it has names."""
    names: dict[str, str] = {}
    count = 0

    def mark(match: re.Match[str]) -> str:
        nonlocal count
        if match[0] == "%%":
            return "%"
        if match[1]:
            return names.setdefault(match[1], f"${len(names) + 1}")
        count += 1
        return f"${count}"

    numbered = _MARK.sub(mark, text)
    assert not (names and count), "values by name or by place, not both"
    return numbered, tuple(names)


def statement_cursor() -> CursorWrapper:
    """A cursor for statements whose text stays: PostgreSQL reads and plans each once a connection.

    Of a permit's statements the planning took longer than the work: one joins twenty tables. Django's own cursor writes
    the values into the text, so that each time is a statement that the database has never seen.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        return database.cursor()
    database.ensure_connection()
    with database.wrap_database_errors:
        cursor = StatementCursor(database.connection)
    wrapper = CursorDebugWrapper if database.queries_logged else CursorWrapper
    return wrapper(cursor, database)


def get_for_update(model: type[Row], key: SqlValue) -> Row | None:
    """The row of that primary key, locked until the transaction ends; None when there is none.

    On SQLite the transaction itself is the lock: it began as a writer (see config.database).
    """
    assert transaction.get_connection().in_atomic_block, "a lock lives in a transaction"
    text, names, readers = _holding(model, connection.vendor)
    return _fetch_first(model, text, key, names, readers)


def get(model: type[Row], key: SqlValue) -> Row | None:
    """The row of that primary key as it is, not locked; None when there is none."""
    text, names, readers = _reading(model, connection.vendor)
    return _fetch_first(model, text, key, names, readers)


def _fetch_first(model: type[Row], text: str, key: SqlValue, names: list[str], readers: list) -> Row | None:
    with statement_cursor() as cursor:
        cursor.execute(text, [key])
        first = cursor.fetchone()
    return None if first is None else _from_columns(model, names, readers, first)


def _from_columns(model: type[Row], names: list[str], readers: list, columns: Sequence[object]) -> Row:
    values = [
        value if reader is None else reader(value) for value, reader in zip(columns, readers, strict=True)
    ]
    return model.from_db(connection.alias, names, values)


def fetch_one(model: type[Row], rest: str, values: Sequence[SqlValue] = ()) -> Row | None:
    """The first row of a table for which `rest` holds: a condition, and an order where there are several."""
    matches = fetch_all(model, f"{rest} limit 1", values)
    return matches[0] if matches else None


def fetch_all(model: type[Row], rest: str, values: Sequence[SqlValue] = ()) -> list[Row]:
    """All rows of a table for which the condition `rest` holds; an order may follow it."""
    text, names, readers = _finding(model, connection.vendor)
    return [_from_columns(model, names, readers, record) for record in fetch_rows(f"{text} {rest}", values)]


def fetch_rows(text: str, values: Sequence[SqlValue] = ()) -> list[tuple]:
    """All rows of a statement, each value as the database gives it."""
    with statement_cursor() as cursor:
        cursor.execute(text, _params(values))
        return cursor.fetchall()


@overload
def as_datetime(moment: str | datetime) -> datetime: ...
@overload
def as_datetime(moment: None) -> None: ...
@overload
def as_datetime(moment: str | datetime | None) -> datetime | None: ...
def as_datetime(moment: str | datetime | None) -> datetime | None:
    """A moment as either database gives it, plain or in JSON; SQLite keeps UTC without saying so."""
    if moment is None:
        return None
    get = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    return get if get.tzinfo is not None else get.replace(tzinfo=UTC)


def _params(values: Sequence[SqlValue]) -> list[SqlValue]:
    """The values of a statement as the database knows them."""
    adapt = connection.ops.adapt_datetimefield_value
    return [adapt(value) if isinstance(value, datetime) else value for value in values]


def update_fields(row: Model, *names: str) -> None:
    """Write these fields of a row that is held; AssertionError unless it is there."""
    text, fields = _changing(type(row), names)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with statement_cursor() as cursor:
        cursor.execute(text, [*values, row.pk])
        assert cursor.rowcount == 1, "the row is held, so it is there"


@cache
def _changing(model: type[Model], names: tuple[str, ...]) -> tuple[str, list]:
    fields = [_field(model, name) for name in names]
    assignments = ", ".join(f"{_column(field)} = %s" for field in fields)
    return f"update {model._meta.db_table} set {assignments} where {model._meta.pk.column} = %s", fields


def _field(model: type[Model], name: str) -> Field:
    field = model._meta.get_field(name)
    assert isinstance(field, Field), f"{name} is what other tables say of this one"
    return field


def _column(field: Field) -> str:
    """The quoted name of a field's column."""
    assert field.column is not None, f"{field.name} has a column, as all concrete fields"
    return connection.ops.quote_name(field.column)


@cache
def _finding(model: type[Model], vendor: str) -> tuple[str, list[str], list[Callable | None]]:
    text, names, readers = _reading(model, vendor)
    return text.removesuffix(f"{model._meta.pk.column} = %s"), names, readers


@cache
def _reading(model: type[Model], vendor: str) -> tuple[str, list[str], list[Callable | None]]:
    text, names, readers = _holding(model, vendor)
    return text.removesuffix(" for update"), names, readers


@cache
def _holding(model: type[Model], vendor: str) -> tuple[str, list[str], list[Callable | None]]:
    """The statement that holds a row, the names of its columns, and how each of them is read."""
    fields = model._meta.concrete_fields
    columns = ", ".join(map(_column, fields))
    lock = " for update" if vendor == "postgresql" else ""
    text = f"select {columns} from {model._meta.db_table} where {model._meta.pk.column} = %s{lock}"
    return text, [field.attname for field in fields], [_reader(field) for field in fields]


def _reader(field: Field) -> Callable | None:
    """What makes a column's value the model's; None when the database gives it so."""
    column = field.get_col(field.model._meta.db_table)
    steps = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
    if not steps:
        return None

    def get(value: object) -> object:
        for step in steps:
            value = step(value, column, connection)
        return value

    return get


def insert_many(rows: Sequence[Model], then: Text | None = None) -> None:
    """Insert new rows, in their order, and run one statement more; on PostgreSQL all in one round trip.

    Rows get no key from the database: each has its own, or nobody asks for it. `then` is a statement with its
    values; AssertionError unless it changes one row.
    """
    assert transaction.get_connection().in_atomic_block, "rows that belong together are written together"
    texts = [(_inserting(type(row)), _values(row)) for row in rows]
    with statement_cursor() as cursor:
        if connection.vendor == "postgresql":
            *before, (last, values) = [*texts, then] if then else texts
            steps = ", ".join(f"w{place} as ({text})" for place, (text, _) in enumerate(before))
            parameters = [value for _, row_values in before for value in row_values]
            cursor.execute(f"with {steps} {last}" if steps else last, [*parameters, *values])
        else:
            for text, values in texts:
                cursor.execute(text, values)
            if then:
                cursor.execute(*then)
        assert cursor.rowcount == 1, "the statement changes one row"
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert(row: Row) -> Row:
    """Insert a new row whose key the database gives; the row with its key."""
    key = row._meta.pk
    with statement_cursor() as cursor:
        cursor.execute(f"{_inserting(type(row))} returning {key.column}", _values(row))
        (inserted,) = cursor.fetchone()
    setattr(row, key.attname, inserted)
    row._state.adding, row._state.db = False, connection.alias
    return row


@cache
def _written(model: type[Model]) -> list:
    """The columns of a table that a new row tells: all but a number the database gives."""
    return [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]


@cache
def _inserting(model: type[Model]) -> str:
    fields = _written(model)
    columns = ", ".join(map(_column, fields))
    marks = ", ".join(["%s"] * len(fields))
    return f"insert into {model._meta.db_table} ({columns}) values ({marks})"


def _values(row: Model) -> list[SqlValue]:
    # the connection itself: what stands for it looks it up again at every word
    database = connections[DEFAULT_DB_ALIAS]
    return [field.get_db_prep_save(getattr(row, field.attname), database) for field in _written(type(row))]
