"""Judging few and many by one measure: a small group's figure is drawn towards the average as far as chance goes.

A figure of a group is an estimate with a variance. The groups themselves differ by a variance of their own, which is
estimated by DerSimonian and Laird's moments. A group's shrunk figure weighs the two; its interval is honest
about both. Without any difference beyond chance everybody gets the average.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

#: 95 of 100 intervals of this many standard errors hold the truth.
_WIDE = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """A group's own figure `raw` from `count` cases, the fair one `shrunk`, and the interval of the latter."""

    raw: float
    shrunk: float
    low: float
    high: float
    count: int

    @property
    def sure(self) -> bool:
        """Whether the interval is narrow enough to rank by: less than a third of the figure."""
        return self.high - self.low < abs(self.shrunk) / 3


def shrink(groups: Mapping[str, tuple[float, float, int]], least: float = 0.0) -> dict[str, Estimate]:
    """Estimates for groups given as (figure, variance of the figure, count); no figure falls below `least`.

    A group whose variance is 0 says nothing of chance and is taken as is.
    """
    known = {name: row for name, row in groups.items() if row[2] > 0}
    if not known:
        return {}
    weights = {name: 1.0 / variance for name, (_, variance, _) in known.items() if variance > 0}
    if not weights:
        return {name: Estimate(raw, raw, raw, raw, count) for name, (raw, _, count) in known.items()}
    between = _between(known, weights)
    wide = {name: 1.0 / (known[name][1] + between) for name in weights}
    mean = sum(wide[name] * known[name][0] for name in wide) / sum(wide.values())
    estimates = {}
    for name, (raw, variance, count) in known.items():
        if variance <= 0:
            estimates[name] = Estimate(raw, raw, raw, raw, count)
            continue
        own = between / (between + variance)
        figure = own * raw + (1 - own) * mean
        # the average itself is an estimate too; its share of the doubt is what is borrowed from it
        error = sqrt(own * variance + (1 - own) ** 2 / sum(wide.values()))
        estimates[name] = Estimate(
            raw, max(least, figure), max(least, figure - _WIDE * error), figure + _WIDE * error, count
        )
    return estimates


def _between(known: Mapping[str, tuple[float, float, int]], weights: Mapping[str, float]) -> float:
    """The variance between groups that chance within them does not explain; 0 when it explains all."""
    whole = sum(weights.values())
    mean = sum(weight * known[name][0] for name, weight in weights.items()) / whole
    scatter = sum(weight * (known[name][0] - mean) ** 2 for name, weight in weights.items())
    spare = whole - sum(weight**2 for weight in weights.values()) / whole
    return max(0.0, (scatter - (len(weights) - 1)) / spare) if spare > 0 else 0.0
