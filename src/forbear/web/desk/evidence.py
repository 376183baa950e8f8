"""For compliance officers: leaks and near misses, the evidence searched, and what is handed out of it."""

import json
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from forbear.actions.selectors.named_borrower import borrower_id_of
from forbear.core.base.problem import Problem
from forbear.core.evidence.kinds import KINDS
from forbear.insight.unpermitted_contacts import MOST, unpermitted_contacts
from forbear.interchange.documents.evidence_file import pack
from forbear.interchange.home.keys import signing_key
from forbear.interchange.home.packs import rulebook
from forbear.store import evidence
from forbear.store.access import borrower_for, events_for, sample_contacts_for
from forbear.store.business_date import day_end, day_start
from forbear.store.evidence import attachment_path
from forbear.store.evidence_export import export
from forbear.store.models import Event
from forbear.web.forms import ButtonForm, ReasonForm, refused
from forbear.web.guard import permission_required
from forbear.web.portal.records import timeline_paper
from forbear.web.reasons import of_event
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.tables import MOST_ROWS, table_answer

_DAYS = (7, 30, 90)
_PAGE = 50
_HEAD = ("at", "kind", "borrower", "number", "actor", "reason", "body", "hash")
#: What a search asks: by name.
_ASKED = ("kind", "borrower", "actor", "words", "first", "last")


@permission_required("desk:compliance:read")
def leaks_page(request: StaffRequest) -> HttpResponse:
    """Contacts that should not have been made; the target is none."""
    now, text = request.now, request.GET.get("days", "")
    days = int(text) if text in {str(each) for each in _DAYS} else 30
    since = now - timedelta(days=days)
    kept = counted(
        f"leaks:{days}",
        lambda: {"found": unpermitted_contacts(rulebook(settings.HOME), since, now)},
        now,
        seconds=300,
    )
    found = kept.found["found"]
    rules = {bound.rule.id: bound.rule for bound in rulebook(settings.HOME).bound}
    examples = sample_contacts_for(request.user)
    shown = {
        "found": found,
        "again": [
            (each, rules.get(each.rule), list(examples.filter(pk__in=each.examples).order_by("-at")))
            for each in found.again
        ],
        "days": days,
        "choices": _DAYS,
        "most": MOST,
        "kept": kept,
    }
    return render(request, "desk/leaks.html", shown)


@permission_required("desk:evidence:read")
def search(request: StaffRequest) -> HttpResponse:
    """The log by kind, borrower, person, words and days. What is personal is not in it."""
    asked = {name: request.GET.get(name, "").strip()[:64] for name in _ASKED}
    page = request.GET.get("page", "1")
    number = max(1, int(page)) if page.isdecimal() else 1
    rows = _found(request, asked)
    start = (number - 1) * _PAGE
    events = [_row(event) for event in rows[start : start + _PAGE + 1]] if rows is not None else []
    shown = {
        "asked": asked,
        "kinds": KINDS,
        "nothing_asked": rows is None,
        "events": events[:_PAGE],
        "more": len(events) > _PAGE,
        "page": number,
        "before": number - 1,
        "after": number + 1,
    }
    return render(request, "desk/evidence.html", shown)


@require_POST
@permission_required("desk:evidence:export")
def export_rows(request: StaffRequest) -> HttpResponseBase:
    """What was searched, as a file; that it was handed out is evidence, with the reason."""
    buttons = ButtonForm(request.POST, "form", *_ASKED)
    asked = {name: buttons.value(name).strip()[:64] for name in _ASKED}
    form, kind = ReasonForm(request.POST, key="rows", name="reason"), buttons.value("form") or "csv"
    rows = _found(request, asked)
    if not form.is_valid() or rows is None or kind not in ("csv", "xlsx"):
        unclear = Problem("export_unclear", "Choose a kind or a borrower, and say what it is for.")
        return refused(request, form, _searched(request, asked), [] if form.errors else [unclear])
    cells = [_cells(event) for event in rows[: MOST_ROWS + 1]]
    if len(cells) > MOST_ROWS:
        return table_answer("evidence", kind, _HEAD, cells, most=MOST_ROWS)  # says so, and exports nothing
    with transaction.atomic():
        body = {"reason": form.reason, "rows": len(cells), **{k: v for k, v in asked.items() if v}}
        evidence.append("export", at=request.now, actor=f"staff:{request.user.number}", body=body)
    return table_answer("evidence", kind, _HEAD, cells)


