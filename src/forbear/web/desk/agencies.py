"""Agencies at the desk: who they are, how they do and why, what is with them, and stopping one at once."""

from dataclasses import replace
from datetime import date, timedelta

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_POST

from forbear.actions.agencies.agencies import (
    Offered,
    admit_agency,
    decline_agency,
    end_agency,
    propose_agency,
    resume_agency,
    review_agency,
    suspend_agency,
    within_policy,
)
from forbear.actions.agencies.agency_findings import record_agency_finding
from forbear.actions.agencies.recalls import recall_case
from forbear.actions.agencies.statements import answer_line, make_statement, month_end
from forbear.actions.agency_work.casework import request_recording
from forbear.actions.selectors.agency_directory import agencies as every_agency
from forbear.actions.selectors.agency_directory import agency_of, cases_by_agency, is_agency
from forbear.core.agencies.agency import (
    METHODS,
    PARTS,
    SUSPENSIONS,
    AdmissionFile,
    lapsing,
    read_file,
    review_due,
)
from forbear.core.agencies.conduct import FINDINGS, GRAVE
from forbear.core.base.problem import Problem
from forbear.insight.scorecard import SHARES, scorecards
from forbear.store.access import (
    agency_contacts_for,
    feedback_for,
    findings_for,
    placement_for,
    placements_for,
    statement_for,
    statements_for,
)
from forbear.store.business_date import business_date
from forbear.store.models import Agency, Contact
from forbear.web.agency.listings import LINES
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.desk.listings.oversight import PLACED
from forbear.web.guard import permission_required
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest
from forbear.web.tables import statement_file
from forbear.web.templatetags.forbear import bilingual

_COUNTS = ("experience_years", "collectors")
#: The parts of the admission form: name, words, kind of field.
FIELDS = tuple(
    (
        name,
        words,
        "date" if name.endswith(("_until", "_from", "_on")) else "number" if name in _COUNTS else "text",
    )
    for name, words in PARTS.items()
    if name != "methods"
)


@permission_required("desk:agency:read")
def agencies(request: StaffRequest) -> HttpResponse:
    """All agencies with their cards, the best first; what waits to be admitted stands above."""
    now = request.now
    cards = scorecards(now)
    with_them = cases_by_agency()
    rows = []
    for agency in every_agency():
        card = cards.get(agency.code)
        rows.append((agency, card, with_them.get(agency.code, 0)))
    rows.sort(key=lambda row: -(row[1].total if row[1] and row[1].total is not None else -1))
    shown = {
        "rows": rows,
        "waiting": [agency for agency, _, _ in rows if agency.state == "proposed"],
        "shares": SHARES,
        "chart": _chart(rows),
        "finding": _finding(rows),
    }
    return render(request, "desk/agencies.html", shown)


def _chart(rows: list) -> dict:
    """The three scores of each agency side by side."""
    known = [(agency, card) for agency, card, _ in rows if card is not None and card.total is not None]
    names = [bilingual(agency) for agency, _ in known]
    words = {
        "conduct": pgettext("scorecard", "Conduct"),
        "record": pgettext("scorecard", "Record"),
        "feedback": gettext("Feedback"),
    }
    series = [
        {
            "name": words[part],
            "data": [None if (s := card.score(part)) is None else round(s, 1) for _, card in known],
        }
        for part in SHARES
    ]
    return {"names": names, "series": series}


def _finding(rows: list) -> str:
    """The chart's title: what it shows, in words."""
    known = [
        (agency, card) for agency, card, _ in rows if card is not None and card.score("conduct") is not None
    ]
    if len(known) < 2:
        return gettext("Not enough data to compare yet")
    if not any(card.findings for _, card in known):
        return gettext("No findings against any agency")
    worst, card = min(known, key=lambda row: row[1].score("conduct"))
    many = sum(card.findings.values())
    return gettext("%(name)s is lowest in conduct: %(many)s findings in %(contacts)s contacts") % {
        "name": bilingual(worst),
        "many": many,
        "contacts": f"{card.contacts:,}",
    }


