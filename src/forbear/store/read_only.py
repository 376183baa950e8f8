"""Asking the database without changing it: while a page is drawn that must do nothing."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE|CREATE|DROP|ALTER|TRUNCATE)\b", re.IGNORECASE)


class WriteRefused(Exception):
    """Something was about to be written where nothing may be."""


@contextmanager
def nothing_written(holds: Callable[[], bool]) -> Iterator[None]:
    """Within it every write is refused for as long as `holds` says so."""

    def careful(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if holds() and _WRITES.match(sql):
            raise WriteRefused(sql[:60])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(careful):
        yield
