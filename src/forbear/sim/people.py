"""Made-up borrowers: what they owe, whether they can and want to pay, and how they answer.

Pure: everything follows from the seed and from `behaviour.yaml`.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from forbear.core.base.calendar import add_months
from forbear.sim.behaviour import HABITS, Habit, behaviour
from forbear.sim.chance import Chance
from forbear.sim.place import PLACES, Place

DAY = timedelta(days=1)
#: What comes after that many days comes never; and what is added to a borrower's number for their second telephone.
_LIFE, _SECOND = 20_000, 4_000_000


@dataclass(slots=True)
class Owing:
    """One loan of the world: its instalments as (due_on, principal, interest), and what was truly paid on it."""

    loan_id: str
    borrower_id: str
    principal: int
    disbursed_on: date
    instalments: list[tuple[date, int, int]]
    #: By payment: the day, the amount and what it takes back; `unreported` are those the lender hasn't received yet.
    paid: dict[str, tuple[date, int, str]] = field(default_factory=dict)
    unreported: set[str] = field(default_factory=set)
    gone_on: date | None = None  # the day on which it was sold
    #: Offered on, by, how much settles all of it, and when the borrower means to pay that.
    agreed: tuple[date, date, int, date | None] | None = None

    def agree(self, on: date, by: date, amount: int, pays_on: date | None) -> None:
        """All of it is settled by this amount, if that is paid in time."""
        self.agreed = (on, by, amount, pays_on)

    def over(self, on: date, *, reported: bool = False) -> bool:
        """Whether nothing is asked for it any more: it was sold, or settled for less."""
        if self.gone_on is not None and self.gone_on <= on:
            return True
        if self.agreed is None:
            return False
        begin, by, amount, _ = self.agreed
        before = self.counted(begin - DAY, reported=reported)
        return self.counted(min(on, by), reported=reported) - before >= amount

    def counted(self, on: date, *, reported: bool = False) -> int:
        """Money that counts on a day: payments up to it, none taken back; with `reported` only what the lender
        received."""
        known = {
            name: paid for name, paid in self.paid.items() if not reported or name not in self.unreported
        }
        back = {reverses for _, _, reverses in known.values() if reverses}
        return sum(
            amount
            for name, (day, amount, reverses) in known.items()
            if day <= on and not reverses and name not in back
        )

    def correct(self, number: int, by: int) -> None:
        """The lender was wrong about an instalment: it asks for this much less, interest before principal."""
        due_on, principal, interest = self.instalments[number - 1]
        taken = min(by, interest)
        self.instalments[number - 1] = (due_on, principal - (by - taken), interest - taken)

    def late(self, on: date, *, reported: bool = False) -> tuple[int, int]:
        """(what is past due, days past due) at the end of a day: the oldest instalment is paid first."""
        if self.over(on, reported=reported):
            return 0, 0
        money, owed, oldest = self.counted(on, reported=reported), 0, None
        for due_on, principal, interest in self.instalments:
            if due_on >= on:
                break
            short = max(principal + interest - money, 0)
            money = max(money - principal - interest, 0)
            if short:
                owed += short
                oldest = oldest or due_on
        return owed, (on - oldest).days if oldest else 0

    def oldest_unpaid(self, on: date) -> int:
        """The number of the oldest instalment that is late on a day."""
        money = self.counted(on)
        for number, (_, principal, interest) in enumerate(self.instalments, 1):
            money -= principal + interest
            if money < 0:
                return number
        return len(self.instalments)

    def due_as_it_began(self, on: date) -> int:
        """What had fallen due and was unpaid when a day began, as the lender knew it."""
        fell_due = sum(principal + interest for day, principal, interest in self.instalments if day < on)
        return max(fell_due - self.counted(on - DAY, reported=True), 0)

    def left(self, on: date, *, reported: bool = False) -> int:
        """What is still to be paid of all instalments, those of later days too."""
        if self.over(on, reported=reported):
            return 0
        whole = sum(principal + interest for _, principal, interest in self.instalments)
        return whole - self.counted(on, reported=reported)

    def due_on(self, day: date) -> int:
        """What falls due on a day."""
        if self.over(day):
            return 0
        return sum(principal + interest for due_on, principal, interest in self.instalments if due_on == day)


@dataclass(slots=True)
class Person:
    """A borrower: a habit, the loans, what turns their life takes, and what moved them lately."""

    borrower_id: str
    habit: Habit
    phone: str
    loans: list[Owing]
    zone: str = "Asia/Shanghai"
    region: str = ""
    email: str = ""
    wrong_number: bool = False
    address: tuple[str, str, str] | None = None  # on one line, and its latitude and longitude in degrees
    turn: tuple[date, date, str] | None = None  # from, until, and the habit meanwhile
    #: Each contact that reached them: the day, how many days it moves them, and how many times as much as a message.
    contacted: list[tuple[date, int, float]] = field(default_factory=list)
    last_paid: date | None = None
    promised: tuple[date, int, bool] | None = None  # by, amount, and whether it will be kept
    #: What they tell the lender at a branch, and on which day: a new number, or "" for no more messages.
    says: list[tuple[date, str]] = field(default_factory=list)
    #: Since when the lender's feed has the number, and that they want no messages.
    number_since: datetime | None = None
    silent_since: datetime | None = None

    def learn(self, number: str, now: datetime) -> None:
        """The feed of this moment has what they said at a branch: a new number, or "" for no more messages."""
        if number:
            self.phone, self.wrong_number, self.number_since = number, False, now
        else:
            self.silent_since = now

    def habit_on(self, day: date) -> Habit:
        """How they live on that day."""
        if self.turn is not None and self.turn[0] <= day < self.turn[1]:
            return HABITS[self.turn[2]]
        return self.habit

    def force(self, on: date) -> float:
        """How many times likelier they pay today than untouched."""
        terms, habit = behaviour(), self.habit_on(on)
        recent = [contact for contact in self.contacted if (on - contact[0]).days <= 30]
        moving = max((times for day, lasts, times in recent if (on - day).days <= lasts), default=0.0)
        force = 1 + (habit.moved - 1) * moving * terms.contact.wears_off ** len(recent)
        if self.last_paid is not None:
            since = (on - self.last_paid).days
            force *= 1 + (terms.payment.times - 1) * max(0.0, 1 - since / terms.payment.days)
        return force

    def pays(self, on: date, loan: Owing, chance: Chance) -> int:
        """What is paid on this loan today, in minor units; mostly nothing."""
        owed = loan.late(on)[0]
        if owed and loan.agreed is not None and loan.agreed[3] == on:
            return loan.agreed[2]
        if self.promised is not None and self.promised[0] == on and owed:
            _, amount, kept = self.promised
            if kept:
                self.promised = (on, amount - min(amount, owed), kept)
                return min(amount, owed)
        habit = self.habit_on(on)
        if owed:
            if chance.draw("pays", loan.loan_id, on) >= min(habit.late * self.force(on), 0.95):
                return 0
            part = chance.draw("part", loan.loan_id, on) < behaviour().payment.part
            return max(owed // 2, 1) if part else owed
        due_today = loan.due_on(on)
        return due_today if due_today and chance.draw("on time", loan.loan_id, on) < habit.on_time else 0


class Portfolio:
    """All borrowers of a world, and which loans anything can happen to on a day."""

    def __init__(self, persons: Iterable[Person], first: date) -> None:
        self.persons = list(persons)
        self.by_id = {person.borrower_id: person for person in self.persons}
        self.loans = {loan.loan_id: loan for person in self.persons for loan in person.loans}
        self.falls_due: dict[date, list[str]] = defaultdict(list)
        for loan in self.loans.values():
            for due_on, _, _ in loan.instalments:
                self.falls_due[due_on].append(loan.loan_id)
        #: Of whom the lender's records will change, the first to change last.
        self.says = sorted(
            ((day, person.borrower_id, what) for person in self.persons for day, what in person.says),
            reverse=True,
        )
        #: Loans with something due and unpaid, and those of which the lender hasn't received all.
        self.behind = {name for name, loan in self.loans.items() if loan.late(first)[0]}
        self.unreported: set[str] = set()

    def changed_people(self, today: date, now: datetime) -> list[Person]:
        """Of whom the lender's records changed by today; from now on the feed tells it."""
        names = set()
        while self.says and self.says[-1][0] <= today:
            _, name, what = self.says.pop()
            self.by_id[name].learn(what, now)
            names.add(name)
        return [self.by_id[name] for name in sorted(names)]

    def concerned(self, today: date) -> Iterator[Owing]:
        """The loans on which something is due today or is late, in their order."""
        for name in sorted(self.behind.union(self.falls_due.get(today, ()))):
            yield self.loans[name]

    def move_due_date(self, loan_id: str, number: int, to: date) -> None:
        """An instalment falls due later."""
        loan = self.loans[loan_id]
        _, principal, interest = loan.instalments[number - 1]
        loan.instalments[number - 1] = (to, principal, interest)
        self.falls_due[to].append(loan_id)

    def close(self, today: date) -> None:
        """At the end of a day: which loans go into the next one behind."""
        tomorrow = today + DAY
        for name in [*self.behind, *self.falls_due.get(today, ())]:
            if self.loans[name].late(tomorrow)[0]:
                self.behind.add(name)
            else:
                self.behind.discard(name)

    def paid(self, loan: Owing, name: str, on: date, amount: int, reverses: str = "") -> None:
        """A payment is made, or taken back; the lender hasn't received it."""
        loan.paid[name] = (on, amount, reverses)
        loan.unreported.add(name)
        self.unreported.add(loan.loan_id)
        self.behind.add(loan.loan_id)

    def report_payment(self, loan: Owing, name: str) -> None:
        """The lender has received a payment."""
        loan.unreported.discard(name)
        if not loan.unreported:
            self.unreported.discard(loan.loan_id)

    def late(self, today: date, *, reported: bool = False) -> dict[str, tuple[int, int]]:
        """(past due, days past due) of each loan that is late; with `reported` as far as the lender can know."""
        names = self.behind | self.unreported if reported else self.behind
        rows = ((name, self.loans[name].late(today, reported=reported)) for name in names)
        return {name: standing for name, standing in rows if standing[0]}


