"""Sealing the database's values again with the newest key, a batch at a time, while others go on working.

Each batch is a transaction of its own. A row that somebody changes in between keeps what they wrote: a value is
replaced only where it is still the one that was read. Who stops in the middle goes on later: what has the newest key
is not read again, and what has a former one is opened by it as before.
"""

from collections.abc import Callable

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model

from forbear.store.sealed_field import Sealed
from forbear.store.sql_value import SqlValue

_BATCH = 2_000


def sealed_columns() -> dict[type[Model], list[Sealed]]:
    """Every table that has sealed columns, with these."""
    found = {
        model: [field for field in model._meta.concrete_fields if isinstance(field, Sealed)]
        for model in apps.get_app_config("store").get_models()
    }
    return {model: fields for model, fields in found.items() if fields}


def seal_again(progress: Callable[[str, int], None] = lambda table, values: None) -> int:
    """Seal with the newest key whatever has another one; how many values."""
    total = 0
    for model, fields in sealed_columns().items():
        for field in fields:
            total += _column(model, field)
            progress(field.place, total)
    return total


def _column(model: type[Model], field: Sealed) -> int:
    keys, table, key = settings.FIELD_KEYS, model._meta.db_table, model._meta.pk.column
    column = connection.ops.quote_name(str(field.column))
    total, last = 0, None
    while rows := _with_former_key(model, column, last):
        seal = keys.sealer(field.place)
        changed = [(seal(keys.unseal(field.place, value)), pk, value) for pk, value in rows]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                f"update {table} set {column} = %s where {key} = %s and {column} = %s", changed
            )
        total, last = total + len(rows), rows[-1][0]
    return total


def _with_former_key(model: type[Model], column: str, last: SqlValue) -> list[tuple]:
    """The next rows, by their keys, whose value was sealed with another key than the newest."""
    key, values = model._meta.pk.column, [settings.FIELD_KEYS.newest_prefix() + "%"]
    after = f"and {key} > %s" if last is not None else ""
    text = (
        f"select {key}, {column} from {model._meta.db_table} "
        f"where {column} like 's1:%%' and {column} not like %s {after} order by {key} limit {_BATCH}"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, values if last is None else [*values, last])
        return cursor.fetchall()
