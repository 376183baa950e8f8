"""More time: move the next due date, at once where the policy allows it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.actions.answers.moved_due_dates import move_due_date
from forbear.actions.requests.due_dates import next_dues
from forbear.core.agreements.request import KINDS
from forbear.core.base.money import minor_digits
from forbear.core.loans.due_dates import NextDue
from forbear.interchange.home.policy import policy
from forbear.store.models import DueChange, Request
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest
from forbear.web.templatetags.forbear import said, when


class DueForm(forms.Form):
    """The new day of one loan's next instalment."""

    loan = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(
        self, loan_id: str, due: NextDue, longest: int, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial={"loan": loan_id}, auto_id=f"id_%s_{loan_id}")
        self.due_on = due.due_on
        first, last = due.due_on + timedelta(days=1), due.due_on + timedelta(days=longest)
        widget = forms.DateInput(
            attrs={"type": "date", "min": first.isoformat(), "max": last.isoformat()}, format="%Y-%m-%d"
        )
        self.fields["to"] = forms.DateField(
            label=_("Move it to"), widget=widget, error_messages={"invalid": _("Please choose a day.")}
        )

    def clean_to(self) -> date:
        to: date = self.cleaned_data["to"]
        if to <= self.due_on:
            raise forms.ValidationError(_("Choose a day after the day it is due."))
        return to


@own
def due(request: BorrowerRequest) -> HttpResponse:
    """The next instalment of each loan, and moving it."""
    borrower, now = request.borrower, request.now
    terms, found = policy(settings.HOME).extension, next_dues(borrower.borrower_id, now)
    sent = request.POST.get("loan", "")[:64]
    if request.method == "POST" and sent not in found:
        messages.error(request, gettext("This loan has no instalment that falls due."))
        return redirect("portal:due")
    forms_shown = {
        loan_id: DueForm(loan_id, each, terms.longest_days, request.POST if loan_id == sent else None)
        for loan_id, each in found.items()
    }
    if sent and forms_shown[sent].is_valid():
        to = forms_shown[sent].cleaned_data["to"]
        made = move_due_date(borrower.borrower_id, sent, to, now)
        if isinstance(made, Request):
            return redirect("portal:asked", made.number)
        if isinstance(made, DueChange):
            text = gettext("Moved to %(to)s. We don't ask you to pay until then.") % {"to": when(to)}
            messages.success(request, text)
            return redirect("portal:due")
        forms_shown[sent].add_error("to", said(made))
    loans = [
        (loan, found[loan.loan_id], 10 ** minor_digits(loan.currency), forms_shown[loan.loan_id])
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
