"""Agencies at the desk: who they are, how they do and why, what is with them, and stopping one at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet, Sum
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
from forbear.actions.selectors.agency_directory import agency_of, is_agency
from forbear.core.agencies.agency import PARTS, AdmissionFile, lapsing, read_file, review_due
from forbear.core.base.problem import Problem
from forbear.insight.scorecard import SHARES, Card, scorecards
from forbear.store.access import (
    agency_contacts_for,
    feedback_for,
    findings_for,
    placement_for,
    placements_for,
    statement_for,
    statement_line_for,
    statements_for,
)
from forbear.store.business_date import business_date
from forbear.store.models import Agency, Contact
from forbear.web.agency.listings import LINES
from forbear.web.call_forms import flash_result
from forbear.web.desk.agency_forms import (
    AdmitForm,
    AgencyFileForm,
    AgencyForm,
    DemandForm,
    FindingForm,
    ResumeForm,
    StatementForm,
    SuspendForm,
)
from forbear.web.desk.listings.agencies import AGENCIES, agency_rows
from forbear.web.desk.listings.oversight import PLACED
from forbear.web.forms import ButtonForm, Form, ReasonForm, form_on, refused
from forbear.web.guard import permission_required
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.submit import problems_in
from forbear.web.tables import statement_file
from forbear.web.templatetags.forbear import bilingual

#: The parts of the admission form, with their words.
FIELDS = tuple((name, words) for name, words in PARTS.items() if name != "methods")


@permission_required("desk:agency:read")
def agencies(request: StaffRequest) -> HttpResponseBase:
    """All agencies with their cards, the best first; what waits to be admitted stands above."""
    rows = agency_rows(request)

    def more(_shown: ShownList) -> dict[str, object]:
        cards = [(row.agency, row.card) for row in rows if row.card is not None]
        return {
            "waiting": [row.agency for row in rows if row.agency.state == "proposed"],
            "chart": _chart(cards),
            "finding": _finding(cards),
        }

    return answer(request, AGENCIES, "desk/agencies.html", more, rows=rows)


def _chart(cards: list[tuple[Agency, Card]]) -> dict[str, object]:
    """The three scores of each agency side by side."""
    known = [(agency, card) for agency, card in cards if card.total is not None]
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


def _finding(cards: list[tuple[Agency, Card]]) -> str:
    """The chart's title: what it shows, in words."""
    known = [(agency, card) for agency, card in cards if card.score("conduct") is not None]
    if len(known) < 2:
        return gettext("Not enough data to compare yet")
    if not any(card.findings for _, card in known):
        return gettext("No findings against any agency")
    worst, card = min(known, key=lambda row: row[1].score("conduct") or 0)
    many = sum(card.findings.values())
    return gettext("%(name)s is lowest in conduct: %(many)s findings in %(contacts)s contacts") % {
        "name": bilingual(worst),
        "many": many,
        "contacts": f"{card.contacts:,}",
    }


@permission_required("desk:agency:propose")
def new(request: StaffRequest) -> HttpResponseBase:
    """Propose an agency on its admission file."""

    def page() -> HttpResponse:
        return render(request, "desk/agency_new.html", {"form": form_on(request, AgencyForm)})

    if request.method != "POST":
        return page()
    form = AgencyForm(request.POST)
    if not form.is_valid():
        return refused(request, form, page)
    given = form.cleaned_data
    offered = Offered(
        given["code"],
        given["name_zh"],
        given["name_en"],
        form.file,
        given["schedule"],
        given["capacity"],
        given["regions"],
        given["products"],
    )
    made = propose_agency(offered, request.user, request.now)
    if not isinstance(made, Agency):
        return refused(request, form, page, made)
    messages.success(request, gettext("Submitted. A second person decides on admission."))
    return redirect("desk:agency", made.code)


@permission_required("desk:agency:read")
def agency(request: StaffRequest, code: str) -> HttpResponseBase:
    """One agency: its file, its card with the rows behind it, its cases, its statements."""
    found = agency_of(code)
    if found is None:
        raise Http404
    placed = placements_for(request.user).filter(agency=found)
    return answer(
        request,
        PLACED,
        "desk/agency.html",
        lambda _shown: _agency(request, found, placed),
        rows=placed,
        name=f"placed-{found.code}",
    )


def _agency(request: StaffRequest, found: Agency, placed: QuerySet) -> dict[str, object]:
    """What the page of an agency shows besides its cases, which a file of them doesn't need."""
    now, today = request.now, business_date(request.now)
    who, code = request.user, found.code
    admission = read_file(found.file) if found.file else None
    return {
        "agency": found,
        "card": scorecards(now).get(code),
        "fields": [(words, found.file.get(name, "")) for name, words in FIELDS],
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
        "forms": _forms(request, found),
        "today": today,
    }  # fmt: skip


