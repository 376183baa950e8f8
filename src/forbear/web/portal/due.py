"""More time: move the next due date, at once where the policy allows it."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from forbear.actions.answers.moved_due_dates import move_due_date
from forbear.actions.requests.due_dates import next_dues
from forbear.core.base.money import minor_digits
from forbear.interchange.home.policy import policy
from forbear.store.models import DueChange, Request
from forbear.web.call_forms import flash_problems
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest


@own
def due(request: BorrowerRequest) -> HttpResponse:
    """The next instalment of each loan, and moving it."""
    borrower, now = request.borrower, request.now
    if request.method == "POST":
        try:
            to = date.fromisoformat(request.POST.get("to", ""))
        except ValueError:
            messages.error(request, gettext("Please choose a day."))
            return redirect("portal:due")
        made = move_due_date(borrower.borrower_id, request.POST.get("loan", "")[:64], to, now)
        if isinstance(made, Request):
            return redirect("portal:asked", made.number)
        if isinstance(made, DueChange):
            messages.success(
                request,
                gettext("Moved to %(to)s. We don't ask you to pay until then.") % {"to": to},
            )
        else:
            flash_problems(request, made)
        return redirect("portal:due")
    found = next_dues(borrower.borrower_id, now)
    loans = [
        (loan, found[loan.loan_id], 10 ** minor_digits(loan.currency))
        for loan in borrower.loans.order_by("loan_id")
        if loan.loan_id in found
    ]
    shown = {
        "loans": loans,
        "terms": policy(settings.HOME).extension,
        "changes": list(borrower.due_changes.order_by("-made_at")[:10]),
    }
    return render(request, "portal/due.html", shown)
