"""The fast world: the same people, chances and conditions as the real one's, and the same bytes of the same seed."""

import json
import random
from datetime import date, timedelta
from importlib.resources import files

import numpy as np
import pytest

from forbear.core.conditions.parse import parse
from forbear.core.facts.vocabulary import default_row
from forbear.core.strategy.parse import parse_strategy
from forbear.core.strategy.stage import decide
from forbear.sim.chance import Chance
from forbear.sim.fast.columns import columns_of
from forbear.sim.fast.population import population
from forbear.sim.fast.state import State
from forbear.sim.fast.wishes import StrategyPolicy, UnknownFacts, WantedContacts
from forbear.sim.fast.world import FastWorld, Setting
from forbear.sim.people import Portfolio, people
from forbear.sim.place import PLACES

FIRST = date(2026, 1, 5)
STRATEGIES = files("forbear") / "strategies"


class Nothing:
    """A policy that wants nothing."""

    name = "nothing"

    def wishes(self, day, known):
        return []


class Unlawful:
    """A policy that wants everything of everybody, whatever the rules say."""

    name = "all"

    def wishes(self, day, known):
        return [WantedContacts("sms", "overdue_reminder", known["days_past_due"] > 0) for _ in range(5)]


def ready(name="consumer-cn"):
    path = STRATEGIES / f"{name}.yaml"
    return parse_strategy(path.read_text(encoding="utf-8"), path.name)


def world(policy, borrowers=150, seed=5, **more):
    return FastWorld(Setting(borrowers, FIRST, seed, **more), policy)


def rows_at_random(count, seed):
    drawn = random.Random(seed)
    for _ in range(count):
        yield default_row() | {
            "days_past_due": drawn.choice((0, 1, 3, 4, 7, 20, 29, 30, 90, 179, 180, 400)),
            "days_in_stage": drawn.randrange(40),
            "days_since_contact": drawn.choice((0, 1, 3, 5, 14, 9999)),
            "total_past_due": drawn.choice((0, 1999, 2000, 5000, 500_000)),
            "past_due_amount": drawn.choice((0, 1999, 2000, 5000, 500_000)),
            "payoff": drawn.choice((0, 499_999, 500_000, 900_000)),
            "promise_open": drawn.random() < 0.2,
            "has_email": drawn.random() < 0.5,
            "placed": drawn.random() < 0.3,
            "on_hold": drawn.random() < 0.1,
            "currency": "CNY",
            "region": drawn.choice(("TX", "NY")),
        }


@pytest.mark.parametrize(
    "text",
    [
        "days_past_due between 4 and 29 and not promise_open",
        "days_in_stage % 7 = 3 or days_since_contact >= 14",
        "total_past_due >= 19.995 and payoff < 5000.00",
        "total_past_due / payoff > 0.5",
        "days_past_due / days_in_stage > 0.5",
        "region in ('TX', 'CA') and not (has_email or placed)",
        "greatest(days_in_stage, days_past_due, 5) - least(days_in_stage, 3) > 10",
        "abs(days_past_due - days_in_stage) <= 5",
        "true",
    ],
)
def test_a_condition_is_the_same_in_columns(text):
    condition = parse(text)
    rows = list(rows_at_random(300, 7))
    columns = {name: np.array([row[name] for row in rows]) for name in {*condition.facts, "minor_unit"}}
    alone = condition.python()
    assert columns_of(condition.term)(columns).tolist() == [alone(row) for row in rows]


@pytest.mark.parametrize("name", ["consumer-cn", "consumer-cn-spaced"])
def test_a_strategy_wants_the_same_in_columns(name):
    strategy, rows = ready(name), list(rows_at_random(400, 3))
    policy = StrategyPolicy(strategy, "CNY")
    known = {fact: np.array([row[fact] for row in rows]) for fact in rows[0]}
    planned = policy.planned(known, policy.stages(known))
    wanted = [
        sorted((wish.channel, wish.template) for wish in planned.wishes if wish.cases[number])
        for number in range(len(rows))
    ]
    alone = [decide(strategy, row) for row in rows]
    assert wanted == [sorted((one.channel, one.template) for one in each.treatments) for each in alone]
    assert planned.held.tolist() == [each.held for each in alone]


def test_a_strategy_that_asks_for_what_is_not_kept_is_refused():
    text = (STRATEGIES / "consumer-cn.yaml").read_text(encoding="utf-8")
    with pytest.raises(UnknownFacts, match="willingness"):
        StrategyPolicy(
            parse_strategy(text.replace("assignment_untold", "willingness = 'denies'", 1), "x"), "CNY"
        )