@require_POST
@permission_required("desk:evidence:export")
def export_bundle(request: StaffRequest) -> HttpResponseBase:
    """All evidence about one borrower as a bundle that anybody can check."""
    borrower = borrower_id_of(ButtonForm(request.POST, "borrower").value("borrower")[:64])
    form = ReasonForm(request.POST, key="bundle", name="reason")
    page = _searched(request, {"borrower": borrower})
    if not form.is_valid():
        return refused(request, form, page)
    parts = None
    if borrower and events_for(request.user).filter(borrower=borrower).exists():
        actor, key = f"staff:{request.user.number}", signing_key(settings.HOME)
        parts = export(
            borrower, request.now, key, actor=actor, reason=form.reason, timeline=_timeline(request, borrower)
        )
    if parts is None:
        nothing = Problem("no_evidence_of_borrower", "There is nothing about this borrower.")
        return refused(request, form, page, nothing)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.zip"
        pack(path, parts)
        # the file goes with its folder; a reader that has it open still reads it
        return FileResponse(open(path, "rb"), as_attachment=True, filename=f"evidence-{borrower}.zip")


def _timeline(request: StaffRequest, borrower_id: str) -> bytes:
    """The page that people can read, as the borrower's own bundle has it; empty where it can't be set."""
    found = borrower_for(request.user, borrower_id)
    if found is None:
        return b""
    paper = timeline_paper(found, request.now, actor=f"staff:{request.user.number}")
    return b"" if isinstance(paper, Problem) else attachment_path(paper.sha256).read_bytes()


def _searched(request: StaffRequest, asked: dict[str, str]) -> Callable[[], HttpResponseBase]:
    """The page with what was searched, which its forms tell."""

    def page() -> HttpResponseBase:
        request.GET = QueryDict(urlencode({name: text for name, text in asked.items() if text}))
        return search(request)

    return page


def _found(request: StaffRequest, asked: dict[str, str]) -> QuerySet[Event] | None:
    """The events asked for, the newest first; None when neither a kind nor a borrower was named."""
    if asked["kind"] not in KINDS and not asked["borrower"]:
        return None
    rows = events_for(request.user).order_by("-at", "-pk")
    if asked["kind"] in KINDS:
        rows = rows.filter(kind=asked["kind"])
    if asked["borrower"]:
        rows = rows.filter(borrower=borrower_id_of(asked["borrower"]))
    if asked["actor"]:
        actor = asked["actor"] if ":" in asked["actor"] else f"staff:{asked['actor'].upper()}"
        bare = Q(line__contains=f'"actor":{json.dumps(asked["actor"], ensure_ascii=False)}')
        rows = rows.filter(bare | Q(line__contains=f'"actor":{json.dumps(actor, ensure_ascii=False)}'))
    if asked["words"]:
        rows = rows.filter(line__icontains=json.dumps(asked["words"], ensure_ascii=False)[1:-1])
    first, last = _day(asked["first"]), _day(asked["last"])
    if first:
        rows = rows.filter(at__gte=day_start(first))
    if last:
        rows = rows.filter(at__lt=day_end(last))
    return rows


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _row(event: Event) -> dict[str, object]:
    line = json.loads(event.line)
    return {
        "at": event.at,
        "kind": event.kind,
        "borrower": event.borrower,
        "number": event.number,
        "actor": line["actor"],
        "reason": of_event(event.kind, line["body"]),
        "body": json.dumps(line["body"], ensure_ascii=False),
    }


def _cells(event: Event) -> tuple[object, ...]:
    row = _row(event)
    return (
        event.at.isoformat(),
        row["kind"],
        row["borrower"],
        row["number"],
        row["actor"],
        row["reason"],
        row["body"],
        event.hash,
    )