@permission_required("desk:agency:propose")
def new(request: StaffRequest) -> HttpResponse:
    """Propose an agency on its admission file."""
    wrong: list[Problem] = []
    if request.method == "POST":
        form = request.POST
        offered = Offered(
            form.get("code", "").strip().lower(),
            form.get("name_zh", ""),
            form.get("name_en", ""),
            {name: form.get(name, "") for name, _, _ in FIELDS} | {"methods": form.getlist("methods")},
            _schedule(form.get("schedule", "")),
            int(form["capacity"]) if form.get("capacity", "").isdecimal() else 0,
            _list(form.get("regions", "")),
            _list(form.get("products", "")),
        )
        made = propose_agency(offered, request.user, request.now)
        if isinstance(made, Agency):
            messages.success(request, gettext("Submitted. A second person decides on admission."))
            return redirect("desk:agency", made.code)
        wrong = made
    shown = {
        "fields": [(name, words, kind, request.POST.get(name, "")) for name, words, kind in FIELDS],
        "methods": METHODS,
        "chosen": request.POST.getlist("methods"),
        "typed": request.POST,
        "wrong": wrong,
    }
    return render(request, "desk/agency_new.html", shown)


def _schedule(text: str) -> object:
    """`30:1500, 90:2500` as rows."""
    parts = [part.split(":") for part in text.replace("，", ",").split(",") if part.strip()]
    if not all(len(part) == 2 and all(each.strip().isdecimal() for each in part) for part in parts):
        return text
    return [[int(each) for each in part] for part in parts]


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]


@permission_required("desk:agency:read")
def agency(request: StaffRequest, code: str) -> HttpResponseBase:
    """One agency: its file, its card with the rows behind it, its cases, its statements."""
    found = agency_of(code)
    if found is None:
        raise Http404
    now, today = request.now, business_date(request.now)
    card = scorecards(now).get(code)
    admission = read_file(found.file) if found.file else None
    who, placed = request.user, placements_for(request.user).filter(agency=found)
    shown = {
        "agency": found,
        "card": card,
        "fields": [(words, found.file.get(name, "")) for name, words, _ in FIELDS],
        "methods": found.file.get("methods", []),
        "lapsing": lapsing(admission, today) if isinstance(admission, AdmissionFile) else [],
        "review_due": review_due(found.reviewed_on) if found.reviewed_on else None,
        "sums": placed.filter(ended_at=None).order_by().values("currency", "minor_unit").annotate(
            number=Count("pk"), amount=Sum("amount")
        ),
        "findings": findings_for(who, code).order_by("-at")[:50],
        "feedback": feedback_for(who, code).order_by("-answered_at")[:20],
        "recording_requestable": _recording_requestable(request, found),
        "statements": statements_for(who, code).order_by("-number")[:24],
        "month_end": month_end(today),
        "suspensions": SUSPENSIONS,
        "kinds": FINDINGS,
        "grave": GRAVE,
        "today": today,
    }  # fmt: skip
    return answer(
        request, PLACED, "desk/agency.html", lambda _shown: shown, rows=placed, name=f"placed-{found.code}"
    )


def _recording_requestable(request: StaffRequest, found: Agency) -> list[Contact]:
    """Its newest calls and visits without a recording that was not demanded yet."""
    rows = agency_contacts_for(request.user).filter(agency=found, recording="")
    rows = rows.filter(channel__in=("call", "voice", "visit"))
    return list(
        rows.exclude(at=None).exclude(outcome="not_sent").filter(recording_requests=None).order_by("-at")[:20]
    )


@require_POST
@permission_required("desk:agency:admit")
def admit(request: StaffRequest, code: str) -> HttpResponse:
    """Admit, decline, or let work again."""
    now, note = request.now, request.POST.get("note", "")
    what = request.POST.get("what", "")
    if what == "admit":
        made = admit_agency(code, request.user, now)
    elif what == "decline":
        made = decline_agency(code, request.user, now, note)
    elif what == "resume":
        made = resume_agency(code, request.user, now, note)
    else:
        made = Problem("action_missing", "Choose what to do.")
    return _back(request, code, made)


