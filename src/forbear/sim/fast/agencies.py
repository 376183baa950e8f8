"""Two agencies in the fast world: cases are dealt to those whose conduct is good enough, and both call about theirs."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from forbear.core.agencies.conduct import WEIGHTS
from forbear.insight.shrink import shrink
from forbear.sim.behaviour import behaviour

if TYPE_CHECKING:
    from forbear.sim.fast.world import FastWorld

NAMES = ("good", "bad")
_EVERY = 3
#: The ready policy's terms of placement, and at how many weighted findings per 1,000 contacts conduct scores nothing.
_FROM, _LEAST, _TERM, _CONDUCT, _WORST = 30, 10_000, 90, 60, 50.0


class Agencies:
    """Who has which case, and how each agency behaved so far."""

    def __init__(self, world: "FastWorld") -> None:
        self.world = world
        self.letters: list[tuple[int, str, str]] = []
        self.calls = [0, 0]
        self.findings: tuple[Counter[str], Counter[str]] = (Counter(), Counter())

    def recall(self, borrower: int, *, again: bool = True) -> None:
        """A case comes back from its agency; after its term it doesn't go there again."""
        state = self.world.state
        if state.agency[borrower] >= 0 and not again:
            state.had[borrower, state.agency[borrower]] = True
        state.agency[borrower] = -1

    def found(self, borrower: int, kind: str) -> None:
        """Something is found against the agency that has the case."""
        agency = int(self.world.state.agency[borrower])
        if agency >= 0:
            self.findings[agency][kind] += 1

    def able(self) -> list[int]:
        """The agencies whose conduct is good enough for new cases; see `insight.scorecard`."""
        calls = sum(self.calls)
        if not calls:
            return [0, 1]
        squared = sum(WEIGHTS[kind] ** 2 * count for found in self.findings for kind, count in found.items())
        scatter = 1000**2 * max(squared, 1) / calls
        groups = {}
        for agency, number in enumerate(self.calls):
            weighed = sum(WEIGHTS[kind] * count for kind, count in self.findings[agency].items())
            if number:
                groups[str(agency)] = (1000 * weighed / number, scatter / number, number)
        rates = shrink(groups)
        scores = [100 * (1 - rates[str(n)].shrunk / _WORST) if str(n) in rates else 100.0 for n in (0, 1)]
        return [number for number in (0, 1) if round(scores[number]) >= _CONDUCT]

    def back(self, today: int) -> None:
        """Who paid, or whose term is over, comes back."""
        state = self.world.state
        for borrower in np.flatnonzero(state.agency >= 0).tolist():
            if not state.case_open[borrower]:
                self.recall(borrower)
            elif today - state.placed_on[borrower] > _TERM:
                self.recall(borrower, again=False)

    def place(self, today: int) -> None:
        """Cases that the strategy gives to agencies are dealt to those that may take them."""
        world, state, night = self.world, self.world.state, self.world.night
        known, able = night.known, self.able()
        out = night.to_agency & ~night.held & (state.agency[night.cases] < 0)
        out &= (known["days_past_due"] >= _FROM) & (known["total_past_due"] >= _LEAST)
        cases = night.cases[out]
        for borrower in cases[~state.held(cases, today, state.hold)].tolist():
            free = [number for number in able if not state.had[borrower, number]]
            if not free:
                continue
            lot = world.chance.below(len(free), "agency", world.people.names[borrower], world.day(today))
            state.agency[borrower], state.placed_on[borrower] = free[lot], today
            world.made(borrower, "agency", today, got=True)
            self.letters.append((borrower, "sms", "placement_notice"))

    def letters_now(self) -> list[tuple[int, str, str]]:
        """Notices that leave this morning."""
        letters, self.letters = self.letters, []
        return letters

    def work(self, today: int) -> None:
        """Each calls about its cases."""
        world, state, day, terms = self.world, self.world.state, self.world.day(today), behaviour().agencies
        for borrower in np.flatnonzero(state.agency >= 0).tolist():
            number, name = int(state.agency[borrower]), world.people.names[borrower]
            if world.chance.below(_EVERY, "agency calls", name, day):
                continue
            if not world.rules.may_be_called(borrower, today):
                continue
            about = (name, NAMES[number], day)
            spoke = world.chance.draw("answers", *about) < world.habit(borrower, today).answers
            world.made(borrower, "call", today, got=spoke)
            self.calls[number] += 1
            if not spoke:
                continue
            state.spoke.add(borrower, today)
            world.reach(borrower, today, talk=True)
            if world.chance.draw("offends", *about) < terms[NAMES[number]].offends:
                self.findings[number][
                    world.chance.one_of(("insult", "content", "third_party"), "kind", *about)
                ] += 1
                world.complain(borrower, today)

    def misbehave(self, today: int) -> None:
        """Where the borrower lives it is day still: a late call, that nobody takes."""
        world, state = self.world, self.world.state
        tries = [behaviour().agencies[name].tries for name in NAMES]
        for borrower in np.flatnonzero((state.agency >= 0) & world.people.west).tolist():
            drawn = world.chance.draw("tries", world.people.names[borrower], world.day(today))
            if drawn < tries[state.agency[borrower]] and world.rules.may_be_called(borrower, today):
                world.made(borrower, "call", today, got=False)
                self.calls[int(state.agency[borrower])] += 1
