"""A long table as CSV or Excel, row by row, so that a large one takes no more memory than a small one."""

import tempfile
from collections.abc import Iterator
from itertools import islice
from typing import IO

from openpyxl import Workbook

from forbear.core.files.spreadsheet import plain_row
from forbear.interchange.home.plain_table import PlainWriter

#: Lines that are written at once: each piece is sent alone.
AT_ONCE = 1_000


class _Line:
    """What `csv` writes a row to, to be handed on."""

    def write(self, text: str) -> str:
        return text


def csv_pieces(lines: Iterator[list[object]]) -> Iterator[str]:
    """UTF-8 with its mark, so that spreadsheets read Chinese. No cell is taken for a formula."""
    writer = PlainWriter(_Line())
    yield "\ufeff"
    while piece := "".join(str(writer.writerow(line)) for line in islice(lines, AT_ONCE)):
        yield piece


def workbook_file(lines: Iterator[list[object]]) -> IO[bytes]:
    """An Excel file from its beginning; closing it removes it. No cell is taken for a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("forbear")
    for line in lines:
        sheet.append(plain_row(line))
    file = tempfile.TemporaryFile()  # noqa: SIM115, the caller closes it once it has been sent
    book.save(file)
    file.seek(0)
    return file
