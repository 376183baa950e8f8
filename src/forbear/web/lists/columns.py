"""Kinds of columns: how a cell reads on the page, and what stands in a file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.template import RequestContext, Template
from django.template.loader import get_template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_tables2 import Column, Table
from django_tables2.data import TableData

from forbear.core.base.money import format_amount
from forbear.store.access import masked_name
from forbear.web import actors, tones
from forbear.web import labels as words
from forbear.web.languages import label as in_language
from forbear.web.templatetags.forbear import money, thousands, when

#: What stands where there is nothing.
NOTHING = "—"
#: Where the masked name of a row's borrower is found.
NAME = "borrower__name"


def at(record: Any, path: str) -> Any:
    """What a path such as "loan__currency" leads to in a row; None where a step leads nowhere."""
    found: Any = record
    for step in path.split("__"):
        found = found.get(step) if isinstance(found, dict) else getattr(found, step, None)
        if found is None:
            return None
    return found


class Cells(Column):
    """A column of text. `path` leads to its value; `order` names the columns of the database it is sorted by.

    A column without `order` can't be sorted. `shown` says whether it is there before somebody chooses columns.
    """

    numeric = False

    def __init__(
        self,
        title: str | Promise,
        path: str = "",
        *,
        order: str | tuple[str, ...] = (),
        shown: bool = True,
        in_files: bool = True,
    ) -> None:
        super().__init__(verbose_name=title, accessor=None, empty_values=(), orderable=bool(order))
        self.path, self.shown, self.in_files = path, shown, in_files
        self.orders = (order,) if isinstance(order, str) else order

    def found(self, record: Any) -> Any:
        """The value in a row."""
        return at(record, self.path)

    def render(self, value: Any = None, record: Any = None, table: Any = None) -> str | SafeString:
        """The cell on the page, as the library asks for it."""
        return self.html(record, table)

    def html(self, record: Any, table: Any) -> str | SafeString:
        """The cell on the page."""
        value = self.found(record)
        return NOTHING if value in (None, "") else self.text(value)

    def text(self, value: Any) -> str | SafeString:
        """A value in words; there is one."""
        return str(value)

    def heads(self) -> list[str]:
        """The titles of its cells in a file."""
        return [str(self.verbose_name)]

    def cells(self, record: Any, table: Any) -> list[object]:
        """Its cells in a file: what stands on the page."""
        shown = self.html(record, table)
        return ["" if shown == NOTHING else shown]


class Words(Cells):
    """A code in the reader's word. `tagged` shows it as a tag, in its colour."""

    def __init__(
        self, title: str | Promise, path: str, table: str, *, tagged: bool = False, **more: Any
    ) -> None:
        super().__init__(title, path, **more)
        self.words, self.tagged = table, tagged

    def html(self, record: Any, table: Any) -> str | SafeString:
        """The word, in a tag where it is a state."""
        value = self.found(record)
        if value in (None, ""):
            return NOTHING
        text, colour = words.word(self.words, value), tones.tone(self.words, value)
        return format_html('<span class="tag {}">{}</span>', colour, text) if self.tagged else text

    def cells(self, record: Any, table: Any) -> list[object]:
        """The word."""
        value = self.found(record)
        return ["" if value in (None, "") else words.word(self.words, value)]


class Listed(Words):
    """Several codes in the reader's words."""

    def html(self, record: Any, table: Any) -> str:
        """All of them in one line."""
        codes = self.found(record) or ()
        return ", ".join(words.word(self.words, code) for code in codes) or NOTHING

    def cells(self, record: Any, table: Any) -> list[object]:
        """The same."""
        shown = self.html(record, table)
        return ["" if shown == NOTHING else shown]


class Moments(Cells):
    """A day or moment in the lender's time zone."""

    def text(self, value: Any) -> str:
        """As a clock at the lender's shows it."""
        return when(value)


class Numbers(Cells):
    """A whole number."""

    numeric = True

    def text(self, value: Any) -> str:
        """With separators."""
        return thousands(value)

    def cells(self, record: Any, table: Any) -> list[object]:
        """The number itself."""
        value = self.found(record)
        return ["" if value is None else value]


class Amounts(Cells):
    """An amount in minor units, with the currency found beside it, under `of` where that is another row's."""

    numeric = True

    def __init__(self, title: str | Promise, path: str, *, of: str = "", **more: Any) -> None:
        super().__init__(title, path, **more)
        self.currency, self.unit = f"{of}currency", f"{of}minor_unit"

    def html(self, record: Any, table: Any) -> str:
        """The amount with its currency; without one there is no amount."""
        value, currency = self.found(record), at(record, self.currency)
        return money(value, at(record, self.unit), currency) if value is not None and currency else NOTHING

    def heads(self) -> list[str]:
        """The currency stands beside the amount, so that a spreadsheet can add."""
        title = str(self.verbose_name)
        return [title, gettext("%(amount)s, currency") % {"amount": title}]

    def cells(self, record: Any, table: Any) -> list[object]:
        """A plain decimal and its currency."""
        value, currency = self.found(record), at(record, self.currency)
        return [format_amount(value, currency), currency] if value is not None and currency else ["", ""]


