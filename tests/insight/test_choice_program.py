"""Goal: the program finds what a person finds by hand, keeps to every limit, and says what each of them costs."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.choice import choice_table
from forbear.core.strategy.model import Limits
from forbear.insight.choice_cases import Cell, Planned
from forbear.insight.choice_program import Worth, solve
from forbear.insight.choice_words import price_words
from tests.core.strategy.test_choice import CHOOSE
from tests.profile import examples

FREE = replace(CHOOSE, limits=Limits(), harm=0)
#: A call costs 10.00, a message nothing; a night plans one call or one message.
CALL, MESSAGE, NOTHING = (
    Planned(1.0, 1.0, 0.0, 1000.0),
    Planned(1.0, 0.0, 0.0, 0.0),
    Planned(0.0, 0.0, 0.0, 0.0),
)


def cell(stratum: str, cases: int, mask: int = 7) -> Cell:
    return Cell(stratum, mask, cases, (CALL, MESSAGE, NOTHING))


def worth(messages: float | None, nothing: float | None, stratum: str = "0", rate: float = 0.0) -> dict:
    return {
        (stratum, "ladder"): Worth(0.0, rate),
        (stratum, "messages"): Worth(messages, rate),
        (stratum, "nothing"): Worth(nothing, rate),
    }


def test_the_best_option_gets_all_but_the_floors():
    # seven calls cost 70.00; messages bring 50.00 less and cost nothing: 20.00 better
    solved = solve(FREE, [cell("0", 10)], worth(-5000.0, -7500.0))
    assert solved.shares == {"0/7": (50_000, 900_000, 50_000)}
    assert solved.plain.cost == pytest.approx(70_000.0)
    assert solved.chosen.cost == pytest.approx(3_500.0)
    assert solved.chosen.cash == pytest.approx(10 * (0.9 * -5000 + 0.05 * -7500))


def test_what_is_not_known_gets_its_floor_and_what_is_not_open_nothing():
    assert solve(FREE, [cell("0", 10)], worth(None, 9e9)).shares == {"0/7": (50_000, 50_000, 900_000)}
    assert solve(FREE, [cell("0", 10)], {}).shares == {"0/7": (900_000, 50_000, 50_000)}
    assert solve(FREE, [cell("0", 10, mask=5)], worth(9e9, 0.0)).shares == {"0/5": (50_000, 0, 950_000)}


def test_a_limit_on_calls_has_its_price_by_the_hour():
    # each call brings 300.00 over 7 days beyond a message, and its 70.00 of cost
    choose = replace(FREE, limits=Limits(calls=50, calls_an_hour=12))
    solved = solve(choose, [cell("0", 100)], worth(-37_000.0, -90_000.0), running_calls=10.0)
    (limit,) = solved.limits
    assert solved.shares == {"0/7": (400_000, 550_000, 50_000)}
    assert (limit.used, limit.kept) == (pytest.approx(50.0), True)
    assert limit.price == pytest.approx(30_000.0)
    assert str(price_words(choose, limit)) == "One more hour of calls, 12 calls, would bring CNY 3600.00."


def test_harm_has_a_price_and_a_budget():
    # one complaint in 70 contacts: 0.1 a case of the ladder and of messages
    known = worth(-7_000.0, -40_000.0, rate=1 / 70)
    dear = replace(FREE, harm=600_000)
    assert solve(dear, [cell("0", 100)], known).shares == {"0/7": (50_000, 50_000, 900_000)}
    budget = replace(FREE, limits=Limits(complaints=Decimal(50)))
    solved = solve(budget, [cell("0", 100)], known)
    (limit,) = solved.limits
    assert limit.used == pytest.approx(50.0, abs=0.001)
    assert solved.chosen.complaints == pytest.approx(5.0, abs=0.001)
    assert limit.price == pytest.approx(330_000.0, rel=0.001)
    assert str(price_words(budget, limit)) == (
        "Allowing one more complaint would bring CNY 3300.00: the budget holds."
    )
    none = replace(FREE, limits=Limits(complaints=Decimal(0)))
    (passed,) = solve(none, [cell("0", 100)], known).limits
    assert not passed.kept
    assert "can't be kept" in str(price_words(none, passed))
    wide = replace(FREE, limits=Limits(complaints=Decimal(500)))
    (left,) = solve(wide, [cell("0", 100)], known).limits
    assert "isn't used up" in str(price_words(wide, left))


def test_a_limit_that_one_kind_of_case_passes_has_no_made_up_price():
    """The floors of the ladder alone are 7 contacts · 0.05 there; the other cells have no contacts at all."""
    quiet = Cell("1", 7, 1000, (NOTHING, NOTHING, NOTHING))
    choose = replace(FREE, limits=Limits(contacts=Decimal("0.1")))
    (limit,) = solve(choose, [cell("0", 10), quiet], worth(-10.0, -20.0)).limits
    assert (limit.kept, limit.price) == (False, 0.0)
    assert "can't be kept everywhere" in str(price_words(choose, limit))


_worths = st.integers(-50_000, 50_000)


@settings(max_examples=examples(40))
@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.sampled_from((1, 3, 5, 7)), _worths, _worths),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 400),
    st.integers(0, 60),
)
def test_any_question_has_one_answer_within_its_limits(given_cells, calls, complaints):
    choose = replace(CHOOSE, limits=Limits(calls=calls, complaints=Decimal(complaints), contacts=Decimal(5)))
    cells = [cell(str(at), cases, mask) for at, (cases, mask, _, _) in enumerate(given_cells)]
    known = {}
    for at, (*_, messages, nothing) in enumerate(given_cells):
        known |= worth(messages, nothing, str(at), rate=0.002)
    solved = solve(choose, cells, known)
    assert solve(choose, cells, known) == solved
    assert set(
        choice_table(
            '{"cells": ' + str({k: list(v) for k, v in solved.shares.items()}).replace("'", '"') + "}"
        )
    )
    for one in cells:
        shares = solved.shares[one.name]
        assert sum(shares) == WHOLE
        for at, share in enumerate(shares):
            assert share >= choose.floor if one.mask >> at & 1 else share == 0
    free = solve(replace(choose, limits=Limits()), cells, known)
    net = lambda found: found.chosen.cash - found.chosen.cost - found.chosen.complaints * choose.harm  # noqa: E731
    assert net(free) >= net(solved) - abs(net(free)) * 1e-4 - 1
    for limit in solved.limits:
        assert limit.price >= 0
        assert not limit.kept or limit.used <= limit.allowed * (1 + 1e-4) + 0.01
