"""What changes in a fast world: ledgers, numbers, holds and contacts, in columns by borrower or loan."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from forbear.sim.behaviour import behaviour
from forbear.sim.fast.population import MOST_LINES, NEVER, Flags, Ints, Numbers, Population

#: Kinds of hold, and the fact of the night that each gives; "" for those that only the gate knows.
HOLDS = {
    "dispute": "dispute_open",
    "hardship": "hardship_open",
    "promise": "promise_open",
    "plan": "plan_active",
    "verification": "on_hold",
    "forbearance": "on_hold",
    "lawyer": "",
    "complaint": "",
}
#: Holds during which nobody is asked for anything.
BLOCKING = tuple(kind for kind in HOLDS if kind != "complaint")
CHANNELS = ("sms", "voice", "email", "letter", "call", "agency", "visit", "court")
_WINDOW = 31


class Ledgers:
    """What each loan owes, day by day: the oldest instalment is paid first."""

    def __init__(self, people: Population) -> None:
        self.people, count = people, len(people.loans)
        self.paid = people.paid.copy()
        self.due_day, self.amount = people.due_day.copy(), people.amount.copy()
        self.over = np.zeros(count, dtype=bool)
        self.fallen, self.oldest, self.covered = (np.zeros(count, dtype=np.int64) for _ in range(3))
        self.falls_due: dict[int, list[int]] = defaultdict(list)
        rows, lines = np.nonzero((self.due_day >= 0) & (self.due_day < NEVER))
        for loan, line in zip(rows.tolist(), lines.tolist(), strict=True):
            self.falls_due[int(self.due_day[loan, line])].append(loan)
        self.fallen += np.where(self.due_day < 0, self.amount, 0).sum(axis=1)
        self.recount(np.arange(count))
        self.behind = set(np.flatnonzero(self.fallen > self.paid).tolist())
        self.settling: dict[int, tuple[int, int, int]] = {}

    def recount(self, loans: Ints) -> None:
        """Which instalment is the oldest that is not paid, and what those before it come to."""
        covered = np.cumsum(self.amount[loans], axis=1)
        self.oldest[loans] = (covered <= self.paid[loans, None]).sum(axis=1)
        before = np.concatenate([np.zeros((len(loans), 1), dtype=np.int64), covered], axis=1)
        self.covered[loans] = before[np.arange(len(loans)), self.oldest[loans]]

    def begin(self, today: int) -> None:
        """A day begins: what fell due yesterday is past due where it wasn't paid."""
        for loan in self.falls_due.pop(today - 1, ()):
            self.fallen[loan] += self.amount[loan][self.due_day[loan] == today - 1].sum()
            if self.fallen[loan] > self.paid[loan] and not self.over[loan]:
                self.behind.add(loan)

    def late(self) -> tuple[Ints, Ints]:
        """The loans that are late, in order, and what is past due on each."""
        loans = np.fromiter(sorted(self.behind), dtype=np.int64, count=len(self.behind))
        owed = np.maximum(self.fallen[loans] - self.paid[loans], 0)
        keep = (owed > 0) & ~self.over[loans]
        return loans[keep], owed[keep]

    def days_past_due(self, loans: Ints, today: int) -> Ints:
        """Days since the oldest unpaid instalment of late loans fell due."""
        oldest = np.minimum(self.oldest[loans], MOST_LINES - 1)
        return np.maximum(today - self.due_day[loans, oldest], 0)

    def owed(self, loan: int) -> int:
        """What is past due on one loan."""
        return 0 if self.over[loan] else max(int(self.fallen[loan] - self.paid[loan]), 0)

    def pay(self, loan: int, amount: int, today: int) -> None:
        """Money comes in."""
        self.paid[loan] += amount
        self.people.last_paid[loan] = today
        self.recount(np.array([loan]))
        settling = self.settling.get(loan)
        if settling is not None and today <= settling[1] and self.paid[loan] - settling[2] >= settling[0]:
            self.close(loan)
        if self.fallen[loan] <= self.paid[loan]:
            self.behind.discard(loan)

    def close(self, loan: int) -> None:
        """Nothing is asked for this loan any more: it was settled, or sold."""
        self.over[loan] = True
        self.behind.discard(loan)

    def payoff(self, loans: Ints, today: int) -> Ints:
        """What settles them: what is due and the principal to come."""
        to_come = ((self.due_day[loans] > today) & (self.due_day[loans] < NEVER)).sum(axis=1)
        whole = self.amount[loans].sum(axis=1) - self.paid[loans]
        return np.maximum(whole - to_come * self.people.interest[loans], 0)

    def correct(self, loan: int, by: int, today: int, line: int | None = None) -> int:
        """The lender was wrong: the oldest late instalments, or this one alone, ask for less; how much was taken."""
        taken = 0
        late = np.flatnonzero((self.due_day[loan] < today) & (self.amount[loan] > 0)).tolist()
        for number in [line] if line is not None else late[int(self.oldest[loan]) :]:
            less = min(by - taken, int(self.amount[loan, number]))
            self.amount[loan, number] -= less
            taken += less
        self.fallen[loan] -= taken
        self.recount(np.array([loan]))
        if self.fallen[loan] <= self.paid[loan]:
            self.behind.discard(loan)
        return taken

    def next_due(self, loan: int, today: int) -> tuple[int, int]:
        """(day, number) of the next instalment to fall due; `NEVER` where there is none."""
        days = np.where((self.due_day[loan] >= today) & (self.amount[loan] > 0), self.due_day[loan], NEVER)
        number = int(days.argmin())
        return int(days[number]), number

    def move(self, loan: int, number: int, to: int) -> None:
        """An instalment falls due later."""
        before = int(self.due_day[loan, number])
        self.due_day[loan, number] = to
        if loan in self.falls_due.get(before, ()) and not (self.due_day[loan] == before).any():
            self.falls_due[before].remove(loan)
        self.falls_due[to].append(loan)