class Borrowers(Cells):
    """Whose row it is: the masked name and the number, with the way to the case for who may read cases."""

    def __init__(self, path: str = "borrower_id", *, name: str = NAME, **more: Any) -> None:
        super().__init__(_("Borrower"), path, **more)
        self.name = name

    def address(self, record: Any, table: Any) -> str:
        """Where the row leads; "" for nowhere."""
        can = table.context_of.get("can", {})
        return reverse("desk:case", args=[self.found(record)]) if can.get("desk_case_read") else ""

    def html(self, record: Any, table: Any) -> str | SafeString:
        """Name and number, led to the case."""
        number = self.found(record)
        if not number:
            return NOTHING
        name = masked_name(at(record, self.name) or "") if self.name else ""
        address = self.address(record, table)
        text = format_html("{} <small>{}</small>", name, number) if name else format_html("{}", number)
        return format_html('<a href="{}">{}</a>', address, text) if address else text

    def heads(self) -> list[str]:
        """The number, and the masked name beside it."""
        return [gettext("Borrower"), gettext("Name")] if self.name else [gettext("Borrower")]

    def cells(self, record: Any, table: Any) -> list[object]:
        """The same, without the way."""
        number = self.found(record) or ""
        if not self.name:
            return [number]
        return [number, masked_name(at(record, self.name) or "") if number else ""]


class Links(Cells):
    """A text that leads to the row's own page; `page` names it, `key` leads to what its address holds.

    `prefix` stands before it, as in S12.
    """

    def __init__(
        self, title: str | Promise, path: str, page: str, key: str = "pk", *, prefix: str = "", **more: Any
    ) -> None:
        super().__init__(title, path, **more)
        self.page, self.key, self.prefix = page, key, prefix

    def text(self, value: Any) -> str:
        """The value, a day as a clock shows it."""
        return when(value) if isinstance(value, date) else f"{self.prefix}{value}"

    def html(self, record: Any, table: Any) -> str | SafeString:
        """The text as a link."""
        value = self.found(record)
        text = NOTHING if value in (None, "") else self.text(value)
        return format_html('<a href="{}">{}</a>', reverse(self.page, args=[at(record, self.key)]), text)

    def cells(self, record: Any, table: Any) -> list[object]:
        """The text alone."""
        value = self.found(record)
        return ["" if value in (None, "") else self.text(value)]


class LinkedWords(Links):
    """A code's word that leads to the row's own page."""

    def __init__(
        self, title: str | Promise, path: str, table: str, page: str, key: str = "pk", **more: Any
    ) -> None:
        super().__init__(title, path, page, key, **more)
        self.words = table

    def text(self, value: Any) -> str:
        """The word."""
        return words.word(self.words, value)


class People(Cells):
    """Somebody of the staff, found by their number: by name and number for colleagues, in files too."""

    def text(self, value: Any) -> str:
        """As colleagues say it."""
        return actors.person(value)


class Actors(Cells):
    """Who acted, as evidence names them."""

    def text(self, value: Any) -> str:
        """As people say it."""
        return actors.actor(value)


class Made(Cells):
    """What a function makes of a row; `numeric` aligns it as figures are."""

    def __init__(
        self,
        title: str | Promise,
        make: Callable[[Any], object],
        *,
        numeric: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(title, "", **more)
        self.make, self.numeric = make, numeric

    def found(self, record: Any) -> object:
        """What was made."""
        made = self.make(record)
        return in_language(made) if isinstance(made, Promise) else made

    def cells(self, record: Any, table: Any) -> list[object]:
        """The same as plain text."""
        value = self.found(record)
        return ["" if value in (None, "", NOTHING) else value if isinstance(value, int) else str(value)]


class _RowContext(RequestContext):
    """What a row's template knows, its components too: what the page's context processors know, computed once."""

    _processors_index: int

    def __init__(self, shared: dict[str, Any], record: Any) -> None:
        super().__init__(shared["request"], {**shared, "record": record})
        self.shared = shared

    @contextmanager
    def bind_template(self, template: Template) -> Iterator[None]:
        """Give components, which see the processors' part alone, what all rows share: the forms' tokens above all."""
        self.template = template
        self.dicts[self._processors_index] = self.shared
        try:
            yield
        finally:
            self.template = None
            self.dicts[self._processors_index] = {}


class Acts(Cells):
    """What can be done with a row, by a template that knows it as `record`; in no file."""

    def __init__(self, template: str, title: str | Promise = "", **more: Any) -> None:
        super().__init__(title or _("Actions"), "", in_files=False, **more)
        self.template = template

    def html(self, record: Any, table: Any) -> SafeString:
        """The template, with all that the page knows."""
        found = get_template(self.template)
        return found.template.render(_RowContext(table.context_of, record))  # type: ignore[attr-defined]  # Django's own


class Records(TableData):
    """Rows that are in their order already."""

    def __len__(self) -> int:
        return len(self.data)

    def order_by(self, aliases: object) -> None:
        """Nothing: the database ordered them."""


class ListTable(Table):
    """A table of the desk. `context_of` is what its page knows: permissions, the moment, the request's token."""

    context_of: dict[str, Any]
    base_columns: dict[str, Any]

    class Meta:
        template_name = "lists/table.html"
        order_by_field = "sort"
        default = NOTHING
