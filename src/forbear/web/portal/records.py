"""What a borrower takes along: the whole record as a bundle, everything in order as a paper, a copy of their data."""

import json
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.contacts.notify_borrower import text_language
from forbear.actions.requests.data_copies import copy_data
from forbear.actions.requests.own_papers import issue_paper
from forbear.actions.selectors.own_recordings import own_recording
from forbear.actions.selectors.payment_effects import payments_made
from forbear.core.base.money import minor_digits
from forbear.core.base.problem import Problem
from forbear.interchange.documents.evidence_file import pack
from forbear.interchange.home.keys import signing_key
from forbear.store.access import contacts_for, requests_for
from forbear.store.business_date import business_date
from forbear.store.evidence import attachment_path
from forbear.store.evidence_export import export
from forbear.store.models import Borrower, Document
from forbear.web.call_forms import flash_problems
from forbear.web.forms import ButtonForm
from forbear.web.portal.data_paper import copy_on_paper
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest
from forbear.web.templatetags.forbear import bilingual, chinese, money, spoken, word

#: An entry of the timeline: its moment, and its lines.
Entry = tuple[datetime, str]


def timeline(borrower: Borrower, today: date) -> str:
    """Everything that happened between a borrower and the lender, in order, as paragraphs in the reader's language."""
    entries = sorted(
        [*_contact_entries(borrower), *_money_entries(borrower, today), *_asked_entries(borrower)]
    )
    return "\n\n".join(text for _, text in entries) or gettext("Nothing has happened yet.")


def _line(at: datetime, *parts: str) -> str:
    return " · ".join([spoken(at), *(part for part in parts if part)])


