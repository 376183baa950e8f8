"""The choice as a linear program (HiGHS): by which probability each cell gets each option, and what each limit costs.

The most expected incremental cash, less cost, less the price of expected complaints, is looked for within the limits.
No open option is less probable than the floor. Of an option whose worth isn't known only that floor is given. A limit
that can't be kept even so is passed by as little as possible, and that is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.model import Choose
from forbear.insight.choice_cases import Cell
from forbear.insight.solver import quiet_solver

#: What passing a limit by one costs in the program, in minor units: more than anything brings.
_PASSING = 1e9
_NO_END = highspy.kHighsInf
#: The price of a limit that is passed, but for rounding.
_PASSED = 0.999 * _PASSING


@dataclass(frozen=True, slots=True)
class Worth:
    """What an option brings one case of a stratum within the days, beside the ladder: cash and complaints a contact.

    `cash` is in minor units; None where past nights know too little.
    """

    cash: float | None
    complaints_a_contact: float


@dataclass(frozen=True, slots=True)
class Sums:
    """What a choice is expected to bring, over all cases: amounts in minor units, cash beside the ladder."""

    cash: float = 0.0
    cost: float = 0.0
    contacts: float = 0.0
    calls: float = 0.0
    agencies: float = 0.0
    complaints: float = 0.0


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit: what is allowed, what is used, and what one more would bring in minor units (0 while some is left)."""

    name: str
    allowed: float
    used: float
    price: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Solved:
    """The probabilities by cell in millionths, what they are expected to bring, and what the limits cost."""

    shares: Mapping[str, tuple[int, ...]]
    chosen: Sums
    plain: Sums
    limits: tuple[Limit, ...]


