"""Files: our cases to take away, outcomes to hand in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from forbear.actions.agency_work.agency_files import cases_table, import_agency_file
from forbear.actions.replies.record_outcome import RESULTS
from forbear.core.base.problem import Problem
from forbear.interchange.documents.agency_file import FORMS, LARGEST, OUTCOMES
from forbear.web.fields import UploadField, sentence_of
from forbear.web.form_token import mark_done
from forbear.web.forms import Form, form_on, refused
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.tables import file_answer


class OutcomesForm(Form):
    """A file of outcomes."""

    problems_at = "file"

    file = UploadField(label=_("File"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["file"].widget.attrs["accept"] = ".csv,.xlsx"

    def clean_file(self) -> UploadedFile:
        """A file that is not too large to be read at once."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > LARGEST:
            large = Problem(
                "file_too_large",
                "a file has at most %(megabytes)s MB; send it in parts",
                megabytes=LARGEST // 1024 // 1024,
            )
            raise ValidationError(sentence_of(large))
        return file


@permission_required("agency:case:work")
def files(request: StaffRequest) -> HttpResponseBase:
    """How files go, and what became of the one just handed in."""

    def page(read: object = None) -> HttpResponse:
        shown = {"columns": OUTCOMES, "results": list(RESULTS), "read": read}
        return render(request, "agency/files.html", {**shown, "form": form_on(request, OutcomesForm)})

    agency = request.user.agency_id
    if request.method != "POST" or not agency:
        return page()
    form = OutcomesForm(request.POST, request.FILES)
    if not form.is_valid():
        return refused(request, form, page)
    found = import_agency_file(agency, form.cleaned_data["file"].read(), request.user, request.now)
    return refused(request, form, page, found) if isinstance(found, Problem) else mark_done(page(found))


@permission_required("agency:case:work")
def cases_file(request: StaffRequest, form: str) -> HttpResponse:
    """Our cases as CSV or Excel."""
    if form not in FORMS or not request.user.agency_id:
        raise Http404
    return file_answer("cases", form, cases_table(request.user.agency_id, form))
