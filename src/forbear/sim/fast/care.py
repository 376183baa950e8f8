"""What people ask for and are promised, in the fast world: requests, their holds and answers, promises and plans."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from forbear.core.agreements.answers import outcomes_of
from forbear.core.agreements.request import KINDS
from forbear.core.base.calendar import add_months
from forbear.sim.behaviour import Habit, behaviour
from forbear.sim.fast.population import NEVER

if TYPE_CHECKING:
    from forbear.sim.fast.world import FastWorld

_RECEIVED = ("dispute", "hardship", "complaint")
_ABOUT_A_LINE = ("dispute", "credit_objection")
#: Of a plan: the least instalment, the days after the second missed one after which it is broken, and its lines.
_LEAST, _GRACE, _MOST_BROKEN = 5_000, 5, 3
_LATER = (5, 20)


@dataclass(slots=True)
class Asked:
    """An open request."""

    borrower: int
    kind: str
    answer_on: int
    line: tuple[int, int] | None = None


class Care:
    """Requests, promises and plans of a world."""

    def __init__(self, world: "FastWorld") -> None:
        self.world = world
        self.open: list[Asked] = []
        self.counted: Counter[str] = Counter()

    def request(
        self, borrower: int, kind: str, today: int, *, late: bool = False, line: tuple[int, int] | None = None
    ) -> None:
        """Somebody asks; the same open request is not made twice. `late`: after the hour in which people answer."""
        if any(
            asked.borrower == borrower and asked.kind == kind and asked.line == line for asked in self.open
        ):
            return
        self.open.append(Asked(borrower, kind, today + (4 if late else 3), line))
        self.counted[kind] += 1
        hold = KINDS[kind].hold
        if hold:
            self.world.state.hold[hold][borrower] = NEVER
        if kind in _RECEIVED:
            self.world.evening.append((borrower, "sms", f"{kind}_received"))
        if hold in ("dispute", "hardship", "lawyer"):
            self.world.agencies.recall(borrower)

    def asks(self, today: int) -> None:
        """Some of those who are late, and have a case, ask for something by their own pages."""
        world, terms = self.world, behaviour().asks
        kinds, shares = zip(*terms.kinds.items(), strict=True)
        late, _ = world.state.ledgers.late()
        names, day, draw = world.people.names, world.day(today), world.chance.draw
        for borrower in sorted(set(world.people.owner[late].tolist())):
            if not world.state.case_open[borrower] or draw("asks", names[borrower], day) >= terms.chance:
                continue
            kind = world.chance.stream("asks for", names[borrower], day).choices(kinds, shares)[0]
            if kind == "extension":
                self._extend(world.state.loans_of(borrower)[0], today)
                continue
            line = None
            if kind in _ABOUT_A_LINE:
                loan = next(one for one in world.state.loans_of(borrower) if world.state.ledgers.owed(one))
                line = (loan, int(world.state.ledgers.oldest[loan]))
            self.request(borrower, kind, today, line=line)

    def _extend(self, loan: int, today: int) -> None:
        """The next due date moves at once where the policy allows it: within 15 days, once a year, five paid."""
        world, ledgers = self.world, self.world.state.ledgers
        due, number = ledgers.next_due(loan, today)
        if due == NEVER:
            return
        days = _LATER[0] + world.chance.below(
            _LATER[1] - _LATER[0], "later", world.people.loans[loan], world.day(today)
        )
        borrower = int(world.people.owner[loan])
        if due - today <= 15 and ledgers.oldest[loan] >= 5 and not ledgers.owed(loan):
            self._move(loan, number, due + days)
            return
        self.request(borrower, "extension", today, line=(loan, number))

    def _move(self, loan: int, number: int, to: int) -> None:
        state, borrower = self.world.state, int(self.world.people.owner[loan])
        state.ledgers.move(loan, number, to)
        self._hold_until(borrower, "forbearance", to)

    def _hold_until(self, borrower: int, kind: str, day: int) -> None:
        column = self.world.state.hold[kind]
        column[borrower] = max(int(column[borrower]), day)

    def answer(self, today: int) -> None:
        """Requests of three days ago are answered."""
        due = [asked for asked in self.open if asked.answer_on <= today]
        self.open = [asked for asked in self.open if asked.answer_on > today]
        for asked in due:
            outcomes = outcomes_of(asked.kind)
            name = self.world.people.names[asked.borrower]
            about = ("answer", name, asked.kind, self.world.day(today))
            outcome = outcomes[self.world.chance.below(len(outcomes), *about)]
            if not self._grant(asked, outcome, today):
                outcome = outcomes[-1]
            stays = (asked.kind, outcome) in (("wrong_person", "confirmed"), ("lawyer", "done"))
            hold = KINDS[asked.kind].hold
            if hold:
                days = {"wrong_person": 30, "lawyer": 180}[asked.kind] if stays else 0
                self.world.state.hold[hold][asked.borrower] = today + days
            template = "complaint_final" if asked.kind == "complaint" else "request_answered"
            self.world.evening.append((asked.borrower, "sms", template))

    def _grant(self, asked: Asked, outcome: str, today: int) -> bool:
        """What an answer does; False where it can't be done, and a plain no is said."""
        world, borrower = self.world, asked.borrower
        owed = sum(world.state.ledgers.owed(loan) for loan in world.state.loans_of(borrower))
        match asked.kind, outcome:
            case ("hardship", "reduced") | ("plan", "done"):
                return self._plan(borrower, owed, today)
            case ("hardship", "deferred"):
                draw = world.chance.below(3, "pause", world.people.names[borrower], world.day(today))
                self._hold_until(borrower, "forbearance", today + 30 * (1 + draw))
                world.agencies.recall(borrower)
            case ("dispute", "upheld" | "partly") | ("credit_objection", "corrected"):
                return self._correct(asked, owed, today, whole=outcome == "upheld")
            case ("complaint", "upheld" | "partly"):
                world.agencies.found(borrower, "complaint")
                world.agencies.recall(borrower)
            case ("extension", "done") if asked.line is not None:
                loan, number = asked.line
                due, number = world.state.ledgers.next_due(loan, today)
                if due == NEVER:
                    return False
                self._move(loan, number, due + 15)
        return True

    def _correct(self, asked: Asked, owed: int, today: int, *, whole: bool) -> bool:
        ledgers = self.world.state.ledgers
        by, wanted = NEVER if whole else max(owed // 2, 1), NEVER if whole else max(owed // 2, 1)
        if asked.line is not None:
            loan, number = asked.line
            if number >= ledgers.amount.shape[1] or (not whole and wanted > ledgers.amount[loan, number]):
                return False
            self._lost(asked.borrower, ledgers.correct(loan, by, today, number), today)
            return True
        for loan in self.world.state.loans_of(asked.borrower):
            if ledgers.owed(loan) and by:
                taken = ledgers.correct(loan, min(by, ledgers.owed(loan)), today)
                self._lost(asked.borrower, taken, today)
                by -= taken
        return True

    def _lost(self, borrower: int, amount: int, today: int) -> None:
        self.world.outcome.corrected += amount
        if self.world.losses is not None:
            self.world.losses.append((borrower, today, amount))

    def _plan(self, borrower: int, owed: int, today: int) -> bool:
        """Four months for all that is late, from a month ahead; nothing is asked for while it is kept."""
        world, state = self.world, self.world.state
        monthly = owed // 4 + 1
        if not owed or monthly < _LEAST or borrower in state.plans:
            return False
        first = world.setting.first + timedelta(days=today + 30)
        second = (add_months(first, 1) - world.setting.first).days
        state.plans[borrower] = (owed, int(state.paid_in_all[borrower]))
        state.hold["plan"][borrower] = second + _GRACE
        world.agencies.recall(borrower)
        if world.people.email[borrower]:
            world.evening.append((borrower, "email", "plan_agreed"))
        return True

    def promise(self, borrower: int, habit: Habit, today: int) -> None:
        """All that is late, by a day of the next week; after three broken ones they only say that they will pay."""
        world, state = self.world, self.world.state
        owed = sum(state.ledgers.owed(loan) for loan in state.loans_of(borrower))
        name, day = world.people.names[borrower], world.day(today)
        by = today + 1 + world.chance.below(7, "promise", name, day)
        if not owed or state.broken[borrower] >= _MOST_BROKEN:
            return
        kept = world.chance.draw("keeps", name, day) < habit.keeps
        state.promised[borrower] = (by, owed, kept)
        state.promises[borrower] = (by, owed, int(state.paid_in_all[borrower]))
        state.hold["promise"][borrower] = by + 1
        world.outcome.promises["made"] = world.outcome.promises.get("made", 0) + 1
        world.evening.append((borrower, "sms", "promise_confirmed"))

    def evaluate(self, today: int) -> None:
        """In the evening promises and plans are judged by what was paid."""
        state, counts = self.world.state, self.world.outcome.promises
        for borrower, (by, amount, before) in list(state.promises.items()):
            kept = (state.paid_in_all[borrower] - before) * 100 >= amount * 95
            if not kept and today <= by + 1:
                continue
            del state.promises[borrower]
            if kept:
                state.hold["promise"][borrower] = min(today, int(state.hold["promise"][borrower]))
            else:
                state.broken[borrower] += 1
            word = "kept" if kept else "broken"
            counts[word] = counts.get(word, 0) + 1
        for borrower, (amount, before) in list(state.plans.items()):
            paid = (state.paid_in_all[borrower] - before) * 100 >= amount * 95
            if paid or state.hold["plan"][borrower] <= today:
                state.hold["plan"][borrower] = min(today, int(state.hold["plan"][borrower]))
                del state.plans[borrower]
