"""What a strategy is: stages in order, each with a condition, a handler and the treatments wanted.

It may have experiments, whose arms its conditions ask for, and a hold-out: see core.strategy.arms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from forbear.core.conditions.parse import Condition

#: Who works a case in a stage.
HANDLERS = ("system", "internal", "agency", "legal")


#: The channel of a treatment that does nothing on purpose: planned, kept and measured like any other.
NOTHING = "nothing"


#: How many calls an hour of work makes, where a strategy doesn't say.
CALLS_AN_HOUR = 10


@dataclass(frozen=True, slots=True)
class TreatmentRule:
    """One treatment wanted in a stage: a template on a channel, on the days its condition holds.

    `required` ones are planned whatever the amount: see core.strategy.least.
    """

    channel: str
    template: str
    when: Condition
    place: str = field(default="", compare=False)
    required: bool = False


@dataclass(frozen=True, slots=True)
class StageRule:
    """One stage: a borrower is in it when no stage before it matched and ``when`` holds."""

    stage: str
    when: Condition
    handler: str
    treatments: tuple[TreatmentRule, ...]
    title: dict[str, str] = field(default_factory=dict, hash=False)
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of an experiment; ``share`` is in millionths of those in the experiment, ``title`` by language."""

    name: str
    share: int
    title: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment: who can be in it, its arms, what is looked at and when.

    ``share`` is how many of the eligible are in it, in millionths. The first arm is the one that the others are
    compared with. ``outcome`` is what decides it, ``window`` days after a borrower came in. ``guardrails`` has by
    measure how much worse than the first arm another may be. Borrowers come in from ``first_day`` to ``last_day``, and
    an arm is kept until the last one's window is over.
    """

    name: str
    title: dict[str, str] = field(hash=False)
    salt: str
    eligible: Condition
    share: int
    arms: tuple[Arm, ...]
    outcome: str
    window: int
    guardrails: Mapping[str, str] = field(hash=False)
    first_day: date
    last_day: date
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Those from whom nothing is wanted, so that what comes by itself is known.

    It ends for a case from ``day`` days past due, or in ``stage`` and those after it. ``keeps`` are the templates that
    go all the same, such as an offer of help.
    """

    share: int
    salt: str
    day: int | None
    stage: str
    keeps: frozenset[str] = frozenset()
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Canary:
    """What decides whether the strategy goes on from a share of borrowers, and what brings it back: see `canary`."""

    outcome: str
    window: int
    guardrails: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be done with a case: what the stages plan, on the channels `only` (None for all of them).

    `like` names the arm by experiment that stands for it in what past nights show.
    """

    name: str
    only: frozenset[str] | None
    when: Condition
    like: Mapping[str, str] = field(default_factory=dict, hash=False)
    title: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing that cases are told apart by: the last of its numbered bounds that holds is a case's."""

    fact: str
    bounds: tuple[str, ...]
    numbered: tuple[tuple[int, Condition], ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What may not be passed; None where there is no limit.

    `calls`, `cost` (minor units) and `agencies` are for one night, `complaints` for 1,000 borrowers and `contacts` for
    one, within the choice's days.
    """

    calls: int | None = None
    calls_an_hour: int = CALLS_AN_HOUR
    cost: int | None = None
    agencies: int | None = None
    complaints: Decimal | None = None
    contacts: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Choose:
    """What may be done with whom and within which limits: see core.strategy.choice.

    `floor` is in millionths, `harm` the price of one complaint in minor units. `complaints_at` is where the limit on
    complaints stands in the text.
    """

    salt: str
    currency: str
    eligible: Condition
    days: int
    floor: int
    strata: tuple[Dimension, ...]
    options: tuple[Option, ...]
    limits: Limits
    harm: int
    place: str = field(default="", compare=False)
    complaints_at: tuple[int, int] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy as read from its file.

    ``title`` has the keys ``zh`` and ``en``. While ``hold_when`` holds, a stage is still decided but no
    treatment is planned. ``version`` is the first 12 hex digits of the SHA-256 of the file's text. ``place``
    of a rule is its ``file:line:column``. ``least_amounts`` has minor units by currency and step: see
    core.strategy.least.
    """

    name: str
    title: dict[str, str] = field(hash=False)
    stages: tuple[StageRule, ...]
    hold_when: Condition
    version: str
    origin: str = field(default="", compare=False)
    least_amounts: Mapping[str, Mapping[str, int]] = field(default_factory=dict, hash=False)
    holdout: HoldOut | None = None
    experiments: tuple[Experiment, ...] = ()
    canary: Canary | None = None
    choose: Choose | None = None

    def stage(self, name: str) -> StageRule | None:
        """The stage of that name, if the strategy has it."""
        return next((rule for rule in self.stages if rule.stage == name), None)
