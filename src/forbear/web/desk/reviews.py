"""For leads and compliance officers: contacts chosen at random, listened to, and what is said of them."""

from collections import Counter
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.http import Http404, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.contacts.quality_reviews import review_contact
from forbear.actions.selectors.desk_counts import reviews_after
from forbear.insight.sampling import EACH, sample
from forbear.store.access import reviewed_contact_for
from forbear.store.business_date import business_date
from forbear.store.models.review import VERDICTS
from forbear.web.desk.listings.insight import REVIEWED, ReviewedRow
from forbear.web.fields import CodeField, TextField
from forbear.web.forms import ButtonForm, Form, form_on
from forbear.web.guard import permission_required
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest
from forbear.web.submit import submit


@permission_required("desk:review:make")
def reviews(request: StaffRequest) -> HttpResponseBase:
    """The week's lot by person, each with its form or what was said, and how each person stands."""
    today = business_date(request.now)
    monday = _monday(request.GET.get("week", ""), today)
    chosen = sample(monday, team=_team(request))
    shown: dict[str, object] = {
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7) if monday + timedelta(days=7) <= today else None,
        "rows": [
            (
                contact,
                list(contact.reviews.all()),
                None
                if contact.staff_id == request.user.pk
                else form_on(request, ReviewForm, key=contact.pk, initial={"week": monday.isoformat()}),
            )
            for contact in chosen
        ],
        "each": EACH,
    }
    return answer(request, REVIEWED, "desk/reviews.html", lambda _shown: shown, rows=_people(request, monday))


def _people(request: StaffRequest, monday: date) -> list[ReviewedRow]:
    """Reviews of the last 90 days by person: how many of each verdict."""
    counts: dict[str, Counter] = {}
    for review in reviews_after(monday - timedelta(days=83), _team(request)):
        counts.setdefault(review.staff.number, Counter())[review.verdict] += 1
    return [
        ReviewedRow(number, verdicts["good"], verdicts["coach"], verdicts["breach"])
        for number, verdicts in sorted(counts.items())
    ]


def _team(request: StaffRequest) -> str:
    """A lead of a team reviews that team; compliance officers and leads without one review everybody."""
    return request.user.team if request.user.role == "lead" else ""


def _monday(text: str, today: date) -> date:
    try:
        day = parse_date(text) or today
    except ValueError:
        day = today
    day = min(day, today)
    return day - timedelta(days=day.weekday())


class ReviewForm(Form):
    """How a contact was, and what is said of it."""

    field_of: ClassVar[dict[str, str]] = {
        "review_result_missing": "verdict",
        "review_comment_missing": "words",
    }

    week = forms.CharField(max_length=10, required=False, widget=forms.HiddenInput)
    verdict = CodeField("verdict", VERDICTS, blank=None, label=_("How it was"), widget=forms.RadioSelect)
    words = TextField(2000, rows=2, label=_("Comment"), required=False)


@require_POST
@permission_required("desk:review:make")
def review(request: StaffRequest, contact_id: str) -> HttpResponseBase:
    """Say how a contact was; a lead of a team reviews that team alone."""
    if reviewed_contact_for(request.user, contact_id, _team(request)) is None:
        raise Http404
    week = _monday(ButtonForm(request.POST, "week").value("week"), business_date(request.now))

    def act(given: dict[str, Any]) -> object:
        return review_contact(contact_id, given["verdict"], given["words"], request.user, request.now)

    def page() -> HttpResponseBase:
        request.GET = QueryDict(f"week={week}")
        return reviews(request)

    then, done = f"{reverse('desk:reviews')}?week={week}", gettext("Saved. They will see it.")
    return submit(request, ReviewForm(request.POST, key=contact_id), act, page, then, done)
