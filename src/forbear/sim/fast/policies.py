"""The leaderboard's policies: nothing, everybody daily, by value, one that learns from nights, and one that knows all.

Each sees what a lender sees and asks only for what the rules would let pass. The oracle alone is given the parameters:
it is the bound, no competitor.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forbear.core.strategy.queue import LATER, LIKELY
from forbear.sim.behaviour import behaviour
from forbear.sim.fast.wishes import Known, WantedContacts

TEXT = "overdue_reminder"
#: From what amount past due a text and a call are worth it, as the ready strategies have it.
LEAST_TEXT, LEAST_CALL = 2_000, 5_000


class Nothing:
    """Nobody is contacted."""

    name = "nothing"

    def wishes(self, day: int, known: Known) -> Sequence[WantedContacts]:
        """None."""
        return []


class Daily:
    """Everybody gets a text and a call each day."""

    name = "everybody daily"

    def wishes(self, day: int, known: Known) -> Sequence[WantedContacts]:
        """As many as the rules let pass."""
        return [WantedContacts("sms", TEXT, known["may_sms"]), WantedContacts("call", "", known["may_call"])]


@dataclass(frozen=True, slots=True)
class ByValue:
    """A call to those whom a call is expected to bring the most, each at most every `every` days."""

    share: float = 0.1
    every: int = 4
    name: str = "value order"

    def wishes(self, day: int, known: Known) -> Sequence[WantedContacts]:
        """The day's calls: a share of all cases, by the cash expected from a call."""
        days, owed = known["days_past_due"], known["total_past_due"]
        percent = np.full(len(days), LATER, dtype=np.int64)
        for most, each in reversed(LIKELY):
            percent[days <= most] = each
        free = known["may_call"] & (known["days_since_contact"] >= self.every) & (owed >= LEAST_CALL)
        return [WantedContacts("call", "", _best(owed * percent, free, int(np.ceil(self.share * len(days)))))]


def _best(worth: NDArray[np.int64], free: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """The flags of that many free rows with the most worth, the first of equals first."""
    chosen = np.zeros(len(worth), dtype=bool)
    order = np.lexsort((np.arange(len(worth)), -worth))
    chosen[order[free[order]][:count]] = True
    return chosen


class Explorer:
    """What a lender does who wants to learn: each morning chance says nothing, a text or a call.

    Its chances are known, so what follows can be told apart from what would have come by itself.
    """

    name = "lottery"

    def __init__(self, seed: int, text: float = 0.08, call: float = 0.08) -> None:
        self.seed, self.text, self.call = seed, text, call

    def wishes(self, day: int, known: Known) -> Sequence[WantedContacts]:
        """A draw for each case."""
        drawn = np.random.default_rng((self.seed, day)).random(len(known["case"]))
        text, call = drawn < self.text, (drawn >= self.text) & (drawn < self.text + self.call)
        return [
            WantedContacts("sms", TEXT, text & known["may_sms"]),
            WantedContacts("call", "", call & known["may_call"]),
        ]


class Oracle:
    """The bound: it knows each borrower's habit and when the year ends, and contacts where that pays.

    What somebody pays anyhow before the end is not won, and a dispute loses about half of what is owed.
    """

    name = "oracle"
    _LOST = 0.5

    def __init__(self, habits: NDArray[np.int64], days: int) -> None:
        self.habits, self.days = habits, days
        kinds = list(behaviour().habits.values())
        self.late, self.moved, self.answers, self.disputes = (
            np.array([getattr(kind, name) for kind in kinds])
            for name in ("late", "moved", "answers", "disputes")
        )

    def _gain(self, channel: str, known: Known, left: int) -> NDArray[np.float64]:
        """What one contact brings each case before the end, less its price and what disputes lose."""
        kind, terms = self.habits[known["case"]], behaviour()
        force, pays = terms.contact, self.late[kind]
        talk = channel == "call"
        lasts, times = (force.talk_days, force.talk_times) if talk else (force.message_days, 1.0)
        more = np.minimum(pays * (1 + (self.moved[kind] - 1) * times * force.wears_off), 0.95)
        window = min(lasts + 1, left)
        won = (1 - pays) ** left * (1 - ((1 - more) / (1 - pays)) ** window)
        reached = self.answers[kind] if talk else 0.95
        harm = terms.costs.complaint * terms.complaint.any
        worth = known["total_past_due"] * (won - self._LOST * self.disputes[kind])
        return reached * (worth - harm) - terms.costs.contacts[channel]

    def wishes(self, day: int, known: Known) -> Sequence[WantedContacts]:
        """A call where it brings the most, a text where a call does not pay, nothing elsewhere."""
        left = max(self.days - day, 1)
        text, call = (self._gain(channel, known, left) for channel in ("sms", "call"))
        free = known["days_since_contact"] >= 3
        by_call = (
            free & known["may_call"] & (call > np.maximum(text, 0)) & (known["total_past_due"] >= LEAST_CALL)
        )
        by_text = free & known["may_sms"] & (text > 0) & ~by_call & (known["total_past_due"] >= LEAST_TEXT)
        return [WantedContacts("sms", TEXT, by_text), WantedContacts("call", "", by_call)]
