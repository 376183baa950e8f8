"""Payments at the desk: those that borrowers report, their second look and proofs, and links to pay."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from forbear.actions.cases.reported_payments import approve_report, end_report, report_payment, view_proof
from forbear.actions.contacts.pay_links import send_pay_link
from forbear.core.base.problem import Problem
from forbear.store.access import reported_payment_for
from forbear.store.models import ReportedPayment
from forbear.store.permissions import may
from forbear.web.call_forms import debt_of, flash_problems
from forbear.web.desk.case import case, case_of
from forbear.web.desk.listings.reported import REPORTED
from forbear.web.desk.payment_forms import PayLinkForm, ReportPaymentForm
from forbear.web.forms import ButtonForm, ReasonForm, refused
from forbear.web.guard import permission_required
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest
from forbear.web.submit import submit
from forbear.web.templatetags.forbear import money, when


@require_POST
@permission_required("desk:payment:report")
def report(request: StaffRequest, borrower_id: str) -> HttpResponseBase:
    """Record a payment that the borrower reports."""
    found = case_of(request, borrower_id)
    loans = list(found.borrower.loans.order_by("-days_past_due", "loan_id"))
    form = ReportPaymentForm(request.POST, request.FILES, debt=debt_of(loans), now=request.now, loans=loans)
    if not form.is_valid():
        return refused(request, form, lambda: case(request, borrower_id))
    made = report_payment(form.report(borrower_id), form.cleaned_data["proofs"], request.user, request.now)
    if isinstance(made, Problem):
        return refused(request, form, lambda: case(request, borrower_id), made)
    messages.success(request, _done(made))
    return redirect("desk:case", borrower_id)


def _done(made: ReportedPayment) -> str:
    """What recording it did."""
    values = {
        "amount": money(made.amount, made.loan.minor_unit, made.loan.currency),
        "day": when(made.ends_on),
    }
    if made.needs_second:
        return gettext(
            "Recorded. Nobody asks for %(amount)s until %(day)s; a second person looks at it meanwhile."
        ) % values  # fmt: skip
    return (
        gettext("Recorded. Nobody asks for %(amount)s until it is booked, or %(day)s at the latest.") % values
    )


@require_POST
@permission_required("desk:payment:report")
def pay_link(request: StaffRequest, borrower_id: str) -> HttpResponseBase:
    """Send the borrower a link to pay, as a message that needs its permit."""
    found = case_of(request, borrower_id)
    loans = found.borrower.loans.order_by("-days_past_due", "loan_id")
    form = PayLinkForm(request.POST, debt=debt_of(loans), now=request.now)
    return submit(
        request,
        form,
        lambda given: send_pay_link(found.borrower, given["channel"], request.user, request.now),
        lambda: case(request, borrower_id),
        reverse("desk:case", args=[borrower_id]),
        gettext("Queued. It is sent as soon as contact is allowed."),
    )


@permission_required("desk:case:read")
def reported(request: StaffRequest) -> HttpResponseBase:
    """Those that are not booked yet, the soonest to end first; or all."""
    return answer(request, REPORTED, "desk/reported.html")


@require_POST
@permission_required("desk:case:read")
def decide(request: StaffRequest, reported_id: int) -> HttpResponseBase:
    """Approve it as the second person, or end it: its recorder withdraws it, another person refuses it."""
    row = reported_payment_for(request.user, reported_id)
    if row is None:
        raise Http404
    then = _back(request, row)
    if ButtonForm(request.POST, "act").value("act") == "approve":
        made = (
            approve_report(row.pk, request.user, request.now)
            if may(request.user.role, "desk:payment:approve")
            else Problem("report_not_yours", "only who recorded it withdraws it, or a lead refuses it")
        )
        if isinstance(made, Problem):
            flash_problems(request, made)
        else:
            messages.success(
                request, gettext("Approved. It counts until %(day)s.") % {"day": when(made.ends_on)}
            )
        return redirect(then)
    return submit(
        request,
        ReasonForm(request.POST, key=f"end{row.pk}"),
        lambda given: end_report(row.pk, request.user, request.now, note=given["note"]),
        lambda: reported(request),
        then,
        gettext("It counts no more."),
    )


def _back(request: StaffRequest, row: ReportedPayment) -> str:
    """The case it was decided on, or the list."""
    if ButtonForm(request.POST, "from").value("from") == "case":
        return reverse("desk:case", args=[row.borrower_id])
    return reverse("desk:reported")


@require_GET
@permission_required("desk:case:read")
def proof(request: StaffRequest, reported_id: int, place: int) -> FileResponse:
    """One proof as a file to be saved; who looked at it is on record."""
    row = reported_payment_for(request.user, reported_id)
    if row is None:
        raise Http404
    file = view_proof(row, place, request.user, request.now)
    if file is None:
        raise Http404
    path, media_type = file
    ending = media_type.rpartition("/")[2]
    answered = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"proof-{row.pk}-{place}.{ending}",
        content_type=media_type,
    )
    answered["Cache-Control"] = "no-store"
    return answered
