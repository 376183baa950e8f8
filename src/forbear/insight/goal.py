"""What a collector's promises came to against what like promises give: a goal that nobody meets by having easy cases.

Alike are promises on cases equally hard (see core.agencies.assignment.HARDER) when they were made. What a promise is
expected to give is the share of like promises that were kept, and of their amounts that was paid, over everybody. Raw
cash is no goal: it rewards large debts and hard words.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

#: With fewer promises nothing is said of a person.
LEAST = 5
_WIDE = 1.96


@dataclass(frozen=True, slots=True)
class Promised:
    """One promise that was due and not cancelled: whose, how hard its case was (0: not known), how much was promised
    and paid, in minor units of one currency, and whether it was kept.
    """

    person: int
    difficulty: int
    amount: int
    paid: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Usual:
    """What like promises give: the share kept, and the share of their amounts that was paid; `count` of them."""

    kept: float
    paid: float
    count: int


@dataclass(frozen=True, slots=True)
class Result:
    """A person's promises: how many, how many were kept and how many like ones would have been, and the same of their
    amounts. `low` and `high` bound what chance alone would make of the kept ones, in 95 of 100 cases.
    """

    promises: int
    kept: int
    expected: float
    paid: int
    expected_paid: float
    low: float
    high: float
    difficulty: float

    @property
    def known(self) -> bool:
        """Whether there are enough to say anything."""
        return self.promises >= LEAST

    @property
    def ratio(self) -> float | None:
        """Kept against expected, 1 being just as much; None where too little is known."""
        return self.kept / self.expected if self.known and self.expected > 0 else None

    @property
    def paid_ratio(self) -> float | None:
        """Paid against expected, each promise counting to its amount at most."""
        return self.paid / self.expected_paid if self.known and self.expected_paid > 0 else None

    @property
    def verdict(self) -> str:
        """`few`, or against chance: `above`, `within`, `below`."""
        if not self.known:
            return "few"
        return "above" if self.kept > self.high else "below" if self.kept < self.low else "within"


def usual_of(promises: Iterable[Promised]) -> dict[int, Usual]:
    """What promises give, by how hard their cases were."""
    groups: dict[int, list[Promised]] = defaultdict(list)
    for one in promises:
        groups[one.difficulty].append(one)
    return {
        difficulty: Usual(
            sum(one.kept for one in group) / len(group),
            sum(min(one.paid, one.amount) for one in group) / max(1, sum(one.amount for one in group)),
            len(group),
        )
        for difficulty, group in groups.items()
    }


def results(mine: Iterable[Promised], usual: Mapping[int, Usual]) -> dict[int, Result]:
    """By person. `usual` has every difficulty that occurs: each person's promises are among those it was made of."""
    groups: dict[int, list[Promised]] = defaultdict(list)
    for one in mine:
        groups[one.person].append(one)
    return {person: _result(group, usual) for person, group in groups.items()}


def _result(group: list[Promised], usual: Mapping[int, Usual]) -> Result:
    shares = [usual[one.difficulty] for one in group]
    expected = sum(share.kept for share in shares)
    spread = _WIDE * sqrt(sum(share.kept * (1 - share.kept) for share in shares))
    return Result(
        promises=len(group),
        kept=sum(one.kept for one in group),
        expected=expected,
        paid=sum(min(one.paid, one.amount) for one in group),
        expected_paid=sum(pair.paid * one.amount for pair, one in zip(shares, group, strict=True)),
        low=max(0.0, expected - spread),
        high=min(float(len(group)), expected + spread),
        difficulty=sum(one.difficulty for one in group) / len(group),
    )
