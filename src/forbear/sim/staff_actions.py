"""What the lender's own people do besides calling: they answer what was asked, look into disputes, offer plans."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from forbear.actions.agreements.plans import Proposed, late_loans, plan_offers, propose_plan
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.answers.reviews import Reviewed, review_request, reviews_due
from forbear.actions.holds.lifts import lift_by_staff
from forbear.actions.requests.due_dates import next_dues
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.agreements.answers import Granted, outcomes_of
from forbear.core.agreements.complaint import ComplaintFinding
from forbear.core.agreements.hold_kinds import OF_HOLD
from forbear.core.base.problem import Problem
from forbear.sim.chance import Chance
from forbear.sim.crashes import Trouble
from forbear.sim.people import Person, Portfolio
from forbear.store.models import DueChange, Hold, Plan, Request, Staff

#: How long somebody looks into what was said in a reply or a call.
_LOOKS = timedelta(days=5)
_SORRY = "经核实，我们已按您说的情况处理，并向您道歉。"
_WORDS = {"zh": "催收太频繁，影响我的生活。", "en": "You contact me far too often."}


class Complaining(Protocol):
    """What a complaint needs of a world."""

    trouble: Trouble
    language: str


class Caring(Complaining, Protocol):
    """What answering needs of a world."""

    chance: Chance
    officer: Staff
    manager: Staff
    staff: list[Staff]
    portfolio: Portfolio


def complain(world: Complaining, person: Person, now: datetime) -> None:
    """A complaint comes in by the borrower's pages."""
    draft = Asked(person.borrower_id, "complaint", _WORDS[world.language])
    request = world.trouble.doing(
        partial(make_request, draft, now, actor="borrower"), "complain", person.borrower_id, now
    )
    assert not isinstance(request, Problem), request


def answer_all(world: Caring, today: date, now: datetime) -> None:
    """Requests of three days ago are answered, what was granted is reviewed, and other holds are looked into."""
    before = now - timedelta(days=3)
    for request in Request.objects.filter(state="open", opened_at__lt=before).order_by(
        "opened_at", "borrower_id", "kind"
    ):
        _answer(world, request, today, now)
    for request in reviews_due(Request.objects.all(), today).order_by("borrower_id", "pk"):
        about = ("review", request.borrower_id, request.kind, today)
        reviewing = partial(review_request, request.number, Reviewed("looked into"), world.officer, now)
        reviewed = world.trouble.doing(reviewing, *about, again=partial(_reviewed, request.number, reviewing))
        assert not isinstance(reviewed, Problem), reviewed
    held = Hold.objects.filter(
        kind__in=("dispute", "hardship"), source__in=("reply", "visit"), lifted_at=None
    )
    for hold in held.filter(starts_at__lt=now - _LOOKS).order_by("borrower_id", "pk"):
        _look_into(world, hold, today, now)


def _answer(world: Caring, request: Request, today: date, now: datetime) -> None:
    """One of the answers that the table allows, with what it needs; where that can't be done, a plain no."""
    about = ("answer", request.borrower_id, request.kind, today)
    outcomes = outcomes_of(request.kind)
    outcome = outcomes[world.chance.below(len(outcomes), *about)]
    wanted = _granting(world, request, outcome, today, now)
    no = Answered(outcomes[-1], _SORRY, finding=_finding(request.kind, outcomes[-1]))
    for answer in (wanted, no):
        answering = partial(answer_request, request.number, answer, world.officer, now)
        answered = world.trouble.doing(
            answering, *about, answer.outcome, again=partial(_answered, request.number, answering)
        )
        if isinstance(answered, Request) and answered.state == "open":
            agreeing = partial(answer_request, request.number, answer, world.manager, now)
            again = partial(_answered, request.number, agreeing)
            answered = world.trouble.doing(agreeing, *about, "second", again=again)
        if isinstance(answered, Request):
            for loan, number, by in answered.granted.get("lines", ()):
                world.portfolio.loans[loan].correct(number, by)
            if moved := answered.granted.get("due_change"):
                change = DueChange.objects.get(pk=moved)
                world.portfolio.move_due_date(change.loan_id, change.number, change.moved_to)
            return
    assert isinstance(answered, Request), answered


def _granting(world: Caring, request: Request, outcome: str, today: date, now: datetime) -> Answered:
    """The answer with days and amounts that fit what is owed."""
    owed = sum(loan.past_due_amount for loan in late_loans(request.borrower_id))
    half = max(owed // 2, 1)
    months = 30 * (1 + world.chance.below(3, "pause", request.borrower_id, today))
    dues = next_dues(request.borrower_id, now) if request.kind == "extension" else {}
    later = min((due.due_on for due in dues.values()), default=today) + timedelta(days=15)
    granted = Granted(today + timedelta(days=months), later, owed // 4 + 1, half)
    return Answered(outcome, _SORRY, granted=granted, finding=_finding(request.kind, outcome))


def _finding(kind: str, outcome: str) -> ComplaintFinding | None:
    """What looking into a complaint brings."""
    if kind != "complaint":
        return None
    cause, redress = ("none_found", "nothing") if outcome == "refused" else ("person", "apology")
    return ComplaintFinding("conduct", cause, redress)


def _answered(number: str, answering: partial) -> Request | Problem | list[Problem]:
    """The request as it is where this person's word was taken before it broke off."""
    done = Request.objects.filter(number=number, state="answered").first()
    asked = Request.objects.filter(number=number, complaint__proposed_by=answering.args[2]).first()
    return done or asked or answering()


def _reviewed(number: str, reviewing: partial) -> Request | Problem:
    done = Request.objects.filter(number=number).exclude(reviewed_at=None).first()
    return done or reviewing()


def _look_into(world: Caring, hold: Hold, today: date, now: datetime) -> None:
    """Two people agree that the hold ends; half of those in trouble agree on a plan first."""
    about = ("look into", hold.borrower_id, hold.kind, today)
    if hold.kind == "hardship" and world.chance.draw(*about) < 0.5:
        _offer_plan(world, hold.borrower_id, today, now)
    for turn, person in enumerate((world.staff[0], world.officer)):
        lifting = partial(lift_by_staff, hold.pk, person, "looked into", now)
        lifted = world.trouble.doing(lifting, *about, turn, again=partial(_agreed, hold.pk, person, lifting))
        if turn or OF_HOLD[hold.kind].two:
            assert not isinstance(lifted, Problem), lifted


def _agreed(hold_id: int, person: Staff, lifting: partial) -> Hold | Problem:
    """The hold as it is where this person's word was taken before it broke off."""
    hold = Hold.objects.get(pk=hold_id)
    return hold if hold.lifted_at is not None or hold.lift_asked_by_id == person.pk else lifting()


def _offer_plan(world: Caring, borrower_id: str, today: date, now: datetime) -> None:
    loans = late_loans(borrower_id)
    offers = (
        plan_offers(borrower_id, sum(loan.past_due_amount for loan in loans) // 4 + 1, now) if loans else []
    )
    if not offers:
        return
    wanted = Proposed(borrower_id, tuple(loan.loan_id for loan in loans), tuple(offers[0]))
    proposing = partial(propose_plan, wanted, now, actor=f"staff:{world.officer.number}", staff=world.officer)

    def again() -> Plan | list[Problem]:
        running = Plan.objects.filter(borrower_id=borrower_id, state__in=("proposed", "active"))
        return running.first() or proposing()

    world.trouble.doing(proposing, "plan", borrower_id, today, again=again)
