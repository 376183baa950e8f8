"""Goal: the solved list is the best within its bounds, and the fair figures are fair to small agencies."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.agencies.placement import PlacementPolicy
from forbear.core.agencies.placement_optimizer import Bidder, Candidate, build, deal
from forbear.insight import assignment as assignment
from forbear.insight.placement_plans import solve, work_out
from forbear.insight.shrink import shrink

FREE = PlacementPolicy(chance_share=0, most_share=100)


def cases(number: int, days: int = 45, amount: int = 200_000, **more: object) -> list[Candidate]:
    return [
        Candidate(f"B{days}-{each}", days, amount, "CNY", 100, "cash", "", (f"L{each}",), **more)
        for each in range(number)
    ]


def test_the_better_agency_gets_what_it_can_take_and_the_other_the_rest():
    agencies = [Bidder("a", 30, index=14_000), Bidder("b", 1000, index=10_000)]
    found = work_out(cases(100), agencies, {"": 2_000}, FREE, "seed")
    assert Counter(one.agency for one in found.dealt) == {"a": 30, "b": 70}
    assert found.left == 0
    assert found.net >= found.net_by_lot


def test_findings_cost_share():
    policy = PlacementPolicy(chance_share=20, most_share=60)
    agencies = [Bidder("harsh", 1000, index=11_000, findings=3_000), Bidder("fair", 1000, index=10_000)]
    found = Counter(one.agency for one in work_out(cases(100), agencies, {"": 2_000}, policy, "s").dealt)
    assert found == {"fair": 60, "harsh": 40}
    kind = PlacementPolicy(chance_share=20, most_share=60, harm_price=0)
    found = Counter(one.agency for one in work_out(cases(100), agencies, {"": 2_000}, kind, "s").dealt)
    assert found == {"harsh": 60, "fair": 40}


@pytest.mark.parametrize(("number", "most", "cap"), [(534, 60, 320), (5, 50, 3), (100, 60, 60)])
def test_no_agency_gets_more_than_the_share_that_the_policy_names(number, most, cap):
    policy = PlacementPolicy(chance_share=0, most_share=most)
    placing = build(cases(number), [Bidder("a", 1000), Bidder("b", 1000)], {"": 2_000}, policy)
    assert set(placing.caps.values()) == {cap}, "an equal part each is always allowed, so that none is left"


def test_what_costs_more_than_it_brings_still_goes_out_where_somebody_must_work_it():
    found = work_out(cases(10), [Bidder("a", 100, findings=9_000)], {"": 1}, FREE, "s")
    assert len(found.dealt) == 10


def test_more_cases_than_anybody_can_take_stay():
    found = work_out(cases(10), [Bidder("a", 3), Bidder("b", 4)], {"": 1_000}, FREE, "s")
    assert (len(found.dealt), found.left) == (7, 3)


@given(
    st.dictionaries(st.sampled_from([45, 75, 200]), st.integers(1, 3), min_size=1),
    st.lists(st.tuples(st.integers(0, 5), st.integers(5_000, 15_000)), min_size=1, max_size=2),
)
def test_no_other_way_is_better(rows, told):
    """Against every possible way of giving the cases out: as many go out, and none brings more."""
    agencies = [Bidder(f"a{number}", free, index=index) for number, (free, index) in enumerate(told)]
    wanted = [case for days, number in rows.items() for case in cases(number, days)]
    placing = build(wanted, agencies, {"": 2_000}, FREE)
    counts = solve(placing)
    dealt = deal(placing, counts, "s")
    best = (0, 0)
    for way in itertools.product(*[range(share.most + 1) for share in placing.shares]):
        by_cell, by_agency = Counter(), Counter()
        for share, count in zip(placing.shares, way, strict=True):
            by_cell[share.cell] += count
            by_agency[share.agency] += count
        if all(by_cell[cell] <= len(placing.cells[cell].cases) for cell in by_cell) and all(
            by_agency[code] <= placing.caps[code] for code in by_agency
        ):
            net = sum(share.worth.net * count for share, count in zip(placing.shares, way, strict=True))
            best = max(best, (sum(way), net))
    assert (len(dealt), sum(one.worth.net for one in dealt)) == best


def test_a_small_agency_is_drawn_to_the_average_and_a_large_one_hardly():
    found = shrink({"large": (1.3, 0.001, 900), "middle": (0.9, 0.002, 500), "small": (3.0, 0.8, 4)})
    assert abs(found["large"].shrunk - 1.3) < 0.05
    assert found["small"].shrunk < 1.6
    assert found["small"].high - found["small"].low > found["large"].high - found["large"].low
    assert found["large"].sure
    assert not found["small"].sure


def test_without_a_difference_beyond_chance_all_get_the_average():
    found = shrink({"a": (1.02, 0.04, 50), "b": (0.98, 0.04, 50)})
    assert found["a"].shrunk == found["b"].shrunk
    assert abs(found["a"].shrunk - 1.0) < 1e-9


@given(
    st.dictionaries(
        st.text("abc", min_size=1, max_size=3),
        st.tuples(st.floats(0, 10), st.floats(1e-6, 5), st.integers(1, 1000)),
        min_size=1,
        max_size=6,
    )
)
def test_a_fair_figure_lies_between_the_own_and_the_extremes(groups):
    found = shrink(groups)
    low, high = min(row[0] for row in groups.values()), max(row[0] for row in groups.values())
    for estimate in found.values():
        assert low - 1e-9 <= estimate.shrunk <= high + 1e-9
        assert estimate.low <= estimate.shrunk <= estimate.high


def test_nothing_known_gives_nothing():
    assert shrink({}) == {}
    assert shrink({"a": (1.0, 1.0, 0)}) == {}


def test_both_questions_can_be_asked_in_one_process():
    """The library refuses a second size of its pool of threads: whoever asks second would get nothing."""
    first = work_out(cases(10), [Bidder("a", 10)], {"": 1_000}, FREE, "s")
    second = assignment._solve([-1.0], [(0.0, 5.0, [(0, 1.0)])])
    assert (len(first.dealt), second) == (10, [5.0])
