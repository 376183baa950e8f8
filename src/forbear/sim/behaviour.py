"""How made-up borrowers behave: `behaviour.yaml`, read once. All chances of the world stand there, with sources."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from forbear.core.files import yaml_text


@dataclass(frozen=True, slots=True)
class Habit:
    """How one kind of borrower behaves; what each number means stands in `behaviour.yaml`."""

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


@dataclass(frozen=True, slots=True)
class Force:
    """How a contact moves somebody, and how that wears off."""

    message_days: int
    talk_days: int
    talk_times: float
    wears_off: float


@dataclass(frozen=True, slots=True)
class Excited:
    """How a payment makes the next one likelier; `part` is the chance that only a part of what is owed is paid."""

    times: float
    days: int
    part: float


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn in a life: each day's chance, the habit it brings, and how many days it lasts at least and at most."""

    chance: float
    habit: str
    days: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Records:
    """Each day's chance that a borrower gives the lender a new number, or wants no more messages, at a branch."""

    new_number: float
    no_messages: float


@dataclass(frozen=True, slots=True)
class Grievance:
    """When somebody complains: with `any` after a contact, with `chance` after more than `after` in seven days."""

    after: int
    chance: float
    any: float


@dataclass(frozen=True, slots=True)
class AgencyNature:
    """What an agency is like: how much a talk moves, how often it offends, how often it tries what it may not."""

    moved: float
    offends: float
    tries: float


@dataclass(frozen=True, slots=True)
class Doors:
    """Visits: to whom and how often, how many are approved, who is at home, who asks the two to leave."""

    from_days: int
    proposed: float
    approved: float
    home: float
    asks_to_leave: float


@dataclass(frozen=True, slots=True)
class Courts:
    """Lawsuits: how often proposed and signed, how many objections, and how many days a court takes for a step."""

    proposed: float
    signed: float
    objects: float
    step_days: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Asks:
    """How often somebody who is late asks for something by their pages on a day, and what, by weight."""

    chance: float
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class Settling:
    """Settlements: to whom and how often each week, for what share of all, for how many days, and who pays it."""

    from_days: int
    offered: float
    share: float
    days: int
    accepted: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What contacts and complaints cost, in minor units, and what an agency keeps, in basis points by days past due."""

    contacts: dict[str, int]
    complaint: int
    commission: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Everything that the world's chances follow from."""

    habits: dict[str, Habit]
    contact: Force
    payment: Excited
    life: dict[str, Turn]
    wrong_number: float
    records: Records
    complaint: Grievance
    agencies: dict[str, AgencyNature]
    addresses: float
    emails: float
    visits: Doors
    court: Courts
    asks: Asks
    settlements: Settling
    costs: Costs


@cache
def behaviour() -> Behaviour:
    """The parameters as they ship."""
    data = yaml_text.load(files("forbear.sim").joinpath("behaviour.yaml").read_text("utf-8"))
    return Behaviour(
        {name: Habit(**row) for name, row in data["habits"].items()},
        Force(**data["contact"]),
        Excited(**data["payment"]),
        {name: Turn(**{**row, "days": tuple(row["days"])}) for name, row in data["life"].items()},
        data["wrong_number"],
        Records(**data["records"]),
        Grievance(**data["complaint"]),
        {name: AgencyNature(**row) for name, row in data["agencies"].items()},
        data["addresses"],
        data["emails"],
        Doors(**data["visits"]),
        Courts(**{**data["court"], "step_days": tuple(data["court"]["step_days"])}),
        Asks(**data["asks"]),
        Settling(**data["settlements"]),
        Costs(**{**data["costs"], "commission": tuple(map(tuple, data["costs"]["commission"]))}),
    )


HABITS = behaviour().habits
