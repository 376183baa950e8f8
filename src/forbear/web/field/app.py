"""The app's page, which holds no personal data and may lie on the phone, and what its script asks for."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from forbear.actions.field.visit_events import MOST, record_visit_events, take_recording
from forbear.actions.field.visits import Leave, set_out
from forbear.actions.visits.visit_schedule import day_schedule, stop_of
from forbear.core.base.problem import Problem, from_json
from forbear.core.base.reason import Reason
from forbear.core.visits.visit import LACKS, OUTCOMES, STATES
from forbear.web.guard import permission_required
from forbear.web.reasons import sentence
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import chinese, said, when

#: What the app is made of, beside its page.
FILES = ("field/app.js", "field/store.js", "field/recorder.js", "field/field.css", "icon.svg")
#: Outcomes that have a button of their own at the top.
_AT_ONCE = ("asked_to_leave",)
_LARGEST_MESSAGE = 512 * 1024


@cache
def version() -> str:
    """Changes whenever a file of the app does."""
    found = hashlib.sha256()
    web = Path(__file__).parents[1]
    for path in (*(web / "static" / name for name in FILES), *sorted((web / "pages" / "field").iterdir())):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


@require_GET
@permission_required("field:visit:make")
@never_cache
@ensure_csrf_cookie
def shell(request: StaffRequest) -> HttpResponse:
    """The page: every view and every word of the app, and nobody's data."""
    later = [code for code in OUTCOMES if code not in _AT_ONCE]
    return render(request, "field/app.html", {"outcomes": later, "states": STATES, "lacks": LACKS})


@require_GET
def worker(request: StaffRequest) -> HttpResponse:
    """The script that keeps the app on the phone; the same for everybody."""
    shown = {"version": version(), "files": json.dumps([static(name) for name in FILES])}
    answer = render(request, "field/worker.js", shown, content_type="text/javascript")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_GET
def manifest(request: StaffRequest) -> HttpResponse:
    """What the app is called where it is installed."""
    data = {
        "id": "/field/",
        "start_url": "/field/",
        "scope": "/field/",
        "name": gettext("Forbear field visits"),
        "short_name": gettext("Field visits"),
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#f3f6f6",
        "theme_color": "#0b5d5b",
        "icons": [{"src": static("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return JsonResponse(data, content_type="application/manifest+json")


def _language() -> str:
    return "zh" if chinese() else "en"


@require_GET
@permission_required("field:visit:make")
@never_cache
def day(request: StaffRequest) -> HttpResponse:
    """Today's route."""
    data = day_schedule(request.user, request.now, _language())
    return JsonResponse(data | {"visits": [_in_words(visit) for visit in data["visits"]]})


@require_POST
@permission_required("field:visit:make")
@never_cache
def leave(request: StaffRequest, visit_id: str) -> HttpResponse:
    """Ask for the permit to go there: the stop in the clear, or which rules refuse and from when they would not."""
    now = request.now
    made = set_out(visit_id, request.user, now)
    if isinstance(made, Problem):
        return JsonResponse({"gone": said(made)})
    assert isinstance(made, Leave), made
    decision = made.answer.decision
    if decision is not None and not decision.permitted:
        rules = [said(each.with_clause()) for each in decision.refusals]
        return JsonResponse({"wrong": rules, "until": when(decision.until) if decision.until else ""})
    return JsonResponse({"visit": _in_words(stop_of(made.visit, now, _language()))})


@require_POST
@permission_required("field:visit:make")
@never_cache
def sync(request: StaffRequest) -> HttpResponse:
    """What the phone has to tell, in its order; an answer to each."""
    if request.content_type != "application/json":  # the body of a form has been read by now
        return JsonResponse({"wrong": gettext("This is not a list of events.")})
    if len(request.body) > _LARGEST_MESSAGE:
        return JsonResponse({"wrong": gettext("Too much data at once.")}, status=413)
    try:
        rows = json.loads(request.body)["events"]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"wrong": gettext("This is not a list of events.")})
    if not isinstance(rows, list):
        return JsonResponse({"wrong": gettext("This is not a list of events.")})
    if len(rows) > MOST:
        return JsonResponse({"wrong": gettext("At most %(number)s events at once.") % {"number": MOST}})
    answers = record_visit_events(rows, request.user, request.now)
    return JsonResponse({"answers": [_in_words(answer) for answer in answers]})


def _in_words(answer: Mapping[str, object]) -> dict[str, object]:
    """A stop or an answer with what is wrong, or had changed, in the reader's language."""
    data: dict[str, Any] = dict(answer)
    if "conflicts" in data:
        data["conflicts"] = [_conflict(each) for each in data["conflicts"]]
    if "wrong" in data:
        data["wrong"] = said(from_json(data["wrong"]))
    return data


def _conflict(found: Mapping[str, object]) -> str:
    """Why a visit should not have begun; a person's own words about it follow."""
    said_ = sentence(Reason.read(found))
    note = found.get("note")
    return gettext("%(reason)s: %(note)s") % {"reason": said_, "note": note} if note else said_


@require_POST
@permission_required("field:visit:make")
@never_cache
def recording(request: StaffRequest, visit_id: str) -> HttpResponse:
    """The file of a recording; sent again it is kept once."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"wrong": gettext("There is no file.")})
    made = take_recording(visit_id, file, request.user, request.now)
    if isinstance(made, Problem):
        return JsonResponse({"wrong": said(made)})
    return JsonResponse({"ok": True, "lacks": made.lacks})
