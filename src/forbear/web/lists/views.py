"""Saving a view of a list, and removing one. Which list it is must be one that the person may see."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.staff.saved_views import remove_view, save_view
from forbear.core.base.problem import Problem
from forbear.store.models import SavedView
from forbear.store.permissions import may
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.guard import permission_required
from forbear.web.lists.listing import FILE, PAGE, VIEW
from forbear.web.lists.registry import LISTINGS
from forbear.web.request import StaffRequest


class SavedViewForm(forms.Form):
    """The name of a view, what its address says, and for whom it is."""

    name = forms.CharField(max_length=60)
    query = forms.CharField(max_length=2_000, required=False)
    back = forms.CharField(max_length=4_000, required=False)
    shared = forms.BooleanField(required=False)
    is_default = forms.BooleanField(required=False)


class _BackForm(forms.Form):
    back = forms.CharField(max_length=4_000, required=False)


def _kept(query: str) -> str:
    """The address without what belongs to one visit of it."""
    asked = QueryDict(query, mutable=True)
    for passing in (FILE, PAGE, VIEW):
        asked.pop(passing, None)
    return asked.urlencode()


def back_to(text: str) -> str:
    """A way back within the desk; the first page where the text is none."""
    parts = urlsplit(text)
    inside = not parts.scheme and not parts.netloc and text.startswith("/") and not text.startswith("//")
    return text if inside and "\\" not in text else "/"


@require_POST
@permission_required("own:account:keep")
def save(request: StaffRequest, listing: str) -> HttpResponse:
    """Save what the list shows now under a name."""
    known, form = LISTINGS.get(listing), SavedViewForm(request.POST)
    if known is None or not may(request.user.role, known.permission):
        flash_problems(request, Problem("no_such_list", "There is no such list."))
        return redirect("own")
    if not form.is_valid():
        flash_problems(
            request, Problem("view_name_missing", "Give the view a name of at most 60 characters.")
        )
        return redirect(back_to(_BackForm(request.POST).data.get("back", "")))
    typed: dict[str, Any] = form.cleaned_data
    query = _kept(typed["query"])
    made = save_view(
        request.user,
        listing,
        typed["name"],
        query,
        shared=typed["shared"],
        is_default=typed["is_default"],
    )
    flash_result(request, made, gettext("View saved."))
    path = urlsplit(back_to(typed["back"])).path
    if isinstance(made, SavedView):
        return redirect(f"{path}?{f'{query}&' if query else ''}{VIEW}={made.pk}")
    return redirect(back_to(typed["back"]))


@require_POST
@permission_required("own:account:keep")
def remove(request: StaffRequest, view_id: int) -> HttpResponse:
    """Remove one's own view."""
    flash_result(request, remove_view(request.user, view_id), gettext("View removed."))
    form = _BackForm(request.POST)
    path = urlsplit(back_to(form.cleaned_data["back"] if form.is_valid() else "")).path
    return redirect(f"{path}?{VIEW}=")
