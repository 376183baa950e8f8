"""The night of a fast world: which cases are open, and what the lender knows of each."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forbear.core.strategy.queue import LATER, LIKELY
from forbear.sim.fast.population import NEVER, Ints
from forbear.sim.fast.wishes import ALLOWED, StrategyPolicy, WantedContacts, constants

if TYPE_CHECKING:
    from forbear.sim.fast.world import FastWorld

_NEVER_DAYS = 9999


class Night:
    """What a morning's decision came to: the cases, a row for each, and the policy's wishes for them."""

    def __init__(self, world: "FastWorld") -> None:
        self.world = world
        self.cases: Ints = np.zeros(0, dtype=np.int64)
        self.value: Ints = self.cases
        self.known: dict[str, NDArray] = {}
        self.wishes: list[WantedContacts] = []
        self.held: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self.to_agency: NDArray[np.bool_] = self.held
        self.opened: list[int] = []
        self.closed: list[int] = []
        self.regions = np.array(world.people.region, dtype=object)

    def decide(self, today: int) -> None:
        """Open and close cases, look at each, and ask the policy."""
        world, state = self.world, self.world.state
        self.known = self._facts(today)
        open_now = np.zeros(len(world.people.names), dtype=bool)
        open_now[self.cases] = True
        self.opened = np.flatnonzero(open_now & ~state.case_open).tolist()
        self.closed = np.flatnonzero(state.case_open & ~open_now).tolist()
        state.case_open = open_now
        policy, known = world.policy, self.known
        if isinstance(policy, StrategyPolicy):
            self._by_strategy(policy, today)
        else:
            self.held = state.held(self.cases, today)
            self.to_agency = np.zeros(len(self.cases), dtype=bool)
            state.since[self.opened] = today
            known["days_in_stage"] = today - state.since[self.cases]
            known |= {f"may_{name}": world.rules.would_allow(name, today) for name in ALLOWED}
            known["case"] = self.cases
            self.wishes = list(policy.wishes(today, known))
        state.stage[~open_now] = -1

    def _by_strategy(self, policy: StrategyPolicy, today: int) -> None:
        state, cases = self.world.state, self.cases
        stage = policy.stages(self.known)
        moved = state.stage[cases] != stage
        state.since[cases[moved]] = today
        state.stage[cases] = stage
        self.known["days_in_stage"] = np.where(stage >= 0, today - state.since[cases], 0)
        planned = policy.planned(self.known, stage)
        self.held, self.to_agency, self.wishes = planned.held, planned.agency, planned.wishes

    def _facts(self, today: int) -> dict[str, NDArray]:
        """A column for each fact that the fast world keeps; of a borrower with two loans the worst decides."""
        state, people = self.world.state, self.world.people
        loans, owed = state.ledgers.late()
        days, owners = state.ledgers.days_past_due(loans, today), people.owner[loans]
        order = np.lexsort((loans, -owed, -days, owners))
        loans, owed, days, owners = loans[order], owed[order], days[order], owners[order]
        self.cases, first, sizes = np.unique(owners, return_index=True, return_counts=True)
        worst, count = loans[first], len(self.cases)
        total = np.add.reduceat(owed, first) if count else owed[:0]
        ledgers = state.ledgers
        outstanding = ledgers.amount[worst].sum(axis=1) - ledgers.paid[worst]
        payoff = ledgers.payoff(worst, today)
        late_lines = (ledgers.due_day[worst] < today).sum(axis=1) - ledgers.oldest[worst]
        self.value = _expected(days[first], total)
        known = constants(count, self.world.place.currency) | {
            "days_past_due": days[first],
            "days_delinquent": days[first],
            "past_due_amount": owed[first],
            "total_past_due": total,
            "payoff": payoff,
            "total_payoff": payoff,
            "outstanding": outstanding,
            "principal": people.principal[worst],
            "instalments_past_due": late_lines,
            "days_on_book": today - people.disbursed[worst],
            "days_since_payment": _since(today - people.last_paid[worst]),
            "loans_past_due": sizes,
            "days_in_stage": np.zeros(count, dtype=np.int64),
            "has_phone": np.ones(count, dtype=bool),
            "has_email": people.email[self.cases],
            "region": self.regions[self.cases],
            "placed": state.agency[self.cases] >= 0,
            "in_holdout": np.zeros(count, dtype=bool),
        }
        return known | self._desk(today)

    def _desk(self, today: int) -> dict[str, NDArray]:
        state, cases = self.world.state, self.cases
        week = sum(
            (ring.last(cases, today, 7) for ring in state.sent.values()), np.zeros(len(cases), np.int64)
        )
        return {
            "days_since_contact": _since(today - state.last_contact[cases]),
            "contacts_last_7_days": week,
            "promises_broken": state.broken[cases],
            "promise_open": state.held(cases, today, ("promise",)),
            "plan_active": state.held(cases, today, ("plan",)),
            "dispute_open": state.held(cases, today, ("dispute",)),
            "hardship_open": state.held(cases, today, ("hardship",)),
            "on_hold": state.held(cases, today, ("verification", "forbearance")),
        }


def _since(days: Ints) -> Ints:
    return np.where(days > NEVER // 2, _NEVER_DAYS, days)


def _expected(days: Ints, past_due: Ints) -> Ints:
    """The order of calls; see `core.strategy.queue`."""
    share = np.full(len(days), LATER, dtype=np.int64)
    for most, percent in reversed(LIKELY):
        share[days <= most] = percent
    return past_due * share // 100
