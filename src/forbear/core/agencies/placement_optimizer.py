"""Who gets which case: strata of like cases, a share at random, and the rest where it is expected to do most good.

Cases of one cell (age, amount, product, region, and which agencies had them before) are alike to the computation, so
what is decided is how many of a cell each agency gets; which ones is left to a lot. So agencies always work on
comparable cases, and their results can be compared without a model. All amounts are minor units,
all rates basis points.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forbear.core.agencies.placement import PlacementPolicy

WHOLE = 10_000
#: The bands of days past due and of amounts (in whole units of the currency) that make cases alike.
AGES = (30, 60, 90, 120, 180, 360, 720)
AMOUNTS = (0, 1_000, 5_000, 20_000, 100_000)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that may go out. `had` are the agencies that must not get it again."""

    borrower_id: str
    days_past_due: int
    amount: int
    currency: str
    minor_unit: int
    product: str
    region: str
    loans: tuple[str, ...]
    had: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bidder:
    """An agency as the computation sees it.

    `free` is how many more cases it can take; `regions` and `products` where it works, empty for everywhere.
    `index` is what it recovers against the average of like cases (10,000: just as much), `conduct` its score from 0 to
    100, `findings` how many findings against it are expected per 10,000 cases; `known` whether it has a record at all.
    """

    code: str
    free: int
    regions: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    index: int = WHOLE
    conduct: int = 100
    findings: int = 0
    rates: tuple[tuple[int, int], ...] = ((0, 0),)
    known: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """Like cases: their stratum's name, their number and sum, and which agencies may have them."""

    name: str
    stratum: str
    cases: tuple[Candidate, ...]
    allowed: tuple[str, ...]

    @property
    def amount(self) -> int:
        """The sum past due in the cell."""
        return sum(case.amount for case in self.cases)


@dataclass(frozen=True, slots=True)
class Worth:
    """What one average case of a cell is expected to be worth with an agency, and what goes off it."""

    recovered: int
    commission: int
    harm: int

    @property
    def net(self) -> int:
        """What is left for the lender, harm counted as cost."""
        return self.recovered - self.commission - self.harm


@dataclass(frozen=True, slots=True)
class Share:
    """How many cases of a cell an agency may get: at least `least` of them at random."""

    cell: int
    agency: str
    worth: Worth
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class PlacementProblem:
    """The problem: cells, every possible share, and how many cases each agency may take in all."""

    cells: tuple[Cell, ...]
    shares: tuple[Share, ...]
    caps: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Dealt:
    """One case to one agency, at random (`chance`) or because it does most good there."""

    case: Candidate
    agency: str
    stratum: str
    chance: bool
    worth: Worth


def stratum(case: Candidate) -> str:
    """The name of the stratum of like cases: product, age and amount, as `cash · 60–89 · 1,000–4,999`."""
    whole = case.amount // case.minor_unit
    return f"{case.product} · {_band(case.days_past_due, AGES)} · {_band(whole, AMOUNTS)}"


def _band(value: int, edges: Sequence[int]) -> str:
    reached = [edge for edge in edges if edge <= value]
    low = reached[-1] if reached else 0
    above = [edge for edge in edges if edge > value]
    return f"{low:,}–{above[0] - 1:,}" if above else f"{low:,}+"


