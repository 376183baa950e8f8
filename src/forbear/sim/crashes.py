"""Faults of the machine in the midst of an act: it dies at a write, the database goes or is locked, the disk is full.

A crash is no `Exception`, so nothing takes it for an error that can be dealt with. What was not committed is gone, what
was is there, the connection is new, and anyone who asked asks again: that is what must give one act and not two.
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connections

from forbear.engine.columnar import EngineError
from forbear.sim.faults import Faults

Made = TypeVar("Made")
#: How far into an act a fault may strike, in writes and in commits.
_WRITES, _COMMITS = 8, 2
#: How many bytes a file may have when the disk is full, as powers of two: some of a night's files still fit. What the
#: database writes would fit or not by chance, since its keys are made at random, so it gets less than one page.
_FILES, _PAGE = 17, 13
_LOSES_CONNECTION = ("crash_at_write", "crash_at_commit", "database_gone")
_WRITES_FILES = ("import", "decide")
_WRITING = ("insert", "update", "delete", "with", "create", "begin")


@contextmanager
def somebody_else() -> Iterator[None]:
    """A second connection, as the desk has one beside the worker: with the last of them SQLite ends its log."""
    other = connections.create_connection(DEFAULT_DB_ALIAS)
    with other.cursor() as cursor:
        cursor.execute("select 1 from store_borrower limit 1")
    try:
        yield
    finally:
        other.close()


class Crash(BaseException):
    """The process died here."""


class Struck:
    """Whether the fault found its place."""

    def __init__(self) -> None:
        self.yes = False


class Trouble:
    """Does acts for the world, some of them with a fault on the way."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def doing(self, act: Callable[[], Made], *about: object, again: Callable[[], Made] | None = None) -> Made:
        """Do an act; where a fault cuts it off it is done `again`, by the same call unless another is given."""
        name = next((name for name in CAUSES if self.faults.due(name, *about)), "")
        if not name:
            return act()
        struck = Struck()
        try:
            with CAUSES[name](self.faults, struck, *about):
                done = act()
        except (Crash, DatabaseError, EngineError, OSError):
            if not struck.yes:
                raise
            _reconnect(name)
            self.faults.struck(name, "done again")
            return (again or act)()
        if struck.yes:  # the act met it and dealt with it
            _reconnect(name)
            self.faults.struck(name, "went on")
        return done


def _reconnect(name: str) -> None:
    """After a fault that the connection does not live through; after the others it must go on working."""
    if name in _LOSES_CONNECTION:
        connections[DEFAULT_DB_ALIAS].close()


@contextmanager
def _at_write(faults: Faults, struck: Struck, *about: object) -> Iterator[None]:
    """The process dies before its n-th write."""
    with _before_write(faults, struck, about, Crash):
        yield


@contextmanager
def _gone(faults: Faults, struck: Struck, *about: object) -> Iterator[None]:
    """The database is started again: the connection breaks before the n-th write."""

    def broken() -> Exception:
        database = connections[DEFAULT_DB_ALIAS]
        if database.vendor == "postgresql":
            database.connection.close()
        else:
            database.connection.rollback()
        return OperationalError("the server closed the connection")

    with _before_write(faults, struck, about, broken):
        yield


@contextmanager
def _locked(faults: Faults, struck: Struck, *about: object) -> Iterator[None]:
    """Somebody else keeps the database locked for longer than anybody waits."""
    with _before_write(faults, struck, about, lambda: OperationalError("database is locked")):
        yield


@contextmanager
def _before_write(
    faults: Faults, struck: Struck, about: tuple, error: Callable[[], BaseException]
) -> Iterator[None]:
    left = 1 + faults.chance.below(_WRITES, "write", *about)

    def counting(execute: Callable, sql: str, params: object, many: bool, context: dict) -> object:
        nonlocal left
        if sql.lstrip()[:6].lower().startswith(_WRITING):
            left -= 1
            if not left:
                struck.yes = True
                raise error()
        return execute(sql, params, many, context)

    with connections[DEFAULT_DB_ALIAS].execute_wrapper(counting):
        yield


class _Committing(Protocol):
    """Django's connection with the step inside it through which each of its commits goes; Django's types hide it."""

    _commit: Callable[[], None]


@contextmanager
def _at_commit(faults: Faults, struck: Struck, *about: object) -> Iterator[None]:
    """The process dies at a commit: just before it, or just after it, when the act is done and nobody got the
    answer."""
    database = connections[DEFAULT_DB_ALIAS]
    committing = cast(_Committing, database)
    commit, left = committing._commit, 1 + faults.chance.below(_COMMITS, "commit", *about)
    after = faults.chance.draw("after", *about) < 0.7

    def dying() -> None:
        nonlocal left
        left -= 1
        if left:
            commit()
            return
        struck.yes = True
        commit() if after else database.connection.rollback()
        raise Crash

    committing._commit = dying
    try:
        yield
    finally:
        del committing._commit


@contextmanager
def _disk_full(faults: Faults, struck: Struck, *about: object) -> Iterator[None]:
    """No file can grow beyond a few bytes: the system refuses it as it does when a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    sizes = _FILES if about[0] in _WRITES_FILES else _PAGE
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 ** faults.chance.below(sizes, "bytes", *about), before[1]))
    try:
        yield
    except (DatabaseError, EngineError, OSError):
        struck.yes = True
        raise
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


CAUSES = {
    "crash_at_write": _at_write,
    "crash_at_commit": _at_commit,
    "database_gone": _gone,
    "database_locked": _locked,
    "disk_full": _disk_full,
}
