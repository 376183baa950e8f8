"""The tables, the database they run on, and the migrations that make them."""

import os

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from forbear.store.new_tables import make_tables

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_the_database_is_the_one_asked_for():
    assert connection.vendor == os.environ.get("FORBEAR_TEST_DATABASE", "sqlite")


def test_every_table_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


#: Rows that Django writes once the tables are there, whoever made them.
AFTERWARDS = ("django_content_type", "auth_permission")


def shape(found: BaseDatabaseWrapper) -> dict[str, object]:
    """Each table's columns, indexes, constraints and number of rows; all triggers; what is told as applied."""
    told: dict[str, object] = {}
    with found.cursor() as cursor:
        for name in found.introspection.table_names(cursor):
            columns = {
                (each.name, each.type_code, each.null_ok, each.default, each.collation, each.pk)
                for each in found.introspection.get_table_description(cursor, name)
            }
            kinds = ("unique", "index", "foreign_key", "check")
            rules = sorted(
                (key if each["index"] else "", each["columns"], *(str(each[kind]) for kind in kinds))
                for key, each in found.introspection.get_constraints(cursor, name).items()
            )
            cursor.execute(f"select count(*) from {name}")
            told[name] = (columns, rules, None if name in AFTERWARDS else cursor.fetchone())
        for what, query in (
            ("triggers", "select name, sql from sqlite_master where type = 'trigger' order by 1"),
            ("applied", "select app, name from django_migrations order by 1, 2"),
        ):
            cursor.execute(query)
            told[what] = cursor.fetchall()
    return told


def test_a_new_desk_made_at_once_is_what_the_migrations_make(tmp_path):
    if connection.vendor != "sqlite":
        assert not make_tables(connection)
        return
    new = connection.copy()
    new.settings_dict["NAME"] = tmp_path / "new.sqlite3"
    try:
        assert make_tables(new)
        assert not make_tables(new), "what has tables is migrated"
        made, migrated = shape(new), shape(connection)
    finally:
        new.close()
    assert made.keys() == migrated.keys()
    assert {name: made[name] for name in made if made[name] != migrated[name]} == {}
