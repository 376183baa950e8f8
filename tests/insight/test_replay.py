"""Goal: what another strategy would have brought is estimated right where enough were treated so, else not at all.

Method: drawn worlds in which the truth is known, because there each borrower's cash under every treatment is.
"""

import numpy as np
import pytest

from forbear.insight.experiments import Design
from forbear.insight.replay import LEAST_EFFECTIVE, Unit, estimate
from tests.profile import variants

SHARES = (("usual", 0.6), ("spaced", 0.3), ("wait", 0.1))
DESIGN = Design("tried", SHARES, "cash", 30, {})
ARMS = [name for name, _ in SHARES]
PROBABLE = dict(SHARES)


class World:
    """Borrowers with what they paid before and how late they are; effects that differ from one to the other."""

    def __init__(self, seed: int, n: int = 6000) -> None:
        draw = np.random.default_rng(seed)
        self.before = draw.gamma(1.0, 200.0, n)
        self.late = draw.integers(1, 30, n)
        base = 100 + 0.6 * self.before - 2 * self.late + draw.gamma(1.0, 150.0, n)
        # planted: a contact every other day brings more of those who are later, none at all costs the others little
        self.paid = {"usual": base, "spaced": base + 3 * self.late - 20, "wait": base - 0.3 * self.before}
        self.arm = draw.choice(ARMS, n, p=[share for _, share in SHARES])
        self.outcome = np.choose([ARMS.index(arm) for arm in self.arm], [self.paid[arm] for arm in ARMS])
        self.known = np.column_stack([self.before, self.late])

    def tried(self, wanted: list[str]):
        """The estimate of a strategy that wants these arms, and the truth."""
        units = [
            Unit(want == got, PROBABLE[got], want in PROBABLE)
            for want, got in zip(wanted, self.arm, strict=True)
        ]
        known = [self.paid.get(want, self.paid["usual"])[at] for at, want in enumerate(wanted)]
        return estimate(DESIGN, units, self.outcome, self.known, "CNY"), float(np.mean(known))


def strategies(world: World) -> list[list[str]]:
    """Ten: by lateness or by what was paid before, an arm or another."""
    return [
        [one if late >= least else other for late in world.late]
        for least in (1, 5, 10, 15, 20)
        for one, other in (("spaced", "usual"), ("wait", "spaced"))
    ]


@pytest.mark.parametrize("seed", variants(27, *range(1, 12)))
def test_ten_strategies_are_within_a_tenth_of_the_truth(seed):
    world = World(seed)
    held = 0
    for wanted in strategies(world):
        found, truth = world.tried(wanted)
        assert found.enough
        assert found.weighted is not None
        assert found.robust is not None
        for each in (found.weighted, found.robust):
            assert abs(each.estimate / truth - 1) < 0.1, (each, truth)
        held += found.robust.low <= truth <= found.robust.high
        # what was known before makes it surer
        assert found.robust.high - found.robust.low < found.weighted.high - found.weighted.low
    assert held >= 8


def test_where_too_few_were_treated_so_nothing_is_said():
    world = World(1, n=300)
    found, _ = world.tried(["wait"] * 300)
    assert found.effective < LEAST_EFFECTIVE
    assert (found.enough, found.weighted, found.robust) == (False, None, None)
    # some want what no arm ever did
    world = World(1)
    found, _ = world.tried(["visit" if late > 27 else "usual" for late in world.late])
    assert found.unseen == pytest.approx(2 / 29, abs=0.02)
    assert not found.enough
    assert estimate(DESIGN, [], np.array([]), np.empty((0, 2)), "CNY").enough is False


def test_the_effective_size_by_hand():
    """Two of one half and one of a tenth: weights 2, 2 and 10, so (14)² / (4 + 4 + 100) = 1.81."""
    units = [Unit(True, 0.5, True), Unit(True, 0.5, True), Unit(True, 0.1, True), Unit(False, 0.9, True)]
    found = estimate(DESIGN, units, np.ones(4), np.ones((4, 2)), "CNY")
    assert (found.agreeing, found.borrowers) == (3, 4)
    assert found.effective == pytest.approx(196 / 108)
