"""Made-up borrowers: what they owe, whether they can and want to pay, and how they answer.

Pure: everything follows from the seed. The numbers are one table, `HABITS`, so that a reader can weigh them: shares
of a retail portfolio in which most pay, some forget, some are short of money for a while and a few never will
(about 5 to 9 % of instalments enter arrears, and most of those cure within a month, as consumer lenders report).
Contact raises the chance of paying for a few days and wears off with repetition.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from forbear.core.plan import add_months


@dataclass(frozen=True, slots=True)
class Habit:
    """How one kind of borrower behaves. Chances are a day's unless said otherwise.

    `on_time`: an instalment is paid on its day. `late`: one that is late is paid on a day without contact. `moved`:
    how many times likelier after a contact. `answers`: a call is taken. `promises`: a talk ends in a promise, `keeps`:
    it is then kept. `trouble`, `disputes`, `stops`: a talk or message leads to a request for help, a dispute, an end.
    """

    share: float
    on_time: float
    late: float
    moved: float
    answers: float
    promises: float
    keeps: float
    trouble: float = 0.0
    disputes: float = 0.0
    stops: float = 0.0


HABITS: dict[str, Habit] = {
    "steady": Habit(0.74, 0.985, 0.50, 1.4, 0.55, 0.8, 0.95),
    "forgetful": Habit(0.14, 0.72, 0.22, 2.2, 0.50, 0.7, 0.85, stops=0.01),
    "strained": Habit(0.08, 0.45, 0.06, 1.8, 0.40, 0.5, 0.55, trouble=0.06, disputes=0.01, stops=0.02),
    "broke": Habit(0.03, 0.05, 0.006, 1.3, 0.25, 0.3, 0.2, trouble=0.10, disputes=0.02, stops=0.05),
    "unwilling": Habit(0.01, 0.02, 0.004, 1.2, 0.15, 0.2, 0.05, disputes=0.15, stops=0.15),
}
#: For how many days a contact still moves somebody, and the share of its force that is left after each one this month.
MOVED_DAYS, WEARS_OFF = 3, 0.85


@dataclass(slots=True)
class Owing:
    """One loan of the world: its instalments as (due_on, amount), and what was truly paid on it."""

    loan_id: str
    borrower_id: str
    principal: int
    disbursed_on: date
    instalments: list[tuple[date, int, int]]  # due_on, principal, interest
    #: By payment: the day, the amount and what it takes back; `untold` are those the lender hasn't heard of yet.
    paid: dict[str, tuple[date, int, str]] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)

    def counted(self, on: date, *, told: bool = False) -> int:
        """Money that counts on a day: payments up to it, none taken back; with `told` only what was heard of."""
        known = {name: paid for name, paid in self.paid.items() if not told or name not in self.untold}
        back = {reverses for _, _, reverses in known.values() if reverses}
        return sum(
            amount
            for name, (day, amount, reverses) in known.items()
            if day <= on and not reverses and name not in back
        )

    def late(self, on: date, *, told: bool = False) -> tuple[int, int]:
        """(what is past due, days past due) at the end of a day: the oldest instalment is paid first."""
        money, owed, oldest = self.counted(on, told=told), 0, None
        for due_on, principal, interest in self.instalments:
            short = max(principal + interest - money, 0)
            money = max(money - principal - interest, 0)
            if short and due_on < on:
                owed += short
                oldest = oldest or due_on
        return owed, (on - oldest).days if oldest else 0


@dataclass(slots=True)
class Person:
    """A borrower: a habit, the loans, and what moved them lately."""

    borrower_id: str
    habit: Habit
    phone: str
    loans: list[Owing]
    contacted: list[date] = field(default_factory=list)
    promised: tuple[date, int, bool] | None = None  # by, amount, and whether it will be kept

    def pays(self, on: date, loan: Owing, chance: Random) -> int:
        """What is paid on this loan today, in minor units; mostly nothing."""
        due_today = sum(p + i for due_on, p, i in loan.instalments if due_on == on)
        owed = loan.late(on)[0]
        if self.promised is not None and self.promised[0] == on and owed:
            _, amount, kept = self.promised
            if kept:
                self.promised = (on, amount - min(amount, owed), kept)
                return min(amount, owed)
        if owed:
            lately = [day for day in self.contacted if (on - day).days <= MOVED_DAYS]
            worn = WEARS_OFF ** sum(1 for day in self.contacted if (on - day).days <= 30)
            force = 1 + (self.habit.moved - 1) * worn if lately else 1.0
            if chance.random() < min(self.habit.late * force, 0.95):
                return owed if chance.random() < 0.8 else max(owed // 2, 1)
            return 0
        return due_today if due_today and chance.random() < self.habit.on_time else 0


def people(count: int, first: date, chance: Random) -> list[Person]:
    """So many borrowers on the first day, with what they paid before it."""
    kinds, shares = list(HABITS.values()), [habit.share for habit in HABITS.values()]
    found = []
    for number in range(count):
        borrower_id = f"S{number:07d}"
        habit = chance.choices(kinds, shares)[0]
        person = Person(borrower_id, habit, f"+8610{number:08d}", [])
        for each in range(1 if chance.random() < 0.9 else 2):
            person.loans.append(_loan(f"{borrower_id}-{each}", borrower_id, first, chance))
        found.append(person)
    return found


def _loan(loan_id: str, borrower_id: str, first: date, chance: Random) -> Owing:
    """A loan of 6 to 24 months that began up to five months ago, paid as agreed until the first day."""
    months = chance.choice((6, 12, 18, 24))
    each, interest = chance.randrange(20_000, 200_000, 100), chance.randrange(500, 6_000, 10)
    begun = first - timedelta(days=chance.randrange(5, 150))
    lines = [(add_months(begun, month + 1), each, interest) for month in range(months)]
    loan = Owing(loan_id, borrower_id, each * months, begun, lines)
    for number, (due_on, principal, cost) in enumerate(lines, 1):
        if due_on < first:
            loan.paid[f"{loan_id}-h{number}"] = (due_on, principal + cost, "")
    return loan
