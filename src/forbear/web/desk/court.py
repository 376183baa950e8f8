"""Court: what the strategy would sue on and why not, lawsuits with their deadlines, steps and bundle."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.access.uploads import store_upload
from forbear.actions.court.lawsuits import (
    LOST,
    Moved,
    move_lawsuit,
    propose_lawsuit,
    sign_lawsuit,
)
from forbear.actions.court.letter_before_claim import send_letter_before_claim
from forbear.actions.court.papers import make_bundle
from forbear.actions.selectors.active_holds import holds_of, kinds_of
from forbear.core.base.problem import Problem
from forbear.core.court.lawsuit import MOVES, OVER, may_move
from forbear.store.access import borrower_for, lawsuit_for, lawsuits_for, masked_name
from forbear.store.business_date import business_date
from forbear.store.evidence import attachment_path
from forbear.store.models import Lawsuit
from forbear.store.permissions import may
from forbear.web import labels as words
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.desk.court_forms import SignForm, StepForm
from forbear.web.desk.listings.court import CANDIDATES
from forbear.web.desk.listings.oversight import LAWSUITS, to_decide
from forbear.web.forms import ButtonForm, form_on
from forbear.web.guard import permission_required
from forbear.web.languages import pair_of
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.submit import problems_in, submit


@permission_required("desk:court:read")
def lawsuits(request: StaffRequest) -> HttpResponseBase:
    """Lawsuits by what is due soonest; running ones unless another state is chosen."""
    today = business_date(request.now)

    def more(_shown: ShownList) -> dict[str, object]:
        seen = lawsuits_for(request.user)
        running = seen.filter(ended_at=None)
        late = running.filter(deadlines__over_at=None, deadlines__ours=True, deadlines__due_on__lt=today)
        return {
            "decide": to_decide(seen).distinct().count(),
            "sums": running.order_by("currency")
            .values_list("currency", "minor_unit")
            .annotate(Sum("claimed"), Sum("fee")),
            "wait": running.filter(state="proposed").count(),
            "overdue": late.distinct().count(),
        }

    return answer(request, LAWSUITS, "desk/lawsuits.html", more)


@permission_required("desk:court:propose")
def wanted(request: StaffRequest) -> HttpResponseBase:
    """What the strategy would take to court, with the computation of each and what stands against it."""
    return answer(request, CANDIDATES, "desk/litigation_candidates.html")


@require_POST
@permission_required("desk:court:propose")
def propose(request: StaffRequest) -> HttpResponse:
    """Propose to sue."""
    asked = ButtonForm(request.POST, "borrower").value("borrower")
    if borrower_for(request.user, asked) is None:
        flash_problems(
            request,
            Problem(
                "no_such_borrower",
                "there is no borrower %(borrower_id)s with a case",
                borrower_id=asked,
            ),
        )
        return redirect("desk:litigation_candidates")
    made = propose_lawsuit(asked, request.user, request.now)
    if isinstance(made, Problem):
        flash_problems(request, made)
        return redirect("desk:litigation_candidates")
    return redirect("desk:lawsuit", made.pk)


def _lawsuit(request: StaffRequest, lawsuit_id: int) -> Lawsuit:
    found = lawsuit_for(request.user, lawsuit_id)
    if found is None:
        raise Http404
    return found


@permission_required("desk:court:read")
def lawsuit(request: StaffRequest, lawsuit_id: int) -> HttpResponse:
    """One lawsuit: the computation, what is due, every step, and what may come next."""
    found = _lawsuit(request, lawsuit_id)
    now = request.now
    steps = list(found.steps.order_by("pk"))
    lost = found.letter_before_claim is not None and found.letter_before_claim.outcome in LOST
    nexts = _nexts(found)
    shown = {
        "lawsuit": found,
        "name": masked_name(found.borrower.name),
        "steps": steps,
        "paid_fees": sum(step.fee for step in steps),
        "deadlines": found.deadlines.order_by("over_at", "due_on"),
        "decide": found.deadlines.filter(kind="current", over_at=None).first(),
        "nexts": nexts,
        "step_form": form_on(request, StepForm, found, nexts, business_date(now)),
        "sign_form": form_on(request, SignForm),
        "holds": sorted(kinds_of(holds_of([found.borrower_id], now), found.borrower_id)),
        "today": business_date(now),
        "net": found.expected - found.cost,
        "letter_before_claim_may_be_made": may(request.user.role, "desk:court:propose")
        and (found.state == "signed" or lost)
        and (lost or not found.letter_before_claim),
        "letter_before_claim_lost": lost,
    }
    return render(request, "desk/lawsuit.html", shown)


def _nexts(found: Lawsuit) -> list[str]:
    """The steps that may come next."""
    moves = [] if found.state in (*OVER, "proposed") else MOVES[found.state]
    return [to for to in moves if may_move(found.state, to, found.way)]


@require_POST
@permission_required("desk:court:propose")
def demand(request: StaffRequest, lawsuit_id: int) -> HttpResponse:
    """Send the letter before claim."""
    made = send_letter_before_claim(_lawsuit(request, lawsuit_id).pk, request.user, request.now)
    done = gettext("Letter queued. The time to pay begins when it is delivered.")
    _log_event(request, made, done)
    return redirect("desk:lawsuit", lawsuit_id)


@require_POST
@permission_required("desk:court:sign")
def sign(request: StaffRequest, lawsuit_id: int) -> HttpResponseBase:
    """The second signature, or a no."""
    yes = ButtonForm(request.POST, "answer").value("answer") == "yes"
    found = _lawsuit(request, lawsuit_id)

    def act(given: dict[str, Any]) -> object:
        return sign_lawsuit(found.pk, yes, request.user, request.now, given["words"])

    done = gettext("Approved.") if yes else gettext("Declined.")
    then = reverse("desk:lawsuit", args=[lawsuit_id])
    return submit(request, SignForm(request.POST), act, lambda: lawsuit(request, lawsuit_id), then, done)


@require_POST
@permission_required("desk:court:propose")
def move(request: StaffRequest, lawsuit_id: int) -> HttpResponseBase:
    """Note a step."""
    running = _lawsuit(request, lawsuit_id)
    nexts = _nexts(running)
    form = StepForm(running, nexts, business_date(request.now), request.POST, request.FILES)

    def act(given: dict[str, Any]) -> object:
        stored = [store_upload(file) for file in form.files_sent]
        if wrong := problems_in(stored):
            return wrong
        moved = Moved(
            given["to"],
            given["on"],
            given["words"],
            given["fee"] or 0,
            given["court"],
            given["docket"],
            given.get("ending", ""),
            tuple(digest for digest in stored if isinstance(digest, str)),
        )
        return move_lawsuit(lawsuit_id, moved, request.user, request.now)

    then = reverse("desk:lawsuit", args=[lawsuit_id])
    return submit(request, form, act, lambda: lawsuit(request, lawsuit_id), then, gettext("Saved."))


@require_POST
@permission_required("desk:court:propose")
def bundle(request: StaffRequest, lawsuit_id: int) -> HttpResponse:
    """Make the bundle again on today's figures."""
    found = _lawsuit(request, lawsuit_id)
    tables: dict[str, Mapping[str, object]] = {
        "channel": words.CHANNELS,
        "outcome": words.OUTCOMES,
        "agreement": words.AGREEMENTS,
        "notice": words.NOTICES,
    }
    named = {table: {code: pair_of(text) for code, text in texts.items()} for table, texts in tables.items()}
    made = make_bundle(found.pk, request.now, actor=f"staff:{request.user.number}", named=named)
    _log_event(request, made, gettext("Court bundle ready."))
    return redirect("desk:lawsuit", lawsuit_id)


@permission_required("desk:court:read")
def papers(request: StaffRequest, lawsuit_id: int) -> HttpResponseBase:
    """The newest bundle, to be saved and not shown from here."""
    found = _lawsuit(request, lawsuit_id)
    if not found.bundle or not attachment_path(found.bundle).is_file():
        messages.error(request, gettext("There is no court bundle yet. Generate it first."))
        return redirect("desk:lawsuit", lawsuit_id)
    return FileResponse(
        attachment_path(found.bundle).open("rb"),
        as_attachment=True,
        filename=f"S{found.pk}.pdf",
        content_type="application/pdf",
    )


def _log_event(request: StaffRequest, made: object, done: str) -> None:
    """Say how it went."""
    flash_result(request, made, done)