@dataclass(slots=True)
class Ring:
    """Counts by borrower for each of the last days."""

    days: Ints

    @classmethod
    def of(cls, count: int, window: int = _WINDOW) -> "Ring":
        """No counts yet."""
        return cls(np.zeros((count, window), dtype=np.int16))

    def begin(self, today: int) -> None:
        """The oldest day is forgotten."""
        self.days[:, today % self.days.shape[1]] = 0

    def add(self, borrower: int, today: int) -> None:
        """One more today."""
        self.days[borrower, today % self.days.shape[1]] += 1

    def last(self, borrowers: Ints | int, today: int, days: int) -> Ints:
        """How many in the last days, today among them."""
        columns = [(today - back) % self.days.shape[1] for back in range(days)]
        return self.days[borrowers][..., columns].sum(axis=-1, dtype=np.int64)


class State:
    """Everything that a day changes."""

    def __init__(self, people: Population) -> None:
        self.people, count = people, len(people.names)
        self.ledgers = Ledgers(people)
        self.wrong, self.phone_dead = people.wrong.copy(), np.zeros(count, dtype=bool)
        self.stop_text, self.stop_all, self.silent, self.no_visits = (
            np.zeros(count, dtype=bool) for _ in range(4)
        )
        self.hold = {kind: np.full(count, -1, dtype=np.int64) for kind in HOLDS}
        self.reached, self.sent = Ring.of(count), {name: Ring.of(count, 8) for name in CHANNELS}
        self.spoke = Ring.of(count, 8)
        self.message_until, self.talk_until, self.last_paid = (
            np.full(count, -NEVER, dtype=np.int64) for _ in range(3)
        )
        self.last_contact = np.full(count, -NEVER, dtype=np.int64)
        self.stage, self.since = np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=np.int64)
        self.case_open = np.zeros(count, dtype=bool)
        self.agency, self.placed_on = np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=np.int64)
        self.had = np.zeros((count, 2), dtype=bool)
        self.broken = np.zeros(count, dtype=np.int64)
        self.paid_in_all = np.zeros(count, dtype=np.int64)
        #: By borrower: what they promised (by, amount, kept, paid before), and their plan (amount, paid before).
        self.promised: dict[int, tuple[int, int, bool]] = {}
        self.promises: dict[int, tuple[int, int, int]] = {}
        self.plans: dict[int, tuple[int, int]] = {}

    def begin(self, today: int) -> None:
        """A day begins."""
        self.ledgers.begin(today)
        for ring in (self.reached, self.spoke, *self.sent.values()):
            ring.begin(today)

    def loans_of(self, borrower: int) -> range:
        """The numbers of a borrower's loans."""
        first = self.people.first_loan
        return range(int(first[borrower]), int(first[borrower + 1]))

    def habit_on(self, today: int) -> Ints:
        """The number of each borrower's habit as they live today."""
        turned = (self.people.turn_from <= today) & (today < self.people.turn_until)
        return np.where(turned, self.people.turn_habit, self.people.habit)

    def held(self, borrower: int | Ints, today: int, kinds: Iterable[str] = BLOCKING) -> Flags:
        """Whether a hold of these kinds runs."""
        return np.logical_or.reduce([self.hold[kind][borrower] >= today for kind in kinds])

    def may_text(self, borrowers: Ints | int) -> Flags:
        """Whether texts may go to their number."""
        return ~(
            self.phone_dead[borrowers] | self.stop_text[borrowers]
            | self.stop_all[borrowers] | self.silent[borrowers]
        )  # fmt: skip

    def may_call(self, borrowers: Ints | int) -> Flags:
        """Whether a person may call their number."""
        return ~(self.phone_dead[borrowers] | self.stop_all[borrowers])

    def force(self, borrowers: Ints, moved: Numbers, today: int) -> Numbers:
        """How many times likelier each pays today than untouched; see `people.Person.force`."""
        terms = behaviour()
        recent = self.reached.last(borrowers, today, _WINDOW)
        moving = np.where(
            self.talk_until[borrowers] >= today,
            terms.contact.talk_times,
            np.where(self.message_until[borrowers] >= today, 1.0, 0.0),
        )
        force = 1 + (moved - 1) * moving * terms.contact.wears_off**recent
        since = today - self.last_paid[borrowers]
        return force * (1 + (terms.payment.times - 1) * np.maximum(0.0, 1 - since / terms.payment.days))
