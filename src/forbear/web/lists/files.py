"""A list as a file: the chosen columns of all its rows, as they read on the page."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase

from forbear.interchange.documents.agency_file import FORMS
from forbear.interchange.documents.table_stream import AT_ONCE, csv_pieces, workbook_file
from forbear.web.lists.columns import Cells, ListTable
from forbear.web.tables import KINDS

#: More rows than this go into no file: narrow the list first.
MOST = 200_000


def list_answer(name: str, form: str, table: ListTable, rows: QuerySet | list) -> HttpResponseBase:
    """The chosen columns of all rows as CSV, streamed, or as Excel, by way of a file."""
    if form not in FORMS:
        raise Http404
    columns = [bound.column for bound in table.columns if bound.column.in_files]
    lines = _lines(columns, table, rows)
    if form == "csv":
        answer: HttpResponseBase = StreamingHttpResponse(csv_pieces(lines), content_type=KINDS[form])
    else:
        answer = FileResponse(workbook_file(lines), content_type=KINDS[form])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer


def _lines(columns: list[Cells], table: ListTable, rows: QuerySet | list) -> Iterator[list[object]]:
    """The titles, then a line for each row."""
    yield [head for column in columns for head in column.heads()]
    each: Iterable[Any] = rows.iterator(AT_ONCE) if isinstance(rows, QuerySet) else rows
    for record in islice(each, MOST):
        yield [cell for column in columns for cell in column.cells(record, table)]
