"""The tables, the database they run on, and the migration that makes them."""

import os

import pytest
from django.core.management import call_command
from django.db import connection

from forbear.store import guards

pytestmark = [pytest.mark.postgresql, pytest.mark.database, pytest.mark.django_db]


def test_the_database_is_the_one_asked_for():
    assert connection.vendor == os.environ.get("FORBEAR_TEST_DATABASE", "sqlite")


def test_every_table_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_migration_guards_the_evidence():
    assert guards.missing(connection) == []


def test_no_text_key_pays_for_an_index_that_no_query_uses():
    names = [
        name
        for table in connection.introspection.table_names()
        if table.startswith("store_")
        for name in connection.introspection.get_constraints(connection.cursor(), table)
    ]
    assert len(names) > 100
    assert [name for name in names if name.endswith("_like")] == []
