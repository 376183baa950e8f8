"""Goal: who waits for SQLite's one writer gets in as soon as there is a gap, and is told when there is none.

Method: connections of the backend and of sqlite3 itself on one file, with threads that hold the lock.
"""

import sqlite3
import threading
import time

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from forbear.config.database import database

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def connect(tmp_path):
    """A connection to one file, whose transactions wait so many seconds for another's."""
    made = []

    def opened(seconds: int):
        settings = database("", tmp_path, seconds)
        connection = ConnectionHandler({"default": settings})["default"]
        made.append(connection)
        return connection

    yield opened
    for connection in made:
        connection.close()


def begin(connection) -> None:
    """A transaction that begins and ends."""
    connection.ensure_connection()
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    connection.rollback()
    connection.set_autocommit(True)


def write(connection) -> None:
    """A statement outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("create table if not exists t (i int)")
        cursor.executemany("insert into t values (%s)", ([number] for number in range(3)))


@pytest.mark.parametrize("act", [begin, write])
def test_a_lock_that_stays_is_told(connect, tmp_path, act):
    mine = connect(0)
    act(mine)
    with sqlite3.connect(tmp_path / "desk.sqlite3", isolation_level=None) as other:
        other.execute("begin immediate")
        with pytest.raises(OperationalError, match="locked"):
            act(mine)
        other.execute("rollback")
    act(mine)


@pytest.mark.parametrize("act", [begin, write])
def test_a_worker_that_hardly_pauses_lets_somebody_in(connect, tmp_path, act):
    mine, turns, done = connect(20), [], threading.Event()
    act(mine)

    def hold() -> None:
        other = sqlite3.connect(tmp_path / "desk.sqlite3", isolation_level=None)
        while not done.is_set() and len(turns) < 400:
            other.execute("begin immediate")
            turns.append(1)
            time.sleep(0.01)
            other.execute("rollback")
            time.sleep(0.005)
        other.close()

    worker = threading.Thread(target=hold)
    worker.start()
    while not turns:
        time.sleep(0.001)
    act(mine)
    done.set()
    worker.join()
    assert len(turns) < 400


def test_what_is_no_lock_is_not_waited_for(connect):
    mine = connect(20)
    mine.ensure_connection()
    mine.connection.execute("begin")
    with pytest.raises(OperationalError, match="within a transaction"):
        begin(mine)
