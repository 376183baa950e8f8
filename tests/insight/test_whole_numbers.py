"""Goal: shares of cases as whole numbers, within every bound, and nothing left where there is room."""

from hypothesis import given
from hypothesis import strategies as st

from forbear.insight.assignment import whole_numbers


def test_a_valuable_lot_of_one_is_not_lost_to_rounding():
    shares = {(0, who): 8 / 3 for who in range(3)} | {(1, who): 1 / 3 for who in range(3)}
    counts = whole_numbers(shares, [11, 1], [3, 3, 3], [1, 0])
    assert sum(counts[1, who] for who in range(3)) == 1
    assert sum(counts.values()) == 9


@st.composite
def shared(draw):
    """Sizes of lots, rooms of people, and shares within both, as a solver gives them."""
    sizes = draw(st.lists(st.integers(0, 9), min_size=1, max_size=5))
    rooms = draw(st.lists(st.integers(0, 9), min_size=1, max_size=4))
    left, room, shares = [float(n) for n in sizes], [float(n) for n in rooms], {}
    for lot in range(len(sizes)):
        for who in range(len(rooms)):
            share = draw(st.floats(0, 1)) * min(left[lot], room[who])
            shares[lot, who] = share
            left[lot] -= share
            room[who] -= share
    return sizes, rooms, shares


@given(shared())
def test_whole_numbers_stay_within_every_bound_and_use_them_up(told):
    sizes, rooms, shares = told
    counts = whole_numbers(shares, sizes, rooms, range(len(sizes)))
    for lot, size in enumerate(sizes):
        assert sum(counts[lot, who] for who in range(len(rooms))) <= size
    for who, room in enumerate(rooms):
        assert sum(counts[lot, who] for lot in range(len(sizes))) <= room
    assert all(counts[pair] > share - 1 - 1e-5 for pair, share in shares.items())
    for lot, who in shares:
        given = sum(counts[lot, other] for other in range(len(rooms)))
        taken = sum(counts[other, who] for other in range(len(sizes)))
        assert given == sizes[lot] or taken == rooms[who], "nothing is left where there is room"
