"""The demo's first page: what this is, and one button a role that signs in. Elsewhere there is none."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.access.demo_time import skip_to
from forbear.actions.access.portal_access import demo_session
from forbear.actions.selectors.staff_directory import first_of_role, roles_with_somebody
from forbear.interchange.home import demo_night
from forbear.web.demo_clock import DemoClock, demo_clock
from forbear.web.forms import ButtonForm
from forbear.web.portal.way_in import set_session
from forbear.web.request import Request
from forbear.web.session import enter
from forbear.web.templatetags.forbear import demo_time
from forbear.web.tour import DONE

#: What the session of somebody who pressed a button has for a second factor.
BY_DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Face:
    """A role as the first page shows it: its word, what the person does, a picture."""

    role: str
    name: Promise
    does: Promise
    icon: str


FACES = (
    Face(
        "borrower",
        _("Borrower"),
        _("A loan is overdue. See what is owed, ask for help, agree a plan."),
        "user",
    ),
    Face(
        "collector",
        _("Collector"),
        _("Calls who may be called now, and notes what was said and promised."),
        "phone",
    ),
    Face(
        "lead", _("Team lead"), _("Runs the team's day: inbox, requests, approvals, field visits."), "users"
    ),
    Face(
        "manager",
        _("Manager"),
        _("Sees what was collected, at what cost and with how much harm."),
        "chart-bar",
    ),
    Face(
        "analyst",
        _("Analyst"),
        _("Writes the strategy and tries it on the book before it counts."),
        "git-branch",
    ),
    Face(
        "compliance",
        _("Compliance officer"),
        _("Sees each refusal with its clause, and signs the rules."),
        "shield-check",
    ),
    Face("legal", _("Legal"), _("Decides what goes to court, with papers and deadlines."), "scale"),
    Face(
        "agency",
        _("Outside agency"),
        _("An outside agency: its own cases, its scorecard, its statements."),
        "building",
    ),
    Face(
        "visitor",
        _("Field visitor"),
        _("Two people at a door, on a telephone, with or without a network."),
        "map-pin",
    ),
    Face("administrator", _("Administrator"), _("Accounts, keys and settings."), "settings"),
)


def first_page(request: Request) -> HttpResponse:
    """What this is, for whom, and where to go next; a small demo has no manager and no agency."""
    roles = {"borrower", *roles_with_somebody()}
    return render(request, "public/demo.html", {"faces": [face for face in FACES if face.role in roles]})


@require_POST
def begin(request: Request, role: str) -> HttpResponse:
    """Sign in as the demo's person of a role; there only in a demo."""
    if not settings.HOME.is_demo or role not in {face.role for face in FACES}:
        raise Http404
    if role == "borrower":
        return _as_borrower(request)
    staff = first_of_role(role)
    if staff is None:
        raise Http404
    enter(request, staff, BY_DEMO)
    request.session.pop(DONE, None)
    return redirect("home")


def _as_borrower(request: Request) -> HttpResponse:
    request.session.pop(DONE, None)
    key = demo_session(request.now)
    if key is None:
        raise Http404
    answer = redirect("portal:home")
    set_session(answer, key)
    return answer


@require_POST
def end_tour(request: Request) -> HttpResponse:
    """The tour has been seen."""
    request.session[DONE] = True
    return redirect(_next(request))


def clock_state(request: Request) -> JsonResponse:
    """What time it is in the demo, and how its next night gets on."""
    clock = _clock()
    found = {
        "now": demo_time(request.now),
        "busy": clock.night.is_busy,
        "says": clock.says,
        "done": clock.night.done,
        "of": clock.night.of,
    }
    return JsonResponse(found)


@require_POST
def next_hour(request: Request) -> HttpResponse:
    """An hour later: what is due by then is done by the workers, as always."""
    if not _clock().night.is_busy:
        skip_to(request.now + timedelta(hours=1))
    return redirect(_next(request))


@require_POST
def next_night(request: Request) -> HttpResponse:
    """Ask for the next night; who started the demo runs it."""
    _clock()
    demo_night.ask(settings.HOME)
    return redirect(_next(request))


def _clock() -> DemoClock:
    """The demo's clock; elsewhere the page doesn't exist."""
    clock = demo_clock()
    if clock is None:
        raise Http404
    return clock


def _next(request: Request) -> str:
    """The page that was open, if it is one of ours."""
    page = ButtonForm(request.POST, "next").value("next")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}) else reverse("home")
