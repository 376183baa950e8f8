"""What the lender's loan system must book because it was granted here, until its feed shows it."""

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.instructions.instruction_file import instruction_table
from forbear.actions.instructions.instructions import OVERDUE_AFTER, end_instruction
from forbear.store.access import instructions_for
from forbear.store.business_date import business_date
from forbear.store.models.instruction import IN_FORCE
from forbear.web.desk.listings.casework import INSTRUCTIONS
from forbear.web.forms import ButtonForm, ReasonForm
from forbear.web.guard import permission_required
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.submit import submit
from forbear.web.tables import file_answer


@permission_required("desk:instruction:read")
def instructions(request: StaffRequest) -> HttpResponseBase:
    """Those in force, contradicted ones first, then the oldest; or of one state."""
    before = request.now - OVERDUE_AFTER

    def more(_shown: ShownList) -> dict[str, object]:
        in_force = instructions_for(request.user).filter(state__in=IN_FORCE)
        return {
            "counts": in_force.aggregate(
                open=Count("pk", filter=Q(state="open")),
                overdue=Count("pk", filter=Q(made_at__lt=before)),
                contradicted=Count("pk", filter=Q(state="contradicted")),
            )
        }

    return answer(request, INSTRUCTIONS, "desk/instructions.html", more)


@require_POST
@permission_required("desk:instruction:read")
def end(request: StaffRequest, instruction_id: int) -> HttpResponseBase:
    """Say that one is booked in a form that the feed doesn't show, or withdraw it."""
    if not instructions_for(request.user).filter(pk=instruction_id).exists():
        raise Http404
    state = "withdrawn" if ButtonForm(request.POST, "act").value("act") == "withdraw" else "booked"
    form = ReasonForm(request.POST, key=f"end{instruction_id}")

    def act(given: dict[str, Any]) -> object:
        return end_instruction(instruction_id, state, request.user, given["note"], request.now)

    then, done = reverse("desk:instructions"), gettext("Saved.")
    return submit(request, form, act, lambda: instructions(request), then, done)


@permission_required("desk:instruction:read")
def file(request: StaffRequest) -> HttpResponse:
    """Today's file, as it lies in the lender's folder."""
    return file_answer(f"instructions-{business_date(request.now)}", "csv", instruction_table(request.now))
