"""Payments that fit no loan: whose they may be, and applying or refusing them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.cases.unapplied_payments import apply_payment, refuse_payment
from forbear.core.base.identifiers import trimmed
from forbear.store.access import loans_for, unapplied_payment_for
from forbear.store.models import UnappliedPayment
from forbear.web.call_forms import flash_result
from forbear.web.desk.listings.money import UNAPPLIED
from forbear.web.guard import permission_required
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest


@permission_required("desk:payment:apply")
def unapplied(request: StaffRequest) -> HttpResponseBase:
    """Those that wait, the oldest first, each with the loans it may be for; or all."""
    return answer(request, UNAPPLIED, "desk/unapplied.html")


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
