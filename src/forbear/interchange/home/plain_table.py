"""Tables as CSV that somebody may open with a spreadsheet, which takes no cell for a formula."""

import csv
from collections.abc import Iterable
from typing import Any, Protocol

from forbear.core.files.spreadsheet import plain_row


class Writable(Protocol):
    """What rows are written to."""

    def write(self, text: str, /) -> object: ...


class PlainWriter:
    """`csv.writer` with such cells, for files that somebody may open with a spreadsheet."""

    def __init__(self, stream: Writable, **dialect: Any) -> None:
        self._writer = csv.writer(stream, **dialect)

    def writerow(self, row: Iterable[object]) -> object:
        """Write one row."""
        return self._writer.writerow(plain_row(row))

    def writerows(self, rows: Iterable[Iterable[object]]) -> None:
        """Write several."""
        for row in rows:
            self.writerow(row)
