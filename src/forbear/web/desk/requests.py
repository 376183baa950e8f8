"""Requests at the desk: what borrowers asked for, answering it, and reviewing what was granted."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.answers.reviews import Reviewed, review_request, reviews_due
from forbear.actions.replies.reading import read_with_request
from forbear.actions.requests.requests import LONGEST_WORDS
from forbear.core.agreements.answers import ANSWERS, EFFECTS, Granted, outcomes_of
from forbear.core.base.problem import Problem
from forbear.store.access import instructions_for, masked_name, request_for, requests_for
from forbear.store.business_date import business_date
from forbear.store.models import Request
from forbear.store.problem_text import sentence
from forbear.web.desk.complaint_forms import FINDING_PROBLEMS, finding_fields, finding_of
from forbear.web.desk.listings.casework import REQUESTS, SOON
from forbear.web.fields import AmountField, CodeField, DayField, TextField
from forbear.web.forms import Form, form_on, refused
from forbear.web.guard import permission_required
from forbear.web.labels import word
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import listed

#: What an answer may ask for, in the order of the form.
NEEDS = ("until", "to", "monthly", "amount")


@permission_required("desk:request:answer")
def requests(request: StaffRequest) -> HttpResponseBase:
    """What borrowers asked for, the most urgent first."""
    today = business_date(request.now)

    def more(_shown: ShownList) -> dict[str, object]:
        rows = requests_for(request.user)
        waiting = rows.filter(state="open").aggregate(
            waiting=Count("pk"),
            soon=Count("pk", filter=Q(due_on__range=(today, today + SOON))),
            overdue=Count("pk", filter=Q(due_on__lt=today)),
        )
        return {"counts": waiting, "reviews": reviews_due(rows, today).count()}

    return answer(request, REQUESTS, "desk/requests.html", more)


class AnswerForm(Form):
    """An answer: its conclusion, what it grants, and the words that the borrower reads."""

    field_of: ClassVar[dict[str, str]] = {
        "answer_missing": "words",
        "answer_invalid": "outcome",
        "review_date_invalid": "review_on",
        "pause_end_missing": "until",
        "new_due_date_missing": "to",
        "monthly_missing": "monthly",
        "wrong_amount_missing": "amount",
        **FINDING_PROBLEMS,
    }

    def __init__(self, found: Request, currency: str, today: date, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.kind, kind = found.kind, found.kind
        tomorrow, year = today + timedelta(days=1), today + timedelta(days=366)
        self.fields["outcome"] = CodeField(
            "answer", outcomes_of(kind), blank=None, label=_("Conclusion"), widget=forms.RadioSelect
        )
        self.needs = {need: asking for need in NEEDS if (asking := _asked_by(kind, need))}
        units = {"currency": word("currency", currency)}
        grants = {
            "until": DayField(tomorrow, year, label=_("Payments rest until"), required=False),
            "to": DayField(
                tomorrow, year, label=_("New due date"), required=False, initial=found.details.get("to", "")
            ),
            "monthly": AmountField(
                currency, label=gettext("Paid each month (%(currency)s)") % units, required=False
            ),
            "amount": AmountField(
                currency, label=gettext("How much of it is wrong (%(currency)s)") % units, required=False
            ),
        }
        for need, asking in self.needs.items():
            self.fields[need] = grants[need]
            self.fields[need].help_text = listed(word("answer", each) for each in asking)
        complaint = getattr(found, "complaint", None) if kind == "complaint" else None
        self.finding = tuple(finding_fields(complaint, currency, today)) if kind == "complaint" else ()
        if kind == "complaint":
            self.fields |= finding_fields(complaint, currency, today)
        first = complaint.proposed_answer if complaint is not None else ""
        self.fields["words"] = TextField(
            LONGEST_WORDS, rows=4, label=_("Text the borrower will read"), initial=first
        )
        if kind == "hardship":
            self.fields["review_on"] = DayField(tomorrow, year, label=_("Review on"), required=False)

    def clean(self) -> dict[str, Any]:
        """Only what the chosen answer asks for is looked at."""
        given = super().clean() or self.cleaned_data
        answer = ANSWERS.get((self.kind, given.get("outcome", "")))
        for need in self.needs:
            if answer is None or need not in answer.needs:
                self.errors.pop(need, None)
                given[need] = None
        return given

    def answered(self) -> Answered:
        """The answer, once the form is valid."""
        given = self.cleaned_data
        granted = Granted(
            until=given.get("until"),
            to=given.get("to"),
            monthly=given.get("monthly") or 0,
            amount=given.get("amount") or 0,
        )
        finding = finding_of(given) if self.finding else None
        return Answered(given["outcome"], given["words"], given.get("review_on"), granted, finding)


class ReviewForm(Form):
    """What a review found: it goes on until a day, or ends."""

    field_of: ClassVar[dict[str, str]] = {"review_note_missing": "note", "review_date_invalid": "until"}

    goes_on = forms.ChoiceField(
        label=_("Conclusion"),
        choices=[("1", _("It goes on until")), ("", _("It ends as agreed"))],
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, today: date, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        last = today + timedelta(days=366)
        self.fields["until"] = DayField(
            today + timedelta(days=1), last, label=_("It goes on until"), required=False
        )
        self.fields["note"] = TextField(LONGEST_WORDS, rows=3, label=_("What you found"))

    def clean(self) -> dict[str, Any]:
        """What goes on has a day; of what ends nobody reads one."""
        given = super().clean() or self.cleaned_data
        if not given.get("goes_on"):
            self.errors.pop("until", None)
            given["until"] = None
        elif given.get("until") is None and "until" not in self.errors:
            self.add_error("until", _("Say until when it goes on."))
        return given


@permission_required("desk:request:answer")
def one_request(request: StaffRequest, number: str) -> HttpResponseBase:
    """One request: what was said, and answering it."""
    found = request_for(request.user, number)
    if found is None:
        raise Http404
    failed = request.__dict__.get("failed")
    if request.method != "POST" or failed is not None:
        return _shown(request, found)
    form: AnswerForm | ReviewForm
    today = business_date(request.now)
    if found.state == "answered":
        form = ReviewForm(today, request.POST)
    else:
        form = AnswerForm(found, _currency(found)[0], today, request.POST)
    if not form.is_valid():
        return refused(request, form, lambda: one_request(request, number))
    made = _done(request, found, form)
    if not isinstance(made, Request):
        return refused(request, form, lambda: one_request(request, number), made)
    if found.state == "open" and made.state == "open":  # a complaint that a second person has to reject
        messages.success(request, gettext("Saved. It is rejected when a second person agrees."))
        return redirect("desk:complaint", number)
    if found.state == "open":
        read_with_request(number, request.user, request.now)
    messages.success(request, gettext("Answered.") if found.state == "open" else gettext("Reviewed."))
    return redirect("desk:requests")


def _done(
    request: StaffRequest, found: Request, form: AnswerForm | ReviewForm
) -> Request | Problem | list[Problem]:
    if isinstance(form, AnswerForm):
        return answer_request(found.number, form.answered(), request.user, request.now)
    review = Reviewed(form.cleaned_data["note"], form.cleaned_data["until"])
    return review_request(found.number, review, request.user, request.now)


def _shown(request: StaffRequest, found: Request) -> HttpResponse:
    currency, unit = _currency(found)
    today = business_date(request.now)
    form = form_on(request, AnswerForm, found, currency, today) if found.state == "open" else None
    shown = {
        "request_": found,
        "name": masked_name(found.borrower.name),
        "form": form,
        "answers": [
            (choice, [sentence(EFFECTS[effect]) for effect in ANSWERS[found.kind, outcome].effects])
            for choice, outcome in zip(form["outcome"], outcomes_of(found.kind), strict=True)
        ]
        if form
        else [],
        "finding": [form[name] for name in form.finding] if form else [],
        "complaint": getattr(found, "complaint", None) if found.kind == "complaint" else None,
        "grants": [form[need] for need in form.needs] if form else [],
        "review": form_on(request, ReviewForm, today),
        "currency": currency,
        "minor_unit": unit,
        "instructions": list(
            instructions_for(request.user).filter(source="request", reference=found.number).order_by("pk")
        ),
        "hold": found.hold if found.hold is not None and found.hold.lifted_at is None else None,
        "review_due": found.state == "answered" and found.review_on is not None and found.reviewed_at is None,
        "pauses": "until" in ANSWERS[found.kind, found.outcome].needs if found.state == "answered" else False,
        "today": today,
    }
    return render(request, "desk/request.html", shown)


def _asked_by(kind: str, need: str) -> list[str]:
    """The answers that ask for this field."""
    return [outcome for outcome in outcomes_of(kind) if need in ANSWERS[kind, outcome].needs]


def _currency(found: Request) -> tuple[str, int]:
    """The currency and minor unit of what the request is about: of the loan it names, else of the latest-paid one."""
    loans = found.borrower.loans.order_by("-days_past_due", "-payoff", "loan_id")
    named = loans.filter(pk__in=[*found.loans, found.line.rpartition(":")[0]])
    loan = named.first() or loans.first()
    return (loan.currency, loan.minor_unit) if loan is not None else ("", 100)
