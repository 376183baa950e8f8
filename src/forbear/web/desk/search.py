"""Search: who is on the telephone. Words go by POST, so that no name or number stands in an address or a log."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.access.search import find_cases, open_case
from forbear.store.access import case_for, masked_name
from forbear.store.models import Case
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest

_SHOWN = 20


class SearchForm(forms.Form):
    """What somebody types to find a case."""

    words = forms.CharField(max_length=200, strip=True)


class CallerForm(forms.Form):
    """The birthday that a caller says; empty when it was not asked for."""

    born_on = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%Y年%m月%d日"],
        error_messages={"invalid": _("Write the date of birth as 1990-01-31.")},
    )


@permission_required("desk:case:read")
def search(request: StaffRequest) -> HttpResponse:
    """The page of search, and what was found."""
    words, found = "", None
    if request.method == "POST":
        form = SearchForm(request.POST)
        words = form.data.get("words", "")[:200]
        found = find_cases(request.user, form.cleaned_data["words"]) if form.is_valid() else []
    shown = {
        "search_words": words,
        "found": None if found is None else [_row(case) for case in found[:_SHOWN]],
        "more": max(len(found) - _SHOWN, 0) if found else 0,
    }
    return render(request, "desk/search.html", shown)


def _row(case: Case) -> dict[str, object]:
    return {"case": case, "name": masked_name(case.borrower.name)}


@require_POST
@permission_required("desk:case:read")
def open_found(request: StaffRequest, borrower_id: str) -> HttpResponse:
    """Open a case that was found, on record; with the caller's birthday it is checked first."""
    case = case_for(request.user, borrower_id)
    if case is None:
        raise Http404
    form = CallerForm(request.POST)
    if not form.is_valid():
        shown = {
            "search_words": request.POST.get("words", "")[:200],
            "found": [_row(case)],
            "more": 0,
            "born_on": form.data.get("born_on", "")[:40],
            "wrong": form.errors["born_on"],
        }
        return render(request, "desk/search.html", shown)
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
