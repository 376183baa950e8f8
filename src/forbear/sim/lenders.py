"""A large world as several lenders, each with its part of the borrowers and a home of its own, summed up.

Into how many parts it is cut follows from the world alone, never from the machine: so the result is the same whatever
number of processes lives it. A borrower is who they would be in one world of all.
"""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

#: A world of more borrowers than this is cut in two, so that two processes live it; and a part has at most that many.
LARGEST, PART = 1_000, 10_000
_SUMMED = (
    "contacts", "states", "promises", "requests", "tried", "visits", "lawsuits", "sales", "settlements",
)  # fmt: skip
_ADDED = ("borrowers", "paid", "late_at_end", "owed_late_at_end")
_BROKEN_SHOWN = 5


def parts(borrowers: int, lenders: int = 0) -> list[tuple[int, int]]:
    """(number of the first borrower, how many) of each lender; `lenders` 0 is by size."""
    lenders = lenders or (1 if borrowers <= LARGEST else max(2, -(-borrowers // PART)))
    ends = [borrowers * number // lenders for number in range(lenders + 1)]
    return [(begin, end - begin) for begin, end in itertools.pairwise(ends) if end > begin]


def summed(lived: Sequence[Mapping]) -> dict:
    """What several lenders' runs came to together; what broke is reported by the first day on which any did."""
    assert lived, "a world has at least one lender"
    total = {name: lived[0][name] for name in ("seed", "pack")}
    total |= {name: sum(part[name] for part in lived) for name in _ADDED}
    for name in _SUMMED:
        total[name] = dict(sorted(sum((Counter(part[name]) for part in lived), Counter()).items()))
    total["days"] = min(part["days"] for part in lived)
    total["by_day"] = [
        {name: sum(day[name] for day in days) for name in days[0]}
        for days in zip(*(part["by_day"][: total["days"]] for part in lived), strict=True)
    ]
    total["people"] = {name: figures for part in lived for name, figures in part["people"].items()}
    total["faults"] = faults_summed([part["faults"] for part in lived])
    broke = sorted((part["broken_on"] for part in lived if part["broken"]), key=str)
    total["broken_on"] = broke[0] if broke else ""
    broken: dict[str, list[str]] = {}
    for world in lived:
        for name, breaches in world["broken"].items():
            broken[name] = [*broken.get(name, []), *breaches][:_BROKEN_SHOWN]
    total["broken"] = broken
    total["evidence_flaws"] = [flaw for part in lived for flaw in part["evidence_flaws"]]
    return total


def faults_summed(worlds: Sequence[Mapping[str, Mapping]]) -> dict[str, dict]:
    """The opportunities and strikes of each fault over several worlds, and how they ended."""
    totals: dict[str, dict] = {}
    for one in worlds:
        for name, counts in one.items():
            sums = totals.setdefault(name, {"tried": 0, "happened": 0, "ended": {}})
            sums["tried"] += counts["tried"]
            sums["happened"] += counts["happened"]
            for how, number in counts["ended"].items():
                sums["ended"][how] = sums["ended"].get(how, 0) + number
    return totals
