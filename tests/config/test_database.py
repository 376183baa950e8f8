"""Goal: one line of lender.yaml is a database, or one message that says what to write."""

from pathlib import Path

import pytest

from forbear.config.database import PREPARED_AFTER, database
from forbear.interchange.home.lender import HomeError

ADDRESS = "postgresql://ana:p%40ss" + "@db.example.org:5433/lender"


def test_an_empty_address_is_sqlite_in_the_home():
    found = database("", Path("home/data"))
    assert found["NAME"] == Path("home/data/desk.sqlite3")


def test_an_address_is_read_by_its_parts():
    found = database(ADDRESS, Path("x"))
    parts = [found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")]
    assert parts == ["lender", "ana", "p@ss", "db.example.org", "5433"]
    assert database("postgresql:///lender?host=/run/pg", Path("x"))["HOST"] == "/run/pg"


@pytest.mark.parametrize(
    ("query", "threshold"),
    [
        ("", PREPARED_AFTER),
        ("?prepare_threshold=off", None),
        ("?prepare_threshold=0", 0),
        ("?sslmode=require&prepare_threshold=5", 5),
    ],
)
def test_statements_are_prepared_unless_a_pooler_can_not_keep_them(query, threshold):
    assert database(ADDRESS + query, Path("x"))["OPTIONS"]["prepare_threshold"] == threshold


@pytest.mark.parametrize("value", ["yes", "-1", "1.5", "五"])
def test_another_threshold_is_refused_with_what_to_write(value):
    with pytest.raises(HomeError, match="write a whole number from 0, or off"):
        database(f"{ADDRESS}?prepare_threshold={value}", Path("x"))


@pytest.mark.parametrize("address", ["mysql://a/b", "postgresql://host", "desk.sqlite3"])
def test_another_address_is_refused(address):
    with pytest.raises(HomeError, match="write postgresql://"):
        database(address, Path("x"))
