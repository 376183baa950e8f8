"""For compliance officers: calls that were to be recorded and have no recording."""

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.contacts.missing_recordings import ANSWERED, resolve_missing_recording
from forbear.actions.selectors.desk_counts import recorded_shares
from forbear.store.access import missing_recording_for
from forbear.web.call_forms import flash_result
from forbear.web.desk.listings.oversight import RECORDINGS
from forbear.web.guard import permission_required
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest

_DAYS = 30


@permission_required("desk:compliance:read")
def recordings(request: StaffRequest) -> HttpResponseBase:
    """Missing recordings, the newest first, and the share of each provider's answered calls that has one."""

    def more(_shown: ShownList) -> dict[str, object]:
        since = request.now - timedelta(days=_DAYS)
        return {"shares": recorded_shares(tuple(ANSWERED), since), "days": _DAYS}

    return answer(request, RECORDINGS, "desk/recordings.html", more)


@require_POST
@permission_required("desk:recording:resolve")
def settle(request: StaffRequest, missing_id: int) -> HttpResponse:
    """Write down what came of one."""
    if missing_recording_for(request.user, missing_id) is None:
        raise Http404
    wrong = resolve_missing_recording(missing_id, request.POST.get("words", ""), request.user, request.now)
    flash_result(request, wrong, gettext("Resolved."))
    return redirect("desk:recordings")
