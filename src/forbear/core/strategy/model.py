"""What a strategy is: stages in order, each with a condition, a handler and the treatments wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from forbear.core.conditions.parse import Condition

#: Who works a case in a stage.
HANDLERS = ("system", "internal", "agency", "legal")


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

    def stage(self, name: str) -> StageRule | None:
        """The stage of that name, if the strategy has it."""
        return next((rule for rule in self.stages if rule.stage == name), None)
