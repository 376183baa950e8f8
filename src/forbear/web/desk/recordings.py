"""For compliance officers: calls that were to be recorded and have no recording."""

from datetime import timedelta
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.contacts.missing_recordings import ANSWERED, resolve_missing_recording
from forbear.actions.selectors.desk_counts import recorded_shares
from forbear.store.access import missing_recording_for
from forbear.web.desk.listings.oversight import RECORDINGS
from forbear.web.forms import ReasonForm
from forbear.web.guard import permission_required
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.submit import submit

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
def settle(request: StaffRequest, missing_id: int) -> HttpResponseBase:
    """Write down what came of one."""
    if missing_recording_for(request.user, missing_id) is None:
        raise Http404
    form = ReasonForm(request.POST, key=f"recording{missing_id}", name="words", longest=2000)

    def act(given: dict[str, Any]) -> object:
        return resolve_missing_recording(missing_id, given["words"], request.user, request.now)

    then, done = reverse("desk:recordings"), gettext("Resolved.")
    return submit(request, form, act, lambda: recordings(request), then, done)
