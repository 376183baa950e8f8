"""Visits at the desk: proposed, decided, routed, and what came of them; alarms before everything else."""

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.field.visit_events import see_alarm
from forbear.actions.selectors.desk_counts import route_search_of
from forbear.actions.visits.cancellation import WAITING, call_off
from forbear.actions.visits.decisions import approve_visit, held_visit, prospect, refuse_visit
from forbear.actions.visits.proposals import propose_visit
from forbear.actions.visits.routes import ask_routes, give_route, undo_route
from forbear.core.base.problem import Problem, from_json
from forbear.core.base.reason import Reason
from forbear.core.visits.visit import STATES
from forbear.insight.routing import pairs_of
from forbear.store.access import (
    alarm_for,
    alarms_for,
    masked_name,
    masked_point,
    reply_alarms_for,
    route_for,
    routes_for,
    visit_for,
    visits_for,
)
from forbear.store.business_date import business_date
from forbear.store.models import Alarm, Case, RouteSearch, Visit, VisitRoute
from forbear.store.problem_text import sentence
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.desk.acts import act
from forbear.web.desk.case_forms import VisitForm
from forbear.web.desk.listings.agreements import VISITS
from forbear.web.forms import ButtonForm, ReasonForm, refused
from forbear.web.guard import permission_required
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest

_NEWEST = 20
#: How far ahead a route may be worked out.
_AHEAD = timedelta(days=30)


def visit_of(request: StaffRequest, visit_id: str) -> Visit:
    """One visit that this person may see; not found for everybody else."""
    found = visit_for(request.user, visit_id)
    if found is None:
        raise Http404
    return found


def named(visit: Visit) -> dict[str, object]:
    """A visit as lists show it: who and where, masked."""
    return {
        "visit": visit,
        "name": masked_name(visit.borrower.name),
        "where": masked_point("address", visit.point.value),
    }


@permission_required("desk:visit:read")
def visits(request: StaffRequest) -> HttpResponseBase:
    """Visits by state, the ones that wait for a decision first; alarms above."""

    def more(shown: ShownList) -> dict[str, object]:
        rows = visits_for(request.user)
        counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
        assert shown.filters is not None
        return {
            "state": shown.filters.form.cleaned_data.get("state", ""),
            "tabs": [(code, counts.get(code, 0)) for code in STATES],
            "lacking": rows.filter(state="ended").exclude(lacks=[]).count(),
            "alarms": open_alarms(request),
        }

    return answer(request, VISITS, "desk/visits.html", more)


@permission_required("desk:visit:read")
def visit(request: StaffRequest, visit_id: str) -> HttpResponse:
    """One visit: why, what the rules say, when, and its proof."""
    found, now = visit_of(request, visit_id), request.now
    decision, days = None, None
    if found.state in ("proposed", "approved"):
        with transaction.atomic():
            held = held_visit(found.pk)
            assert held is not None, "the visit was found"
            decision, days = prospect(held, now)
    shown = {
        **named(found),
        "decision": decision,
        "notice_days": days,
        "may_decide": found.state == "proposed" and found.proposed_by_id != request.user.pk,
        "may_call_off": found.state in WAITING,
        "alarms": found.alarms.order_by("-at"),
    }
    return render(request, "desk/visit.html", shown)


@act("desk:visit:propose", VisitForm)
def propose(request: StaffRequest, found: Case, form: VisitForm) -> Problem | None:
    """Propose a visit to this borrower."""
    made = propose_visit(found.borrower_id, form.cleaned_data["note"], request.user, request.now)
    if isinstance(made, Problem):
        return made
    messages.success(request, gettext("Submitted. A second person decides on the visit."))
    return None


@require_POST
@permission_required("desk:visit:approve")
def decide(request: StaffRequest, visit_id: str) -> HttpResponseBase:
    """Agree, or not."""
    found, now = visit_of(request, visit_id), request.now
    if ButtonForm(request.POST, "act").value("act") != "refuse":
        flash_result(request, approve_visit(found.pk, request.user, now))
        return redirect("desk:visit", visit_id)
    form = ReasonForm(request.POST, key="refuse")
    made = refuse_visit(found.pk, form.reason, request.user, now) if form.is_valid() else None
    if made is None or isinstance(made, Problem):
        return refused(request, form, lambda: visit(request, visit_id), made or ())
    flash_result(request, made)
    return redirect("desk:visit", visit_id)


@require_POST
@permission_required("desk:visit:propose")
def stop(request: StaffRequest, visit_id: str) -> HttpResponseBase:
    """Call it off."""
    found = visit_of(request, visit_id)
    form, reason = ReasonForm(request.POST, key="stop"), Reason.of("called_off_by_staff")
    if not form.is_valid():
        return refused(request, form, lambda: visit(request, visit_id))
    made = call_off(found.pk, reason, request.now, actor=f"staff:{request.user.number}", note=form.reason)
    if isinstance(made, Problem):
        return refused(request, form, lambda: visit(request, visit_id), made)
    flash_result(request, made, gettext("Cancelled."))
    return redirect("desk:visit", visit_id)


