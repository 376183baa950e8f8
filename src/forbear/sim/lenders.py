"""A large world as several lenders, each with its part of the borrowers and a home of its own, summed up.

Into how many parts it is cut follows from the world alone, never from the machine: so the result is the same whatever
number of processes lives it. A borrower is who they would be in one world of all.
"""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

#: A world of more borrowers than this is cut in two, so that two processes live it; and a part has at most that many.
LARGEST, PART = 1_000, 10_000
_SUMMED = ("contacts", "states", "promises", "requests", "tried", "visits", "lawsuits")
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
    found = {name: lived[0][name] for name in ("seed", "pack")}
    found |= {name: sum(each[name] for each in lived) for name in _ADDED}
    for name in _SUMMED:
        found[name] = dict(sorted(sum((Counter(each[name]) for each in lived), Counter()).items()))
    found["days"] = min(each["days"] for each in lived)
    found["by_day"] = [
        {name: sum(day[name] for day in days) for name in days[0]}
        for days in zip(*(each["by_day"][: found["days"]] for each in lived), strict=True)
    ]
    found["people"] = {name: told for each in lived for name, told in each["people"].items()}
    found["faults"] = faults_summed([each["faults"] for each in lived])
    broke = sorted((each["broken_on"] for each in lived if each["broken"]), key=str)
    found["broken_on"] = broke[0] if broke else ""
    broken: dict[str, list[str]] = {}
    for each in lived:
        for name, wrong in each["broken"].items():
            broken[name] = [*broken.get(name, []), *wrong][:_BROKEN_SHOWN]
    found["broken"] = broken
    found["evidence_flaws"] = [flaw for each in lived for flaw in each["evidence_flaws"]]
    return found


def faults_summed(told: Sequence[Mapping[str, Mapping]]) -> dict[str, dict]:
    """The opportunities and strikes of each fault over several worlds, and how they ended."""
    found: dict[str, dict] = {}
    for one in told:
        for name, each in one.items():
            sums = found.setdefault(name, {"tried": 0, "happened": 0, "ended": {}})
            sums["tried"] += each["tried"]
            sums["happened"] += each["happened"]
            for how, number in each["ended"].items():
                sums["ended"][how] = sums["ended"].get(how, 0) + number
    return found
