"""Search: who is on the telephone. Words go by POST, so that no name or number stands in an address or a log."""

import re
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.access.search import find_cases, open_case
from forbear.store.access import case_for, masked_name
from forbear.store.models import Case
from forbear.web.fields import TextField, halfwidth, read_day
from forbear.web.forms import Form, form_on, refused
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest

_SHOWN = 20
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", re.ASCII)


class SearchForm(Form):
    """What somebody types to find a case."""

    words = TextField(200, label=_("Search"))


class CallerForm(Form):
    """The birthday that a caller says; empty when it was not asked for."""

    words = TextField(200, required=False, widget=forms.HiddenInput)
    born_on = TextField(40, label=_("Date of birth the caller gives"), required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        attrs = {"inputmode": "numeric", "autocomplete": "off", "placeholder": "1990-01-31"}
        self.fields["born_on"].widget.attrs |= attrs

    def clean_born_on(self) -> date | None:
        """The day, None for none."""
        text = str(self.cleaned_data["born_on"])
        day = read_born_on(text) if text else None
        if text and day is None:
            raise forms.ValidationError(_("Write the date of birth as 1990-01-31."))
        return day


def read_born_on(text: str) -> date | None:
    """A birthday as people write it, also with the day first."""
    day_first = _DAY_FIRST.fullmatch(halfwidth(text))
    return read_day("-".join(reversed(day_first.groups())) if day_first else text)


@permission_required("desk:case:read")
def search(request: StaffRequest) -> HttpResponseBase:
    """The page of search, and what was found."""
    if request.method != "POST":
        return _page(request, "", None)
    form = SearchForm(request.POST)
    words = str(form["words"].value() or "")[:200]
    if not form.is_valid():
        return refused(request, form, lambda: _page(request, words, [] if words else None))
    return _page(request, words, find_cases(request.user, form.cleaned_data["words"]))


def _page(request: StaffRequest, words: str, found: list[Case] | None) -> HttpResponse:
    rows = found or []
    shown = {
        "search_words": words,
        "wrong": [error for _field, error in form_on(request, SearchForm).named_errors],
        "found": None if found is None else _rows(request, rows[:_SHOWN], words),
        "more": max(len(rows) - _SHOWN, 0),
    }
    return render(request, "desk/search.html", shown)


def _rows(request: StaffRequest, cases: list[Case], words: str) -> list[dict[str, object]]:
    """The cases found, each with its form; the first one has the focus, so that a birthday is typed at once."""
    rows = []
    for number, case in enumerate(cases):
        form = form_on(request, CallerForm, key=case.borrower_id, initial={"words": words})
        if not number and not form.is_bound:
            form.fields["born_on"].widget.attrs["autofocus"] = True
        rows.append({"case": case, "name": masked_name(case.borrower.name), "form": form})
    return rows


@require_POST
@permission_required("desk:case:read")
def open_found(request: StaffRequest, borrower_id: str) -> HttpResponseBase:
    """Open a case that was found, on record; with the caller's birthday it is checked first."""
    case = case_for(request.user, borrower_id)
    if case is None:
        raise Http404
    form = CallerForm(request.POST, key=borrower_id)
    if not form.is_valid():
        words = str(form["words"].value() or "")[:200]
        return refused(request, form, lambda: _page(request, words, [case]))
    _say(
        request,
        open_case(case.borrower, request.user, form.cleaned_data["born_on"], request.now),
        request.now,
    )
    return redirect("desk:case", borrower_id)


def _say(request: StaffRequest, verified: bool | None, now: datetime) -> None:
    if verified:
        messages.success(request, gettext("Caller verified by date of birth. It is on record."))
    elif verified is False:
        messages.error(
            request,
            gettext(
                "The date of birth does not match. Do not speak of the debt until you know who is calling."
            ),
        )
