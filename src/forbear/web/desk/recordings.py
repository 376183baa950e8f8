"""For compliance officers: calls that were to be recorded and have no recording."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.contacts.missing_recordings import ANSWERED, resolve_missing_recording
from forbear.actions.selectors.desk_counts import recorded_shares
from forbear.store.access import missing_recording_for, missing_recordings_for
from forbear.web.call_forms import flash_result
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest

_SHOWN = 50
_DAYS = 30


@permission_required("desk:compliance:read")
def recordings(request: StaffRequest) -> HttpResponse:
    """Missing recordings, the newest first, and the share of each provider's answered calls that has one."""
    state, now = request.GET.get("state", "open"), request.now
    rows = missing_recordings_for(request.user)
    if state == "open":
        rows = rows.filter(gone_at=None, settled_at=None)
    shares = recorded_shares(tuple(ANSWERED), now - timedelta(days=_DAYS))
    page = Paginator(rows.order_by("-contact__ended_at", "pk"), _SHOWN).get_page(request.GET.get("page"))
    shown = {"page": page, "state": state, "shares": shares, "days": _DAYS}
    return render(request, "desk/recordings.html", shown)


@require_POST
@permission_required("desk:recording:resolve")
def settle(request: StaffRequest, missing_id: int) -> HttpResponse:
    """Write down what came of one."""
    if missing_recording_for(request.user, missing_id) is None:
        raise Http404
    wrong = resolve_missing_recording(missing_id, request.POST.get("words", ""), request.user, request.now)
    flash_result(request, wrong, gettext("Resolved."))
    return redirect("desk:recordings")
