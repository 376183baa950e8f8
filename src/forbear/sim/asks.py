"""What borrowers who are late ask for by their own pages: each kind of request, and a later due date."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from forbear.actions.answers.moved_due_dates import move_due_date
from forbear.actions.requests.due_dates import next_dues
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.base.problem import Problem
from forbear.sim.behaviour import behaviour
from forbear.sim.chance import Chance
from forbear.sim.crashes import Trouble
from forbear.sim.people import Owing, Portfolio
from forbear.store.models import Case, DueChange, Request

#: How far a due date is moved: never past the next one.
_LATER = (5, 20)
_WORDS = {"zh": "请帮我看看这笔贷款。", "en": "Please look into this loan."}
#: The kinds that are about one instalment.
_ABOUT_A_LINE = ("dispute", "credit_objection")


class Asking(Protocol):
    """What asking needs of a world."""

    chance: Chance
    trouble: Trouble
    portfolio: Portfolio
    language: str


def ask(world: Asking, today: date, now: datetime) -> None:
    """Some of those who are late, and have a case, ask for something today."""
    terms, draw = behaviour().asks, world.chance.draw
    late = sorted({world.portfolio.loans[name].borrower_id for name in world.portfolio.late(today)})
    kinds, shares = zip(*terms.kinds.items(), strict=True)
    opened = set(Case.objects.filter(closed_on=None, borrower__in=late).values_list("borrower_id", flat=True))
    for borrower_id in (name for name in late if name in opened):
        if draw("asks", borrower_id, today) >= terms.chance:
            continue
        kind = world.chance.stream("asks for", borrower_id, today).choices(kinds, shares)[0]
        loans = [loan for loan in world.portfolio.by_id[borrower_id].loans if loan.late(today)[0]]
        if kind == "extension":
            _move(world, world.portfolio.by_id[borrower_id].loans[0], today, now)
        else:
            _request(world, kind, loans[0], today, now)


def _request(world: Asking, kind: str, loan: Owing, today: date, now: datetime) -> None:
    line = f"{loan.loan_id}:{loan.oldest_unpaid(today)}" if kind in _ABOUT_A_LINE else ""
    loans = (loan.loan_id,) if line else ()
    asked = Asked(loan.borrower_id, kind, _WORDS[world.language], loans=loans, line=line)
    made = world.trouble.doing(
        partial(make_request, asked, now, actor="borrower"), "asks", loan.borrower_id, kind, today
    )
    assert isinstance(made, Request), made


def _move(world: Asking, loan: Owing, today: date, now: datetime) -> None:
    """The next due date is moved at once, or becomes a request; where nothing falls due there is nothing to move."""
    due = next_dues(loan.borrower_id, now).get(loan.loan_id)
    if due is None:
        return
    days = _LATER[0] + world.chance.below(_LATER[1] - _LATER[0], "later", loan.loan_id, today)
    moving = partial(move_due_date, loan.borrower_id, loan.loan_id, due.due_on + timedelta(days=days), now)

    def again() -> DueChange | Request | Problem:
        done = DueChange.objects.filter(loan_id=loan.loan_id, number=due.number, made_at=now).first()
        return done or moving()

    moved = world.trouble.doing(moving, "moves", loan.loan_id, today, again=again)
    if isinstance(moved, DueChange):
        world.portfolio.move_due_date(moved.loan_id, moved.number, moved.moved_to)
