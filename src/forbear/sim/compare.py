"""What differs between two strategies in the same worlds, with intervals.

A world is lived once under each, with the same draws, so its two outcomes are a pair: the difference is taken world
by world, and its interval is Student's over the worlds. What a strategy itself brings is known from the hold-out:
borrowers whom a lot left alone. Their mean is taken from that of the others, again world by world. And, as only
made-up worlds can, each is lived once more with nobody chased at all: there the same people stand beside themselves.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import cast

#: Student's 97.5 % points for 1 to 30 degrees of freedom; beyond them the curve below is right to two decimals.
_STUDENT = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over worlds and the interval that holds it with 95 %."""

    value: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether it is surely above or surely below nothing."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Row:
    """One measure: its mean under each strategy, and what the second has more. Money in minor units."""

    title: str
    unit: str
    first: float
    second: float
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison; `series` has, by strategy, the mean over worlds of each measure for each day."""

    names: tuple[str, str]
    rows: list[Row]
    incremental: list[tuple[str, Estimate, Estimate, bool]]
    series: dict[str, dict[str, list[float]]]
    verdict: str

    def plain(self) -> dict[str, object]:
        """The same as JSON can say it; what is not known is null."""
        return {name: _finite(value) for name, value in asdict(self).items()}


def _finite(data: object) -> object:
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def student(freedom: int) -> float:
    """The 97.5 % point of Student's distribution."""
    assert freedom >= 1, freedom
    return _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else 1.96 + 2.4 / freedom


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of independent values with its interval; of one value nothing is known beyond it."""
    mean = fmean(values)
    if len(values) < 2:
        return Estimate(mean, -math.inf, math.inf)
    half = student(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Estimate(mean, mean - half, mean + half)


#: What a world came to, as `world.Summary.plain` gives it and as it comes back from a process of its own.
Figures = Mapping[str, object]


def _days(figures: Figures) -> Sequence[Mapping[str, int]]:
    """What was counted each day."""
    return cast(Sequence[Mapping[str, int]], figures["by_day"])


def _people(figures: Figures) -> list[tuple[bool, int, int]]:
    """Of each borrower who was late: whether they are of the hold-out, what they paid, how often they were reached."""
    return list(cast(Mapping[str, tuple[bool, int, int]], figures["people"]).values())


def _last(name: str) -> Callable[[Figures], float]:
    return lambda figures: _days(figures)[-1][name]


def _sum(name: str) -> Callable[[Figures], float]:
    return lambda figures: sum(day[name] for day in _days(figures))


#: Each measure of a world: its title, its unit, and how it is read.
MEASURES: tuple[tuple[str, str, Callable[[Figures], float]], ...] = (
    (
        "cash from those who were late",
        "money",
        lambda figures: sum(cash for _, cash, _ in _people(figures)),
    ),
    ("past due at the end", "money", _last("owed_late")),
    ("loans 30 days late at the end", "number", _last("late_30")),
    ("contacts that reached somebody", "number", _sum("contacts")),
    ("contacts that the rules refused", "number", _sum("refused")),
    ("complaints", "number", _sum("complaints")),
)
SERIES = ("paid", "owed_late", "late_30", "contacts", "refused", "complaints")


def effect(figures: Figures) -> tuple[float, float] | None:
    """(cash that collection brought a borrower it was meant for, contacts it took) in one world; None without a lot."""
    rows = _people(figures)
    chased = [(cash, touched) for held_out, cash, touched in rows if not held_out]
    left = [cash for held_out, cash, _ in rows if held_out]
    if not chased or not left:
        return None
    return fmean(cash for cash, _ in chased) - fmean(left), fmean(touched for _, touched in chased)


def beyond(figures: Figures, alone: Figures) -> tuple[float, float]:
    """(cash beyond what the same world brings with nobody chased, contacts it took) in one world."""
    return _sum("paid")(figures) - _sum("paid")(alone), _sum("contacts")(figures)


def compared(
    names: Sequence[str], lived: Sequence[Mapping[int, Figures]], alone: Mapping[int, Figures] | None = None
) -> Compared:
    """Compare the worlds lived under two strategies, by their seeds; `alone` are those with nobody chased."""
    first, second = lived
    seeds = sorted(first)
    assert seeds == sorted(second), "each world is lived under both"
    rows = []
    for title, unit, read in MEASURES:
        pairs = [(read(first[seed]), read(second[seed])) for seed in seeds]
        difference = estimate([after - before for before, after in pairs])
        rows.append(
            Row(title, unit, fmean(one for one, _ in pairs), fmean(other for _, other in pairs), difference)
        )
    effects = [[effect(figures[seed]) for seed in seeds] for figures in lived]
    incremental = [
        _both("cash for each late borrower", (_over(pair, lambda got: got[0]) for pair in effects), True),
        _both(
            "contacts for each late borrower", (_over(pair, lambda got: got[1]) for pair in effects), False
        ),
        _both("cash for each contact", map(_ratio, effects), True),
    ]
    if alone is not None:
        twins = [[beyond(figures[seed], alone[seed]) for seed in seeds] for figures in lived]
        beyond_cash = (_over(twin, lambda got: got[0]) for twin in twins)
        incremental += [
            _both("cash beyond a world with nobody chased", beyond_cash, True),
            _both("the same, for each contact", map(_ratio, twins), True),
        ]
    series = {
        name: {
            series_name: [
                fmean(day)
                for day in zip(*([d[series_name] for d in _days(figures[s])] for s in seeds), strict=True)
            ]
            for series_name in SERIES
        }
        for name, figures in zip(_apart(names), lived, strict=True)
    }
    return Compared(_apart(names), rows, incremental, series, _verdict(_apart(names), rows))


def _both(title: str, estimates: Iterable[Estimate], is_money: bool) -> tuple[str, Estimate, Estimate, bool]:
    """A row of `Compared.incremental`: a measure under each of the two strategies."""
    first, second = estimates
    return title, first, second, is_money


def _apart(names: Sequence[str]) -> tuple[str, str]:
    one, other = names
    return (one, other) if one != other else (one, f"{other} (2)")


def _over(
    pairs: Sequence[tuple[float, float] | None], read: Callable[[tuple[float, float]], float]
) -> Estimate:
    known = [read(pair) for pair in pairs if pair is not None]
    return estimate(known) if known else Estimate(math.nan, -math.inf, math.inf)


def _ratio(pairs: Sequence[tuple[float, float] | None]) -> Estimate:
    """A ratio of two means over worlds, with the interval of the linear form (Fieller's, to first order)."""
    known = [pair for pair in pairs if pair is not None]
    touched = fmean(contacts for _, contacts in known) if known else 0.0
    if not touched:
        return Estimate(math.nan, -math.inf, math.inf)
    ratio = fmean(cash for cash, _ in known) / touched
    spread = estimate([(cash - ratio * contacts) / touched for cash, contacts in known])
    return Estimate(ratio, ratio + spread.low, ratio + spread.high)


def _verdict(names: tuple[str, str], rows: Sequence[Row]) -> str:
    """In one sentence what is sure, and what is not."""
    sure = [row for row in rows if row.difference.sure]
    if not sure:
        return "Nothing differs beyond chance: live more worlds, or longer ones."
    said = ", ".join(f"{'more' if row.difference.value > 0 else 'less'} {row.title}" for row in sure)
    rest = [row.title for row in rows if not row.difference.sure]
    return f"{names[1]} against {names[0]}, beyond chance: {said}." + (
        f" Not beyond chance: {', '.join(rest)}." if rest else ""
    )
