"""Goal: a comparison says what differs and how sure that is: by hand, and on data whose truth is known."""

import math
from random import Random

import pytest

from forbear.sim.compare import MEASURES, SERIES, compared, effect, estimate, student


def world(cash: dict[str, tuple[bool, int, int]], **last: int) -> dict:
    days = [dict.fromkeys((*SERIES, "late"), 0) for _ in range(3)]
    days[-1] |= last
    return {"by_day": days, "people": cash}


def test_an_interval_by_hand():
    found = estimate([1.0, 2.0, 3.0, 4.0])
    # mean 2.5, deviation 1.290994, half 3.182 × 1.290994 / 2
    assert found.value == 2.5
    assert (round(found.low, 3), round(found.high, 3)) == (0.446, 4.554)
    assert found.sure


def test_of_one_world_nothing_is_sure():
    found = estimate([7.0])
    assert (found.value, found.low, found.high, found.sure) == (7.0, -math.inf, math.inf, False)


def test_the_points_of_the_distribution():
    assert [student(1), student(4), student(30)] == [12.706, 2.776, 2.042]
    assert round(student(60), 2) == 2.0
    assert abs(student(10_000) - 1.96) < 0.001


def test_the_hold_out_tells_what_the_chase_brought():
    told = world({"a": (False, 500, 2), "b": (False, 300, 4), "c": (True, 100, 0), "d": (True, 200, 0)})
    assert effect(told) == (250.0, 3.0)
    assert effect(world({"a": (False, 500, 2)})) is None


def test_a_true_difference_is_found_and_none_is_not_made_up():
    chance = Random(3)
    first, second = {}, {}
    for seed in range(8):
        common = chance.randrange(50_000, 90_000)
        first[seed] = world(
            {"a": (False, common, 4), "b": (True, common // 2, 0)}, contacts=40, owed_late=common
        )
        second[seed] = world(
            {"a": (False, common + 900 + chance.randrange(200), 2), "b": (True, common // 2, 0)},
            contacts=25, owed_late=common + chance.choice((-400, 400)),
        )  # fmt: skip
    found = compared(["plain", "spaced"], [first, second])
    rows = {row.title: row for row in found.rows}
    assert set(rows) == {title for title, *_ in MEASURES}
    cash = rows["cash from those who were late"].difference
    assert 900 <= cash.low <= cash.value <= cash.high <= 1_100
    assert not rows["past due at the end"].difference.sure
    assert rows["contacts that reached somebody"].difference.high < 0
    assert "more cash from those who were late" in found.verdict
    assert "Not beyond chance: past due at the end" in found.verdict
    per_contact = {title: (one, other) for title, one, other, _ in found.incremental}["cash for each contact"]
    assert per_contact[0].low < per_contact[0].value < per_contact[0].high
    assert per_contact[1].value > per_contact[0].value
    assert found.series["plain"]["contacts"] == [0, 0, 40]


def test_the_same_strategy_twice_differs_by_nothing():
    lived = {seed: world({"a": (False, 100 + seed, 1), "b": (True, 5, 0)}) for seed in range(3)}
    found = compared(["plain", "plain"], [lived, lived])
    assert all(row.difference.value == 0 for row in found.rows)
    assert found.verdict.startswith("Nothing differs")
    assert list(found.series) == ["plain", "plain (2)"]


def test_beside_itself_with_nobody_chased_a_world_tells_little_differences():
    chance = Random(5)
    alone = {seed: world({}, paid=chance.randrange(10_000, 900_000)) for seed in range(6)}
    plain = {seed: world({}, paid=_paid(alone[seed]) + 400 + seed, contacts=20) for seed in alone}
    found = compared(["plain", "plain"], [plain, plain], alone)
    rows = {title: one for title, one, *_ in found.incremental}
    assert rows["cash beyond a world with nobody chased"].value == 402.5
    each = rows["the same, for each contact"]
    assert 20 <= each.low <= each.value == 402.5 / 20 <= each.high <= 20.3


def _paid(told: dict) -> int:
    return told["by_day"][-1]["paid"]


def test_every_world_is_lived_under_both():
    lived = {1: world({"a": (False, 1, 1)})}
    with pytest.raises(AssertionError, match="under both"):
        compared(["a", "b"], [lived, {}])