def _midday(day: date) -> datetime:
    """A day among moments: what has no hour stands in the middle of it."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=timezone.get_current_timezone())


def _contact_entries(borrower: Borrower) -> Iterator[Entry]:
    rows = contacts_for(borrower).exclude(at=None).exclude(outcome="not_sent")
    for row in rows.select_related("agency", "staff"):
        assert row.at is not None
        by = bilingual(row.agency) if row.agency else settings.HOME.name[0 if chinese() else 1]
        code = gettext("verification code %(code)s") % {"code": row.code}
        head = _line(row.at, word(row.channel, "channel"), by, word(row.outcome, "outcome_to_you"), code)
        yield row.at, "\n".join([head, *(line.strip() for line in row.body.splitlines() if line.strip())])
    for one in borrower.placements.select_related("agency"):
        yield one.placed_at, _line(one.placed_at, gettext("Placed with agency"), bilingual(one.agency))
        if one.ended_at:
            yield one.ended_at, _line(one.ended_at, gettext("Left the agency"), bilingual(one.agency))


def _money_entries(borrower: Borrower, today: date) -> Iterator[Entry]:
    yield from _payment_entries(borrower, today)
    for plan in borrower.plans.exclude(agreed_on=None):
        assert plan.agreed_on is not None
        at = _midday(plan.agreed_on)
        amount = money(plan.amount, plan.minor_unit, plan.currency)
        yield at, " · ".join([spoken(plan.agreed_on), gettext("Plan agreed"), amount])
        if plan.ended_on:
            text = " · ".join([spoken(plan.ended_on), gettext("Plan ended"), plan.reason_note])
            yield _midday(plan.ended_on), text.removesuffix(" · ")
    for promise in borrower.promises.all():
        amount = money(promise.amount, promise.minor_unit, promise.currency)
        text = gettext("Promise to pay %(amount)s by %(day)s") % {
            "amount": amount,
            "day": spoken(promise.due_on),
        }
        yield _midday(promise.made_on), " · ".join([spoken(promise.made_on), text])


def _payment_entries(borrower: Borrower, today: date) -> Iterator[Entry]:
    """Each payment on its day, with the instalments it paid; one that the bank took back says so."""
    for one in payments_made(borrower.borrower_id, today):
        unit = 10 ** minor_digits(one.currency)
        what = gettext("Payment returned") if one.returned else gettext("Payment received")
        head = [spoken(one.payment.paid_on), what, money(one.payment.amount, unit, one.currency), one.loan_id]
        spreads = one.effect.spreads if one.effect else ()
        lines = [
            gettext("Instalment %(number)s: %(paid)s, still to pay %(left)s")
            % {
                "number": spread.instalment.number,
                "paid": money(spread.paid.total, unit, one.currency),
                "left": money(spread.unpaid.total, unit, one.currency),
            }
            for spread in spreads
        ]
        yield _midday(one.payment.paid_on), "\n".join([" · ".join(head), *lines])


def _asked_entries(borrower: Borrower) -> Iterator[Entry]:
    for row in requests_for(borrower):
        head = _line(row.opened_at, word(row.kind, "request"), row.number)
        yield row.opened_at, "\n".join([head, *(line for line in row.words.splitlines() if line.strip())])
        if row.answered_at:
            number = gettext("Answer to %(number)s") % {"number": row.number}
            head = _line(row.answered_at, number, word(row.outcome, "answer"))
            yield (
                row.answered_at,
                "\n".join([head, *(line for line in row.answer.splitlines() if line.strip())]),
            )
    for hold in borrower.holds.all():
        reason = {"reason": word(hold.kind, "hold")}
        yield hold.starts_at, _line(hold.starts_at, gettext("No collection: %(reason)s") % reason)
        if hold.lifted_at:
            yield hold.lifted_at, _line(hold.lifted_at, gettext("No collection ended: %(reason)s") % reason)
    for paper in borrower.documents.all():
        yield paper.made_at, _line(paper.made_at, word(paper.kind, "paper"), paper.code)


def _language() -> str:
    return "zh" if chinese() else "en"


@require_POST
@own
def bundle(request: BorrowerRequest) -> HttpResponseBase:
    """The whole evidence, to be checked by anybody without us, with a page that people can read."""
    paper = _timeline_paper(request)
    if isinstance(paper, Problem):
        flash_problems(request, paper)
        return redirect("portal:evidence")
    parts = export(
        request.borrower.borrower_id,
        request.now,
        signing_key(settings.HOME),
        actor="borrower",
        reason="borrower",
        timeline=attachment_path(paper.sha256).read_bytes(),
    )
    if parts is None:
        raise Http404
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.zip"
        pack(path, parts)
        # the file goes with its folder; a reader that has it open still reads it
        return FileResponse(open(path, "rb"), as_attachment=True, filename="forbear-evidence.zip")


@require_POST
@own
def story(request: BorrowerRequest) -> HttpResponse:
    """Everything in order, as a PDF with a code."""
    return _to_paper(request, _timeline_paper(request), "portal:evidence")


def _timeline_paper(request: BorrowerRequest) -> Document | Problem:
    return timeline_paper(request.borrower, request.now)


def timeline_paper(borrower: Borrower, now: datetime, *, actor: str = "borrower") -> Document | Problem:
    """Everything in order as a paper, for the borrower or for who hands their evidence out."""
    subject = gettext("Everything that happened, in order")
    return issue_paper(
        borrower.borrower_id,
        "timeline",
        _language(),
        subject,
        timeline(borrower, business_date(now)),
        now,
        actor=actor,
    )


def timeline_bytes(borrower: Borrower, now: datetime, *, actor: str) -> bytes:
    """The paper in the borrower's language; empty where it can't be set."""
    with translation.override("zh-hans" if text_language(borrower) == "zh" else "en"):
        paper = timeline_paper(borrower, now, actor=actor)
    return b"" if isinstance(paper, Problem) else attachment_path(paper.sha256).read_bytes()


@require_POST
@own
def data(request: BorrowerRequest) -> HttpResponse:
    """A copy of all that is kept about the borrower, for programs or to read."""
    copied = copy_data(request.borrower, request.now)
    if ButtonForm(request.POST).pressed("pdf"):
        body, tables = copy_on_paper(copied)
        subject = gettext("A copy of your data")
        made = issue_paper(
            request.borrower.borrower_id, "data_copy", _language(), subject, body, request.now, tables=tables
        )
        return _to_paper(request, made, "portal:rights")
    answer = HttpResponse(json.dumps(copied, ensure_ascii=False, indent=1), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer


def _to_paper(request: BorrowerRequest, made: Document | Problem, else_to: str) -> HttpResponse:
    if isinstance(made, Document):
        return redirect("portal:document", made.code)
    flash_problems(request, made)
    return redirect(else_to)


@own
def recording(request: BorrowerRequest, digest: str) -> HttpResponseBase:
    """One recording of the borrower's own calls and visits, to be heard."""
    found = own_recording(request.borrower, digest)
    if found is None:
        raise Http404
    path, media_type = found
    return FileResponse(open(path, "rb"), content_type=media_type)
