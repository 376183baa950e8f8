"""Holds at the desk: all that run, by age, with who looks at them when; ending one, or letting it go on."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from forbear.actions.holds.lifts import keep_hold, keep_holds, lift_by_staff
from forbear.core.base.problem import Problem
from forbear.store.access import holds_for
from forbear.store.business_date import business_date
from forbear.store.models import Hold
from forbear.web.call_forms import flash_result
from forbear.web.desk.hold_forms import DAYS_AGAIN, KeepForm
from forbear.web.desk.listings.casework import HOLDS, running_holds
from forbear.web.forms import ButtonForm, ReasonForm, refused
from forbear.web.guard import permission_required
from forbear.web.lists.bulk import ReviewForm, back_to_list, refused_list
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest


@permission_required("desk:hold:lift")
def holds(request: StaffRequest) -> HttpResponseBase:
    """Those that run, the oldest first."""
    today = business_date(request.now)

    def more(_shown: ShownList) -> dict[str, object]:
        counts = running_holds(request).select_related(None).order_by()
        return {
            "next_review": today + DAYS_AGAIN,
            "counts": counts.aggregate(
                all=Count("pk"),
                due=Count("pk", filter=Q(review_on__lte=today)),
                asked=Count("pk", filter=Q(lift_asked_by__isnull=False)),
            ),
        }

    return answer(request, HOLDS, "desk/holds.html", more)


@require_POST
@permission_required("desk:hold:lift")
def review_many(request: StaffRequest) -> HttpResponseBase:
    """Let the ticked holds go on until another review."""
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return refused_list(request, form, "desk:holds", lambda: holds(request))
    asked = form.cleaned_data
    seen = list(holds_for(request.user).filter(pk__in=asked["id"]).values_list("pk", flat=True))
    made = keep_holds(seen, request.user, asked["note"], request.now, asked["review_on"])
    if isinstance(made, Problem):
        return refused_list(request, form, "desk:holds", lambda: holds(request), made)
    done, left = made
    sentence = ngettext("%(number)s hold goes on.", "%(number)s holds go on.", done) % {"number": done}
    if left:
        unchanged = ngettext(
            "%(number)s was left: it ends with its request or with what placed it.",
            "%(number)s were left: they end with their requests or with what placed them.",
            left,
        )
        sentence = f"{sentence} {unchanged % {'number': left}}"
    messages.success(request, sentence)
    return back_to_list(form, "desk:holds")


@require_POST
@permission_required("desk:hold:lift")
def decide(request: StaffRequest, hold_id: int) -> HttpResponseBase:
    """End it, agree that it ends, or let it go on until another review."""
    if not holds_for(request.user).filter(pk=hold_id).exists():
        raise Http404
    if ButtonForm(request.POST, "act").value("act") == "keep":
        return _kept(request, hold_id)
    form = ReasonForm(request.POST, key=f"lift{hold_id}")
    if not form.is_valid():
        return refused(request, form, lambda: holds(request))
    made = lift_by_staff(hold_id, request.user, form.reason, request.now)
    if isinstance(made, Problem):
        return refused(request, form, lambda: holds(request), made)
    flash_result(request, made, said_of(made))
    return redirect("desk:holds")


def _kept(request: StaffRequest, hold_id: int) -> HttpResponseBase:
    form = KeepForm(request.POST, key=hold_id, today=business_date(request.now))
    if not form.is_valid():
        return refused(request, form, lambda: holds(request))
    given = form.cleaned_data
    made = keep_hold(hold_id, request.user, given["note"], request.now, given["review_on"])
    if isinstance(made, Problem):
        return refused(request, form, lambda: holds(request), made)
    flash_result(request, made, gettext("The hold goes on."))
    return redirect("desk:holds")


def said_of(made: Hold | Problem) -> str:
    """What became of a hold that somebody wanted to end."""
    if isinstance(made, Hold) and made.lifted_at is None:
        return gettext("Saved. The hold ends when a second person agrees.")
    return gettext("The hold has ended.")