def test_people_are_those_of_the_real_world():
    chance = Chance("world:4")
    columns = population(80, FIRST, chance, PLACES["cn"], behind=0.3)
    persons = people(80, FIRST, chance, PLACES["cn"], behind=0.3)
    state, portfolio = State(columns), Portfolio(persons, FIRST)
    assert columns.names == [person.borrower_id for person in persons]
    assert columns.wrong.tolist() == [person.wrong_number for person in persons]
    loans, owed = state.ledgers.late()
    days = state.ledgers.days_past_due(loans, 0)
    lines = zip(loans.tolist(), owed.tolist(), days.tolist(), strict=True)
    assert {columns.loans[loan]: (much, since) for loan, much, since in lines} == portfolio.late(FIRST)


def test_nobody_contacted_pays_what_they_would_pay_in_the_real_world(monkeypatch):
    fast = world(Nothing(), behind=0.2, late_stage=False)
    monkeypatch.setattr(fast.care, "asks", lambda today: None)
    outcome = fast.run(100)
    chance = Chance("world:5")
    portfolio = Portfolio(people(150, FIRST, chance, PLACES["cn"], behind=0.2), FIRST)
    by_day = []
    for number in range(100):
        today = FIRST + timedelta(days=number)
        paid = 0
        for loan in list(portfolio.concerned(today)):
            person = portfolio.by_id[loan.borrower_id]
            if amount := person.pays(today, loan, chance):
                person.last_paid = today
                portfolio.paid(loan, f"{loan.loan_id}-{number}", today, amount)
                paid += amount
        portfolio.close(today)
        by_day.append(paid)
    assert [day["paid"] for day in outcome.by_day] == by_day
    assert sum(by_day) == outcome.paid > 0


def test_contacts_move_as_in_the_real_world():
    chance = Chance("world:6")
    columns = population(60, FIRST, chance, PLACES["cn"])
    persons = people(60, FIRST, chance, PLACES["cn"])
    state, drawn = State(columns), random.Random(1)
    moved = np.array([person.habit.moved for person in persons])
    compared = 0
    for today in range(70):
        state.begin(today)
        day = FIRST + timedelta(days=today)
        for number, person in enumerate(persons):
            if drawn.random() < 0.15:
                talk = drawn.random() < 0.4
                person.contacted.append((day, 4 if talk else 2, 1.5 if talk else 1.0))
                state.reached.add(number, today)
                until = state.talk_until if talk else state.message_until
                until[number] = today + (4 if talk else 2)
            if drawn.random() < 0.05:
                person.last_paid, state.last_paid[number] = day, today
        calm = np.array([person.turn is None for person in persons])
        force = state.force(np.arange(60), moved, today)
        expected = np.array([person.force(day) for person in persons])
        assert np.allclose(force[calm], expected[calm])
        compared += int((force > 1).sum())
    assert compared > 500


def test_the_same_seed_gives_the_same_bytes():
    runs = [world(StrategyPolicy(ready(), "CNY"), behind=0.3).run(60).plain() for _ in range(2)]
    first, second = (json.dumps(run) for run in runs)
    assert first == second
    assert json.loads(first)["contacts"]["sms"] > 20
    another = world(StrategyPolicy(ready(), "CNY"), seed=6, behind=0.3).run(60).plain()
    assert json.dumps(another) != first


def test_what_the_rules_refuse_is_counted_and_does_not_happen():
    fast = world(Unlawful(), behind=0.5)
    for today in range(12):
        fast.live(today)
        # three that ask, and at most two that answer what was asked
        assert 3 <= fast.state.sent["sms"].last(fast.night.cases, today, 1).max() <= 5
    assert fast.rules.refused["sms"] > 0
    stopped = np.flatnonzero(fast.state.silent | fast.state.stop_text)
    assert len(stopped)
    for today in range(12, 20):
        fast.live(today)
        assert not fast.state.sent["sms"].last(stopped, today, 1).any()


@pytest.mark.parametrize("pack", sorted(PLACES))
def test_every_country_has_its_ready_strategy(pack):
    place = PLACES[pack]
    policy = StrategyPolicy(ready(place.ready), place.currency)
    outcome = world(policy, pack=pack, behind=0.3).run(30)
    assert outcome.contacts
    assert outcome.paid == sum(day["paid"] for day in outcome.by_day)
    assert outcome.net <= outcome.paid


def test_money_is_neither_made_nor_lost():
    fast = world(StrategyPolicy(ready(), "CNY"), behind=0.4)
    before = int(fast.state.ledgers.paid.sum())
    outcome = fast.run(90)
    assert int(fast.state.ledgers.paid.sum()) - before == outcome.paid
    assert int(fast.state.paid_in_all.sum()) == outcome.paid
