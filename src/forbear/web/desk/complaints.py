"""The register of complaints at the desk: its list, one complaint with its acts, and a period's figures."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.answers.complaints import end_referral, put_off, redress_done, refer_on
from forbear.actions.requests.complaint_register import complaint_clock
from forbear.actions.selectors.complaints import (
    ComplaintFigures,
    category_row,
    complaint_figures,
    late_complaints,
)
from forbear.core.base.money import minor_digits
from forbear.interchange.home.country import ombudsman_of
from forbear.store.access import complaint_for, complaints_for, masked_name
from forbear.store.business_date import business_date
from forbear.store.models import Complaint
from forbear.web.desk.complaint_forms import PeriodForm, PutOffForm, ReferForm, ReferralEndForm
from forbear.web.desk.listings.complaints import COMPLAINTS
from forbear.web.forms import Form, form_on
from forbear.web.guard import permission_required
from forbear.web.labels import word
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.submit import submit
from forbear.web.tables import table_answer
from forbear.web.templatetags.forbear import money

#: The period of the figures where none is asked for.
_PERIOD = timedelta(days=90)


@permission_required("desk:complaint:read")
def complaints(request: StaffRequest) -> HttpResponseBase:
    """The register, what is due first."""
    today = business_date(request.now)

    def more(_shown: ShownList) -> dict[str, object]:
        rows = complaints_for(request.user).select_related(None)
        return {
            "counts": rows.aggregate(
                waiting=Count("pk", filter=Q(request__state="open")),
                redress=Count("pk", filter=Q(redress_by__isnull=False, redress_done_at=None)),
            ),
            "late": late_complaints(rows, today).count(),
        }

    return answer(request, COMPLAINTS, "desk/complaints.html", more)


@permission_required("desk:complaint:read")
def complaint(request: StaffRequest, number: str) -> HttpResponseBase:
    """One complaint: its clocks, cause and redress, and what can be done with it."""
    found = _found(request, number)
    today, clock = business_date(request.now), complaint_clock()
    last = clock.longest(business_date(found.request.opened_at))
    still = found.request.state == "open"
    shown = {
        "found": found,
        "asked": found.request,
        "name": masked_name(found.borrower.name),
        "today": today,
        "unacknowledged": found.acknowledged_at is None and still and found.acknowledge_by < today,
        "answer_late": still and found.request.due_on < today,
        "redress_late": found.redress_open(today),
        "longer": form_on(request, PutOffForm, today, last)
        if still and last > found.request.due_on
        else None,
        "refer": form_on(request, ReferForm)
        if found.referred_on is None or found.referral_ended_on
        else None,
        "decided": form_on(request, ReferralEndForm)
        if found.referred_on and not found.referral_ended_on
        else None,
        "ombudsman": gettext(ombudsman_of(settings.HOME)) if ombudsman_of(settings.HOME) else "",
    }
    return render(request, "desk/complaint.html", shown)


def _found(request: StaffRequest, number: str) -> Complaint:
    found = complaint_for(request.user, number)
    if found is None:
        raise Http404
    return found


def _act(
    request: StaffRequest, number: str, form: Form, act: Callable[[dict[str, Any]], object], done: str
) -> HttpResponseBase:
    then = reverse("desk:complaint", args=[number])
    return submit(request, form, act, lambda: complaint(request, number), then, done)


@require_POST
@permission_required("desk:request:answer")
def later(request: StaffRequest, number: str) -> HttpResponseBase:
    """Put the final response off, and tell the borrower why."""
    found = _found(request, number)
    last = complaint_clock().longest(business_date(found.request.opened_at))
    form = PutOffForm(business_date(request.now), last, request.POST)

    def act(given: dict[str, Any]) -> object:
        return put_off(number, given["until"], given["note"], request.user, request.now)

    return _act(request, number, form, act, gettext("Put off. The borrower is told."))


@require_POST
@permission_required("desk:request:answer")
def made_good(request: StaffRequest, number: str) -> HttpResponseBase:
    """What was promised is done."""
    _found(request, number)

    def act(_given: dict[str, Any]) -> object:
        return redress_done(number, request.user, request.now)

    return _act(request, number, Form(request.POST), act, gettext("Saved: the redress is done."))


@require_POST
@permission_required("desk:request:answer")
def refer(request: StaffRequest, number: str) -> HttpResponseBase:
    """The next instance has it, or has decided."""
    found = _found(request, number)
    runs = found.referred_on is not None and found.referral_ended_on is None
    form: Form = ReferralEndForm(request.POST) if runs else ReferForm(request.POST)

    def act(given: dict[str, Any]) -> object:
        if runs:
            return end_referral(number, given["note"], request.user, request.now)
        return refer_on(number, given["reference"], request.user, request.now)

    return _act(request, number, form, act, gettext("Saved."))


@permission_required("desk:complaint:read")
def figures(request: StaffRequest) -> HttpResponse:
    """A period's complaints by category and root cause, on a page and as the regulator's return."""
    today = business_date(request.now)
    form = PeriodForm(request.GET if "first" in request.GET else None)
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    last = given.get("last") or today
    first = given.get("first") or last - _PERIOD
    found = complaint_figures(complaints_for(request.user), first, last, today)
    if request.GET.get("file") == "csv":
        return table_answer(f"complaints-{first}-{last}", "csv", _head(), _rows(found))
    shown = {
        "form": form if form.is_bound else PeriodForm(initial={"first": first, "last": last}),
        "first": first,
        "last": last,
        "rows": [
            (word("complaint_category", code), one, _paid(one.paid)) for code, one in found.categories.items()
        ],
        "whole": found.whole,
        "paid": _paid(found.whole.paid),
        "causes": [(word("root_cause", code), sum(many.values())) for code, many in found.causes.items()],
        "chart": _chart(found),
        "finding": _finding(found),
    }
    return render(request, "desk/complaint_figures.html", shown)


def _head() -> list[str]:
    return [
        gettext("Category"),
        gettext("Complaints received"),
        gettext("Answered"),
        gettext("Answered by their day"),
        gettext("Upheld in whole or part"),
        gettext("Overdue"),
        gettext("Referred"),
        gettext("Paid as redress"),
        gettext("Root causes"),
    ]


def _rows(found: ComplaintFigures) -> list[list[object]]:
    """A line for each category and one for all; amounts with their currency."""
    lines: list[list[object]] = []
    for code, one in [*found.categories.items(), ("", found.whole)]:
        causes = [
            f"{word('root_cause', cause)} {many if code == '' else by.get(code, 0)}"
            for cause, by in found.causes.items()
            if (many := sum(by.values())) and (code == "" or by.get(code))
        ]
        title = word("complaint_category", code) if code else gettext("In all")
        lines.append([title, *category_row(code, one)[1:], _paid(one.paid), "; ".join(causes)])
    return lines


def _paid(paid: dict[str, int]) -> str:
    """Amounts by currency, those that are any."""
    return ", ".join(
        money(amount, 10 ** minor_digits(currency), currency)
        for currency, amount in sorted(paid.items())
        if amount
    )


def _chart(found: ComplaintFigures) -> dict[str, object]:
    """Root causes, stacked by category."""
    categories = sorted({code for by in found.causes.values() for code in by})
    return {
        "names": [word("root_cause", cause) for cause in found.causes],
        "series": [
            {
                "name": word("complaint_category", code),
                "data": [by.get(code, 0) for by in found.causes.values()],
            }
            for code in categories
        ],
    }


def _finding(found: ComplaintFigures) -> str:
    """The chart's title: what it shows, in words."""
    if not found.causes:
        return gettext("No complaint was answered in this time")
    cause, many = max(
        ((cause, sum(by.values())) for cause, by in found.causes.items()), key=lambda one: one[1]
    )
    whole = sum(sum(by.values()) for by in found.causes.values())
    return gettext("Most often: %(cause)s, %(many)s of %(whole)s") % {
        "cause": word("root_cause", cause),
        "many": many,
        "whole": whole,
    }
