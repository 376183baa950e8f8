"""What is done with ticked rows: the forms, and the way back to the list as it was."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

#: More rows than a page has are no ticked ones.
_MOST = 500


class TickedRows(forms.Field):
    """The keys of the ticked rows, at least one."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[int]:
        """The keys; what is no key is left out."""
        keys = [int(each) for each in value or () if each.isascii() and each.isdecimal() and len(each) < 19]
        if not keys or len(keys) > _MOST:
            raise ValidationError(gettext("Tick at least one row."))
        return keys


class BulkForm(forms.Form):
    """The ticked rows, and how the list was narrowed."""

    id = TickedRows()
    back = forms.CharField(required=False, max_length=4_000)


class TransferForm(BulkForm):
    """To whom they go; "" where that may be the queue."""

    to = forms.CharField(required=False, max_length=64)


class ReviewForm(BulkForm):
    """Until when holds go on, and why."""

    review_on = forms.DateField()
    note = forms.CharField(max_length=300)


def back_to_list(form: BulkForm, page: str) -> HttpResponse:
    """The list, narrowed as it was."""
    asked = QueryDict(form.data.get("back", "")[:4_000])
    return redirect(f"{reverse(page)}?{asked.urlencode()}" if asked else reverse(page))


def first_error(form: BulkForm) -> str:
    """The first thing that is wrong, as one sentence."""
    return str(next(iter(next(iter(form.errors.values())))))
