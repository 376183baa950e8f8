"""The borrowers of a world as columns: the very same people as the real world makes of the same seed."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forbear.sim.behaviour import behaviour
from forbear.sim.chance import Chance
from forbear.sim.people import Owing, Person, people
from forbear.sim.place import Place

#: What comes never; a day, counted from the first.
NEVER = 1 << 30
#: How many people are made as objects at a time, before they go into columns.
_CHUNK = 5_000
MOST_LINES = 24

Ints = NDArray[np.int64]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
HABITS = tuple(behaviour().habits)


@dataclass(slots=True)
class Population:
    """Columns by borrower, then by loan; days count from the first day of the world. A borrower's loans lie together.

    `first_loan` has for each borrower where their loans begin, and one more at the end. `due_day` and `amount` have
    a row for each loan, `NEVER` and 0 where it has no such instalment.
    """

    names: list[str]
    habit: Ints
    turn_from: Ints
    turn_until: Ints
    turn_habit: Ints
    wrong: Flags
    email: Flags
    address: Flags
    west: Flags
    new_number_on: Ints
    silent_on: Ints
    region: list[str]
    first_loan: Ints
    loans: list[str]
    owner: Ints
    principal: Ints
    disbursed: Ints
    interest: Ints
    due_day: Ints
    amount: Ints
    paid: Ints
    last_paid: Ints


def population(
    count: int, first: date, chance: Chance, place: Place, behind: float = 0.0, begin: int = 0
) -> Population:
    """This many borrowers as the real world has them on the first day."""
    parts = []
    for start in range(begin, begin + count, _CHUNK):
        size = min(_CHUNK, begin + count - start)
        parts.append(_columns(people(size, first, chance, place, behind, begin=start), first, place))
    return _joined(parts)


def _columns(persons: list[Person], first: date, place: Place) -> Population:
    numbers = {id(habit): number for number, habit in enumerate(behaviour().habits.values())}
    loans = [loan for person in persons for loan in person.loans]
    sizes = np.array([0, *(len(person.loans) for person in persons)], dtype=np.int64)
    turns = [person.turn for person in persons]
    return Population(
        names=[person.borrower_id for person in persons],
        habit=np.array([numbers[id(person.habit)] for person in persons], dtype=np.int64),
        turn_from=_ints((turn[0] - first).days if turn else NEVER for turn in turns),
        turn_until=_ints((turn[1] - first).days if turn else NEVER for turn in turns),
        turn_habit=_ints(HABITS.index(turn[2]) if turn else 0 for turn in turns),
        wrong=np.array([person.wrong_number for person in persons]),
        email=np.array([bool(person.email) for person in persons]),
        address=np.array([person.address is not None for person in persons]),
        west=np.array([person.zone != place.zone for person in persons]),
        new_number_on=_ints(_says(person, first, number=True) for person in persons),
        silent_on=_ints(_says(person, first, number=False) for person in persons),
        region=[person.region for person in persons],
        first_loan=np.cumsum(sizes),
        loans=[loan.loan_id for loan in loans],
        owner=np.repeat(np.arange(len(persons)), sizes[1:]),
        principal=_ints(loan.principal for loan in loans),
        disbursed=_ints((loan.disbursed_on - first).days for loan in loans),
        interest=_ints(loan.instalments[0][2] for loan in loans),
        due_day=np.array([_padded(_days(loan, first), NEVER) for loan in loans], dtype=np.int64),
        amount=np.array([_padded(_amounts(loan), 0) for loan in loans], dtype=np.int64),
        paid=_ints(sum(amount for _, amount, _ in loan.paid.values()) for loan in loans),
        last_paid=_ints(
            max(((day - first).days for day, _, _ in loan.paid.values()), default=-NEVER) for loan in loans
        ),
    )


def _ints(values: object) -> Ints:
    return np.fromiter(values, dtype=np.int64)  # type: ignore[call-overload]


def _says(person: Person, first: date, *, number: bool) -> int:
    """The day on which they give a new number, or say that they want no messages."""
    days = [(day - first).days for day, what in person.says if bool(what) is number]
    return max(min(days), 1) if days else NEVER


def _days(loan: Owing, first: date) -> list[int]:
    return [(due_on - first).days for due_on, _, _ in loan.instalments]


def _amounts(loan: Owing) -> list[int]:
    return [principal + interest for _, principal, interest in loan.instalments]


def _padded(values: list[int], rest: int) -> list[int]:
    return values + [rest] * (MOST_LINES - len(values))


def _joined(parts: list[Population]) -> Population:
    """Chunks one after the other; numbers of borrowers and loans go on counting."""
    if len(parts) == 1:
        return parts[0]
    borrowers = np.cumsum([0, *(len(part.names) for part in parts)])
    loans = np.cumsum([0, *(len(part.loans) for part in parts)])
    joined: dict[str, object] = {}
    for name in Population.__slots__:
        columns = [getattr(part, name) for part in parts]
        if name == "owner":
            columns = [column + shift for column, shift in zip(columns, borrowers, strict=False)]
        if name == "first_loan":
            columns = [column[:-1] + shift for column, shift in zip(columns, loans, strict=False)]
            columns.append(loans[-1:])
        if isinstance(columns[0], list):
            joined[name] = [value for column in columns for value in column]
        else:
            joined[name] = np.concatenate(columns)
    return Population(**joined)  # type: ignore[arg-type]
