"""What the lender's loan system must book because it was granted here, until its feed shows it."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.instructions.instruction_file import instruction_table
from forbear.actions.instructions.instructions import OVERDUE_AFTER, end_instruction
from forbear.store.access import instructions_for, masked_name
from forbear.store.business_date import business_date
from forbear.store.models.instruction import IN_FORCE, INSTRUCTION_STATES
from forbear.web.call_forms import flash_result
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.tables import file_answer

_PAGE = 50


@permission_required("desk:instruction:read")
def instructions(request: StaffRequest) -> HttpResponse:
    """Those in force, contradicted ones first, then the oldest; or of one state."""
    rows, state = instructions_for(request.user), request.GET.get("state", "")
    before = request.now - OVERDUE_AFTER
    in_force = rows.filter(state__in=IN_FORCE)
    shown = rows.filter(state=state) if state in INSTRUCTION_STATES else in_force
    page = Paginator(shown.select_related("borrower").order_by("state", "made_at", "pk"), _PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "desk/instructions.html",
        {
            "page": page,
            "rows": [(row, masked_name(row.borrower.name)) for row in page],
            "states": INSTRUCTION_STATES,
            "state": state,
            "before": before,
            "in_force": IN_FORCE,
            "counts": {
                "open": in_force.filter(state="open").count(),
                "overdue": in_force.filter(made_at__lt=before).count(),
                "contradicted": in_force.filter(state="contradicted").count(),
            },
        },
    )


@require_POST
@permission_required("desk:instruction:read")
def end(request: StaffRequest, instruction_id: int) -> HttpResponse:
    """Say that one is booked in a form that the feed doesn't show, or withdraw it."""
    if not instructions_for(request.user).filter(pk=instruction_id).exists():
        raise Http404
    state = "withdrawn" if request.POST.get("act") == "withdraw" else "booked"
    note = request.POST.get("note", "")
    flash_result(
        request, end_instruction(instruction_id, state, request.user, note, request.now), gettext("Saved.")
    )
    return redirect("desk:instructions")


@permission_required("desk:instruction:read")
def file(request: StaffRequest) -> HttpResponse:
    """Today's file, as it lies in the lender's folder."""
    return file_answer(f"instructions-{business_date(request.now)}", "csv", instruction_table(request.now))