# routes


def _day(request: StaffRequest) -> date:
    """The day asked for, at least today; tomorrow unless told."""
    today = business_date(request.now)
    typed = ButtonForm(request.POST, "day").value("day") or request.GET.get("day", "")
    try:
        return min(max(date.fromisoformat(typed), today), today + _AHEAD)
    except ValueError:
        return today + timedelta(days=1)


def _failed(search: RouteSearch | None) -> str:
    """Why a search for routes failed; "" where it did not."""
    return sentence(from_json(search.said[0])) if search is not None and search.state == "failed" else ""


@permission_required("desk:visit:read")
def routes(request: StaffRequest) -> HttpResponse:
    """The routes of a day, and the newest."""
    day = _day(request)
    rows = routes_for(request.user).exclude(state="undone")
    of_day = list(rows.filter(day=day).order_by("state", "pk"))
    left = of_day[0].details.get("left_out", {}) if of_day and of_day[0].state == "proposed" else {}
    who = {each.pk: each for each in visits_for(request.user).filter(pk__in=left)}
    search = route_search_of(day)
    shown = {
        "day": day,
        "search": search,
        "failed": _failed(search),
        "routes": of_day,
        "left_out": [(named(who[pk]), why) for pk, why in left.items() if pk in who],
        "waiting": visits_for(request.user).filter(state="approved").count(),
        "pairs": len(pairs_of()),
        "days": rows.order_by("-day").values_list("day", flat=True).distinct()[:_NEWEST],
    }
    return render(request, "desk/routes.html", shown)


@require_POST
@permission_required("desk:visit:plan")
def work_out_routes(request: StaffRequest) -> HttpResponse:
    """Have the routes of a day computed again; the page shows when they are there."""
    day = _day(request)
    ask_routes(day, request.user, request.now)
    return redirect(f"/desk/routes?day={day.isoformat()}")


@permission_required("desk:visit:read")
def route(request: StaffRequest, route_id: int) -> HttpResponse:
    """One route, stop by stop: when, how far, and how that was computed."""
    found = route_for(request.user, route_id)
    if found is None:
        raise Http404
    stops = [stop[0] for stop in found.stops]
    who = {each.pk: each for each in visits_for(request.user).filter(pk__in=stops)}
    shown = {
        "route": found,
        "stops": [
            {
                **named(who[pk]),
                "arrives": arrives,
                "leaves": leaves,
                "minutes": minutes,
                "metres": metres,
                "how": how,
            }
            for pk, arrives, leaves, minutes, metres, how in _read(found)
            if pk in who
        ],
        "today": business_date(request.now),
    }
    return render(request, "desk/route.html", shown)


def _read(found: VisitRoute) -> list[tuple]:
    return [
        (pk, datetime.fromisoformat(arrives), datetime.fromisoformat(leaves), *rest)
        for pk, arrives, leaves, *rest in found.stops
    ]


@require_POST
@permission_required("desk:visit:plan")
def sign_route(request: StaffRequest, route_id: int) -> HttpResponse:
    """Give it to the pair, or take it back."""
    if route_for(request.user, route_id) is None:
        raise Http404
    undone = ButtonForm(request.POST, "act").value("act") == "undo"
    done = (undo_route if undone else give_route)(route_id, request.user, request.now)
    if isinstance(done, Problem):
        flash_problems(request, done)
    else:
        messages.success(
            request,
            gettext("Route given to the pair.") if done.state == "given" else gettext("Recalled."),
        )
    return redirect("desk:route", route_id)


# alarms


def open_alarms(request: StaffRequest) -> list[Alarm]:
    """Alarms nobody has seen to, the newest first."""
    return list(alarms_for(request.user).filter(seen_at=None).order_by("-at"))


@permission_required("desk:visit:approve")
def alarms(request: StaffRequest) -> HttpResponse:
    """Open alarms, for the banner that every page of a lead keeps asking for; empty while there are none."""
    written = reply_alarms_for(request.user).filter(seen_at=None).order_by("-at")
    answer = render(request, "desk/alarms.html", {"alarms": open_alarms(request), "written": written})
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@permission_required("desk:visit:approve")
def saw_alarm(request: StaffRequest, alarm_id: int) -> HttpResponseBase:
    """Say what was done about one."""
    if alarm_for(request.user, alarm_id) is None:
        raise Http404
    form = ReasonForm(request.POST, key=f"alarm{alarm_id}", name="words")
    form.fields["words"].label = _("Action taken")
    done = see_alarm(alarm_id, form.reason, request.user, request.now) if form.is_valid() else None
    if done is None or isinstance(done, Problem):
        return refused(request, form, lambda: visits(request), done or ())
    return redirect("desk:visits")
