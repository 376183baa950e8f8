"""A list: what binds table, filters, order and files, and answers a request with a page or a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext

from forbear.actions.access.list_exports import record_list_export
from forbear.actions.selectors.saved_views import saved_views
from forbear.store.business_date import business_date
from forbear.store.models import SavedView
from forbear.store.permissions import PERMISSIONS, may
from forbear.web.lists.bulk import BulkForm, sent_rows
from forbear.web.lists.columns import ListTable, Records
from forbear.web.lists.files import MOST as MOST_IN_A_FILE
from forbear.web.lists.files import list_answer
from forbear.web.lists.filters import ListFilter
from forbear.web.lists.pages import MOST, Counted
from forbear.web.request import StaffRequest

#: What an address may say besides the filters.
SORT, COLUMNS, PAGE, FILE, VIEW = "sort", "columns", "page", "file", "view"
_OWN = (SORT, COLUMNS, PAGE, FILE, VIEW)
Rows = QuerySet | list


@dataclass(frozen=True, slots=True)
class Bulk:
    """What can be done with the ticked rows: a template inside the form, where it goes, who may."""

    page: str
    template: str
    permission: str


@dataclass(frozen=True)
class Listing:
    """One list of the desk. `name` is what its saved views and files are called; `order` what stands first.

    `page` and `permission` are those of its view; `rows` the rows of who asks, where the address alone says which.
    `empty` teaches what will come there. `about` finds what the cells of one page need besides. `first_order` gives an
    order of its own to a chosen set.
    """

    name: str
    page: str
    permission: str
    table: type[ListTable]
    order: tuple[str, ...]
    empty: str | Promise
    filters: type[ListFilter] | None = None
    rows: Callable[[StaffRequest], Rows] | None = None
    bulk: Bulk | None = None
    size: int = 50
    about: Callable[[StaffRequest, list[Any]], dict[str, object]] = field(default=lambda _request, _rows: {})
    first_order: Callable[[Mapping[str, Any]], tuple[str, ...] | None] = field(default=lambda _asked: None)

    @property
    def columns(self) -> dict[str, Any]:
        """Its columns by name."""
        return dict(self.table.base_columns)


@dataclass(frozen=True)
class Choice:
    """A column as the choice of columns shows it."""

    name: str
    title: str
    chosen: bool


@dataclass(frozen=True)
class ShownList:
    """A list as one page shows it."""

    of: Listing
    table: ListTable
    page: Any
    filters: ListFilter | None
    choices: tuple[Choice, ...]
    views: list[SavedView]
    query: str
    kept: tuple[tuple[str, str], ...]
    narrowed: bool
    ticked: bool
    sent: BulkForm | None = None
    most: int = MOST

    @property
    def sort(self) -> str:
        """How it is sorted, as the address says it."""
        return str(self.table.context_of["request"].GET.get(SORT, ""))

    @property
    def chosen(self) -> set[int]:
        """The keys of the rows that were ticked in what was refused just now."""
        return set() if self.sent is None else set(self.sent.ticked)

    @property
    def records(self) -> list[Any]:
        """The rows of the page."""
        return list(self.page.object_list)


def answer(
    request: StaffRequest,
    listing: Listing,
    template: str,
    more: Callable[[ShownList], dict[str, object]] = lambda _shown: {},
    *,
    rows: Rows | None = None,
    name: str = "",
    about: Callable[[StaffRequest, list[Any]], dict[str, object]] | None = None,
) -> HttpResponseBase:
    """The page of a list, or one of its files, or the way to the person's default view.

    `more` is what the page shows besides. `name` names the files where the list's own name would not say which.
    """
    if about is not None:
        listing = replace(listing, about=about)
    views = saved_views(request.user, listing.name)
    default = next((view for view in views if view.is_default and view.staff_id == request.user.pk), None)
    if default is not None and not request.GET:
        return redirect(f"{request.path}?{default.query or f'{VIEW}={default.pk}'}")
    found = rows if rows is not None else listing.rows(request) if listing.rows else []
    filters = None
    if listing.filters is not None:
        assert isinstance(found, QuerySet), listing.name
        filters = listing.filters(request.GET, found, request=request)
        found = filters.qs
    found = _ordered(listing, found, request.GET.get(SORT, ""), filters)
    if request.GET.get(FILE):
        return _file(request, listing, found, name or listing.name)
    shown = _shown(request, listing, found, filters, views)
    return render(request, template, {"listing": shown, **more(shown)})


def _ordered(listing: Listing, rows: Rows, sort: str, filters: ListFilter | None) -> Rows:
    """The rows in the order asked for, the list's own where none is; equal ones by their keys."""
    column = listing.table.base_columns.get(sort.removeprefix("-"))
    descending = sort.startswith("-")
    if not isinstance(rows, QuerySet):
        if column is None or not column.orders:
            return rows
        known = [row for row in rows if column.found(row) is not None]
        return sorted(known, key=column.found, reverse=descending) + [
            row for row in rows if column.found(row) is None
        ]
    if column is None or not column.orders:
        chosen = listing.first_order(filters.form.cleaned_data if filters else {}) or listing.order
        return rows.order_by(*chosen)
    orders = [_turned(order) if descending else order for order in column.orders]
    return rows.order_by(*orders, "pk")


