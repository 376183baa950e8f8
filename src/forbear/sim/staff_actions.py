"""What the lender's own people do besides calling: they answer what was asked, look into disputes, offer plans."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from forbear.actions.agreements.plans import Proposed, late_loans, plan_offers, propose_plan
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.holds.holds import lift_hold
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.sim.chance import Chance
from forbear.sim.crashes import Trouble
from forbear.sim.people import Person
from forbear.store.models import Hold, Plan, Request, Staff

#: How long somebody looks into what was said in a reply or a call.
_LOOKS = timedelta(days=5)
_WORDS = {"zh": "催收太频繁，影响我的生活。", "en": "You contact me far too often."}


class Caring(Protocol):
    """What this needs of a world."""

    chance: Chance
    trouble: Trouble
    officer: Staff
    language: str


def complain(world: Caring, person: Person, now: datetime) -> None:
    """A complaint comes in by the borrower's pages."""
    draft = Asked(person.borrower_id, "complaint", _WORDS[world.language])
    request = world.trouble.doing(
        partial(make_request, draft, now, actor="borrower"), "complain", person.borrower_id, now
    )
    assert not isinstance(request, Problem), request


def answer_all(world: Caring, today: date, now: datetime) -> None:
    """Requests of three days ago are answered, and holds for what was said are looked into and lifted."""
    before = now - timedelta(days=3)
    for request in Request.objects.filter(state="open", opened_at__lt=before).order_by(
        "opened_at", "borrower_id"
    ):
        about = ("answer", request.borrower_id, request.kind, today)
        outcome = "upheld" if world.chance.draw(*about) < 0.5 else "partly"
        answer = Answered(outcome, "经核实，我们向您道歉，并已调整联系频率。")
        answering = partial(answer_request, request.number, answer, world.officer, now)
        answered = world.trouble.doing(answering, *about, again=partial(_answered, request.number, answering))
        assert not isinstance(answered, Problem), answered
    held = Hold.objects.filter(
        kind__in=("dispute", "hardship"), source__in=("reply", "call", "visit"), lifted_at=None
    )
    for hold in held.filter(starts_at__lt=now - _LOOKS).order_by("borrower_id", "pk"):
        _look_into(world, hold, today, now)


def _answered(number: str, answering: partial) -> Request | Problem:
    done = Request.objects.filter(number=number, state="answered").first()
    return done or answering()


def _look_into(world: Caring, hold: Hold, today: date, now: datetime) -> None:
    """The hold ends; half of those in trouble agree on a plan first."""
    about = ("look into", hold.borrower_id, hold.kind, today)
    if hold.kind == "hardship" and world.chance.draw(*about) < 0.5:
        _offer_plan(world, hold.borrower_id, today, now)
    actor, reason = f"staff:{world.officer.number}", Reason.of("by_staff")
    lifting = partial(lift_hold, hold.pk, now, actor=actor, reason=reason, note="looked into")
    lifted = world.trouble.doing(lifting, *about, again=partial(_lifted, hold.pk, lifting))
    assert not isinstance(lifted, Problem), lifted


def _lifted(hold_id: int, lifting: partial) -> Hold | Problem:
    done = Hold.objects.filter(pk=hold_id).exclude(lifted_at=None).first()
    return done or lifting()


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
