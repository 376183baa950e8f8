"""Special care at the desk: the list of vulnerable customers, recording it on a case, and looking at it again."""

from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.holds.vulnerability import (
    LONGEST_WORDS,
    erase_why,
    read_why,
    record_vulnerability,
    review_vulnerability,
    running_vulnerability,
)
from forbear.actions.selectors.vulnerable import reviews_of_vulnerability
from forbear.core.base.problem import Problem
from forbear.store.access import case_for, masked_name, vulnerabilities_for
from forbear.store.business_date import business_date
from forbear.store.models import Case, Vulnerability
from forbear.web.care_forms import CareForm, first_of
from forbear.web.desk.listings.care import VULNERABLE
from forbear.web.fields import DayField, TextField
from forbear.web.forms import Form, form_on
from forbear.web.guard import permission_required
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.submit import submit


class CareReviewForm(Form):
    """What a review found: it goes on until a day, or ends."""

    field_of: ClassVar[dict[str, str]] = {"review_note_missing": "note", "review_date_too_far": "review_on"}

    goes_on = forms.ChoiceField(
        label=_("Conclusion"),
        choices=[("1", _("It goes on until")), ("", _("It ends now"))],
        widget=forms.RadioSelect,
        required=False,
    )
    review_on = DayField(label=_("It goes on until"), required=False)
    note = TextField(LONGEST_WORDS, rows=2, label=_("What you found"))

    def clean(self) -> dict[str, Any]:
        """What goes on has a day."""
        given = super().clean() or self.cleaned_data
        if given.get("goes_on") and not given.get("review_on") and "review_on" not in self.errors:
            self.add_error("review_on", _("Say until when it goes on."))
        return given


@permission_required("desk:vulnerability:read")
def vulnerable(request: StaffRequest) -> HttpResponseBase:
    """All who are in special care, by their reviews."""
    today = business_date(request.now)

    def more(_shown: ShownList) -> dict[str, object]:
        rows = vulnerabilities_for(request.user).filter(ended_at=None)
        return {"all": rows.count(), "due": reviews_of_vulnerability(rows, today).count()}

    return answer(request, VULNERABLE, "desk/vulnerable.html", more)


def _case(request: StaffRequest, borrower_id: str) -> Case:
    found = case_for(request.user, borrower_id)
    if found is None:
        raise Http404
    return found


def _page(request: StaffRequest, found: Case, seen: Vulnerability | None = None) -> HttpResponse:
    """The page of one borrower; `seen` with the reasons, once somebody asked for them on record."""
    now = running_vulnerability(found.borrower_id)
    first = first_of(now, why=seen is not None)
    shown = {
        "borrower": found.borrower,
        "name": masked_name(found.borrower.name),
        "care": now,
        "seen": seen,
        "form": form_on(request, CareForm, business_date(request.now), initial=first),
        "review": form_on(request, CareReviewForm) if now is not None else None,
        "before": vulnerabilities_for(request.user)
        .filter(borrower=found.borrower)
        .exclude(ended_at=None)
        .order_by("-ended_at")[:10],
    }
    page = render(request, "desk/care.html", shown)
    page["Cache-Control"] = "no-store"
    return page


@permission_required("desk:case:read")
def care(request: StaffRequest, borrower_id: str) -> HttpResponseBase:
    """What is recorded, and recording it."""
    return _page(request, _case(request, borrower_id))


@require_POST
@permission_required("desk:case:hold")
def record(request: StaffRequest, borrower_id: str) -> HttpResponseBase:
    """Record it, or change what is recorded."""
    found = _case(request, borrower_id)
    form = CareForm(business_date(request.now), request.POST)

    def act(_given: dict[str, Any]) -> object:
        actor = f"staff:{request.user.number}"
        return record_vulnerability(borrower_id, form.note(), request.now, actor=actor)

    then = reverse("desk:case", args=[borrower_id])
    return submit(request, form, act, lambda: _page(request, found), then, gettext("Saved."))


@require_POST
@permission_required("desk:vulnerability:read")
def review(request: StaffRequest, borrower_id: str) -> HttpResponseBase:
    """Let it go on, or end it."""
    found = _case(request, borrower_id)
    now, form = running_vulnerability(borrower_id), CareReviewForm(request.POST)

    def act(given: dict[str, Any]) -> object:
        until = given["review_on"] if given["goes_on"] else None
        return review_vulnerability(now.pk if now else 0, until, given["note"], request.user, request.now)

    then = reverse("desk:care", args=[borrower_id])
    return submit(request, form, act, lambda: _page(request, found), then, gettext("Reviewed."))


@require_POST
@permission_required("desk:vulnerability:read")
def why(request: StaffRequest, borrower_id: str) -> HttpResponseBase:
    """The page once with the reasons; that they were read is on record."""
    found = _case(request, borrower_id)
    seen = read_why(found.borrower, request.user, request.now)
    return _page(request, found, None if isinstance(seen, Problem) else seen)


@require_POST
@permission_required("desk:vulnerability:read")
def forget(request: StaffRequest, borrower_id: str) -> HttpResponseBase:
    """The borrower takes their consent back: the reasons are erased."""
    found = _case(request, borrower_id)

    def act(_given: dict[str, Any]) -> object:
        return erase_why(borrower_id, request.now, actor=f"staff:{request.user.number}")

    then = reverse("desk:care", args=[borrower_id])
    return submit(request, Form(request.POST), act, lambda: _page(request, found), then, gettext("Erased."))