def people(
    count: int,
    first: date,
    chance: Chance,
    place: Place = PLACES["cn"],
    behind: float = 0.0,
    only: frozenset[str] = frozenset(),
    begin: int = 0,
) -> list[Person]:
    """This many borrowers on the first day, with what they paid before it; a share of them is `behind` already.

    With `only` just these of them, with `begin` those from that number on: each is who they would be among all.
    """
    population = []
    for number in range(begin, begin + count):
        borrower_id = f"S{number:07d}"
        if not only or borrower_id in only:
            population.append(_person(borrower_id, number, first, chance, place, behind))
    return population


def _person(
    borrower_id: str, number: int, first: date, chance: Chance, place: Place, behind: float
) -> Person:
    kinds, drawn = list(HABITS.values()), chance.stream("person", borrower_id)
    habit = drawn.choices(kinds, [kind.share for kind in kinds])[0]
    zone = drawn.choices([name for name, _ in place.zones], [share for _, share in place.zones])[0]
    person = Person(borrower_id, habit, place.phone.format(number), [], zone)
    person.wrong_number = drawn.random() < behaviour().wrong_number
    person.region = chance.stream("region", borrower_id).choices(*zip(*place.regions, strict=True))[0]
    if chance.draw("email", borrower_id) < behaviour().emails:
        person.email = f"{borrower_id.lower()}@example.com"
    person.address = _address(number, borrower_id, chance, place)
    begins = {name: _when(turn.chance, drawn.random()) for name, turn in behaviour().life.items()}
    records = behaviour().records
    another = place.phone.format(number + _SECOND)
    for each_day, about, what in (
        (records.new_number, "new number", another),
        (records.no_messages, "no messages", ""),
    ):
        if (day := _when(each_day, chance.draw(about, borrower_id))) < _LIFE:
            person.says.append((first + timedelta(days=day), what))
    what = min(begins, key=lambda name: begins[name])
    lasts = drawn.randint(*behaviour().life[what].days)
    if begins[what] < _LIFE:
        begin = first + timedelta(days=begins[what])
        person.turn = (begin, begin + timedelta(days=lasts), behaviour().life[what].habit)
    for copy in range(1 if drawn.random() < 0.9 else 2):
        person.loans.append(_loan(f"{borrower_id}-{copy}", borrower_id, first, chance, behind))
    return person


