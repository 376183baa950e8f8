"""Triggers by which the database itself forbids changing or deleting evidence, on SQLite and PostgreSQL.

They stop mistakes and injected SQL. Anyone who owns the database can take them down; that leaves traces that
`check` and every bundle handed out before will show. A migration that makes one of these tables again (SQLite
does so for most changes) must call `put_up` again; `missing` tells.
"""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

_EVENT, _LEAF, _SEAL, _ENCLOSURE = (
    "store_event",
    "store_evidenceleaf",
    "store_dailyseal",
    "store_eventattachment",
)
_PERSONAL, _ATTACHMENT, _HEAD = "store_personalvalue", "store_attachment", "store_evidencechain"
#: What may still be changed, as a condition on the old and the new row; false for most.
ALLOWED = {
    _EVENT: "1 = 0",
    _LEAF: "1 = 0",
    _SEAL: "1 = 0",
    _ENCLOSURE: "1 = 0",
    _PERSONAL: (
        "new.id = old.id and new.event_id = old.event_id and new.field = old.field "
        "and (new.salt is null and new.value is null"
        # sealed again with another key: what it says is held by the event's commitment
        " or coalesce(new.salt = old.salt and new.value like 's1:%' and old.value like 's1:%', 1 = 0))"
    ),
    _ATTACHMENT: "new.sha256 = old.sha256 and new.media_type = old.media_type and new.size = old.size",
    _HEAD: "new.borrower = old.borrower and new.number > old.number",
}
#: On SQLite an INSERT OR REPLACE deletes without asking a trigger, so what is there may not come in again.
_THERE = {
    _EVENT: "id = new.id or event_id = new.event_id or (borrower = new.borrower and number = new.number)",
    _LEAF: "seq = new.seq or event_id = new.event_id",
    _SEAL: "number = new.number or day = new.day",
    _ENCLOSURE: "id = new.id or (event_id = new.event_id and attachment_id = new.attachment_id)",
    _PERSONAL: "id = new.id or (event_id = new.event_id and field = new.field)",
    _ATTACHMENT: "sha256 = new.sha256",
}
_SAYS = "the evidence log only grows"


def _sqlite(table: str) -> dict[str, str]:
    """The triggers of a table by name."""
    stop = f"begin select raise(abort, '{_SAYS}: {table}'); end"
    triggers = {
        f"{table}_no_delete": f"before delete on {table} {stop}",
        f"{table}_no_update": f"before update on {table} when not ({ALLOWED[table]}) {stop}",
    }
    if table in _THERE:
        there = f"when exists (select 1 from {table} where {_THERE[table]})"
        triggers[f"{table}_no_replace"] = f"before insert on {table} {there} {stop}"
    return triggers


def _postgresql(table: str) -> dict[str, str]:
    says = "execute function forbear_only_grows()"
    return {
        f"{table}_no_delete": f"before delete on {table} for each row {says}",
        f"{table}_no_update": f"before update on {table} for each row when (not ({ALLOWED[table]})) {says}",
        f"{table}_no_truncate": f"before truncate on {table} for each statement {says}",
    }


_FUNCTION = f"""
create or replace function forbear_only_grows() returns trigger language plpgsql as $$
begin
    raise exception '{_SAYS}: %', tg_table_name using errcode = 'integrity_constraint_violation';
end $$
"""


def _wanted(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    """(table, definition) of every trigger by name."""
    make = _postgresql if connection.vendor == "postgresql" else _sqlite
    return {name: (table, text) for table in ALLOWED for name, text in make(table).items()}


def put_up(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger; those that are there are made again."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for name, (table, text) in _wanted(connection).items():
            _drop(cursor, connection.vendor, name, table)
            cursor.execute(f"create trigger {name} {text}")
            if connection.vendor == "postgresql":
                # also for a session that plays a replica, which skips ordinary triggers
                cursor.execute(f"alter table {table} enable always trigger {name}")


def take_down(connection: BaseDatabaseWrapper) -> None:
    """Remove every trigger: for undoing the migration, and for emptying a test's database."""
    with connection.cursor() as cursor:
        for name, (table, _) in _wanted(connection).items():
            _drop(cursor, connection.vendor, name, table)


def _drop(cursor: CursorWrapper, vendor: str, name: str, table: str) -> None:
    cursor.execute(f"drop trigger if exists {name}" + (f" on {table}" if vendor == "postgresql" else ""))


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The triggers that should be there and are not, or are switched off."""
    query = (
        "select tgname from pg_trigger where tgenabled = 'A'"
        if connection.vendor == "postgresql"
        else "select name from sqlite_master where type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {name for (name,) in cursor.fetchall()}
    return sorted(set(_wanted(connection)) - there)
