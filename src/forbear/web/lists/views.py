"""Saving a view of a list, and removing one. Which list it is must be one that the person may see."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.staff.saved_views import remove_view, save_view
from forbear.core.base.problem import Problem
from forbear.store.permissions import may
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.fields import TextField
from forbear.web.forms import Form, refused
from forbear.web.guard import permission_required
from forbear.web.lists.listing import FILE, PAGE, VIEW
from forbear.web.lists.registry import LISTINGS
from forbear.web.request import StaffRequest


class _BackForm(Form):
    back = TextField(4_000, required=False, widget=forms.HiddenInput)


class SavedViewForm(_BackForm):
    """The name of a view, what its address says, and for whom it is."""

    problems_at = "name"

    query = TextField(2_000, required=False, widget=forms.HiddenInput)
    name = TextField(60, label=_("Save this view as"))
    shared = forms.BooleanField(required=False, label=_("Share it with my team"))
    is_default = forms.BooleanField(required=False, label=_("Open it first"))


def _kept(query: str) -> str:
    """The address without what belongs to one visit of it."""
    asked = QueryDict(query, mutable=True)
    for passing in (FILE, PAGE, VIEW):
        asked.pop(passing, None)
    return asked.urlencode()


def back_to(text: str) -> str:
    """A way back within the desk; the first page where the text is none."""
    parts = urlsplit(text)
    try:
        resolve(parts.path)
    except Resolver404:
        return "/"
    inside = not parts.scheme and not parts.netloc and text.startswith("/") and not text.startswith("//")
    return text if inside and "\\" not in text else "/"


@require_POST
@permission_required("own:account:keep")
def save(request: StaffRequest, listing: str) -> HttpResponseBase:
    """Save what the list shows now under a name."""
    known, form = LISTINGS.get(listing), SavedViewForm(request.POST)
    if known is None or not may(request.user.role, known.permission):
        flash_problems(request, Problem("no_such_list", "There is no such list."))
        return redirect("own")
    back = back_to(str(form["back"].value() or ""))
    match = resolve(urlsplit(back).path)

    def page() -> HttpResponseBase:
        return match.func(request, *match.args, **match.kwargs)

    if not form.is_valid():
        return refused(request, form, page)
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
    if isinstance(made, Problem):
        return refused(request, form, page, made)
    flash_result(request, made, gettext("View saved."))
    return redirect(f"{urlsplit(back).path}?{f'{query}&' if query else ''}{VIEW}={made.pk}")


@require_POST
@permission_required("own:account:keep")
def remove(request: StaffRequest, view_id: int) -> HttpResponse:
    """Remove one's own view."""
    flash_result(request, remove_view(request.user, view_id), gettext("View removed."))
    form = _BackForm(request.POST)
    path = urlsplit(back_to(form.cleaned_data["back"] if form.is_valid() else "")).path
    return redirect(f"{path}?{VIEW}=")
