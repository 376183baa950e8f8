"""Payments that fit no loan: whose they may be, and applying or refusing them."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.cases.unapplied_payments import apply_payment, refuse_payment
from forbear.core.base.problem import Problem
from forbear.store.access import loans_for, unapplied_payment_for
from forbear.web.desk.listings.money import UNAPPLIED
from forbear.web.desk.row_forms import ApplyForm
from forbear.web.forms import ButtonForm, Form, ReasonForm
from forbear.web.guard import permission_required
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest
from forbear.web.submit import submit


@permission_required("desk:payment:apply")
def unapplied(request: StaffRequest) -> HttpResponseBase:
    """Those that wait, the oldest first, each with the loans it may be for; or all."""
    return answer(request, UNAPPLIED, "desk/unapplied.html")


@require_POST
@permission_required("desk:payment:apply")
def decide(request: StaffRequest, unapplied_id: int) -> HttpResponseBase:
    """Apply one to a loan, or refuse it."""
    row = unapplied_payment_for(request.user, unapplied_id)
    if row is None:
        raise Http404
    if ButtonForm(request.POST, "act").value("act") == "refuse":
        form: Form = ReasonForm(request.POST, key=f"refuse{row.pk}")
        return submit(
            request,
            form,
            lambda given: refuse_payment(row.pk, request.user, request.now, note=given["note"]),
            lambda: unapplied(request),
            reverse("desk:unapplied"),
            gettext("Refused. Send the money back."),
        )
    apply = ApplyForm(request.POST, key=row.pk)

    def act(_given: dict[str, Any]) -> object:
        loan_id = apply.loan_id()
        if not loans_for(request.user).filter(pk=loan_id).exists():
            return Problem("loan_of_case_missing", "Name a loan of a case.")
        return apply_payment(row.pk, loan_id, request.user, request.now)

    then, done = reverse("desk:unapplied"), gettext("Applied.")
    return submit(request, apply, act, lambda: unapplied(request), then, done)
