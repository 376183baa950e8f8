"""SQLite as Django has it, but for how another's transaction is waited for.

SQLite has one writer at a time, and who waits sleeps up to a tenth of a second between two looks. Workers that catch up
leave gaps of some milliseconds, so somebody at the desk met a free moment only after seconds. Here people look every
two milliseconds, and a thread that has given way (`jobs.send_due.give_way`) looks ten times less often.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base

_LOOK_SECONDS = 0.002
_LOOK_SECONDS_GIVING_WAY = 0.02


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose statements go on as soon as another's transaction is over.

    The settings' `timeout` says after how many seconds of waiting one fails as SQLite itself lets it.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """Open the file; from its first statement on the waiting is done here."""
        connection = super().get_new_connection(conn_params)
        connection.execute("pragma busy_timeout = 0")
        return connection

    def create_cursor(self, name: str | None = None) -> "_PatientCursor":
        """A cursor that waits."""
        cursor = self.connection.cursor(factory=_PatientCursor)
        cursor.wait_seconds = float(self.settings_dict["OPTIONS"].get("timeout", 5.0))
        return cursor


class _PatientCursor(base.SQLiteCursorWrapper):
    """A statement that meets another's lock has done nothing yet and is tried again."""

    wait_seconds = 0.0

    def execute(self, query: str, params: Any = None) -> Any:
        return self._waited(lambda: super(_PatientCursor, self).execute(query, params))

    def executemany(self, query: str, param_list: Any) -> Any:
        # rows that an iterator gave are gone at a second try; a transaction has the lock already
        rows = param_list if self.connection.in_transaction else list(param_list)
        return self._waited(lambda: super(_PatientCursor, self).executemany(query, rows))

    def _waited(self, act: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + self.wait_seconds
        while True:
            try:
                return act()
            except sqlite3.OperationalError as error:
                if (
                    getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY
                    or time.monotonic() >= deadline
                ):
                    raise
            time.sleep(_LOOK_SECONDS_GIVING_WAY if _gives_way() else _LOOK_SECONDS)


def _gives_way() -> bool:
    return hasattr(os, "getpriority") and os.getpriority(os.PRIO_PROCESS, 0) > 0
