"""What a policy sees and wants: columns of what a lender knows of its open cases, and contacts by channel.

A policy is a Python object with `name` and `wishes(day, known)`. `known` has a column for each fact of `KNOWN`, a row
for each borrower who is late that morning, `case` with the borrower's number, and for each channel of `ALLOWED` whether
the rules would let a contact pass; what a borrower is like is never among them. It answers with wishes: for each a
channel, a text and a column of flags. What the rules refuse is counted and does not happen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forbear.core.facts.purpose import NOTICE_OF
from forbear.core.facts.vocabulary import FACTS, MINOR_UNIT
from forbear.core.strategy.least import least_for
from forbear.core.strategy.model import NOTHING, Strategy
from forbear.core.strategy.stage import facts_named
from forbear.sim.fast.columns import columns_of

Known = Mapping[str, NDArray]
#: The facts that the fast world keeps; of each other one it has no figures.
KNOWN = (
    "days_past_due", "days_delinquent", "past_due_amount", "total_past_due", "payoff", "total_payoff", "outstanding",
    "principal", "instalments_past_due", "days_on_book", "days_since_payment", "loans_past_due", "has_phone",
    "has_email", "region", "days_in_stage", "promise_open", "plan_active", "dispute_open", "hardship_open",
    "on_hold", "placed", "days_since_contact", "contacts_last_7_days", "promises_broken", "in_holdout",
)  # fmt: skip
#: The channels of which a policy is told whether the rules would let a contact pass, as `may_sms` and so on.
ALLOWED = ("sms", "voice", "email", "letter", "call")
#: Facts that never differ from their default in a made-up world.
CONSTANT = {
    "feed_doubt": False, "paused": False, "assignment_untold": False, "charge_off_untold": False,
    "vulnerable": False, "written_off": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WantedContacts:
    """Contacts wanted on one channel: `cases` has a flag for each row of what is known."""

    channel: str
    template: str
    cases: NDArray[np.bool_]


class Policy(Protocol):
    """What decides whom to contact."""

    @property
    def name(self) -> str: ...

    def wishes(self, day: int, known: Known) -> Sequence[WantedContacts]: ...


class UnknownFacts(Exception):
    """The strategy asks for facts that the fast world does not keep."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a strategy makes of a morning: by case the number of its stage (-1 for none), whether it is held, and who
    handles it; then what is wanted."""

    stage: NDArray[np.int64]
    held: NDArray[np.bool_]
    agency: NDArray[np.bool_]
    wishes: list[WantedContacts]


class StrategyPolicy:
    """A strategy file, its conditions compiled to columns once."""

    def __init__(self, strategy: Strategy, currency: str) -> None:
        missing = facts_named(strategy) - {*KNOWN, *CONSTANT, "currency"}
        if missing or strategy.experiments or strategy.holdout is not None:
            raise UnknownFacts(", ".join(sorted(missing)) or "experiments and hold-outs")
        self.name, self.strategy = strategy.name, strategy
        self._hold = columns_of(strategy.hold_when.term)
        self._stages = [columns_of(rule.when.term) for rule in strategy.stages]
        self._agency = np.array([rule.handler == "agency" for rule in strategy.stages] + [False])
        self._treatments = [
            (
                number,
                treatment,
                columns_of(treatment.when.term),
                0 if treatment.required else least_for(strategy, treatment.channel, currency),
            )
            for number, rule in enumerate(strategy.stages)
            for treatment in rule.treatments
        ]

    def wishes(self, day: int, known: Known) -> Sequence[WantedContacts]:
        """What is wanted of cases whose days in their stage are among what is known."""
        return self.planned(known, self.stages(known)).wishes

    def stages(self, known: Known) -> NDArray[np.int64]:
        """The number of the first stage that matches each case, -1 where none does."""
        stage = np.full(len(known[MINOR_UNIT]), -1, dtype=np.int64)
        for number in range(len(self._stages) - 1, -1, -1):
            stage[self._stages[number](known)] = number
        return stage

    def planned(self, known: Known, stage: NDArray[np.int64]) -> Planned:
        """What is wanted of cases in these stages; the stage's days are among what is known."""
        held = (stage >= 0) & self._hold(known)
        free = (stage >= 0) & ~held
        due = [
            (treatment, (stage == number) & free & when(known) & (known["total_past_due"] >= least))
            for number, treatment, when, least in self._treatments
        ]
        quiet = np.zeros(len(stage), dtype=bool)
        for treatment, cases in due:
            if treatment.channel == NOTHING:
                quiet |= cases
        wishes = []
        for treatment, cases in due:
            if treatment.channel == NOTHING:
                continue
            goes = treatment.required or treatment.template in NOTICE_OF
            wishes.append(
                WantedContacts(treatment.channel, treatment.template, cases if goes else cases & ~quiet)
            )
        return Planned(stage, held, self._agency[stage], wishes)


def constants(count: int, currency: str) -> dict[str, NDArray]:
    """Columns of what is the same for all."""
    columns: dict[str, NDArray] = {name: np.full(count, value) for name, value in CONSTANT.items()}
    columns["currency"] = np.full(count, currency, dtype=object)
    columns[MINOR_UNIT] = np.full(count, 100, dtype=np.int64)
    assert set(KNOWN) <= FACTS.keys(), "a fact has the vocabulary's name"
    return columns