def solve(
    choose: Choose, cells: Sequence[Cell], worth: Mapping[tuple[str, str], Worth], running_calls: float = 0.0
) -> Solved:
    """The best probabilities. The same question always has the same answer."""
    if not cells:
        return Solved({}, Sums(), Sums(), ())
    pairs = _Pairs(choose, cells, worth)
    rows = _limits(choose, cells, pairs, running_calls)
    values, prices = _program(pairs, rows)
    shares = _whole(pairs, values)
    limits = tuple(_limit(row, price, shares, running_calls) for row, price in _priced(rows, prices))
    plain = {(cell.name, 0): 1.0 for cell in cells}
    return Solved(
        _by_cell(pairs, shares),
        pairs.sums({pair: share / WHOLE for pair, share in shares.items()}),
        pairs.sums(plain),
        limits,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A limit's row of the program: its terms by pair, and what `allowed` is counted in."""

    name: str
    allowed: float
    terms: Mapping[tuple[str, int], float]
    unit: float = 1.0


class _Pairs:
    """Every cell with every option that is open in it, and what each pair brings and takes."""

    def __init__(self, choose: Choose, cells: Sequence[Cell], worth: Mapping[tuple[str, str], Worth]) -> None:
        self.choose, self.cells = choose, {cell.name: cell for cell in cells}
        self.names = [
            (cell.name, at) for cell in cells for at in range(len(choose.options)) if cell.mask >> at & 1
        ]
        self.each = {pair: self._of(pair, worth) for pair in self.names}
        self.known = {
            pair: worth.get((self.cells[pair[0]].stratum, choose.options[pair[1]].name), _UNKNOWN).cash
            is not None
            for pair in self.names
        }

    def _of(self, pair: tuple[str, int], worth: Mapping[tuple[str, str], Worth]) -> Sums:
        """What the pair brings for one case."""
        cell, at = self.cells[pair[0]], pair[1]
        found, planned = worth.get((cell.stratum, self.choose.options[at].name), _UNKNOWN), cell.planned[at]
        contacts = planned.contacts * self.choose.days
        return Sums(
            found.cash or 0.0,
            planned.cost * self.choose.days,
            contacts,
            planned.calls,
            planned.agencies,
            contacts * found.complaints_a_contact,
        )

    def cases(self, pair: tuple[str, int]) -> int:
        return self.cells[pair[0]].cases

    def net(self, pair: tuple[str, int]) -> float:
        """What the pair is worth for all its cases: cash less cost less harm."""
        each = self.each[pair]
        return self.cases(pair) * (each.cash - each.cost - each.complaints * self.choose.harm)

    def sums(self, shares: Mapping[tuple[str, int], float]) -> Sums:
        """What all cases bring with these probabilities."""
        weights = [(share * self.cases(pair), self.each[pair]) for pair, share in shares.items()]
        return Sums(
            *(
                float(sum(weight * getattr(each, name) for weight, each in weights))
                for name in ("cash", "cost", "contacts", "calls", "agencies", "complaints")
            )
        )


_UNKNOWN = Worth(None, 0.0)


def _limits(choose: Choose, cells: Sequence[Cell], pairs: _Pairs, running_calls: float) -> list[_Row]:
    """The rows of the limits that the strategy sets."""
    limits, total = choose.limits, sum(cell.cases for cell in cells)
    uses = {
        name: {pair: pairs.cases(pair) * getattr(pairs.each[pair], name) for pair in pairs.names}
        for name in ("calls", "cost", "agencies", "complaints")
    }
    rows = []
    if limits.calls is not None:
        rows.append(_Row("calls", max(0.0, limits.calls - running_calls), uses["calls"]))
    if limits.cost is not None:
        rows.append(_Row("cost", float(limits.cost), uses["cost"]))
    if limits.agencies is not None:
        rows.append(_Row("agencies", float(limits.agencies), uses["agencies"]))
    if limits.complaints is not None:
        rows.append(
            _Row("complaints", float(limits.complaints) * total / 1000, uses["complaints"], total / 1000)
        )
    if limits.contacts is not None:
        for cell in cells:
            mine = [pair for pair in pairs.names if pair[0] == cell.name]
            terms = {pair: pairs.cases(pair) * pairs.each[pair].contacts for pair in mine}
            rows.append(_Row("contacts", float(limits.contacts) * cell.cases, terms, cell.cases))
    return rows


def _program(pairs: _Pairs, rows: Sequence[_Row]) -> tuple[list[float], list[float]]:
    """The probabilities by pair, and what one more of each limit brings."""
    names, floor = pairs.names, pairs.choose.floor / WHOLE
    columns = {pair: at for at, pair in enumerate(names)}
    cells = list(pairs.cells)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(names) + len(rows), len(cells) + len(rows)
    program.col_cost_ = np.array([-pairs.net(pair) for pair in names] + [_PASSING] * len(rows))
    program.col_lower_ = np.array([floor] * len(names) + [0.0] * len(rows))
    program.col_upper_ = np.array(
        [1.0 if at == 0 or pairs.known[name, at] else floor for name, at in names] + [_NO_END] * len(rows)
    )
    program.row_lower_ = np.array([1.0] * len(cells) + [-_NO_END] * len(rows))
    program.row_upper_ = np.array([1.0] * len(cells) + [row.allowed for row in rows])
    terms: list[list[tuple[int, float]]] = [
        [(columns[pair], 1.0) for pair in names if pair[0] == cell] for cell in cells
    ]
    terms += [
        [*((columns[pair], use) for pair, use in row.terms.items() if use), (len(names) + at, -1.0)]
        for at, row in enumerate(rows)
    ]
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.cumsum([0, *(len(each) for each in terms)])
    program.a_matrix_.index_ = np.array([at for each in terms for at, _ in each])
    program.a_matrix_.value_ = np.array([value for each in terms for _, value in each])
    solver = quiet_solver()
    solver.passModel(program)
    solver.run()
    status = solver.getModelStatus()
    assert status == highspy.HighsModelStatus.kOptimal, f"passing a limit is always possible ({status})"
    solution = solver.getSolution()
    return list(solution.col_value[: len(names)]), [-price for price in solution.row_dual[len(cells) :]]


def _whole(pairs: _Pairs, values: Sequence[float]) -> dict[tuple[str, int], int]:
    """The probabilities in millionths, at least the floor each; the likeliest option of a cell takes what is left."""
    floor = pairs.choose.floor
    shares = {pair: max(floor, int(value * WHOLE)) for pair, value in zip(pairs.names, values, strict=True)}
    for cell in pairs.cells:
        mine = [pair for pair in pairs.names if pair[0] == cell]
        most = max(mine, key=lambda pair: (shares[pair], -pair[1]))
        shares[most] += WHOLE - sum(shares[pair] for pair in mine)
    return shares


def _by_cell(pairs: _Pairs, shares: Mapping[tuple[str, int], int]) -> dict[str, tuple[int, ...]]:
    count = len(pairs.choose.options)
    table = {cell: tuple(shares.get((cell, at), 0) for at in range(count)) for cell in pairs.cells}
    assert all(sum(each) == WHOLE for each in table.values()), "the probabilities of a cell add up to one"
    return table


def _priced(rows: Sequence[_Row], prices: Sequence[float]) -> list[tuple[_Row, float]]:
    """The limits with their prices; that on contacts of one borrower is one limit over all cells.

    Where a limit is passed its price is that of passing it, and no figure. In cells that pass theirs one contact more
    would change nothing.
    """
    found = [(row, price) for row, price in zip(rows, prices, strict=True) if row.name != "contacts"]
    many = [(row, price) for row, price in zip(rows, prices, strict=True) if row.name == "contacts"]
    if many:
        terms = {pair: use for row, _ in many for pair, use in row.terms.items()}
        unit = sum(row.unit for row, _ in many)
        passed = [row for row, price in many if price >= _PASSED]
        price = sum(price * row.unit for row, price in many if price < _PASSED) / unit
        whole = _Row("contacts", sum(row.allowed for row, _ in many), terms, unit)
        found.append((whole, _PASSING if passed else price))
    return found


def _limit(row: _Row, price: float, shares: Mapping[tuple[str, int], int], running_calls: float) -> Limit:
    """A limit in its own unit, with what one more of what is counted brings."""
    used = sum(use * shares[pair] / WHOLE for pair, use in row.terms.items())
    kept = price < _PASSED
    running = running_calls if row.name == "calls" else 0.0
    return Limit(
        row.name,
        row.allowed / row.unit + running,
        used / row.unit + running,
        max(0.0, price) if kept else 0.0,
        kept,
    )
