"""For leads and compliance officers: contacts chosen at random, listened to, and what is said of them."""

from collections import Counter
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from forbear.actions.contacts.quality_reviews import hear_recording, review_contact
from forbear.actions.selectors.desk_counts import reviews_after
from forbear.core.staff.quality import MARKS
from forbear.insight.sampling import EACH, sample
from forbear.interchange.home.policy import policy
from forbear.store.access import conversations_for, reviewed_contact_for
from forbear.store.business_date import business_date
from forbear.store.models import Contact
from forbear.store.models.review import VERDICTS
from forbear.web.call_forms import DISCLOSURES
from forbear.web.desk.activity import shown_text
from forbear.web.desk.listings.insight import REVIEWED, ReviewedRow
from forbear.web.fields import CodeField, TextField
from forbear.web.forms import ButtonForm, Form, form_on
from forbear.web.guard import permission_required
from forbear.web.labels import word
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest
from forbear.web.scorecards import scorecard_of
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
            (contact, [(row, scorecard_of(row)) for row in contact.reviews.all()]) for contact in chosen
        ],
        "each": EACH,
    }
    return answer(request, REVIEWED, "desk/reviews.html", lambda _shown: shown, rows=_people(request, monday))


def _people(request: StaffRequest, monday: date) -> list[ReviewedRow]:
    """Reviews of the last 90 days by person: how many of each verdict."""
    counts: dict[str, Counter] = {}
    scores: dict[str, list[int]] = {}
    for review in reviews_after(monday - timedelta(days=83), _team(request)):
        counts.setdefault(review.staff.number, Counter())[review.verdict] += 1
        if review.score is not None:
            scores.setdefault(review.staff.number, []).append(review.score)
    return [
        ReviewedRow(
            number, verdicts["good"], verdicts["coach"], verdicts["breach"], _mean(scores.get(number))
        )
        for number, verdicts in sorted(counts.items())
    ]


def _mean(scores: list[int] | None) -> int | None:
    """The mean score, rounded down."""
    return sum(scores) // len(scores) if scores else None


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
    """How a contact was, by the lender's scorecard, and what is said of it."""

    field_of: ClassVar[dict[str, str]] = {
        "review_result_missing": "verdict",
        "score_not_good": "verdict",
        "review_comment_missing": "words",
    }

    week = forms.CharField(max_length=10, required=False, widget=forms.HiddenInput)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.criteria = policy(settings.HOME).review.asked()
        for code, weight in self.criteria.items():
            label = f"{word('criterion', code)} ({weight})"
            self.fields[code] = CodeField("mark", MARKS, blank=None, label=label, widget=forms.RadioSelect)
        self.fields["verdict"] = CodeField(
            "verdict", VERDICTS, blank=None, label=_("How it was"), widget=forms.RadioSelect
        )
        self.fields["words"] = TextField(
            2000, rows=3, label=_("Coaching note (they read it)"), required=False
        )

    def marks(self) -> dict[str, str]:
        """How each line was met, once the form is valid."""
        return {code: self.cleaned_data[code] for code in self.criteria}


@permission_required("desk:review:make")
def review(request: StaffRequest, contact_id: str) -> HttpResponseBase:
    """One contact with all that is known of it; by POST, say how it was. A lead of a team reviews that team alone."""
    found = reviewed_contact_for(request.user, contact_id, _team(request))
    if found is None or found.staff is None:
        raise Http404
    today = business_date(request.now)
    if request.method != "POST":
        return _page(request, found, _monday(request.GET.get("week", ""), today))
    week = _monday(ButtonForm(request.POST, "week").value("week"), today)
    form = ReviewForm(request.POST, key=contact_id)

    def act(given: dict[str, Any]) -> object:
        return review_contact(
            contact_id, given["verdict"], given["words"], request.user, request.now, marks=form.marks()
        )

    then, done = f"{reverse('desk:reviews')}?week={week}", gettext("Saved. They will see it.")
    return submit(request, form, act, lambda: _page(request, found, week), then, done)


def _page(request: StaffRequest, contact: Contact, week: date) -> HttpResponse:
    """The contact as it was: what was written down, ticked and recorded, the words that left, and the scorecard."""
    said = list(contact.reviews.select_related("reviewer").order_by("at"))
    may_review = contact.staff_id != request.user.pk and all(
        row.reviewer_id != request.user.pk for row in said
    )
    initial = {"week": week.isoformat()}
    shown = {
        "contact": contact,
        "week": week,
        "talks": [
            (talk, [(words, code in talk.disclosed) for code, words in DISCLOSURES.items()])
            for talk in conversations_for(request.user).filter(contact=contact).order_by("at")
        ],
        "text": shown_text(contact, contact.borrower),
        "said": [(row, scorecard_of(row)) for row in said],
        "form": form_on(request, ReviewForm, key=contact.pk, initial=initial) if may_review else None,
    }
    return render(request, "desk/review.html", shown)


@require_GET
@permission_required("desk:review:make")
def recording(request: StaffRequest, contact_id: str) -> HttpResponseBase:
    """The recording of a contact, to be heard; who heard it is on record."""
    found = reviewed_contact_for(request.user, contact_id, _team(request))
    file = None if found is None else hear_recording(found, request.user, request.now)
    if file is None:
        raise Http404
    path, media_type = file
    answered = FileResponse(path.open("rb"), content_type=media_type)
    answered["Cache-Control"] = "no-store"
    return answered
