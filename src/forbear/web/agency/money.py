"""How an agency does and what it earned: its own card, its statements, and disputing a line."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.agencies.statements import accept_statement, dispute_line
from forbear.core.agencies.conduct import WEIGHTS
from forbear.core.base.problem import Problem
from forbear.insight.scorecard import SHARES, scorecards
from forbear.store.access import findings_for, statement_for
from forbear.store.models import Statement
from forbear.web.agency.listings import LINES, STATEMENTS
from forbear.web.call_forms import flash_result
from forbear.web.forms import ReasonForm, refused
from forbear.web.guard import permission_required
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest
from forbear.web.tables import statement_file

_PAGE = 100


@permission_required("agency:statement:read")
def card(request: StaffRequest) -> HttpResponse:
    """Our scorecard: the three parts, what lowered them, and how sure they are. Others' are not shown."""
    code = request.user.agency_id
    found = scorecards(request.now).get(code) if code else None
    shown = {
        "card": found,
        "shares": SHARES,
        "weights": WEIGHTS,
        "findings": findings_for(request.user, code).order_by("-at")[:50] if code else [],
    }
    return render(request, "agency/card.html", shown)


@permission_required("agency:statement:read")
def statements(request: StaffRequest) -> HttpResponseBase:
    """Our statements, the newest first."""
    return answer(request, STATEMENTS, "agency/statements.html")


@permission_required("agency:statement:read")
def statement(request: StaffRequest, statement_id: int) -> HttpResponseBase:
    """One statement line by line; also as Excel, CSV or PDF."""
    found = _mine(request, statement_id)
    if form := request.GET.get("form", ""):
        return statement_file(found, form)
    name = f"{found.agency_id}-{found.number}-lines"
    shown: dict[str, object] = {"statement": found, "own": True}
    return answer(
        request,
        LINES,
        "agency/statement.html",
        lambda _list: shown,
        rows=found.lines.all(),
        name=name,
        about=lambda _request, _rows: shown,
    )


@require_POST
@permission_required("agency:statement:read")
def accept(request: StaffRequest, statement_id: int) -> HttpResponse:
    """Accept it."""
    found = _mine(request, statement_id)
    made = accept_statement(found.pk, found.agency_id, request.now, actor=f"staff:{request.user.number}")
    _say(request, made, gettext("Statement accepted."))
    return redirect("agency:statement", statement_id)


@require_POST
@permission_required("agency:statement:read")
def dispute(request: StaffRequest, statement_id: int, line_id: int) -> HttpResponseBase:
    """Say that a line is wrong."""
    found = _mine(request, statement_id)
    if not found.lines.filter(pk=line_id).exists():
        raise Http404
    form = ReasonForm(request.POST, key=f"dispute{line_id}", name="words")
    if not form.is_valid():
        return refused(request, form, lambda: statement(request, statement_id))
    actor = f"staff:{request.user.number}"
    made = dispute_line(line_id, found.agency_id, form.reason, request.now, actor=actor)
    if isinstance(made, Problem):
        return refused(request, form, lambda: statement(request, statement_id), made)
    _say(request, made, gettext("Dispute saved. The lender will answer."))
    return redirect("agency:statement", statement_id)


def _mine(request: StaffRequest, statement_id: int) -> Statement:
    found = statement_for(request.user, statement_id)
    if found is None:
        raise Http404
    return found


def _say(request: StaffRequest, made: object, done: str) -> None:
    flash_result(request, made, done)
