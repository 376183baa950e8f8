"""What credit bureaus got: each report with its control totals, each record and correction, and who objects."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.bureaus.bureau_report import hand_out_report, report_path
from forbear.core.bureaus.file_checks import SAID, SAID_AMOUNTS
from forbear.core.bureaus.metro2 import LEFT_OUT
from forbear.store.access import credit_objections_for, credit_report_for, credit_reports_for
from forbear.store.business_date import business_date
from forbear.store.models import CreditRecord, CreditReport
from forbear.store.problem_text import sentence
from forbear.web.guard import permission_required
from forbear.web.labels import CREDIT_KINDS
from forbear.web.languages import label
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import minor

_PAGE = 50


@permission_required("desk:credit:read")
def reports(request: StaffRequest) -> HttpResponse:
    """The reports, the newest first, and the objections with their clocks."""
    rows = credit_reports_for(request.user).order_by("-on", "form")
    objections = credit_objections_for(request.user)
    waiting = objections.filter(state="open").order_by("due_on", "pk")
    answered = objections.filter(state="answered").order_by("-answered_at")
    today = business_date(request.now)
    shown = {
        "page": Paginator(rows, _PAGE).get_page(request.GET.get("page")),
        "waiting": [(each, (each.due_on - today).days) for each in waiting[:_PAGE]],
        "waiting_count": waiting.count(),
        "answered": answered[:20],
    }
    return render(request, "desk/credit.html", shown)


@permission_required("desk:credit:read")
def report(request: StaffRequest, report_id: int) -> HttpResponse:
    """One report: its control totals, and the loans on it that somebody may ask about."""
    found = _report(request, report_id)
    kind = request.GET.get("kind", "")
    rows = found.records.order_by("pk")
    kinds = [each for each in CREDIT_KINDS if rows.filter(kind=each).exists()]
    page = Paginator(rows.filter(kind=kind) if kind in kinds else rows, _PAGE).get_page(
        request.GET.get("page")
    )
    shown = {
        "report": found,
        "page": page,
        "rows": [(each, _changed(each), _read(each, _STATE, each.said[_STATE])) for each in page],
        "gaps": [(_GAPS.get(name, name), found.gaps[name]) for name in found.gaps if name != "left_out"],
        "left_out": [
            (sentence(LEFT_OUT[why]), number) for why, number in found.gaps.get("left_out", {}).items()
        ],
        "kind": kind,
        "kinds": kinds,
        "totals": [(currency, _whole(found, currency, sums)) for currency, sums in found.totals.items()],
    }
    return render(request, "desk/credit_report.html", shown)


def _report(request: StaffRequest, report_id: int) -> CreditReport:
    found = credit_report_for(request.user, report_id)
    if found is None:
        raise Http404
    return found


def _whole(found: CreditReport, currency: str, sums: dict[str, int]) -> dict[str, str]:
    """A report's sums as people read them; Metro 2 has whole units, its cents cut off record by record."""
    if found.form == "metro2":
        return {name: f"{currency} {amount:,}" for name, amount in sums.items()}
    return {name: minor(amount, currency) for name, amount in sums.items()}


def _changed(each: CreditRecord) -> list[tuple[str, str, str]]:
    """What a correction changed: the item, what was told, what is told now."""
    if len(each.was) != len(each.said):
        return []
    return [
        (label(names), _read(each, place, was), _read(each, place, now))
        for place, (names, was, now) in enumerate(zip(SAID, each.was, each.said, strict=True))
        if was != now
    ]


def _read(each: CreditRecord, place: int, value: object) -> str:
    """A value as people read it."""
    if place in SAID_AMOUNTS and each.currency:
        return minor(int(str(value)), each.currency)
    if isinstance(value, str) and value in _STATES:
        return str(_STATES[value])
    return "—" if value in ("", None) else str(value)


#: The place of the state in what a record says.
_STATE = 4
#: What a bureau asks for.
_GAPS = {
    "address": _("address"),
    "born": _("day of birth"),
    "city": _("city"),
    "first_name": _("first name"),
    "opened": _("day of opening"),
    "state": _("state"),
    "surname": _("surname"),
    "zip": _("postcode"),
}
#: The states and classes that a record tells.
_STATES = {
    "active": pgettext_lazy("credit record", "Open"),
    "closed": _("Paid off"),
    "written_off": pgettext_lazy("credit record", "Charged off"),
    "sold": pgettext_lazy("sale", "Sold"),
    "normal": _("Normal"),
    "special_mention": _("Special mention"),
    "substandard": _("Substandard"),
    "doubtful": _("Doubtful"),
    "loss": _("Loss"),
}


@require_POST
@permission_required("desk:credit:export")
def file(request: StaffRequest, report_id: int) -> HttpResponseBase:
    """Hand the file out as it was made; that it was handed out is on record."""
    found = _report(request, report_id)
    if not hand_out_report(found, request.now, actor=f"staff:{request.user.number}"):
        messages.error(
            request,
            gettext("The file is missing or was changed, so it was not handed out."),
        )
        return redirect("desk:credit_report", report_id)
    answer = FileResponse(report_path(found).open("rb"), as_attachment=True, filename=found.file)
    answer["Cache-Control"] = "no-store"
    return answer
