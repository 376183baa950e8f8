"""Visits, courts, settlements and sales in the fast world, as the real one's people do them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forbear.sim.behaviour import behaviour
from forbear.sim.fast.population import Ints

if TYPE_CHECKING:
    from forbear.sim.fast.world import FastWorld

#: The lender's own terms: see `sim.place` and the ready policy.
_SUE_FROM, _SUE_LEAST, _LETTER_DAYS = 90, 100_000, 14
_OFF_FROM, _QUIET, _EVERY = 100, 40, 28
_NEXT = {
    "filed": "served",
    "served": "in_force",
    "in_force": "enforcing",
    "enforcing": "ended",
    "objected": "filed",
}


@dataclass(slots=True)
class RunningLawsuit:
    """A lawsuit: its state, and since when."""

    state: str
    on: int


class Doors:
    """What goes beyond messages and the lender's own calls."""

    def __init__(self, world: "FastWorld") -> None:
        self.world = world
        self.suits: dict[int, RunningLawsuit] = {}
        self.pays_settlement: dict[int, int] = {}
        self.off: set[int] = set()

    def _late(self, least: int) -> tuple[Ints, Ints]:
        """The cases that are late by this many days this morning, and their days."""
        night = self.world.night
        days = night.known["days_past_due"]
        return night.cases[days >= least], days[days >= least]

    def settle_and_sell(self, today: int) -> None:
        """Each week settlements are offered, every four weeks debts are sold."""
        if today % 7 == 0:
            self._settle(today)
        if today and today % _EVERY == 0:
            self._sell(today)

    def _settle(self, today: int) -> None:
        world, ledgers, terms = self.world, self.world.state.ledgers, behaviour().settlements
        loans, _ = ledgers.late()
        days = ledgers.days_past_due(loans, today)
        for loan in loans[days >= terms.from_days].tolist():
            borrower, about = int(world.people.owner[loan]), (world.people.loans[loan], world.day(today))
            if world.chance.draw("settlement", *about) >= terms.offered:
                continue
            others = [one for one in world.state.loans_of(borrower) if one != loan and ledgers.owed(one)]
            if others or world.state.held(borrower, today, ("promise", "plan")):
                continue
            amount = int(int(ledgers.payoff(np.array([loan]), today)[0]) * terms.share)
            ledgers.settling[loan] = (amount, today + terms.days, int(ledgers.paid[loan]))
            world.state.hold["promise"][borrower] = today + terms.days
            if world.chance.draw("accepts", *about) < terms.accepted:
                self.pays_settlement[loan] = today + world.chance.below(terms.days, "settles", *about)

    def _sell(self, today: int) -> None:
        """What is long late and quiet is charged off; what is with nobody is sold with all of its borrower's loans."""
        world, state, ledgers = self.world, self.world.state, self.world.state.ledgers
        loans, _ = ledgers.late()
        days = ledgers.days_past_due(loans, today)
        owners = world.people.owner[loans]
        quiet = today - world.people.last_paid[loans] >= _QUIET
        held = state.held(owners, today, ("plan", "promise", "dispute", "hardship"))
        self.off.update(loans[(days >= _OFF_FROM) & quiet & ~held].tolist())
        for borrower in sorted({int(world.people.owner[loan]) for loan in self.off}):
            mine = [loan for loan in state.loans_of(borrower) if not ledgers.over[loan]]
            left = [loan for loan in mine if ledgers.amount[loan].sum() > ledgers.paid[loan]]
            busy = state.agency[borrower] >= 0 or borrower in self.suits
            if not left or busy or not self.off.issuperset(left) or state.held(borrower, today, state.hold):
                continue
            for loan in left:
                ledgers.close(loan)
                world.outcome.sold += 1

    def visit(self, today: int, monday: bool) -> None:
        """Two people go to those whom the strategy or a collector proposed, where another agrees."""
        world, state, terms = self.world, self.world.state, behaviour().visits
        names, day, draw = world.people.names, world.day(today), world.chance.draw
        wanted: set[int] = set()
        for wish in world.night.wishes:
            if wish.channel == "visit":
                wanted.update(world.night.cases[wish.cases].tolist())
        if monday:
            cases, _ = self._late(terms.from_days)
            wanted.update(one for one in cases.tolist() if draw("visit", names[one], day) < terms.proposed)
        for borrower in sorted(wanted):
            barred = state.held(borrower, today, state.hold) or state.no_visits[borrower]
            if not world.people.address[borrower] or barred:
                continue
            if draw("decide visit", names[borrower], day) >= terms.approved:
                continue
            world.made(borrower, "visit", today, got=False)
            self._at_the_door(borrower, today)

    def _at_the_door(self, borrower: int, today: int) -> None:
        world, terms = self.world, behaviour().visits
        habit, name, day = world.habit(borrower, today), world.people.names[borrower], world.day(today)
        draw = world.chance.draw
        if draw("door", name, day, "home") >= terms.home:
            return
        world.state.last_contact[borrower] = today
        if draw("door", name, day, "leave") < terms.asks_to_leave:
            world.state.no_visits[borrower] = True
        elif draw("door", name, day, "disputes") < habit.disputes:
            world.care.request(borrower, "dispute", today)
        elif draw("door", name, day, "trouble") < habit.trouble:
            world.care.request(borrower, "hardship", today)
        world.reach(borrower, today, talk=True)

    def court(self, today: int, proposes: bool) -> None:
        """Lawsuits are proposed once a week, signed or not, announced by letter, and taken step by step."""
        world, terms = self.world, behaviour().court
        names, day, draw = world.people.names, world.day(today), world.chance.draw
        if proposes:
            cases, _ = self._late(_SUE_FROM)
            for borrower in cases.tolist():
                fit = world.people.address[borrower] and borrower not in self.suits
                if fit and draw("sue", names[borrower], day) < terms.proposed:
                    self._propose(borrower, today)
        for borrower, suit in sorted(self.suits.items()):
            self._step(borrower, suit, today)
        self.suits = {borrower: suit for borrower, suit in self.suits.items() if suit.state != "ended"}

    def _propose(self, borrower: int, today: int) -> None:
        world, state = self.world, self.world.state
        owed = sum(state.ledgers.owed(loan) for loan in state.loans_of(borrower))
        if owed < _SUE_LEAST or state.held(borrower, today, state.hold):
            return
        drawn = world.chance.draw("sign lawsuit", world.people.names[borrower], "proposed", world.day(today))
        if drawn < behaviour().court.signed:
            self.suits[borrower] = RunningLawsuit("signed", today)
            world.agencies.recall(borrower)

    def _step(self, borrower: int, suit: RunningLawsuit, today: int) -> None:
        world, terms = self.world, behaviour().court
        name = world.people.names[borrower]
        if not world.state.case_open[borrower] and suit.state in ("signed", "demanded", "filed"):
            suit.state = "ended"
            return
        if suit.state == "signed":
            if suit.on == today:  # the letter is the next day's work
                return
            world.evening.append((borrower, "letter", "notice_before_claim"))
            suit.state, suit.on = "demanded", today
            return
        about = (name, suit.state, world.day(suit.on))
        if suit.state == "demanded":
            if today - suit.on >= _LETTER_DAYS and not world.state.held(borrower, today):
                suit.state, suit.on = "filed", today
                world.made(borrower, "court", today, got=False)
            return
        least, most = terms.step_days
        if today < suit.on + least + world.chance.below(most - least + 1, "court's pace", *about):
            return
        to = _NEXT[suit.state]
        if suit.state == "served" and world.chance.draw("objects", *about) < terms.objects:
            to = "objected"
        if suit.state == "objected" and world.chance.draw("gives up", *about) < 0.5:
            to = "ended"
        suit.state, suit.on = to, today
        if to in ("served", "enforcing"):
            world.reach(borrower, today, talk=True)
