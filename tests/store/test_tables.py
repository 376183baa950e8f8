"""The tables, the database they run on, and the migrations that make them."""

import os

import pytest
from django.core.management import call_command
from django.db import connection

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_the_database_is_the_one_asked_for():
    assert connection.vendor == os.environ.get("FORBEAR_TEST_DATABASE", "sqlite")


def test_every_table_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
