"""Payments that fit no loan: whose they may be, and applying or refusing them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.cases.unapplied_payments import apply_payment, refuse_payment
from forbear.core.base.identifiers import trimmed
from forbear.store.access import loans_for, unapplied_payment_for, unapplied_payments_for
from forbear.store.models import UnappliedPayment
from forbear.web.call_forms import flash_result
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest

_SHOWN = 50


@permission_required("desk:payment:apply")
def unapplied(request: StaffRequest) -> HttpResponse:
    """Those that wait, the oldest first, each with the loans it may be for; or all."""
    state = request.GET.get("state", "waiting")
    rows = unapplied_payments_for(request.user)
    if state == "waiting":
        rows = rows.filter(state="waiting")
    page = Paginator(rows.order_by("received_at", "pk"), _SHOWN).get_page(request.GET.get("page"))
    named = {loan for row in page for loan in row.loans}
    loans = loans_for(request.user).in_bulk(named)
    shown = [(row, [loans[name] for name in row.loans if name in loans]) for row in page]
    return render(request, "desk/unapplied.html", {"page": page, "state": state, "rows": shown})


@require_POST
@permission_required("desk:payment:apply")
def decide(request: StaffRequest, unapplied_id: int) -> HttpResponse:
    """Apply one to a loan, or refuse it."""
    row = unapplied_payment_for(request.user, unapplied_id)
    if row is None:
        raise Http404
    if request.POST.get("act") == "refuse":
        made = refuse_payment(row.pk, request.user, request.now, note=request.POST.get("note", ""))
        flash_result(request, made, gettext("Refused. Send the money back."))
    else:
        _apply(request, row)
    return redirect("desk:unapplied")


def _apply(request: StaffRequest, row: UnappliedPayment) -> None:
    loan_id = trimmed(request.POST.get("other", "")) or request.POST.get("loan", "")
    if not loans_for(request.user).filter(pk=loan_id).exists():
        messages.error(request, gettext("Name a loan of a case."))
        return
    made = apply_payment(row.pk, loan_id, request.user, request.now)
    flash_result(request, made, gettext("Applied."))
