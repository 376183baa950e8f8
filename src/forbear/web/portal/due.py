"""More time: move the next due date, at once where the policy allows it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.actions.answers.moved_due_dates import move_due_date
from forbear.actions.requests.due_dates import next_dues
from forbear.core.agreements.request import KINDS
from forbear.core.base.money import minor_digits
from forbear.core.base.problem import Problem
from forbear.core.loans.due_dates import NextDue
from forbear.interchange.home.policy import policy
from forbear.store.models import Request
from forbear.web.call_forms import flash_problems
from forbear.web.fields import DayField, TextField
from forbear.web.forms import Form, form_on, refused
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest
from forbear.web.templatetags.forbear import spoken


class DueForm(Form):
    """The new day of one loan's next instalment."""

    problems_at = "to"

    loan = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, loan_id: str, due: NextDue, longest: int, *given: Any, **more: Any) -> None:
        more |= {"initial": {"loan": loan_id}, "auto_id": f"id_%s_{loan_id}"}
        super().__init__(*given, **more)
        first, last = due.due_on + timedelta(days=1), due.due_on + timedelta(days=longest)
        self.fields["to"] = DayField(first, last, label=_("Move it to"))


class LoanForm(Form):
    """Which of several forms of one page was sent: the one about this loan."""

    loan = TextField(64, required=False)


@own
def due(request: BorrowerRequest) -> HttpResponseBase:
    """The next instalment of each loan, and moving it."""
    if request.method != "POST":
        return _page(request)
    borrower, now = request.borrower, request.now
    which = LoanForm(request.POST)
    which.is_valid()
    sent, found = which.cleaned_data.get("loan", ""), next_dues(borrower.borrower_id, now)
    if sent not in found:
        flash_problems(request, Problem("nothing_falls_due", "This loan has no instalment that falls due."))
        return redirect("portal:due")
    longest = policy(settings.HOME).extension.longest_days
    form = DueForm(sent, found[sent], longest, request.POST, key=sent)
    if not form.is_valid():
        return refused(request, form, lambda: _page(request))
    to = form.cleaned_data["to"]
    made = move_due_date(borrower.borrower_id, sent, to, now)
    if isinstance(made, Problem):
        return refused(request, form, lambda: _page(request), made)
    if isinstance(made, Request):
        return redirect("portal:asked", made.number)
    text = gettext("Moved to %(to)s. We don't ask you to pay until then.") % {"to": spoken(to)}
    messages.success(request, text)
    return redirect("portal:due")


def _page(request: BorrowerRequest) -> HttpResponse:
    borrower, terms = request.borrower, policy(settings.HOME).extension
    found = next_dues(borrower.borrower_id, request.now)

    def form(loan_id: str) -> DueForm:
        return form_on(request, DueForm, loan_id, found[loan_id], terms.longest_days, key=loan_id)

    loans = [
        (loan, found[loan.loan_id], 10 ** minor_digits(loan.currency), form(loan.loan_id))
        for loan in borrower.loans.order_by("loan_id")
        if loan.loan_id in found
    ]
    shown = {
        "loans": loans,
        "terms": terms,
        "answer_days": policy(settings.HOME).clocks.get("extension", KINDS["extension"].days),
        "changes": list(borrower.due_changes.order_by("-made_at")[:10]),
    }
    return render(request, "portal/due.html", shown)