@require_POST
@permission_required("desk:agency:stop")
def stop(request: StaffRequest, code: str) -> HttpResponse:
    """Suspend or end an agency, or write a finding down."""
    now, form, actor = request.now, request.POST, f"staff:{request.user.number}"
    what, note = form.get("what", ""), form.get("note", "")
    if what == "suspend" and form.get("kind") in SUSPENSIONS:
        made: object = suspend_agency(code, form["kind"], note, now, actor=actor)
    elif what == "end":
        made = end_agency(code, request.user, now, note)
    elif what == "finding":
        made = record_agency_finding(
            code, form.get("kind", ""), now, actor=actor, contact_id=form.get("contact", ""),
            borrower_id=form.get("borrower", "").strip(), source="desk",
        )  # fmt: skip
    elif what == "demand":
        made = _demand(request, code)
    else:
        made = Problem("action_missing", "Choose what to do.")
    return _back(request, code, made)


def _demand(request: StaffRequest, code: str) -> object:
    """Ask this agency for the recording of one of its contacts."""
    contact_id, days = request.POST.get("contact", ""), within_policy()
    if not agency_contacts_for(request.user).filter(pk=contact_id, agency_id=code).exists():
        return Problem("no_such_agency_contact", "there is no such contact of this agency")
    due_at = request.now + timedelta(days=days)
    return request_recording(contact_id, days, request.user, request.now, due_at)


@require_POST
@permission_required("desk:agency:stop")
def recall(request: StaffRequest, placement_id: int) -> HttpResponse:
    """Take one case back."""
    found = placement_for(request.user, placement_id)
    if found is None:
        raise Http404
    made = recall_case(placement_id, "lender", request.now, actor=f"staff:{request.user.number}")
    answer = _back(request, found.agency_id, made)
    return redirect("desk:case", found.borrower_id) if request.POST.get("from") == "case" else answer


@require_POST
@permission_required("desk:agency:propose")
def state(request: StaffRequest, code: str) -> HttpResponse:
    """Make the next statement, or renew the file after the yearly look."""
    now, form = request.now, request.POST
    if form.get("what") == "review":
        file = {name: form.get(name, "") for name, _, _ in FIELDS} | {"methods": form.getlist("methods")}
        made = review_agency(code, file, request.user, now)
        return _back(request, code, made[0] if isinstance(made, list) else made)
    try:
        until = date.fromisoformat(form.get("until", ""))
    except ValueError:
        return _back(request, code, Problem("statement_day_missing", "Give the statement's last day."))
    return _back(request, code, make_statement(code, until, now, actor=f"staff:{request.user.number}"))


@permission_required("desk:agency:read")
def statement(request: StaffRequest, statement_id: int) -> HttpResponseBase:
    """A statement line by line, as the agency sees it."""
    found = statement_for(request.user, statement_id)
    if found is None:
        raise Http404
    if request.GET.get("form"):
        return statement_file(found, request.GET["form"])
    name = f"{found.agency_id}-{found.number}-lines"
    lines = replace(LINES, permission="desk:agency:read")
    shown: dict[str, object] = {"statement": found, "own": False}
    return answer(
        request,
        lines,
        "agency/statement.html",
        lambda _list: shown,
        rows=found.lines.all(),
        name=name,
        about=lambda _request, _rows: shown,
    )


@require_POST
@permission_required("desk:agency:propose")
def answer_statement_line(request: StaffRequest, line_id: int) -> HttpResponse:
    """Answer a disputed line."""
    made = answer_line(line_id, request.POST.get("words", ""), request.user, request.now)
    if isinstance(made, Problem):
        flash_problems(request, made)
        return redirect("desk:agencies")
    return redirect("desk:statement", made.statement_id)


def _back(request: StaffRequest, code: str, made: object) -> HttpResponse:
    if not is_agency(code):
        raise Http404
    flash_result(request, made)
    return redirect("desk:agency", code)
