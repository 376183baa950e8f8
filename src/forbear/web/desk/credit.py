"""What credit bureaus got: each report with its control totals, each record and correction, and who objects."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.bureaus.bureau_report import hand_out_report, report_path
from forbear.core.bureaus.file_checks import SAID, SAID_AMOUNTS
from forbear.core.bureaus.metro2 import LEFT_OUT
from forbear.store.access import credit_objections_for, credit_report_for
from forbear.store.business_date import business_date
from forbear.store.models import CreditRecord, CreditReport
from forbear.store.problem_text import sentence
from forbear.web.desk.listings.money import RECORDS, REPORTS
from forbear.web.guard import permission_required
from forbear.web.languages import label
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import minor

_PAGE = 50


@permission_required("desk:credit:read")
def reports(request: StaffRequest) -> HttpResponseBase:
    """The reports, the newest first, and the objections with their clocks."""

    def more(_shown: ShownList) -> dict[str, object]:
        objections = credit_objections_for(request.user)
        waiting = objections.filter(state="open").order_by("due_on", "pk")
        today = business_date(request.now)
        return {
            "waiting": [(each, (each.due_on - today).days) for each in waiting[:_PAGE]],
            "waiting_count": waiting.count(),
            "answered": objections.filter(state="answered").order_by("-answered_at")[:20],
        }

    return answer(request, REPORTS, "desk/credit.html", more)


@permission_required("desk:credit:read")
def report(request: StaffRequest, report_id: int) -> HttpResponseBase:
    """One report: its control totals, and the loans on it that somebody may ask about."""
    found = _report(request, report_id)

    def more(_shown: ShownList) -> dict[str, object]:
        left_out = found.gaps.get("left_out", {}).items()
        return {
            "report": found,
            "gaps": [(_GAPS.get(name, name), found.gaps[name]) for name in found.gaps if name != "left_out"],
            "left_out": [(sentence(LEFT_OUT[why]), number) for why, number in left_out],
            "totals": [(currency, _whole(found, currency, sums)) for currency, sums in found.totals.items()],
        }

    rows, name = found.records.all(), f"credit-{found.form}-{found.on}"
    return answer(request, RECORDS, "desk/credit_report.html", more, rows=rows, name=name, about=_told)


def _told(_request: StaffRequest, rows: list[CreditRecord]) -> dict[str, object]:
    """What each record says, and what a correction changed, for its cell."""
    for row in rows:
        row.__dict__["changes"] = _changed(row)
        row.__dict__["told_state"] = _read(row, _STATE, row.said[_STATE])
    return {}


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
