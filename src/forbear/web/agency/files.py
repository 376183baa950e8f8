"""Files: our cases to take away, outcomes to hand in."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from forbear.actions.agency_work.agency_files import cases_table, import_agency_file
from forbear.actions.replies.record_outcome import RESULTS
from forbear.core.base.problem import Problem
from forbear.interchange.documents.agency_file import FORMS, LARGEST, OUTCOMES
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.tables import file_answer


@permission_required("agency:case:work")
def files(request: StaffRequest) -> HttpResponse:
    """How files go, and what became of the one just handed in."""
    shown: dict[str, object] = {"columns": OUTCOMES, "results": list(RESULTS), "read": None, "wrong": ""}
    file = request.FILES.get("file") if request.method == "POST" else None
    if file is not None and request.user.agency_id:
        if file.size is None or file.size > LARGEST:
            shown["wrong"] = Problem(
                "file_too_large",
                "a file has at most %(megabytes)s MB; send it in parts",
                megabytes=LARGEST // 1024 // 1024,
            )
        else:
            found = import_agency_file(request.user.agency_id, file.read(), request.user, request.now)
            shown["wrong" if isinstance(found, Problem) else "read"] = found
    return render(request, "agency/files.html", shown)


@permission_required("agency:case:work")
def cases_file(request: StaffRequest, form: str) -> HttpResponse:
    """Our cases as CSV or Excel."""
    if form not in FORMS or not request.user.agency_id:
        raise Http404
    return file_answer("cases", form, cases_table(request.user.agency_id, form))