def _forms(request: StaffRequest, found: Agency) -> dict[str, Form]:
    """The forms of an agency's page."""
    return {
        "admit": form_on(request, AdmitForm),
        "resume": form_on(request, ResumeForm),
        "finding": form_on(request, FindingForm),
        "suspend": form_on(request, SuspendForm),
        "statement": form_on(request, StatementForm, until=month_end(business_date(request.now))),
        "file": form_on(request, AgencyFileForm, initial=found.file),
    }


def _recording_requestable(request: StaffRequest, found: Agency) -> list[Contact]:
    """Its newest calls and visits without a recording that was not demanded yet."""
    rows = agency_contacts_for(request.user).filter(agency=found, recording="")
    rows = rows.filter(channel__in=("call", "voice", "visit"))
    return list(
        rows.exclude(at=None).exclude(outcome="not_sent").filter(recording_requests=None).order_by("-at")[:20]
    )


def _act(
    request: StaffRequest, code: str, form: Form, act: Callable[[dict[str, Any]], object]
) -> HttpResponseBase:
    """Do what a form of an agency's page asks; what is wrong is said in it, on that page."""
    if not is_agency(code):
        raise Http404
    if not form.is_valid():
        return refused(request, form, lambda: agency(request, code))
    made = act(form.cleaned_data)
    wrong = problems_in(made)
    if wrong and form.visible_fields():
        return refused(request, form, lambda: agency(request, code), wrong)
    flash_result(request, wrong[0] if wrong else made)
    return redirect("desk:agency", code)


@require_POST
@permission_required("desk:agency:admit")
def admit(request: StaffRequest, code: str) -> HttpResponseBase:
    """Admit, decline, or let work again."""
    now, staff = request.now, request.user
    what = ButtonForm(request.POST, "what").value("what")
    if what == "resume":
        act = lambda given: resume_agency(code, staff, now, given["note"])  # noqa: E731
        return _act(request, code, ResumeForm(request.POST), act)

    def decide(given: dict[str, Any]) -> object:
        if what == "admit":
            return admit_agency(code, staff, now)
        if what == "decline":
            return decline_agency(code, staff, now, given["note"])
        return Problem("action_missing", "Choose what to do.")

    return _act(request, code, AdmitForm(request.POST), decide)


@require_POST
@permission_required("desk:agency:stop")
def stop(request: StaffRequest, code: str) -> HttpResponseBase:
    """Suspend or end an agency, write a finding down, or ask for a recording."""
    now, actor = request.now, f"staff:{request.user.number}"
    what = ButtonForm(request.POST, "what").value("what")

    def find(given: dict[str, Any]) -> object:
        return record_agency_finding(
            code, given["kind"], now, actor=actor, borrower_id=given["borrower"], source="desk"
        )

    def end(given: dict[str, Any]) -> object:
        if what == "suspend":
            return suspend_agency(code, given["kind"], given["note"], now, actor=actor)
        if what == "end":
            return end_agency(code, request.user, now, given["note"])
        return Problem("action_missing", "Choose what to do.")

    if what == "finding":
        return _act(request, code, FindingForm(request.POST), find)
    if what == "demand":
        return _act(request, code, DemandForm(request.POST), lambda given: _demand(request, code, given))
    return _act(request, code, SuspendForm(request.POST), end)


def _demand(request: StaffRequest, code: str, given: dict[str, Any]) -> object:
    """Ask this agency for the recording of one of its contacts."""
    contact_id, days = given["contact"], within_policy()
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
    flash_result(request, made)
    if ButtonForm(request.POST, "from").value("from") == "case":
        return redirect("desk:case", found.borrower_id)
    return redirect("desk:agency", found.agency_id)


@require_POST
@permission_required("desk:agency:propose")
def state(request: StaffRequest, code: str) -> HttpResponseBase:
    """Make the next statement, or renew the file after the yearly look."""
    now, staff = request.now, request.user
    if ButtonForm(request.POST, "what").value("what") == "review":
        form = AgencyFileForm(request.POST)
        return _act(request, code, form, lambda _given: review_agency(code, form.file, staff, now))
    until = StatementForm(request.POST, until=month_end(business_date(now)))
    actor = f"staff:{staff.number}"
    return _act(request, code, until, lambda given: make_statement(code, given["until"], now, actor=actor))


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
def answer_statement_line(request: StaffRequest, line_id: int) -> HttpResponseBase:
    """Answer a disputed line."""
    line = statement_line_for(request.user, line_id)
    if line is None:
        raise Http404
    form = ReasonForm(request.POST, key=f"answer{line_id}", name="words")
    if not form.is_valid():
        return refused(request, form, lambda: statement(request, line.statement_id))
    made = answer_line(line_id, form.reason, request.user, request.now)
    if isinstance(made, Problem):
        return refused(request, form, lambda: statement(request, line.statement_id), made)
    flash_result(request, made)
    return redirect("desk:statement", made.statement_id)
