"""A shadow run: how each day compares with the old system, and going live as one of two."""

from django.conf import settings
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.strategies.shadow_run import GO_LIVE, go_live, shadow_state
from forbear.insight.shadow import KEPT_OF_CAUSE, kept_comparison, kept_days, shadow_folder, words_of
from forbear.web.forms import ReasonForm, form_on
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.submit import submit

#: How many days one may choose from.
_DAYS = 31


@permission_required(GO_LIVE)
def shadow(request: StaffRequest) -> HttpResponseBase:
    """The newest day, or the one chosen: what differs by cause, or of one cause loan by loan."""
    folder = shadow_folder(settings.HOME.folder)
    days = kept_days(folder)[:_DAYS]
    chosen = next((day for day in days if str(day) == request.GET.get("day")), days[0] if days else None)
    found = kept_comparison(folder, chosen) if chosen else None
    cause = request.GET.get("cause", "")
    causes = (
        [(code, gettext(words_of(code)), number) for code, number in found.causes.items()] if found else []
    )
    shown = [
        (one, gettext(words_of(one.cause)))
        for one in (found.differences if found else [])
        if cause in ("", one.cause)
    ][:KEPT_OF_CAUSE]
    state = shadow_state()
    context = {
        "state": state,
        "asked": request.user.number in state.asked_by,
        "days": days,
        "chosen": chosen,
        "found": found,
        "causes": causes,
        "cause": cause,
        "shown": shown,
        "form": form_on(request, ReasonForm, key="live"),
    }
    return render(request, "desk/shadow.html", context)


@require_POST
@permission_required(GO_LIVE)
def live(request: StaffRequest) -> HttpResponseBase:
    """One of the two signatures."""
    return submit(
        request,
        ReasonForm(request.POST, key="live"),
        lambda given: go_live(request.user, given["note"], request.now),
        lambda: shadow(request),
        reverse("desk:shadow"),
        gettext("Recorded."),
    )
