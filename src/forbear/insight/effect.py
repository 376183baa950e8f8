"""What an arm of an experiment brings beyond another, and how sure that is.

Pure statistics over arrays, a value a borrower, by intention to treat: who was given an arm counts there, whatever
became of them. With n borrowers, mean m, variance s² and third moment k of an arm:

- CUPED (Deng et al., 2013): y - b (x - mean of x) with b = cov(y, x) / var(x) over both arms takes away what was known
  of a borrower before, which chance can't have changed.
- The interval of a difference is Student's, turned for skewness by Hall's cubic (Hall 1992; for two samples Zhou and
  Dinh 2005): few large payments make sums skewed, and no payment is cut off for it.
- Ratios, such as cash a contact, by the delta method (Deng et al., 2018).
- Intervals that stay valid on whatever day one looks are asymptotic confidence sequences with a normal mixture
  (Waudby-Smith et al., 2024): se * sqrt((1 + 1/(n r)) * log((n r + 1) / a²)).
- Whether as many borrowers are in each arm as chance would have it: a chi-square test for one look, and for every look
  a Dirichlet-multinomial mixture (Lindon and Malek, 2022).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Values = NDArray[np.float64]
#: One in twenty intervals misses the truth.
MISSES = 0.05
#: Fewer borrowers in an arm than this say nothing.
LEAST = 50
#: How probable it is to show an effect of the size asked for.
POWER = 0.8


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the interval that holds the truth in 95 of 100 experiments."""

    estimate: float
    low: float
    high: float

    @property
    def shown(self) -> bool:
        """Whether the interval leaves no doubt on which side of 0 the truth lies."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two arms' means: for one look on a day fixed before, and for looks on any day.

    `error` is its standard error, `cut` the share of variance that was known before.
    """

    fixed: Interval
    always: Interval
    error: float
    cut: float
    n: int


def difference(
    arm: Values, other: Values, arm_before: Values | None = None, other_before: Values | None = None,
    planned: int = 0,
) -> Difference | None:  # fmt: skip
    """How much more an arm has of something than the other, a borrower; None with too few borrowers in one.

    `before` is the same borrowers' value of something known before they came in. `planned` is how many borrowers the
    experiment was planned for: there the interval for any day is narrowest.
    """
    n, m = len(arm), len(other)
    if min(n, m) < LEAST:
        return None
    cut = 0.0
    if arm_before is not None and other_before is not None:
        arm, other, cut = _without_what_was_known(arm, other, arm_before, other_before)
    error = sqrt(arm.var(ddof=1) / n + other.var(ddof=1) / m)
    estimate = float(arm.mean() - other.mean())
    if error == 0:
        same = Interval(estimate, estimate, estimate)
        return Difference(same, same, 0.0, cut, n + m)
    total = n + m
    wide = error * always_wide(total, planned or total)
    return Difference(
        _skewed(arm, other, estimate, error),
        Interval(estimate, estimate - wide, estimate + wide),
        error,
        cut,
        total,
    )


def _without_what_was_known(
    arm: Values, other: Values, arm_before: Values, other_before: Values
) -> tuple[Values, Values, float]:
    """CUPED: the values less what the time before explains, and the share of variance that it took."""
    n, m = len(arm), len(other)
    x, z = arm_before - arm_before.mean(), other_before - other_before.mean()
    weight = (x @ x) / n**2 + (z @ z) / m**2
    if weight == 0:
        return arm, other, 0.0
    slope = ((x @ arm) / n**2 + (z @ other) / m**2) / weight
    center = np.concatenate([arm_before, other_before]).mean()
    ours, theirs = arm - slope * (arm_before - center), other - slope * (other_before - center)
    plain = arm.var(ddof=1) / n + other.var(ddof=1) / m
    left = ours.var(ddof=1) / n + theirs.var(ddof=1) / m
    return ours, theirs, float(1 - left / plain) if plain else 0.0


