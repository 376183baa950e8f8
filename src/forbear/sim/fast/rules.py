"""What the permit gate would say by the day: holds, stops, numbers that don't work, and the country's caps.

Hours are kept by the day's plan: messages leave at ten and at eight in the evening, calls are made from two o'clock.
"""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from forbear.sim.fast.population import Flags, Ints
from forbear.sim.place import Cap

if TYPE_CHECKING:
    from forbear.sim.fast.world import FastWorld

#: What is not held back by a hold, since it answers, confirms or must be told.
ANSWERS = (
    "dispute_received", "hardship_received", "complaint_received", "complaint_final", "request_answered",
    "promise_confirmed", "plan_agreed", "placement_notice", "notice_before_claim", "credit_report_notice",
)  # fmt: skip
_AUTOMATIC = ("sms", "voice", "email", "letter")
Message = tuple[int, str, str]


class Rules:
    """Between a wish and a contact."""

    def __init__(self, world: "FastWorld") -> None:
        self.world = world
        self.wished: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        #: Days of cases, and contacts the policy got, of who has an address on file and who has not.
        self.groups = {"address": [0, 0], "no address": [0, 0]}
        #: By channel and borrower what was let pass this morning and hasn't left yet.
        self.pending = {name: np.zeros(len(world.people.names), dtype=np.int64) for name in _AUTOMATIC}
        self.regions = np.array(world.people.region, dtype=object)

    def morning(self, today: int) -> list[Message]:
        """The messages and letters wanted this morning that may leave; what has no address is none."""
        night, people = self.world.night, self.world.people
        messages: list[Message] = []
        self._group(night.cases, 0)
        for wish in night.wishes:
            if wish.channel not in _AUTOMATIC:
                continue
            cases = night.cases[wish.cases]
            if wish.channel in ("email", "letter"):
                cases = cases[(people.email if wish.channel == "email" else people.address)[cases]]
            else:
                cases = cases[~self.world.state.phone_dead[cases]]
            self.wished[wish.channel] += len(cases)
            allowed = cases[self._may(cases, wish.channel, wish.template, today)]
            self.refused[wish.channel] += len(cases) - len(allowed)
            self.pending[wish.channel][allowed] += 1
            self._group(allowed, 1)
            messages += [(borrower, wish.channel, wish.template) for borrower in allowed.tolist()]
        for column in self.pending.values():
            column[:] = 0
        return messages

    def calls(self, today: int, capacity: int) -> list[int]:
        """Whom the lender's own people call today, in the queue's order."""
        night, state = self.world.night, self.world.state
        wanted = np.zeros(len(night.cases), dtype=bool)
        for wish in night.wishes:
            if wish.channel == "call":
                wanted |= wish.cases
        wanted &= state.agency[night.cases] < 0
        cases, value = night.cases[wanted], night.value[wanted]
        order = np.lexsort((cases, -value))
        cases = cases[order]
        self.wished["call"] += len(cases)
        allowed = cases[self._may(cases, "call", "", today)]
        self.refused["call"] += len(cases) - len(allowed)
        self._group(allowed[:capacity], 1)
        return allowed[:capacity].tolist()

    def _group(self, cases: Ints, what: int) -> None:
        with_address = int(self.world.people.address[cases].sum())
        self.groups["address"][what] += with_address
        self.groups["no address"][what] += len(cases) - with_address

    def would_allow(self, channel: str, today: int) -> Flags:
        """By case of this morning, whether the rules would let a contact on a channel pass, and it has an address."""
        cases, people = self.world.night.cases, self.world.people
        may = self._may(cases, channel, "", today)
        if channel in ("email", "letter"):
            may = may & (people.email if channel == "email" else people.address)[cases]
        return may

    def _may(self, cases: Ints, channel: str, template: str, today: int) -> Flags:
        state = self.world.state
        if channel in ("sms", "voice"):
            may = state.may_text(cases)
        elif channel == "call":
            may = state.may_call(cases)
        else:
            may = np.ones(len(cases), dtype=bool)
        if template not in ANSWERS:
            may &= ~state.held(cases, today)
        for cap in self.world.place.caps:
            if channel in cap.channels and len(cases):
                may &= self._below(cap, cases, today)
        return may

    def _below(self, cap: Cap, cases: Ints, today: int) -> Flags:
        """Whether one more contact stays within a cap; a cap by loan is kept by borrower, which is stricter."""
        state, first = self.world.state, self.world.setting.first
        if first + timedelta(days=today) < cap.since:
            return np.ones(len(cases), dtype=bool)
        rings = [state.sent[name] for name in cap.channels if name in state.sent]
        if cap.outcomes:
            rings = [state.spoke]
        counted = sum((ring.last(cases, today, cap.days) for ring in rings), np.zeros(len(cases), np.int64))
        if not cap.outcomes:
            counted = sum(
                (self.pending[name][cases] for name in cap.channels if name in self.pending), counted
            )
        below = counted < cap.most
        if cap.regions:
            below |= ~np.isin(self.regions[cases], cap.regions)
        return below

    def may_leave(self, borrower: int, channel: str, template: str) -> bool:
        """Whether a message may still leave when its hour comes."""
        state = self.world.state
        if channel in ("sms", "voice"):
            return bool(state.may_text(borrower))
        return True

    def may_be_called(self, borrower: int, today: int) -> bool:
        """Whether an agency may call: its number works, nothing was stopped, and no hold runs."""
        state = self.world.state
        one = np.array([borrower])
        return bool(state.may_call(borrower)) and bool(self._may(one, "call", "", today)[0])