def _turned(order: str) -> str:
    return order.removeprefix("-") if order.startswith("-") else f"-{order}"


def _columns(request: StaffRequest, listing: Listing) -> tuple[set[str], tuple[Choice, ...]]:
    """The names of the shown columns, and what may be chosen. What one does with a row is always there."""
    asked = set(request.GET.getlist(COLUMNS)) & listing.columns.keys()
    shown, choices = set(), []
    for column_name, column in listing.columns.items():
        chosen = column_name in asked if asked else column.shown
        if chosen or not column.in_files:
            shown.add(column_name)
        if column.in_files:
            choices.append(Choice(column_name, str(column.verbose_name), chosen))
    return shown, tuple(choices)


def _table(
    request: StaffRequest, listing: Listing, records: list[Any]
) -> tuple[ListTable, tuple[Choice, ...]]:
    shown, choices = _columns(request, listing)
    hidden = [column_name for column_name in listing.columns if column_name not in shown]
    sort = request.GET.get(SORT, "")
    known = sort.removeprefix("-") in listing.columns
    table = listing.table(Records(records), exclude=hidden, empty_text="", order_by=(sort,) if known else ())
    table.context_of = {
        "request": request,
        "can": {key.replace(":", "_"): may(request.user.role, key) for key in PERMISSIONS},
        "csrf_token": get_token(request),
        "now": request.now,
        "today": business_date(request.now),
        "user": request.user,
        **(listing.about(request, records) if records else {}),
    }
    return table, choices


def _shown(
    request: StaffRequest, listing: Listing, rows: Rows, filters: ListFilter | None, views: list[SavedView]
) -> ShownList:
    page = Counted(rows, listing.size).get_page(request.GET.get(PAGE))
    table, choices = _table(request, listing, list(page.object_list))
    bulk = listing.bulk
    asked = [(key, value) for key in request.GET for value in request.GET.getlist(key)]
    return ShownList(
        of=listing,
        table=table,
        page=page,
        filters=filters,
        choices=choices,
        views=views,
        query=urlencode([(key, value) for key, value in asked if value and key not in (PAGE, FILE, VIEW)]),
        kept=tuple((key, value) for key, value in asked if value),
        narrowed=filters is not None and filters.narrowed,
        ticked=bulk is not None and may(request.user.role, bulk.permission) and bool(page.object_list),
        sent=sent_rows(request) if bulk is not None else None,
    )


def _file(request: StaffRequest, listing: Listing, rows: Rows, name: str) -> HttpResponseBase:
    """All rows of the list as a file, on record; none where there are too many."""
    number = rows.order_by().values("pk").count() if isinstance(rows, QuerySet) else len(rows)
    form = request.GET[FILE]
    if number > MOST_IN_A_FILE:
        sentence = gettext("A file has at most %(most)s rows, and this list has more. Narrow it first.")
        messages.error(request, sentence % {"most": f"{MOST_IN_A_FILE:,}"})
        asked = request.GET.copy()
        del asked[FILE]
        return redirect(f"{request.path}?{asked.urlencode() or f'{VIEW}='}")
    table, _choices = _table(request, listing, [])
    made = list_answer(name, form, table, rows)
    record_list_export(
        listing.name, form, _without(request.GET.urlencode()), number, request.user, request.now
    )
    return made


def _without(query: str) -> str:
    return "&".join(part for part in query.split("&") if not part.startswith(f"{FILE}="))