def _skewed(arm: Values, other: Values, estimate: float, error: float) -> Interval:
    """Welch's interval, turned for the skewness of the difference by Hall's cubic."""
    n, m = len(arm), len(other)
    v, w = arm.var(ddof=1) / n, other.var(ddof=1) / m
    freedom = (v + w) ** 2 / (v**2 / (n - 1) + w**2 / (m - 1))
    third = ((arm - arm.mean()) ** 3).mean() / n**2 - ((other - other.mean()) ** 3).mean() / m**2
    skew = float(third / error**3)
    wide = float(stats.t.ppf(1 - MISSES / 2, freedom))
    if abs(skew) < 1e-9:
        return Interval(estimate, estimate - wide * error, estimate + wide * error)
    turned = [3 / skew * (np.cbrt(1 + skew * (end - skew / 6)) - 1) for end in (-wide, wide)]
    return Interval(estimate, float(estimate - error * turned[1]), float(estimate - error * turned[0]))


def always_wide(n: int, planned: int) -> float:
    """How many standard errors wide, to either side, an interval is that holds on every day at once."""
    spread = -2 * log(MISSES)
    tuned = (spread + log(spread) + 1) / planned
    return sqrt((1 + 1 / (n * tuned)) * log((n * tuned + 1) / MISSES**2))


def ratio(top: tuple[Values, Values], bottom: tuple[Values, Values]) -> Interval | None:
    """The difference of one thing by the difference of another, as incremental cash a contact: (arm, other) of each.

    None while the lower one's difference can't be told from 0: then there is no such figure.
    """
    (y, v), (c, w) = top, bottom
    n, m = len(y), len(v)
    if min(n, m) < LEAST:
        return None
    over, under = float(y.mean() - v.mean()), float(c.mean() - w.mean())
    spread = np.cov(y, c) / n + np.cov(v, w) / m
    if abs(under) <= stats.norm.ppf(1 - MISSES / 2) * sqrt(spread[1, 1]):
        return None
    found = over / under
    variance = (spread[0, 0] - 2 * found * spread[0, 1] + found**2 * spread[1, 1]) / under**2
    wide = float(stats.norm.ppf(1 - MISSES / 2)) * sqrt(max(0.0, float(variance)))
    return Interval(found, found - wide, found + wide)


@dataclass(frozen=True, slots=True)
class Split:
    """Whether borrowers went to the arms as planned: how probable what is seen would be, at one look and at any."""

    once: float
    always: float

    @property
    def broken(self) -> bool:
        """Whether chance alone would do this in less than one of a hundred experiments, however often one looks."""
        return self.always < 0.01


def split(counts: Sequence[int], shares: Sequence[float]) -> Split:
    """Hold the borrowers of the arms against the shares they were drawn with."""
    total = sum(counts)
    if not total:
        return Split(1.0, 1.0)
    once = float(stats.chisquare(counts, [share * total for share in shares]).pvalue)
    weights = np.asarray(shares) * 100.0
    seen = np.asarray(counts, dtype=float)
    evidence = (
        special.gammaln(weights.sum()) - special.gammaln(weights.sum() + total)
        + (special.gammaln(weights + seen) - special.gammaln(weights)).sum() - (seen * np.log(shares)).sum()
    )  # fmt: skip
    return Split(once, float(min(1.0, np.exp(-evidence))))


def needed(effect: float, variances: tuple[float, float], shares: tuple[float, float]) -> int:
    """How many borrowers in both arms show a difference of that size in 8 of 10 experiments."""
    assert effect > 0, "the size of an effect that would count"
    reach = stats.norm.ppf(1 - MISSES / 2) + stats.norm.ppf(POWER)
    both = shares[0] + shares[1]
    per_borrower = variances[0] * both / shares[0] + variances[1] * both / shares[1]
    return ceil(reach**2 * per_borrower / effect**2)


def smallest_shown(n: int, variances: tuple[float, float], shares: tuple[float, float]) -> float:
    """The smallest difference that so large an experiment shows in 8 of 10 cases."""
    reach = stats.norm.ppf(1 - MISSES / 2) + stats.norm.ppf(POWER)
    both = shares[0] + shares[1]
    return float(reach * sqrt((variances[0] * both / shares[0] + variances[1] * both / shares[1]) / n))


def days_until_shown(effect: float, sofar: int, a_day: float, found: Difference) -> int | None:
    """How many more days of borrowers coming in until an effect of that size would show; None if none come.

    By the error seen so far, which falls with the square root of the borrowers.
    """
    reach = float(stats.norm.ppf(1 - MISSES / 2) + stats.norm.ppf(POWER))
    goal = ceil(found.n * (reach * found.error / effect) ** 2)
    if goal <= sofar:
        return 0
    return ceil((goal - sofar) / a_day) if a_day > 0 else None
