"""Requests at the desk: what borrowers asked for, answering it, and reviewing what was granted."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.answers.reviews import Reviewed, review_request, reviews_due
from forbear.actions.replies.reading import read_with_request
from forbear.core.agreements.answers import ANSWERS, EFFECTS, Granted, outcomes_of
from forbear.core.base.money import parse_amount
from forbear.core.base.problem import Problem
from forbear.store.access import instructions_for, masked_name, request_for, requests_for
from forbear.store.business_date import business_date
from forbear.store.models import Request
from forbear.store.problem_text import sentence
from forbear.web.call_forms import flash_problems, read_day
from forbear.web.desk.listings.casework import REQUESTS, SOON
from forbear.web.guard import permission_required
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest

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


@permission_required("desk:request:answer")
def one_request(request: StaffRequest, number: str) -> HttpResponse:
    """One request: what was said, and answering it."""
    found = request_for(request.user, number)
    if found is None:
        raise Http404
    currency, unit = _currency(found)
    if request.method == "POST":
        made = _review(request, found) if found.state == "answered" else _answer(request, found, currency)
        if isinstance(made, Request):
            if found.state == "open":
                read_with_request(number, request.user, request.now)
            messages.success(request, gettext("Answered.") if found.state == "open" else gettext("Reviewed."))
            return redirect("desk:requests")
        flash_problems(request, made)
    today = business_date(request.now)
    shown = {
        "request_": found,
        "name": masked_name(found.borrower.name),
        "answers": [
            (outcome, [sentence(EFFECTS[effect]) for effect in ANSWERS[found.kind, outcome].effects])
            for outcome in outcomes_of(found.kind)
        ],
        "needs": {need: _asked_by(found.kind, need) for need in NEEDS if _asked_by(found.kind, need)},
        "currency": currency,
        "minor_unit": unit,
        "form": request.POST,
        "proposed_to": found.details.get("to", ""),
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
    loans = found.borrower.loans.order_by("-days_past_due", "-outstanding", "loan_id")
    named = loans.filter(pk__in=[*found.loans, found.line.rpartition(":")[0]])
    loan = named.first() or loans.first()
    return (loan.currency, loan.minor_unit) if loan is not None else ("", 100)


def _answer(request: StaffRequest, found: Request, currency: str) -> Request | Problem | list[Problem]:
    """Answer it as the form says; only what the chosen answer asks for is read."""
    form = request.POST
    outcome = form.get("outcome", "")
    answer = ANSWERS.get((found.kind, outcome))
    if answer is None:
        return Problem("answer_choice_missing", "Choose one of the answers.")
    days = {name: read_day(form.get(name, "")) for name in ("until", "to", "review_on")}
    amounts = {}
    for name in ("monthly", "amount"):
        text = form.get(name, "").replace(",", "").strip()
        read = parse_amount(text, currency) if name in answer.needs and text else 0
        if isinstance(read, Problem):
            return read
        amounts[name] = read
    granted = Granted(
        until=days["until"] if "until" in answer.needs else None,
        to=days["to"] if "to" in answer.needs else None,
        **amounts,
    )
    words = Answered(outcome, form.get("words", ""), days["review_on"], granted)
    return answer_request(found.number, words, request.user, request.now)


def _review(request: StaffRequest, found: Request) -> Request | Problem:
    """Say what the review found: it goes on until a day, or ends."""
    until = read_day(request.POST.get("until", "")) if request.POST.get("goes_on") else None
    if request.POST.get("goes_on") and until is None:
        return Problem("review_until_missing", "Say until when it goes on.")
    review = Reviewed(request.POST.get("note", ""), until)
    return review_request(found.number, review, request.user, request.now)
