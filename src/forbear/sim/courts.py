"""Going to court by the product's own way: assessed and proposed, signed by a second person, announced by letter, filed
with the rules' permit, taken step by step, and stopped or withdrawn when it is paid.

What the court and the borrower do is drawn; whether a step may be taken is the product's to say.
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from django.conf import settings

from forbear.actions.court.lawsuits import Moved, move_lawsuit, propose_lawsuit, sign_lawsuit, stop_due
from forbear.actions.court.letter_before_claim import send_letter_before_claim, send_letters_before_claim
from forbear.core.court.lawsuit import OVER
from forbear.interchange.home.policy import policy
from forbear.sim.behaviour import behaviour
from forbear.sim.chance import Chance
from forbear.sim.crashes import Trouble
from forbear.sim.people import Person, Portfolio
from forbear.store.models import Borrower, Case, Lawsuit, Staff

_COURT = "示例市第一人民法院 / First Court of Springfield"
_NO = "先再试一次协商"
#: What a court makes of a lawsuit next, where nothing is drawn.
_NEXT = {
    "demanded": "filed",
    "filed": "served",
    "judged": "in_force",
    "in_force": "enforcing",
    "objected": "filed",
}


class Suing(Protocol):
    """What going to court needs of a world."""

    chance: Chance
    trouble: Trouble
    portfolio: Portfolio
    lawyer: Staff
    manager: Staff

    def reached(self, person: Person, today: date, now: datetime, *, talk: bool) -> None: ...


def superseded(world: Suing, today: date, now: datetime) -> None:
    """What the timetable does: lawsuits with nothing to sue for stop, and letters that arrived open the time to pay."""
    world.trouble.doing(partial(stop_due, now), "lawsuits stop", today, now)
    world.trouble.doing(partial(send_letters_before_claim, now), "lawsuits open", today, now)


def work(world: Suing, today: date, now: datetime, *, first: bool) -> None:
    """A day of the lender's lawyer and of anyone who signs."""
    if first or today.weekday() == 1:
        _propose(world, today, now)
    doing = world.trouble.doing
    for lawsuit in Lawsuit.objects.exclude(state__in=OVER).order_by("borrower_id", "pk"):
        about = (lawsuit.borrower_id, lawsuit.state, today)
        if lawsuit.state == "proposed":
            yes = world.chance.draw("sign lawsuit", *about) < behaviour().court.signed
            doing(
                partial(sign_lawsuit, lawsuit.pk, yes, world.manager, now, "" if yes else _NO), "sign", *about
            )
        elif lawsuit.state == "signed":
            if lawsuit.letter_before_claim_id is None:
                doing(partial(send_letter_before_claim, lawsuit.pk, world.lawyer, now), "demand", *about)
        else:
            _step(world, lawsuit, today, now)


def _propose(world: Suing, today: date, now: datetime) -> None:
    days = policy(settings.HOME).court.from_days_past_due
    rows = Borrower.objects.filter(
        points__kind="address", loans__days_past_due__gte=days, cases__closed_on=None
    )
    running = Lawsuit.objects.filter(ended_at=None).values("borrower_id")
    rows = rows.exclude(pk__in=running)
    for name in rows.distinct().order_by("pk").values_list("pk", flat=True):
        if world.chance.draw("sue", name, today) < behaviour().court.proposed:
            world.trouble.doing(
                partial(propose_lawsuit, name, world.lawyer, now), "propose lawsuit", name, today
            )


def _step(world: Suing, lawsuit: Lawsuit, today: date, now: datetime) -> None:
    """What comes next at court, some days after what came last; a step that may not be taken yet is tried again."""
    last, terms = lawsuit.steps.latest("pk"), behaviour().court
    about = (lawsuit.borrower_id, lawsuit.state, last.on)
    least, last_day = terms.step_days
    wait = least + world.chance.below(last_day - least + 1, "court's pace", *about)
    if lawsuit.state not in ("demanded", "withdrawing") and today < last.on + timedelta(days=wait):
        return
    current = not Case.objects.filter(borrower=lawsuit.borrower_id, closed_on=None).exists()
    if current and lawsuit.state == "demanded":
        # nothing is late any more: a lawyer lets it be
        moved = Moved("ended", today, ending="lender")
        world.trouble.doing(
            partial(move_lawsuit, lawsuit.pk, moved, world.lawyer, now), "let be", *about[:1], today
        )
        return
    moved = Moved(_next(world, lawsuit, about), today, court=_COURT, docket=f"({today.year}) {lawsuit.pk}")
    if moved.to == "ended":
        ending = "" if lawsuit.state == "withdrawing" else _ending(world, lawsuit, about)
        moved = Moved("ended", today, ending=ending)
    moving = partial(move_lawsuit, lawsuit.pk, moved, world.lawyer, now)
    done = world.trouble.doing(moving, "court", lawsuit.borrower_id, lawsuit.state, today)
    if isinstance(done, Lawsuit) and moved.to in ("served", "enforcing"):
        world.reached(world.portfolio.by_id[lawsuit.borrower_id], today, now, talk=True)


def _next(world: Suing, lawsuit: Lawsuit, about: tuple) -> str:
    if lawsuit.state == "served":
        if lawsuit.way != "payment_order":
            return "judged"
        return "objected" if world.chance.draw("objects", *about) < behaviour().court.objects else "in_force"
    if lawsuit.state == "objected" and world.chance.draw("gives up", *about) < 0.5:
        return "ended"
    return _NEXT.get(lawsuit.state, "ended")


def _ending(world: Suing, lawsuit: Lawsuit, about: tuple) -> str:
    if lawsuit.state == "objected":
        return "lapsed"
    return world.chance.one_of(("enforced", "uncollectable"), "ending", *about)
