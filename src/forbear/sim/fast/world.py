"""A world lived in columns: each day the policy's wishes, what the rules leave of them, answers and payments.

The draws are those of the real world by name: this loan on this day pays here exactly when it would pay there, if it
was contacted alike. A day has the real day's order: records, night, messages, agencies, doors, calls, requests, court,
answers, payments, and what is told in the evening.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from dataclasses import field as new
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from forbear.sim.behaviour import HABITS, Habit, behaviour
from forbear.sim.chance import Chance
from forbear.sim.fast.agencies import Agencies
from forbear.sim.fast.care import Care
from forbear.sim.fast.doors import Doors
from forbear.sim.fast.known import Night
from forbear.sim.fast.population import Population, population
from forbear.sim.fast.rules import Rules
from forbear.sim.fast.state import CHANNELS, State
from forbear.sim.fast.wishes import Policy
from forbear.sim.lenders import parts
from forbear.sim.place import PLACES
from forbear.sim.words import WORDS

_CALLS = 40


@dataclass(frozen=True, slots=True)
class Setting:
    """What a fast world is made from; without the `late_stage` no agencies, doors, courts, settlements and sales."""

    borrowers: int
    first: date
    seed: int
    pack: str = "cn"
    behind: float = 0.0
    late_stage: bool = True


@dataclass(slots=True)
class Outcome:
    """What it came to. Amounts in minor units; `unlawful` are wishes that the rules refused, by channel."""

    seed: int
    borrowers: int
    policy: str
    days: int = 0
    paid: int = 0
    paid_late: int = 0
    late_at_end: int = 0
    owed_late_at_end: int = 0
    contacts: dict[str, int] = new(default_factory=dict)
    reached: int = 0
    wished: dict[str, int] = new(default_factory=dict)
    unlawful: dict[str, int] = new(default_factory=dict)
    complaints: int = 0
    requests: dict[str, int] = new(default_factory=dict)
    promises: dict[str, int] = new(default_factory=dict)
    relapses: int = 0
    cures: int = 0
    sold: int = 0
    corrected: int = 0
    commission: int = 0
    owed_days: int = 0
    groups: dict[str, list[int]] = new(default_factory=dict)
    cost: int = 0
    by_day: list[dict[str, int]] = new(default_factory=list)

    @property
    def net(self) -> int:
        """Cash less what contacts, agencies and complaints cost."""
        return self.paid - self.cost

    def plain(self) -> dict[str, object]:
        """The same as JSON can say it."""
        return {**asdict(self), "net": self.net}


class FastWorld:
    """A lender's world in columns."""

    def __init__(self, setting: Setting, policy: Policy, people: Population | None = None) -> None:
        self.setting, self.place, self.policy = setting, PLACES[setting.pack], policy
        self.chance, self.zone = Chance(f"world:{setting.seed}"), ZoneInfo(self.place.zone)
        self.people = people or population(
            setting.borrowers, setting.first, self.chance, self.place, setting.behind
        )
        self.state, self.habits = State(self.people), [HABITS[name] for name in HABITS]
        self.rates = {
            name: np.array([getattr(habit, name) for habit in self.habits])
            for name in ("late", "moved", "on_time")
        }
        self.capacity = sum(max(2, count // 1000) * _CALLS for _, count in parts(setting.borrowers, 0))
        self.outcome = Outcome(setting.seed, setting.borrowers, policy.name)
        self.contacts: Counter[str] = Counter()
        self.today: Counter[str] = Counter()
        self.evening: list[tuple[int, str, str]] = []
        self.night, self.rules = Night(self), Rules(self)
        self.care, self.doors, self.agencies = Care(self), Doors(self), Agencies(self)
        self.ever_late = np.zeros(len(self.people.names), dtype=bool)
        self.cured_on: dict[int, int] = {}
        #: What came in and what was found wrong, as (borrower, day, amount), and complaints, as (borrower, day).
        self.receipts: list[tuple[int, int, int]] | None = None
        self.losses: list[tuple[int, int, int]] | None = None
        self.grievances: list[tuple[int, int]] | None = None

    def day(self, today: int) -> str:
        """A day as draws name it."""
        return str(self.setting.first + timedelta(days=today))

    def at(self, today: int, hour: int, minute: int = 0) -> datetime:
        """A moment of a day where the lender is."""
        day = self.setting.first + timedelta(days=today)
        return datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)

    def run(self, days: int) -> Outcome:
        """Live that many days."""
        for today in range(days):
            self.live(today)
        loans, owed = self.state.ledgers.late()
        outcome = self.outcome
        outcome.days, outcome.late_at_end, outcome.owed_late_at_end = days, len(loans), int(owed.sum())
        outcome.contacts = {name: self.contacts[name] for name in CHANNELS if self.contacts[name]}
        outcome.wished, outcome.unlawful = dict(self.rules.wished), dict(self.rules.refused)
        outcome.groups = {name: counts.copy() for name, counts in self.rules.groups.items()}
        outcome.requests = dict(self.care.counted)
        prices = behaviour().costs
        spent = sum(prices.contacts.get(name, 0) * count for name, count in outcome.contacts.items())
        outcome.cost = spent + prices.complaint * outcome.complaints + outcome.commission
        return outcome

    def live(self, today: int) -> None:
        """One day."""
        state, weekday = self.state, (self.setting.first + timedelta(days=today)).weekday()
        self.today, waiting = Counter(), self.evening
        self.evening = []
        state.begin(today)
        self._records(today)
        self.night.decide(today)
        if today:  # who pays on the very first day was not seen to be late
            self.ever_late |= self.state.case_open
        if self.setting.late_stage:
            self.agencies.back(today)
            if weekday == 0 or today == 0:
                self.agencies.place(today)
            self.doors.settle_and_sell(today)
        self._deliver([*self.rules.morning(today), *waiting, *self.agencies.letters_now()], today, 11)
        if self.setting.late_stage:
            self.agencies.work(today)
            self.doors.visit(today, weekday == 0 or today == 0)
        self._call(today)
        self.care.asks(today)
        if self.setting.late_stage:
            self.doors.court(today, weekday == 1 or today == 0)
        self.care.answer(today)
        self._pay(today)
        evening, self.evening = self.evening, []
        self._deliver(evening, today, 22, 30)
        self.agencies.misbehave(today)
        self.care.evaluate(today)
        self._count(today)

    def _records(self, today: int) -> None:
        """Who gave the lender a new number, or wants no more messages."""
        people, state = self.people, self.state
        renewed = np.flatnonzero(people.new_number_on == today)
        for column in (state.wrong, state.phone_dead, state.stop_text, state.stop_all):
            column[renewed] = False
        state.silent[people.silent_on == today] = True

    def habit(self, borrower: int, today: int) -> Habit:
        """How one borrower lives today."""
        people = self.people
        turned = people.turn_from[borrower] <= today < people.turn_until[borrower]
        return self.habits[int(people.turn_habit[borrower] if turned else people.habit[borrower])]

    def made(self, borrower: int, channel: str, today: int, *, got: bool) -> None:
        """A contact was made; whether it counts as one that arrived."""
        self.contacts[channel] += 1
        self.today[channel] += 1
        self.state.sent[channel].add(borrower, today)
        if got:
            self.state.last_contact[borrower] = today

    def reach(self, borrower: int, today: int, *, talk: bool, late: bool = False) -> None:
        """A contact reached somebody: it moves them, and one too many brings a complaint."""
        state, force = self.state, behaviour().contact
        state.reached.add(borrower, today)
        self.today["contacts"] += 1
        if talk:
            state.talk_until[borrower] = today + force.talk_days
        else:
            state.message_until[borrower] = today + force.message_days
        terms, week = behaviour().complaint, int(state.reached.last(borrower, today, 7))
        chance = terms.any + (terms.chance if week > terms.after else 0.0)
        if self.chance.draw("complains", self.people.names[borrower], self.day(today), week) < chance:
            self.complain(borrower, today, late=late)

    def complain(self, borrower: int, today: int, *, late: bool = False) -> None:
        """Somebody complains."""
        self.today["complaints"] += 1
        if self.grievances is not None:
            self.grievances.append((borrower, today))
        self.care.request(borrower, "complaint", today, late=late)

    def _deliver(self, messages: list[tuple[int, str, str]], today: int, hour: int, minute: int = 0) -> None:
        """Messages that left are reported, and who reads one may answer."""
        moment, draw, names = self.at(today, hour, minute), self.chance.draw, self.people.names
        late = hour > 12
        for borrower, channel, template in sorted(messages):
            if not self.rules.may_leave(borrower, channel, template):
                continue
            name = names[borrower]
            got = draw("delivered", name, channel, template, moment) < 0.95
            self.made(borrower, channel, today, got=got)
            if not got:
                continue
            if channel == "voice":
                self.state.spoke.add(borrower, today)
            if self.state.wrong[borrower] and channel != "email":
                if not self.state.phone_dead[borrower]:
                    self.state.phone_dead[borrower] = True
                continue
            self.reach(borrower, today, talk=False, late=late)
            self._reply(borrower, channel, today, moment, late)

    def _reply(self, borrower: int, channel: str, today: int, moment: datetime, late: bool) -> None:
        habit = self.habit(borrower, today)
        if not habit.stops + habit.disputes + habit.trouble:
            return
        name = self.people.names[borrower]
        drawn = self.chance.draw("reply", name, self.day(today), channel)
        for chance, kind in (
            (habit.stops, "stops"), (habit.disputes, "dispute"), (habit.trouble, "hardship")
        ):  # fmt: skip
            if drawn < chance:
                if kind == "stops":
                    words = WORDS[self.place.language]["stops"]
                    # a bare word of command stops texts and machines, a sentence also people
                    if self.chance.one_of(words, "words", name, moment) == words[-1]:
                        self.state.stop_all[borrower] = True
                    self.state.stop_text[borrower] = True
                else:
                    self.care.request(borrower, kind, today, late=late)
                return
            drawn -= chance

    def _call(self, today: int) -> None:
        """The lender's own people call, the most valuable first, until the day's calls are done."""
        for borrower in self.rules.calls(today, self.capacity):
            habit, name, day = self.habit(borrower, today), self.people.names[borrower], self.day(today)
            drawn = self.chance.draw
            if drawn(name, day, "answers") > habit.answers:
                self.made(borrower, "call", today, got=False)
                continue
            self.made(borrower, "call", today, got=True)
            self.state.spoke.add(borrower, today)
            if self.state.wrong[borrower]:
                self.state.phone_dead[borrower] = True
                continue
            if drawn(name, day, "disputes") < habit.disputes:
                self.care.request(borrower, "dispute", today)
            elif drawn(name, day, "trouble") < habit.trouble:
                self.care.request(borrower, "hardship", today)
            elif drawn(name, day, "promises") < habit.promises:
                self.care.promise(borrower, habit, today)
            self.reach(borrower, today, talk=True)

    def _pay(self, today: int) -> None:
        """Borrowers pay what falls due, and what is late."""
        state, people, day, draw = self.state, self.people, self.day(today), self.chance.draw
        ledgers = state.ledgers
        late, owed = ledgers.late()
        habits, owners = state.habit_on(today), people.owner
        force = state.force(owners[late], self.rates["moved"][habits[owners[late]]], today)
        chances = np.minimum(self.rates["late"][habits[owners[late]]] * force, 0.95)
        paying: list[tuple[int, int, float]] = list(
            zip(late.tolist(), owed.tolist(), chances.tolist(), strict=True)
        )
        lately = set(late.tolist())
        due = [loan for loan in ledgers.falls_due.get(today, ()) if loan not in lately]
        paying += [(loan, 0, float(self.rates["on_time"][habits[owners[loan]]])) for loan in due]
        for loan, past_due, chance in sorted(paying):
            amount = 0
            if past_due:
                amount = self._agreed(loan, past_due, today)
                if not amount and draw("pays", people.loans[loan], day) < chance:
                    part = draw("part", people.loans[loan], day) < behaviour().payment.part
                    amount = max(past_due // 2, 1) if part else past_due
            elif not ledgers.over[loan] and draw("on time", people.loans[loan], day) < chance:
                amount = int(ledgers.amount[loan][ledgers.due_day[loan] == today].sum())
            if amount:
                self._book(loan, amount, today)

    def _agreed(self, loan: int, owed: int, today: int) -> int:
        """What a settlement or a promise that is kept has them pay today."""
        settling = self.doors.pays_settlement.get(loan)
        if settling == today:
            return self.state.ledgers.settling[loan][0]
        borrower = int(self.people.owner[loan])
        promised = self.state.promised.get(borrower)
        if promised is None or promised[0] != today or not promised[2]:
            return 0
        amount = min(promised[1], owed)
        self.state.promised[borrower] = (today, promised[1] - amount, True)
        return amount

    def _book(self, loan: int, amount: int, today: int) -> None:
        state, borrower = self.state, int(self.people.owner[loan])
        if state.agency[borrower] >= 0:
            days = int(state.ledgers.days_past_due(np.array([loan]), today)[0])
            bands = [rate for first, rate in behaviour().costs.commission if days >= first]
            self.outcome.commission += amount * (bands[-1] if bands else 0) // 10_000
        state.ledgers.pay(loan, amount, today)
        state.last_paid[borrower] = today
        state.paid_in_all[borrower] += amount
        if self.receipts is not None:
            self.receipts.append((borrower, today, amount))
        self.outcome.paid += amount
        self.today["paid"] += amount
        if self.ever_late[borrower]:
            self.outcome.paid_late += amount
            self.today["paid_late"] += amount

    def _count(self, today: int) -> None:
        loans, owed = self.state.ledgers.late()
        self.today["late"], self.today["owed_late"] = len(loans), int(owed.sum())
        self.outcome.reached += self.today["contacts"]
        self.outcome.complaints += self.today["complaints"]
        names = ("late", "owed_late", "paid", "paid_late", "contacts", "complaints", *CHANNELS)
        self.outcome.by_day.append({name: self.today[name] for name in names})
        self._relapses(today)
        self.outcome.owed_days += self.today["owed_late"]

    def _relapses(self, today: int) -> None:
        """Who has nothing late any more is cured; late again within 90 days is a relapse."""
        for borrower in self.night.closed:
            self.cured_on[borrower] = today
            self.outcome.cures += 1
        for borrower in self.night.opened:
            if today - self.cured_on.get(borrower, -1000) <= 90:
                self.outcome.relapses += 1