def build(
    cases: Iterable[Candidate],
    bidders: Sequence[Bidder],
    likely: Mapping[str, int],
    policy: PlacementPolicy,
    seed: str = "",
) -> PlacementProblem:
    """The problem for these cases and agencies.

    `likely` is the share of a stratum's amount that comes back within the term on average, in basis points.
    An agency below the least conduct score gets nothing; a case that nobody may have stands in a cell without shares.
    While no agency has a record all is dealt at random, within what each can take.
    """
    able = [one for one in bidders if one.conduct >= policy.least_conduct and one.free > 0]
    cells = _cells(cases, able)
    wanted = sum(len(cell.cases) for cell in cells if cell.allowed)
    by_code = {one.code: one for one in able}
    lots = _Lots(seed, policy.chance_share if any(one.known for one in able) else 100)
    shares = []
    for number, cell in enumerate(cells):
        for code, least in lots.of(cell).items():
            worth = _worth(cell, by_code[code], likely, policy)
            shares.append(Share(number, code, worth, least, len(cell.cases)))
    alone = len(able) == 1
    # never more than the share, unless everybody's equal part is more
    cap = wanted if alone else max(wanted * policy.most_share // 100, -(-wanted // max(len(able), 1)))
    caps = {one.code: min(one.free, cap) for one in able}
    return PlacementProblem(tuple(cells), tuple(_within(shares, caps)), caps)


def _cells(cases: Iterable[Candidate], able: Sequence[Bidder]) -> list[Cell]:
    groups: dict[tuple[str, tuple[str, ...]], list[Candidate]] = {}
    for case in cases:
        allowed = tuple(sorted(one.code for one in able if _takes(one, case)))
        groups.setdefault((stratum(case), allowed), []).append(case)
    return [
        Cell(f"{name} · {'/'.join(allowed) or '—'}", name, tuple(group), allowed)
        for (name, allowed), group in sorted(groups.items())
    ]


def _takes(one: Bidder, case: Candidate) -> bool:
    return (
        one.code not in case.had
        and (not one.regions or case.region in one.regions)
        and (not one.products or case.product in one.products)
    )


class _Lots:
    """How many cases of each cell an agency gets at random: equal shares, nothing lost to rounding.

    What a small cell can't give as a whole case is carried to the next one; where an agency begins is part of the lot.
    """

    def __init__(self, seed: str, share: int) -> None:
        self.seed, self.share = seed, share
        self.carried: dict[str, int] = {}

    def of(self, cell: Cell) -> dict[str, int]:
        """By agency that may have cases of the cell."""
        counts, left = {}, len(cell.cases)
        # what is carried is in 1/10,000 of a case
        whole = 100 * max(1, len(cell.allowed))
        for code in sorted(
            cell.allowed, key=lambda agency_code: _lot(self.seed, f"{cell.name}:{agency_code}")
        ):
            start = int.from_bytes(_lot(self.seed, code)) % WHOLE
            carried = self.carried.get(code, start) + len(cell.cases) * self.share * WHOLE // whole
            counts[code] = min(carried // WHOLE, left)
            self.carried[code] = carried - counts[code] * WHOLE
            left -= counts[code]
        return {code: counts[code] for code in cell.allowed}


def _within(shares: list[Share], caps: Mapping[str, int]) -> list[Share]:
    """The shares with what falls at random brought down to what an agency can take at all."""
    least_total: dict[str, int] = {}
    for share in shares:
        least_total[share.agency] = least_total.get(share.agency, 0) + share.least
    limited = []
    for share in shares:
        whole, cap = least_total[share.agency], caps[share.agency]
        least = share.least if whole <= cap else share.least * cap // whole
        limited.append(Share(share.cell, share.agency, share.worth, least, share.most))
    return limited


def _worth(cell: Cell, one: Bidder, likely: Mapping[str, int], policy: PlacementPolicy) -> Worth:
    """The worth of the cell's average case with this agency."""
    average = cell.amount // len(cell.cases)
    rate = likely.get(cell.stratum, likely.get("", 0))
    recovered = min(average, average * rate * one.index // (WHOLE * WHOLE))
    days = sorted(case.days_past_due for case in cell.cases)[len(cell.cases) // 2]
    rates = [rate for first, rate in one.rates if first <= days]
    cost = recovered * (rates[-1] if rates else one.rates[0][1]) // WHOLE
    return Worth(recovered, cost, one.findings * policy.harm_price // WHOLE)


def deal(placing: PlacementProblem, counts: Mapping[int, int], seed: str) -> list[Dealt]:
    """Deal the cases: `counts` says how many each share (by its place) gets; the lot follows from `seed` alone.

    Asserts that no share is below its lot or above its most, no case goes out twice, and no agency gets too many.
    """
    by_cell: dict[int, list[tuple[Share, int]]] = {}
    for number, share in enumerate(placing.shares):
        count = counts.get(number, 0)
        assert share.least <= count <= share.most, "a share keeps its bounds"
        by_cell.setdefault(share.cell, []).append((share, count))
    dealt = []
    for number, shares in by_cell.items():
        cases = sorted(placing.cells[number].cases, key=lambda case: _lot(seed, case.borrower_id))
        assert sum(count for _, count in shares) <= len(cases), "no case goes out twice"
        # first what falls at random, then the rest; the order of cases is the lot's in both
        turns = [(share, share.least, True) for share, _ in shares]
        turns += [(share, count - share.least, False) for share, count in shares]
        start = 0
        for share, count, chance in turns:
            for case in cases[start : start + count]:
                dealt.append(Dealt(case, share.agency, placing.cells[number].stratum, chance, share.worth))
            start += count
    given: dict[str, int] = {}
    for one in dealt:
        given[one.agency] = given.get(one.agency, 0) + 1
    assert all(count <= placing.caps[code] for code, count in given.items()), "no agency gets too many"
    return dealt


def _lot(seed: str, borrower_id: str) -> bytes:
    """A case's place in the lot: anybody who knows the seed can draw it again."""
    return hashlib.blake2b(f"{seed}:{borrower_id}".encode(), digest_size=8).digest()
