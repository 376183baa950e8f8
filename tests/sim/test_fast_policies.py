"""Policies of the fast world: they see no parameter, ask for nothing unlawful, and learn from what was logged."""

import json
from datetime import date

import numpy as np
import pytest

from forbear.sim.fast import leaderboard
from forbear.sim.fast.learning import (
    ACTIONS,
    STRATA,
    WINDOW,
    Learned,
    Logged,
    Optimiser,
    learn,
    lived_at_random,
    shares,
)
from forbear.sim.fast.policies import ByValue, Daily, Explorer, Nothing, Oracle
from forbear.sim.fast.wishes import ALLOWED, CONSTANT, KNOWN
from forbear.sim.fast.world import FastWorld, Setting

FIRST = date(2026, 1, 5)


def setting(seed=3, borrowers=120):
    return Setting(borrowers, FIRST, seed, behind=0.4, late_stage=False)


def lived(policy, days=40, seed=3):
    world = FastWorld(setting(seed), Nothing())
    world.policy = policy(world) if callable(policy) else policy
    return world.run(days)


class Nosy(Nothing):
    """It writes down what it is shown."""

    def __init__(self):
        self.seen = set()

    def wishes(self, day, known):
        self.seen |= set(known)
        assert len({len(column) for column in known.values()}) == 1
        return []


def test_a_policy_sees_what_a_lender_knows_and_no_parameter():
    nosy = Nosy()
    lived(nosy)
    allowed = {f"may_{name}" for name in ALLOWED}
    assert nosy.seen == {*KNOWN, *CONSTANT, *allowed, "case", "currency", "minor_unit"}


def test_nothing_contacts_nobody_first():
    outcome = lived(Nothing())
    assert outcome.wished == {"call": 0} or not any(outcome.wished.values())
    assert "call" not in outcome.contacts


@pytest.mark.parametrize(
    "policy",
    [ByValue(), Explorer(5), lambda world: Oracle(world.people.habit, 40)],
    ids=["by value", "at random", "oracle"],
)
def test_who_looks_at_the_rules_first_asks_for_nothing_unlawful(policy):
    outcome = lived(policy)
    assert sum(outcome.wished.values()) > 0
    assert not any(outcome.unlawful.values())


def test_everybody_daily_contacts_most_and_is_complained_of_most():
    daily, few = lived(Daily(), 60), lived(ByValue(), 60)
    assert sum(daily.contacts.values()) > 3 * sum(few.contacts.values())
    assert daily.complaints > few.complaints


def made_up(lift):
    """Nights in which a call brings `lift` more payers in one stratum, and nothing in the others."""
    chance = np.random.default_rng(1)
    count = 30_000
    stratum, action = chance.integers(0, STRATA, count), chance.integers(0, len(ACTIONS), count)
    soon = chance.random(count) < 0.1 + lift * ((stratum == 4) & (action == 2))
    nothing = np.zeros(count, dtype=np.int64)
    return Logged(
        stratum, np.full(count, 200_000), action, soon.astype(np.int64), nothing + (chance.random(count) < 0.2),
        nothing, nothing,
    )  # fmt: skip


def test_what_brings_money_is_found_and_nothing_else():
    learned = learn([made_up(0.3)])
    best = np.unravel_index(learned.gain.argmax(), learned.gain.shape)
    assert best == (4, 1)
    # 30 points more payers of 2,000 yuan, of whom a fifth would pay anyhow, less the price of a call
    assert 35_000 < learned.gain[best] < 60_000
    rest = np.delete(learned.gain.ravel(), 4 * 2 + 1)
    assert rest.max() < learned.gain[best] / 3


def test_shares_keep_within_the_contacts_that_may_be_made():
    learned = learn([made_up(0.3)])
    for most in (0.0, 0.01, 0.05, 1.0):
        share = shares(learned, most)
        weights = learned.cases / learned.cases.sum()
        assert (share * weights[:, None]).sum() <= most + 1e-9
        assert share.min() >= -1e-9
        assert share.sum(axis=1).max() <= 1 + 1e-9
    assert shares(learned, 0.02)[4, 1] == pytest.approx(
        0.02 / (learned.cases[4] / learned.cases.sum()), rel=0.01
    )


def test_a_lender_learns_from_its_nights_alone():
    logged = lived_at_random(setting(9, 200), WINDOW + 40)
    assert set(np.unique(logged.action)) == {0, 1, 2}
    assert 0.02 < np.mean(logged.action > 0) < 0.4
    outcome = lived(Optimiser(learn([logged]), 0.1))
    assert not any(outcome.unlawful.values())


def test_the_leaderboard_is_the_same_again_and_counts_by_world():
    learned = Learned(np.ones(STRATA, dtype=np.int64), np.full((STRATA, 2), -1.0))
    boards = [leaderboard.board(2, 40, 12, learned) for _ in range(2)]
    assert leaderboard.plain(boards[0]) == leaderboard.plain(boards[1])
    lines = boards[0]
    assert set(lines) == set(leaderboard.policies(learned))
    assert lines["nothing"].beyond == [0, 0]
    told = json.loads(leaderboard.plain(lines))["verdict"]
    assert told["worlds"] == 2
    assert told["unlawful"] == 0
    rows = leaderboard.summed(lines)
    assert rows[leaderboard.LADDER]["against_ladder"].value == 0
    # the same people are late under every policy, so the net of two differs as all their cash does
    for name, line in lines.items():
        for number in range(2):
            assert line.net[number] - lines["nothing"].net[number] == pytest.approx(line.beyond[number]), name


def test_the_goal_is_judged_world_by_world():
    def line(net, contacts, complaints, unlawful=(0.0, 0.0)):
        zero = [0.0, 0.0]
        return leaderboard.Line(net, zero, contacts, complaints, list(unlawful), zero, zero, zero)

    ladder = line([100.0, 100.0], [50.0, 50.0], [4.0, 4.0])
    told = leaderboard.verdict(
        {"plain ladder": ladder, "optimiser": line([109.0, 99.6], [40.0, 26.0], [3.0, 3.0])}
    )
    assert (told.more_cash, told.half_the_contacts, told.reached) == (1, 0, 1)
    told = leaderboard.verdict(
        {"plain ladder": ladder, "optimiser": line([90.0, 99.6], [10.0, 25.0], [3.0, 4.0])}
    )
    assert (told.half_the_contacts, told.fewer_complaints, told.reached) == (1, 1, 0)
