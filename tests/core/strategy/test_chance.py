"""A borrower's place under a salt: the same in Python and in SQL, even, and never another when shares grow."""

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forbear.core.strategy.chance import PLACES, WHOLE, boundary, place, place_sql

_SALTS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True)
_NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=64), min_size=1
)


@given(_SALTS, _NAMES, st.booleans())
@example("s", ["", "'", "借款人", "é", "e\u0301", "B-1 ", "\U0001f600", "%s"], False)
def test_sql_and_python_give_the_same_place(salt, names, second):
    query = f"select {place_sql(salt, 'b', second=second)} from (select unnest($names::varchar[]) as b)"
    found = [row[0] for row in duckdb.execute(query, {"names": names}).fetchall()]
    assert found == [place(salt, name, second=second) for name in names]
    assert all(0 <= each < PLACES for each in found)


def test_a_place_is_the_digest_s_first_digits():
    """By hand: `printf 'spaced:B-1' | sha256sum` begins with 13 digits of the place and 13 of the second."""
    assert f"{place('spaced', 'B-1'):013x}" == "a1e11d77705c6"
    assert f"{place('spaced', 'B-1', second=True):013x}" == "91e700ff3a0f0"


@given(st.integers(0, WHOLE), st.integers(0, WHOLE))
def test_a_larger_share_reaches_further(one, other):
    low, high = sorted((one, other))
    assert boundary(low) <= boundary(high)
    assert (boundary(0), boundary(WHOLE)) == (0, PLACES)


@pytest.mark.parametrize("share", [10_000, 333_333, 500_000])
def test_places_are_even(share):
    """Of 20,000 borrowers the share lies within four standard errors, under either place, and the two are unrelated."""
    ids = [f"B{number:06d}" for number in range(20_000)]
    inside = [place("even", name) < boundary(share) for name in ids]
    second = [place("even", name, second=True) < boundary(share) for name in ids]
    p = share / WHOLE
    for found, odds in (
        (sum(inside), p),
        (sum(second), p),
        (sum(a and b for a, b in zip(inside, second, strict=True)), p * p),
    ):
        assert abs(found / len(ids) - odds) < 4 * (odds * (1 - odds) / len(ids)) ** 0.5
