"""Court: what the strategy would sue on and why not, lawsuits with their deadlines, steps and bundle."""

from collections.abc import Mapping
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.access.uploads import store_upload
from forbear.actions.court.lawsuits import (
    LOST,
    Moved,
    candidates,
    move_lawsuit,
    propose_lawsuit,
    sign_lawsuit,
)
from forbear.actions.court.letter_before_claim import send_letter_before_claim
from forbear.actions.court.papers import make_bundle
from forbear.actions.selectors.active_holds import holds_of, kinds_of
from forbear.core.base.money import parse_amount
from forbear.core.base.problem import Problem
from forbear.core.court.lawsuit import ENDINGS, MOVES, OVER, may_move
from forbear.store.access import borrower_for, lawsuit_for, lawsuits_for, masked_name
from forbear.store.business_date import business_date
from forbear.store.evidence import attachment_path
from forbear.store.models import Lawsuit
from forbear.store.permissions import may
from forbear.web import labels as words
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.desk.listings.oversight import LAWSUITS, to_decide
from forbear.web.guard import permission_required
from forbear.web.languages import pair_of
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import chinese

_PAGE = 50
_FILES = 5


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
def wanted(request: StaffRequest) -> HttpResponse:
    """What the strategy would take to court, with the computation of each and what stands against it."""
    found = candidates(request.now)
    page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    rows = []
    for borrower, one in page:
        loan = borrower.loans.filter(past_due_amount__gt=0).first()
        rows.append({"borrower": borrower, "name": masked_name(borrower.name), "one": one, "loan": loan})
    return render(request, "desk/litigation_candidates.html", {"page": page, "rows": rows})


@require_POST
@permission_required("desk:court:propose")
def propose(request: StaffRequest) -> HttpResponse:
    """Propose to sue."""
    asked = request.POST.get("borrower", "")[:64]
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
    nexts = [] if found.state in (*OVER, "proposed") else MOVES[found.state]
    shown = {
        "lawsuit": found,
        "name": masked_name(found.borrower.name),
        "steps": steps,
        "paid_fees": sum(step.fee for step in steps),
        "deadlines": found.deadlines.order_by("over_at", "due_on"),
        "decide": found.deadlines.filter(kind="current", over_at=None).first(),
        "nexts": [to for to in nexts if may_move(found.state, to, found.way)],
        "endings": list(ENDINGS),
        "holds": sorted(kinds_of(holds_of([found.borrower_id], now), found.borrower_id)),
        "today": business_date(now),
        "net": found.expected - found.cost,
        "letter_before_claim_may_be_made": may(request.user.role, "desk:court:propose")
        and (found.state == "signed" or lost)
        and (lost or not found.letter_before_claim),
        "letter_before_claim_lost": lost,
    }
    return render(request, "desk/lawsuit.html", shown)


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
def sign(request: StaffRequest, lawsuit_id: int) -> HttpResponse:
    """The second signature, or a no."""
    yes = request.POST.get("answer") == "yes"
    found = _lawsuit(request, lawsuit_id)
    made = sign_lawsuit(found.pk, yes, request.user, request.now, request.POST.get("words", ""))
    _log_event(request, made, gettext("Approved.") if yes else gettext("Declined."))
    return redirect("desk:lawsuit", lawsuit_id)


@require_POST
@permission_required("desk:court:propose")
def move(request: StaffRequest, lawsuit_id: int) -> HttpResponse:
    """Note a step."""
    form, kept = request.POST, []
    running = _lawsuit(request, lawsuit_id)
    for file in request.FILES.getlist("files")[:_FILES]:
        digest = store_upload(file)
        if isinstance(digest, Problem):
            flash_problems(request, digest)
            return redirect("desk:lawsuit", lawsuit_id)
        kept.append(digest)
    try:
        on = date.fromisoformat(form.get("on", ""))
    except ValueError:
        messages.error(request, gettext("Enter the date."))
        return redirect("desk:lawsuit", lawsuit_id)
    fee = parse_amount(form.get("fee", "") or "0", running.currency)
    if isinstance(fee, Problem):
        flash_problems(request, fee)
        return redirect("desk:lawsuit", lawsuit_id)
    moved = Moved(
        form.get("to", ""),
        on,
        form.get("words", ""),
        fee,
        form.get("court", "")[:200],
        form.get("docket", "")[:64],
        form.get("ending", ""),
        tuple(kept),
    )
    _log_event(request, move_lawsuit(lawsuit_id, moved, request.user, request.now), gettext("Saved."))
    return redirect("desk:lawsuit", lawsuit_id)


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
    language = "zh" if chinese() else "en"
    made = make_bundle(found.pk, language, request.now, actor=f"staff:{request.user.number}", named=named)
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
