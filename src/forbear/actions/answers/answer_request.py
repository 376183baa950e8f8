"""Answer an open request: what the table of `core.agreements.answers` says of it is done at once, together."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from forbear.actions.answers.complaints import look_into
from forbear.actions.answers.effects import Work, carry_out
from forbear.actions.contacts.notify_borrower import notify_borrower
from forbear.actions.requests.requests import log_request
from forbear.core.agreements.answers import ANSWERS, Answer, Granted, check_granted, outcomes_of, review_on
from forbear.core.agreements.complaint import ComplaintFinding
from forbear.core.agreements.hold_kinds import OF_HOLD
from forbear.core.base.problem import Problem
from forbear.store.business_date import business_date
from forbear.store.models import Complaint, Request, Staff
from forbear.store.situation import lock_borrower


@dataclass(frozen=True, slots=True)
class Answered:
    """A person's answer: one of the kind's outcomes, in words the borrower will read, and what it grants.

    `finding` is what looking into a complaint brought.
    """

    outcome: str
    words: str
    review_on: date | None = None
    granted: Granted = field(default_factory=Granted)
    finding: ComplaintFinding | None = None


def answer_request(
    number: str, answer: Answered, staff: Staff, now: datetime
) -> Request | Problem | list[Problem]:
    """Answer it; nothing of it is written when any part of it can't be done.

    A complaint is never answered by the person it is about: who spoke with the borrower last can't. One that is to be
    rejected stays open until a second person agrees. Nor does who wrote a request down end the hold that two people
    must agree on.
    """
    with transaction.atomic():
        done = _answer(number, answer, staff, now)
        if not isinstance(done, Request):
            transaction.set_rollback(True)
        return done


def _answer(number: str, answer: Answered, staff: Staff, now: datetime) -> Request | Problem | list[Problem]:
    existing = Request.objects.filter(number=number).first()
    if existing is None or lock_borrower(existing.borrower_id) is None:
        return Problem("no_such_request", "there is no request %(number)s", number=number)
    request = Request.objects.select_related("hold", "borrower").get(pk=existing.pk)
    if wrong := _unfit(request, answer, staff, now):
        return wrong
    effect, today, actor = ANSWERS[request.kind, answer.outcome], business_date(now), f"staff:{staff.number}"
    if missing := check_granted(effect, answer.granted, today):
        return missing
    if request.kind == "complaint":
        found = look_into(request, answer.finding, answer.outcome, answer.words, staff, now)
        if found is not None:
            return found
    request.state, request.outcome, request.answer = "answered", answer.outcome, answer.words.strip()
    request.answered_at, request.answered_by = now, staff
    request.review_on = review_on(effect, answer.granted, answer.review_on, today)
    work = Work(request, effect, answer.granted, now, actor, staff)
    if failed := carry_out(work):
        return failed
    request.granted = {**_as_json(answer.granted), **work.did}
    request.save()
    log_request(request, "answered", now, actor, {"answer": request.answer})
    _notify(request, now)
    return request


def _notify(request: Request, now: datetime) -> None:
    """Tell the borrower that there is an answer; of a complaint that it is the final one, and where to go next."""
    loans, about = tuple(request.loans), f"answer:{request.number}"
    until = Complaint.objects.filter(pk=request.pk).values_list("referral_until", flat=True).first()
    if request.kind == "complaint" and until is not None:
        final = notify_borrower(
            request.borrower,
            "complaint_final",
            now,
            loans=loans,
            reference=request.number,
            about=about,
            until=until,
        )
        if final is not None:
            return
    notify_borrower(
        request.borrower, "request_answered", now, loans=loans, reference=request.number, about=about
    )


def _unfit(request: Request, answer: Answered, staff: Staff, now: datetime) -> Problem | None:
    """Why this person can't give this answer."""
    if not answer.words.strip():
        return Problem("answer_missing", "an answer has words that the borrower can read")
    if request.state != "open":
        return Problem("request_answered", "this request was answered already")
    if answer.outcome not in outcomes_of(request.kind):
        return Problem(
            "answer_invalid", "an answer is one of %(outcomes)s", outcomes=outcomes_of(request.kind)
        )
    if answer.review_on is not None and answer.review_on <= business_date(now):
        return Problem("review_date_invalid", "a review date must lie in the future")
    last = request.borrower.conversations.order_by("-at").first()
    if request.kind == "complaint" and last is not None and last.staff_id == staff.pk:
        return Problem(
            "complaint_about_oneself",
            "you spoke with the borrower last; a complaint is answered by somebody else",
        )
    return _alone(request, ANSWERS[request.kind, answer.outcome], staff)


def _alone(request: Request, effect: Answer, staff: Staff) -> Problem | None:
    """Whether one person alone would place and end a hold that needs two."""
    hold = request.hold
    if (
        hold is not None
        and hold.lifted_at is None
        and OF_HOLD[hold.kind].two
        and "hold_ends" in effect.effects
        and request.opened_by == f"staff:{staff.number}"
    ):
        return Problem(
            "answer_own_request", "you wrote this request down; somebody else answers it and ends its hold"
        )
    return None


def _as_json(granted: Granted) -> dict[str, object]:
    values: dict[str, object] = {
        "until": granted.until.isoformat() if granted.until else "",
        "to": granted.to.isoformat() if granted.to else "",
        "monthly": granted.monthly,
        "amount": granted.amount,
    }
    return {name: value for name, value in values.items() if value}
