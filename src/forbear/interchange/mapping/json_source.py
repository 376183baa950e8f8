"""JSON and Parquet as text columns: lists of objects with what is nested in them, as a.b; one row for each item."""

from pathlib import Path

from forbear.engine.columnar import Connection, EngineError, identifier, one_row, quote
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.mapping.find_sources import Found
from forbear.interchange.mapping.mapping_file import Source
from forbear.interchange.mapping.staged import STAGED, Piece, column_names

_DEEPEST = 5
#: Above an object's rows, the columns of the object around it.
PARENT = "parent."
POSITION = "position"


def stage_parquet(connection: Connection, name: str, source: Source, found: Found, scratch: Path) -> Piece:
    """Stage a Parquet file with every column as text."""
    target = _target(name, scratch)
    read = f"read_parquet({quote(found.path)}, hive_partitioning = false)"
    try:
        described = connection.execute(f"describe select * from {read}").fetchall()
        columns = column_names([column for column, *_ in described])
        texts = ", ".join(
            f"{_as_text(sent, kind)} as {identifier(column)}"
            for column, (sent, kind, *_) in zip(columns, described, strict=True)
        )
        rows = one_row(
            connection.execute(f"copy (select {texts} from {read}) to {quote(target)} ({STAGED})")
        )[0]
    except EngineError as error:
        raise FeedError(
            f"{found.label}: is not a whole Parquet file ({str(error).splitlines()[0]})"
        ) from None
    return Piece(found.label, target, tuple(columns), rows)


def _as_text(name: str, kind: str) -> str:
    if kind.endswith("[]") or kind.startswith(("STRUCT", "MAP")):
        return f"to_json({identifier(name)})::varchar"
    if kind in ("DOUBLE", "FLOAT"):  # 3.0 is a whole number to those who wrote it
        return f"regexp_replace({identifier(name)}::varchar, '[.]0$', '')"
    return f"{identifier(name)}::varchar"


def stage_json(connection: Connection, name: str, source: Source, found: Found, scratch: Path) -> Piece:
    """Stage a JSON file: one object, a list of them, or one a line; `path` leads to the list, `each` into its rows."""
    target = _target(name, scratch)
    largest = max(found.path.stat().st_size + 1, 1 << 24)
    table = identifier(f"json of {name}")
    connection.execute(f"drop table if exists {table}")
    try:
        connection.execute(
            f"create temp table {table} as select row_number() over () as n, json from read_json_objects("
            f"{quote(found.path)}, format = 'auto', maximum_object_size = {largest})"
        )
    except EngineError as error:
        raise FeedError(f"{found.label}: is not whole JSON ({str(error).splitlines()[0]})") from None
    rows = f"(select row_number() over (order by n) as source_row, json as item from {table})"
    if source.path:
        rows = _below(connection, table, source.path, found)
    columns = {key: _value("item", key) for key in _keys(connection, rows)}
    if source.each:
        rows, columns = _each(connection, rows, columns, source.each, found)
    if not columns:
        raise FeedError(
            f"{found.label}: has no objects with keys at {source.path or 'its top'}; name the list in `path`"
        )
    names = column_names(list(columns))
    texts = ", ".join(f"{sql} as {identifier(n)}" for n, sql in zip(names, columns.values(), strict=True))
    count = one_row(
        connection.execute(
            f"copy (select {texts}, source_row from {rows} order by source_row) to {quote(target)} ({STAGED})"
        )
    )[0]
    connection.execute(f"drop table {table}")
    return Piece(found.label, target, tuple(names), count, numbered=True)


def _target(name: str, scratch: Path) -> Path:
    return scratch / f"{name}-{len(list(scratch.glob(f'{name}-*.parquet')))}.parquet"


def _pointer(path: str) -> str:
    return "$" + "".join(f'."{key}"' for key in path.split("."))


def _below(connection: Connection, table: str, path: str, found: Found) -> str:
    pointer = quote(_pointer(path))
    kinds = connection.execute(f"select distinct json_type(json, {pointer}) from {table}").fetchall()
    if kinds != [("ARRAY",)]:
        keys = _keys(connection, f"(select 1 as source_row, json as item from {table})")
        held = ", ".join(keys[:8]) or "no keys"
        raise FeedError(f"{found.label}: has no list called {path}; it has {held}")
    return (
        f"(select row_number() over (order by n, nth) as source_row, item from (select n, unnest(list) as item, "
        f"unnest(range(len(list))) as nth from (select n, {_list('json', pointer)} as list from {table})))"
    )


def _list(item: str, pointer: str) -> str:
    """SQL for the items of a list inside an object; none where there is no list."""
    read = f"from_json({item} -> {pointer}, '[\"JSON\"]')"
    return f"case when json_type({item}, {pointer}) = 'ARRAY' then {read} else [] end"


def _keys(connection: Connection, rows: str, before: str = "", depth: int = 0) -> list[str]:
    """The path of every value in the objects of `rows`; what is nested in objects has a point between its keys."""
    inside = f"json_extract(item, {quote(_pointer(before))})" if before else "item"
    kind = f"json_type({inside}, '$.\"' || k || '\"')"
    found = connection.execute(
        f"""select k, bool_or({kind} = 'OBJECT'), bool_or({kind} not in ('OBJECT', 'NULL'))
        from (select item, source_row, unnest(json_keys({inside})) as k, unnest(range(len(json_keys({inside})))) as nth
            from {rows} where json_type({inside}) = 'OBJECT')
        where not contains(k, '"') and not contains(k, '.') group by k order by min(source_row), min(nth)"""
    ).fetchall()
    keys = []
    for key, nested, plain in found:
        path = f"{before}.{key}" if before else key
        if plain or not nested or depth >= _DEEPEST:
            keys.append(path)
        if nested and depth < _DEEPEST:
            keys += _keys(connection, rows, path, depth + 1)
    return keys


def _value(item: str, path: str) -> str:
    return f"json_extract_string({item}, {quote(_pointer(path))})"


def _each(
    connection: Connection, rows: str, columns: dict[str, str], each: str, found: Found
) -> tuple[str, dict[str, str]]:
    """One row for each item of a list inside each row; the row around is `parent`."""
    if each not in columns:
        raise FeedError(
            f"{found.label}: no row has a list called {each}; it has {', '.join(list(columns)[:8])}"
        )
    pointer = quote(_pointer(each))
    listed = _list("item", pointer)
    inner = (
        f"(select source_row, item as around, unnest({listed}) as item, "
        f"unnest(range(1, len({listed}) + 1)) as nth from {rows})"
    )
    made = {key: _value("item", key) for key in _keys(connection, inner)}
    made[POSITION] = "nth::varchar"
    for key in columns:
        if key != each:
            made[PARENT + key] = _value("around", key)
    return inner, made
