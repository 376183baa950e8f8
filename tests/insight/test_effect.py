"""What an arm brings: intervals hold the truth, looking every day proves nothing, a broken draw is found."""

from pathlib import Path

import numpy as np
import pytest

from forbear.insight import effect
from forbear.insight.effect_trial import EFFECTS, try_statistics
from tests.profile import rounds


def test_drawn_experiments_with_planted_effects():
    """200 experiments of 6,000 borrowers each; a thousand in a long run, where the bounds are the ones we promise."""
    draws = rounds(200, 1000)
    found = try_statistics(draws)
    low, high = (0.935, 0.965) if draws == 1000 else (0.90, 0.985)
    assert set(found.held) == set(EFFECTS)
    assert all(low <= share <= high for share in found.held.values()), found
    assert found.false_alarms_by_day < 0.05
    assert found.sound_called_broken < 0.01
    assert found.broken_found > 0.9


def test_a_difference_by_hand():
    """60 borrowers pay 1 or 3, 60 others 0 or 2: means 2 and 1, variances 60/59 each."""
    arm, other = np.tile([1.0, 3.0], 30), np.tile([0.0, 2.0], 30)
    found = effect.difference(arm, other)
    assert found is not None
    assert found.fixed.estimate == pytest.approx(1.0)
    assert found.error == pytest.approx((2 * (60 / 59) / 60) ** 0.5)
    # Student's 97.5 % point with 118 degrees is 1.9803
    assert found.fixed.low == pytest.approx(1 - 1.9803 * found.error, abs=1e-4)
    assert found.always.low < found.fixed.low < found.fixed.high < found.always.high
    assert effect.difference(arm[:49], other) is None
    contacts = effect.ratio((arm, other), (np.tile([4.0, 6.0], 30), np.tile([2.0, 4.0], 30)))
    assert contacts is not None
    # the worked example of the page, to the cent
    page = Path("docs/experiments.md").read_text(encoding="utf-8")
    for figures in (
        f"from {found.fixed.low:.2f} to {found.fixed.high:.2f}",
        f"from {found.always.low:.2f} to {found.always.high:.2f}",
        f"= {found.error:.4f}",
        f"= {effect.needed(0.5, (60 / 59, 60 / 59), (0.5, 0.5))} ",
        f"1.00 / 2 = {contacts.estimate:.2f}",
    ):
        assert figures in page


def test_what_was_known_before_narrows_the_interval_and_moves_nothing():
    chance = np.random.default_rng(1)
    x, z = chance.normal(50, 10, 4000), chance.normal(50, 10, 4000)
    y, v = x + chance.normal(1, 3, 4000), z + chance.normal(0, 3, 4000)
    plain, known = effect.difference(y, v), effect.difference(y, v, x, z)
    assert plain is not None
    assert known is not None
    assert known.error < plain.error / 3
    assert known.cut == pytest.approx(1 - (known.error / plain.error) ** 2)
    assert known.fixed.low < 1 < known.fixed.high


def test_skewness_turns_the_interval_to_the_long_side():
    chance = np.random.default_rng(2)
    small, large = chance.lognormal(3, 1.5, 200), chance.lognormal(3, 1.5, 5000)
    found = effect.difference(small, large)
    assert found is not None
    assert found.fixed.high - found.fixed.estimate > found.fixed.estimate - found.fixed.low


def test_cash_a_contact_by_the_delta_method():
    """Arms of 2,000 with 3 contacts and 12 cash more: 4 a contact; without a difference in contacts there is none."""
    chance = np.random.default_rng(3)
    cash, contacts = chance.normal(112, 20, 2000), chance.normal(8, 2, 2000)
    base, fewer = chance.normal(100, 20, 2000), chance.normal(5, 2, 2000)
    found = effect.ratio((cash, base), (contacts, fewer))
    assert found is not None
    assert found.low < 4 < found.high
    assert found.high - found.low < 1.2
    assert effect.ratio((cash, base), (fewer, fewer)) is None


def test_the_split_of_arms():
    assert not effect.split((5020, 4980), (0.5, 0.5)).broken
    assert effect.split((5400, 4600), (0.5, 0.5)).broken
    assert effect.split((250, 4750), (0.05, 0.95)).always == 1.0
    assert effect.split((0, 0), (0.5, 0.5)) == effect.Split(1.0, 1.0)
    # one look is surer than any look
    assert effect.split((5150, 4850), (0.5, 0.5)).once < effect.split((5150, 4850), (0.5, 0.5)).always


def test_what_an_experiment_can_show():
    """(1.96 + 0.84)² = 7.849; two arms alike with variance 100 and an effect of 2: 7.849 · 400 / 4 = 785 borrowers."""
    assert effect.needed(2.0, (100.0, 100.0), (0.5, 0.5)) == 785
    assert effect.smallest_shown(785, (100.0, 100.0), (0.5, 0.5)) == pytest.approx(2.0, abs=0.001)
    # a small hold-out needs more in all
    assert effect.needed(2.0, (100.0, 100.0), (0.05, 0.95)) > 4000


def test_days_until_an_effect_would_show():
    arm, other = np.tile([0.0, 20.0], 100), np.tile([0.0, 20.0], 100)
    found = effect.difference(arm, other)
    assert found is not None
    days = effect.days_until_shown(2.0, 400, 10.0, found)
    assert days == pytest.approx((effect.needed(2.0, (100.5, 100.5), (0.5, 0.5)) - 400) / 10, abs=1)
    assert effect.days_until_shown(50.0, 400, 10.0, found) == 0
    assert effect.days_until_shown(2.0, 400, 0.0, found) is None
