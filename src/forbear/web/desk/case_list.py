"""The list of all open cases, and giving many of them to somebody at once."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.cases.reassign_many import UNDO_WITHIN, reassign_cases, undo_reassignment
from forbear.actions.cases.skips import skip_case
from forbear.actions.contacts.next_case import next_case
from forbear.actions.selectors.case_lists import newest_reassignment
from forbear.actions.selectors.staff_directory import active_collectors
from forbear.core.agencies.skips import SKIPS
from forbear.core.base.problem import Problem
from forbear.store.access import case_for, cases_for
from forbear.store.permissions import may
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.desk.listings.casework import CASES, UNDONE
from forbear.web.fields import PickField
from forbear.web.forms import Form
from forbear.web.guard import permission_required
from forbear.web.lists.bulk import TransferForm, back_to_list, refused_list
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest


@permission_required("desk:case:read")
def cases(request: StaffRequest) -> HttpResponseBase:
    """Open cases, the most valuable first."""

    def more(shown: ShownList) -> dict[str, object]:
        if not may(request.user.role, "desk:case:assign"):
            return {}
        return {
            "collectors": active_collectors() if shown.ticked else [],
            "undoable": newest_reassignment(request.user, request.now - UNDO_WITHIN),
        }

    return answer(request, CASES, "desk/cases.html", more)


@require_POST
@permission_required("desk:case:assign")
def assign_many(request: StaffRequest) -> HttpResponseBase:
    """Give the ticked cases to somebody, or put them back into the queue."""
    form = TransferForm(request.POST)
    if not form.is_valid():
        return refused_list(request, form, "desk:cases", lambda: cases(request))
    seen = cases_for(request.user).filter(pk__in=form.cleaned_data["id"]).values_list("pk", flat=True)
    made = reassign_cases(list(seen), form.cleaned_data["to"], request.user, request.now)
    if isinstance(made, Problem):
        return refused_list(request, form, "desk:cases", lambda: cases(request), made)
    number, to = len(made.lines), form.cleaned_data["to"] or gettext("the queue")
    done = ngettext("Reassigned %(number)s case to %(to)s.", "Reassigned %(number)s cases to %(to)s.", number)
    messages.success(request, done % {"number": number, "to": to})
    return back_to_list(form, "desk:cases")


@permission_required("desk:floor:read")
def undone(request: StaffRequest) -> HttpResponseBase:
    """What the strategy planned and nobody can do, for want of a number or address."""
    return answer(request, UNDONE, "desk/undone.html")


class SkipForm(Form):
    """Why a case is passed over."""

    reason = PickField([(code, each.words) for code, each in SKIPS.items()], blank=None, label=_("Why"))


@require_POST
@permission_required("desk:case:work")
def skip(request: StaffRequest, borrower_id: str) -> HttpResponse:
    """Pass one's case over with a reason, and get the next one."""
    found, form = case_for(request.user, borrower_id), SkipForm(request.POST)
    if found is None:
        raise Http404
    made = skip_case(
        found.pk, form.cleaned_data["reason"] if form.is_valid() else "", request.user, request.now
    )
    if isinstance(made, Problem):
        flash_problems(request, made)
        return redirect("desk:case", borrower_id)
    messages.success(request, gettext("Skipped. The case comes back to the queue later."))
    handed = next_case(request.user, request.now)
    return redirect("desk:case", handed.case.borrower_id) if handed else redirect("desk:queue")


@require_POST
@permission_required("desk:case:assign")
def undo_many(request: StaffRequest, assignment_id: int) -> HttpResponse:
    """Put them back to where they were."""
    made = undo_reassignment(assignment_id, request.user, request.now)
    flash_result(request, made, gettext("Undone. Each case is where it was."))
    return redirect("desk:cases")