def _address(number: int, borrower_id: str, chance: Chance, place: Place) -> tuple[str, str, str] | None:
    """Where somebody lives, within some kilometres of the lender's people, if that is on file."""
    if chance.draw("address", borrower_id) >= behaviour().addresses:
        return None
    north, east = (chance.below(60, way, borrower_id) - 30 for way in ("north", "east"))
    latitude, longitude = f"{31.2 + north / 1000:.3f}", f"{121.4 + east / 1000:.3f}"
    street = (
        f"示例市示例路 {number} 号" if place.language == "zh" else f"{number} Example Street, Springfield"
    )
    return street, latitude, longitude


def _when(chance: float, drawn: float) -> int:
    """The day on which something of that daily chance happens first."""
    return int(math.log(1 - drawn) / math.log(1 - chance)) if 0 < chance < 1 else 10**6


def _loan(loan_id: str, borrower_id: str, first: date, chance: Chance, behind: float) -> Owing:
    """A loan of 6 to 24 months that began up to five months ago, paid as agreed until the first day.

    One that is behind began up to ten months ago, and nothing was paid after some instalment.
    """
    drawn = chance.stream("loan", loan_id)
    months = drawn.choice((6, 12, 18, 24))
    principal, interest = drawn.randrange(20_000, 200_000, 100), drawn.randrange(500, 6_000, 10)
    stopped, ago = drawn.random() < behind, drawn.randrange(5, 150)
    begun = first - timedelta(days=drawn.randrange(40, 300) if stopped else ago)
    lines = [(add_months(begun, month + 1), principal, interest) for month in range(months)]
    loan = Owing(loan_id, borrower_id, principal * months, begun, lines)
    due = [number for number, line in enumerate(lines, 1) if line[0] < first]
    until = drawn.randrange(len(due) + 1) if stopped and due else len(due)
    for number, (due_on, principal, cost) in enumerate(lines[:until], 1):
        loan.paid[f"{loan_id}-h{number}"] = (due_on, principal + cost, "")
    return loan
