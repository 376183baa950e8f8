"""Goal: who keeps as many promises as like cases give is at 1, however hard their cases; chance is not called skill."""

from hypothesis import given
from hypothesis import strategies as st

from forbear.insight.goal import LEAST, Promised, results, usual_of

EASY = [Promised(1, 1, 100, 100 if n < 8 else 0, n < 8) for n in range(10)]
AMOUNTS = st.integers(0, 10**9)
HARD = [Promised(2, 4, 100, 100 if n < 2 else 50, n < 2) for n in range(10)]


def test_easy_and_hard_cases_are_held_against_their_like():
    usual = usual_of(EASY + HARD)
    assert (usual[1].kept, usual[4].kept, usual[4].paid, usual[4].count) == (0.8, 0.2, 0.6, 10)
    found = results(EASY + HARD, usual)
    assert (found[1].kept, found[2].kept) == (8, 2)
    assert abs(found[1].ratio - 1) < 1e-9
    assert abs(found[2].ratio - 1) < 1e-9
    assert abs(found[2].paid_ratio - 1) < 1e-9
    assert {one.verdict for one in found.values()} == {"within"}


def test_better_than_like_cases_by_hand():
    # of 30 like promises 12 are kept: 0.4 each; 9 of the first person's 10 against 4 expected, chance reaches to 7.04
    mine = [Promised(1, 2, 100, 300, n < 9) for n in range(10)]
    rest = [Promised(3, 2, 100, 0, n < 3) for n in range(20)]
    usual = usual_of(mine + rest)
    found = results(mine + rest, usual)
    assert abs(found[1].expected - 4) < 1e-9
    assert abs(found[1].ratio - 2.25) < 1e-9
    assert abs(found[1].high - (4 + 1.96 * (10 * 0.4 * 0.6) ** 0.5)) < 1e-9
    assert (found[1].verdict, found[3].verdict) == ("above", "below")
    assert found[1].paid == 1_000, "a promise counts to its amount at most"


def test_few_promises_say_nothing():
    mine = [Promised(1, 1, 100, 100, True)] * (LEAST - 1)
    (one,) = results(mine, usual_of([*mine, *EASY])).values()
    assert (one.ratio, one.paid_ratio, one.verdict) == (None, None, "few")


@given(
    st.lists(
        st.builds(
            Promised,
            st.integers(1, 4),
            st.integers(0, 5),
            st.integers(1, 10**9),
            st.integers(0, 10**9),
            st.booleans(),
        ),
        min_size=1,
    )
)
def test_all_together_are_as_expected(promises):
    found = results(promises, usual_of(promises))
    assert sum(one.promises for one in found.values()) == len(promises)
    assert abs(sum(one.expected - one.kept for one in found.values())) < 1e-6
    whole = sum(min(one.paid, one.amount) for one in promises)
    assert abs(sum(one.expected_paid for one in found.values()) - whole) < 1e-6 * max(1, whole)
    assert all(one.low <= one.expected <= one.high + 1e-9 for one in found.values())
