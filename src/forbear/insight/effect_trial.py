"""Drawn experiments with planted effects: how often the statistics of `effect` are right.

Payments are as they are in arrears: most pay nothing, the rest amounts with a long tail, the same people much alike
before and after. `forbear experiment try` shows the figures, and a test holds a smaller draw.
"""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.random import Generator

from forbear.insight.effect import Values, always_wide, difference, split

#: Borrowers of an experiment, by day of coming in, and the share of its first arm.
BORROWERS, DAYS, SHARE = 6000, 30, 0.5
#: The share that a broken draw gives the first arm.
BROKEN = 0.46
#: By name what an arm adds a borrower, in the unit of cash.
EFFECTS = {"none": 0.0, "small": 4.0, "large": 40.0, "harmful": -20.0}


@dataclass(frozen=True, slots=True)
class Trial:
    """Of all drawn experiments the share of intervals that held the truth, and of each kind of alarm."""

    draws: int
    held: dict[str, float]
    false_alarms_by_day: float
    sound_called_broken: float
    broken_found: float

    def plain(self) -> dict[str, object]:
        """The same for JSON."""
        return asdict(self)


def try_statistics(draws: int, seed: int = 27) -> Trial:
    """Draw experiments of each effect and count."""
    chance = np.random.default_rng(seed)
    held = {name: _held(chance, effect, draws) for name, effect in EFFECTS.items()}
    sound, broken = _splits(chance, draws, SHARE), _splits(chance, draws, BROKEN)
    return Trial(draws, held, _false_alarms(chance, draws), sound, broken)


def _payments(chance: Generator, n: int, effect: float) -> tuple[Values, Values]:
    """What `n` borrowers paid before and after; the effect moves some of them from nothing to their amount."""
    size = chance.lognormal(5.0, 1.0, n)
    able = chance.random(n)
    mean = np.exp(5.5)
    before = np.where(able + chance.normal(0, 0.2, n) < 0.35, size * chance.lognormal(0, 0.3, n), 0.0)
    after = np.where(able < 0.35 + effect / mean, size, 0.0)
    return before, after


def _held(chance: Generator, effect: float, draws: int) -> float:
    held = 0
    for _ in range(draws):
        n = int(chance.binomial(BORROWERS, SHARE))
        x, y = _payments(chance, n, effect)
        z, v = _payments(chance, BORROWERS - n, 0.0)
        found = difference(y, v, x, z)
        assert found is not None, "there are enough borrowers"
        held += found.fixed.low <= effect <= found.fixed.high
    return held / draws


def _false_alarms(chance: Generator, draws: int) -> float:
    """Looking on every day at an arm that does nothing: how often the interval for any day ever leaves 0 out."""
    alarms = 0
    marks = np.linspace(BORROWERS / DAYS, BORROWERS, DAYS).astype(int)
    for _ in range(draws):
        first = chance.random(BORROWERS) < SHARE
        _, y = _payments(chance, BORROWERS, 0.0)
        one, other = (_running(np.where(side, y, 0.0), side)[:, marks - 1] for side in (first, ~first))
        error = np.sqrt(one[1] / one[2] + other[1] / other[2])
        wide = error * [always_wide(int(mark), BORROWERS) for mark in marks]
        alarms += bool((np.abs(one[0] - other[0]) > wide).any())
    return alarms / draws


def _running(values: Values, inside: np.ndarray) -> Values:
    """Mean, variance and number of one arm after each borrower."""
    n = np.maximum(inside.cumsum(), 2)
    mean = values.cumsum() / n
    variance = np.maximum((values**2).cumsum() - n * mean**2, 0.0) / (n - 1)
    return np.stack([mean, variance, n.astype(float)])


def _splits(chance: Generator, draws: int, share: float) -> float:
    """How often an experiment that gives its first arm with this share, not with SHARE, is found broken on any day."""
    found = 0
    for _ in range(draws):
        seen = (chance.random(BORROWERS) < share).cumsum()
        marks = np.linspace(BORROWERS / DAYS, BORROWERS, DAYS).astype(int)
        found += any(
            split((int(seen[mark - 1]), int(mark - seen[mark - 1])), (SHARE, 1 - SHARE)).broken
            for mark in marks
        )
    return found / draws
