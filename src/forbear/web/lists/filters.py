"""Filters of lists: choices from the declared tables, named sets, days and amounts. What can't be read is told."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, Filter
from django_filters.filterset import FilterSet

from forbear.store.business_date import day_end, day_start
from forbear.web import labels as words
from forbear.web.languages import label
from forbear.web.request import StaffRequest

ALL = "all"
#: Days beyond these are slips of the hand.
_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)
_MOST = Decimal(10) ** 12
Choices = Iterable[str] | Callable[[], Iterable[tuple[str, str]]]


class CodeFilter(ChoiceFilter):
    """Rows with a code of a declared table, by the reader's words."""

    def __init__(
        self,
        field: str,
        title: str | Promise,
        table: str,
        codes: Iterable[str] | Callable[[], Iterable[str]],
        **more: Any,
    ) -> None:
        known = codes if callable(codes) else partial(tuple, tuple(codes))
        super().__init__(
            field_name=field,
            label=title,
            choices=lambda: [(code, words.word(table, code)) for code in known() if code],
            empty_label=_("All"),
            **more,
        )


class NamedFilter(ChoiceFilter):
    """Rows whose text is one of a few names: of people, teams, products."""

    def __init__(
        self, field: str, title: str | Promise, names: Callable[[], Iterable[tuple[str, str]]]
    ) -> None:
        super().__init__(field_name=field, label=title, choices=lambda: list(names()), empty_label=_("All"))


Narrow = Callable[[QuerySet, StaffRequest], QuerySet]


class SetFilter(ChoiceFilter):
    """Named sets of rows, each a function of the rows and the request. `start` is the one shown first; "" is all."""

    parent: FilterSet

    def __init__(
        self, title: str | Promise, sets: Mapping[str, tuple[str | Promise, Narrow]], *, start: str = ""
    ) -> None:
        self.sets, self.start = sets, start
        super().__init__(
            label=title,
            choices=lambda: [
                *((code, label(text)) for code, (text, _narrow) in sets.items()),
                *([(ALL, gettext("All"))] if start else []),
            ],
            empty_label=None if start else _("All"),
        )

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        """The set of that name."""
        if value not in self.sets:
            return qs
        return self.sets[value][1](qs, self.parent.request)


class _DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: object) -> date | None:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value[:64])
        day = super().clean(value)
        if day is not None and not _FIRST <= day <= _LAST:
            raise ValidationError(gettext("Choose a day between 1900 and 2199."))
        return day


class DayFilter(Filter):
    """Rows from a day on, or until a day; both belong to it. `moment` where the column is one."""

    field_class: type[forms.Field] = _DayField

    def __init__(
        self, field: str, title: str | Promise, *, until: bool = False, moment: bool = False
    ) -> None:
        super().__init__(field_name=field, label=title)
        self.until, self.moment = until, moment

    def filter(self, qs: QuerySet, value: date | None) -> QuerySet:
        """Rows on that side of the day."""
        if value is None:
            return qs
        if not self.moment:
            return qs.filter(**{f"{self.field_name}__{'lte' if self.until else 'gte'}": value})
        if self.until:
            return qs.filter(**{f"{self.field_name}__lt": day_end(value)})
        return qs.filter(**{f"{self.field_name}__gte": day_start(value)})


class _AmountField(forms.DecimalField):
    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def clean(self, value: object) -> Decimal | None:
        if isinstance(value, str):
            plain = unicodedata.normalize("NFKC", value[:64]).strip()
            value = plain.removeprefix("¥").removeprefix("CNY").removesuffix("元").replace(",", "").strip()
            if value and not value.replace(".", "", 1).isdecimal():
                raise ValidationError(gettext("Write an amount such as 1,234.50."))
        return super().clean(value)


class AmountFilter(Filter):
    """Rows from an amount on, or up to one, in the units of each row's own currency; both belong to it."""

    field_class: type[forms.Field] = _AmountField

    def __init__(
        self, field: str, title: str | Promise, *, most: bool = False, unit: str = "minor_unit"
    ) -> None:
        super().__init__(field_name=field, label=title, max_value=_MOST, min_value=0, decimal_places=2)
        self.most, self.unit = most, unit

    def filter(self, qs: QuerySet, value: Decimal | None) -> QuerySet:
        """Rows on that side of the amount."""
        if value is None:
            return qs
        # in hundredths on both sides, so that no float comes near it
        hundredths = int(value * 100)
        column = F(self.field_name) * 100
        sign = "lte" if self.most else "gte"
        return qs.alias(hundredths=column).filter(**{f"hundredths__{sign}": F(self.unit) * hundredths})


class NumberFilter(Filter):
    """Rows from a whole number on, or up to one."""

    field_class: type[forms.Field] = forms.IntegerField

    def __init__(self, field: str, title: str | Promise, *, most: bool = False) -> None:
        super().__init__(
            field_name=field, label=title, lookup_expr="lte" if most else "gte", min_value=0, max_value=10**9
        )


class KeyFilter(CharFilter):
    """Rows with exactly this number, name or key; with `part` rows in whose text it stands."""

    def __init__(self, field: str, title: str | Promise, *, part: bool = False) -> None:
        lookup = "icontains" if part else "exact"
        super().__init__(field_name=field, label=title, lookup_expr=lookup, max_length=64)


_RANGES = (DayFilter, AmountFilter, NumberFilter)


class ListFilter(FilterSet):
    """The filters of a list. A set that stands first is chosen until another one is."""

    base_filters: dict[str, Filter]

    def __init__(self, data: QueryDict, queryset: QuerySet, *, request: StaffRequest) -> None:
        asked = data.copy()
        for name, each in self.base_filters.items():
            if isinstance(each, SetFilter) and each.start and not asked.get(name):
                asked[name] = each.start
        super().__init__(asked, queryset, request=request)

    def get_form_class(self) -> type[forms.Form]:
        """The form, its fields in the desk's look; what could not be read is told beside its field."""
        form: type[forms.Form] = super().get_form_class()
        for name, field in form.base_fields.items():
            chosen = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if chosen else "form-control"
            field.widget.attrs["id"] = f"filter-{name}"
        return form

    @property
    def choices(self) -> list[forms.BoundField]:
        """The fields that stand in sight: kinds, states, names."""
        return [self.form[name] for name, each in self.filters.items() if not isinstance(each, _RANGES)]

    @property
    def ranges(self) -> list[forms.BoundField]:
        """The fields that unfold: days, amounts and numbers."""
        return [self.form[name] for name, each in self.filters.items() if isinstance(each, _RANGES)]

    @property
    def is_ranged(self) -> bool:
        """Whether one of those says something, so that they stand unfolded."""
        return any(field.value() or field.errors for field in self.ranges)

    @property
    def narrowed(self) -> bool:
        """Whether anything but what stands first is chosen."""
        return any(
            value not in (None, "", getattr(self.filters[name], "start", ""))
            for name, value in self.form.cleaned_data.items()
        )
