"""What is done with ticked rows: the forms, and the way back to the list as it was."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from forbear.core.base.problem import Problem
from forbear.web.call_forms import flash_problems
from forbear.web.fields import DayField, TextField
from forbear.web.forms import Form, refused
from forbear.web.request import Request

#: More rows than a page has are no ticked ones.
_MOST = 500


class TickedRows(forms.Field):
    """The keys of the ticked rows, at least one."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[int]:
        """The keys; what is no key is left out."""
        keys = [int(each) for each in value or () if each.isascii() and each.isdecimal() and len(each) < 19]
        if not keys or len(keys) > _MOST:
            raise ValidationError(_("Tick at least one row."))
        return keys


class BulkForm(Form):
    """The ticked rows, and how the list was narrowed."""

    id = TickedRows()
    back = forms.CharField(required=False, max_length=4_000, widget=forms.HiddenInput)

    @property
    def ticked(self) -> list[int]:
        """The keys of the rows, also where something else was wrong."""
        return self.cleaned_data.get("id", [])


class TransferForm(BulkForm):
    """To whom they go; "" where that may be the queue."""

    problems_at = "to"

    to = TextField(64, required=False, label=_("Transfer to"))


class ReviewForm(BulkForm):
    """Until when holds go on, and why."""

    problems_at = "note"
    field_of: ClassVar[dict[str, str]] = {"review_date_too_far": "review_on"}

    review_on = DayField(label=_("Next review"))
    note = TextField(300, label=_("Reason (saved with each hold)"))


class ResultForm(BulkForm):
    """What came of all of them."""

    problems_at = "words"

    words = TextField(2_000, label=_("Result (saved with each)"))


def sent_rows(request: Request) -> BulkForm | None:
    """What was refused just now: the list that draws it ticks its rows and fills its fields again."""
    failed = request.__dict__.get("failed")
    if not isinstance(failed, BulkForm):
        return None
    failed.drawn = True
    return failed


def refused_list(
    request: Request,
    form: BulkForm,
    page: str,
    drawn: Callable[[], HttpResponseBase],
    problem: Problem | None = None,
) -> HttpResponseBase:
    """The list again: with a word when no row was ticked, else with the form, its rows and all that was typed."""
    if "id" in form.errors:
        flash_problems(request, Problem("nothing_ticked", "Tick at least one row."))
        return back_to_list(form, page)
    return refused(request, form, drawn, [problem] if problem else [])


def back_to_list(form: BulkForm, page: str) -> HttpResponse:
    """The list, narrowed as it was."""
    asked = QueryDict(form.data.get("back", "")[:4_000])
    return redirect(f"{reverse(page)}?{asked.urlencode()}" if asked else reverse(page))
