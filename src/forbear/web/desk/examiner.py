"""The examiner's file at the desk: a period's records in one zip, masked unless permitted, on record."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from forbear.actions.access.examiner_file import Period, write_examiner_file
from forbear.core.base.problem import Problem
from forbear.store.business_date import business_date
from forbear.store.permissions import may
from forbear.web.fields import DayField, PickField, TextField
from forbear.web.forms import Form, form_on, refused
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest

_CLEAR = "borrower:personal:unmask"


class ExaminerForm(Form):
    """Which period, what for, and whether in the clear for who may see it."""

    field_of: ClassVar[dict[str, str]] = {
        "examiner_period_invalid": "last",
        "examiner_period_open": "last",
        "examiner_reason_missing": "reason",
    }

    first = DayField(label=_("From"))
    last = DayField(label=_("Until"))
    reason = TextField(300, label=_("Purpose (saved as evidence)"))
    clear = PickField(
        [("1", _("In the clear"))], blank=_("Masked"), label=_("Names, numbers and words"), required=False
    )


@permission_required("desk:examiner:export")
def examiner(request: StaffRequest) -> HttpResponseBase:
    """Choose a period, and take its file."""
    if request.method != "POST":
        return _page(request)
    form = ExaminerForm(request.POST)
    if not form.is_valid():
        return refused(request, form, lambda: _page(request))
    given, staff = form.cleaned_data, request.user
    period = Period(given["first"], given["last"])
    clear = bool(given["clear"]) and may(staff.role, _CLEAR)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "examiner.zip"
        made = write_examiner_file(
            path, period, request.now, actor=f"staff:{staff.number}", reason=given["reason"], clear=clear
        )
        if isinstance(made, Problem):
            return refused(request, form, lambda: _page(request), made)
        # the file goes with its folder; a reader that has it open still reads it
        return FileResponse(
            open(path, "rb"),
            as_attachment=True,
            filename=f"{period.name}.zip",
            headers={"Cache-Control": "no-store"},
        )


def _page(request: StaffRequest) -> HttpResponse:
    yesterday = business_date(request.now) - timedelta(days=1)
    first = {"first": yesterday.replace(day=1).isoformat(), "last": yesterday.isoformat()}
    form = form_on(request, ExaminerForm, initial=first)
    if not may(request.user.role, _CLEAR) and "clear" in form.fields:
        del form.fields["clear"]
    return render(request, "desk/examiner.html", {"form": form})
