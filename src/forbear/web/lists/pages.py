"""One page of many rows, read in one query, and a count that stays cheap however many there are."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

#: At most this number of rows is counted and paged through; of more it is said that there are more.
MOST = 10_000


class Counted(Paginator):
    """Pages of rows of which at most `MOST` are counted; `is_more` says that there are others."""

    @cached_property
    def _number(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return rows.order_by().values("pk")[: MOST + 1].count()

    @cached_property
    def count(self) -> int:
        """How many rows can be paged through."""
        return min(self._number, MOST)

    @property
    def is_more(self) -> bool:
        """Whether there are more rows than that."""
        return self._number > MOST

    def page(self, number: int | str) -> Page:
        """A page; its keys are read from an index where there is one, and only its rows are read whole."""
        page = super().page(number)
        rows = self.object_list
        if isinstance(rows, QuerySet):
            first = (page.number - 1) * self.per_page
            keys = rows.select_related(None).values("pk")[first : first + self.per_page]
            page.object_list = _whole(rows, keys)
        return page


def _whole(rows: QuerySet, keys: QuerySet) -> Sequence[Any]:
    """The rows with these keys, in the same order."""
    return list(rows.filter(pk__in=keys))
