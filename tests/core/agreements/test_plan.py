"""Goal: a plan sums to what is owed to the cent, stays within the policy, and is kept by payments alone."""

import itertools
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.agreements.plan import (
    Budget,
    PlanLine,
    PlanPolicy,
    add_months,
    affordable,
    check_plan,
    missed,
    needs_second_signature,
    offers,
    plan_state,
    spread,
)

TODAY = date(2026, 3, 10)
FIRST = date(2026, 4, 9)
POLICY = PlanPolicy()
AMOUNTS = st.integers(5_000, 50_000_000)
CASES = yaml.load(
    (Path(__file__).parents[2] / "golden" / "plan" / "cases.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader
)


@pytest.mark.parametrize("case", CASES["offers"], ids=lambda case: case["case"])
def test_what_is_offered(case):
    found = offers(case["owed"], case["monthly"], POLICY, FIRST)
    assert [[len(plan), plan[0].amount, plan[-1].amount] for plan in found] == case["offers"]


@pytest.mark.parametrize("case", CASES["judged"], ids=lambda case: case["case"])
def test_how_it_is_judged(case):
    lines = spread(case["owed"], case["months"], case["first_on"])
    assert plan_state(lines, case["paid"], case["today"], POLICY) == case["state"]
    assert len(missed(lines, case["paid"], case["today"], POLICY)) == case["missed"]


@given(AMOUNTS, st.integers(1, 60))
def test_instalments_sum_to_the_amount_and_differ_only_at_the_end(amount, months):
    lines = spread(amount, months, FIRST)
    assert sum(line.amount for line in lines) == amount
    assert len({line.amount for line in lines[:-1]}) <= 1
    assert 0 < lines[-1].amount <= lines[0].amount
    assert all(a.due_on < b.due_on for a, b in itertools.pairwise(lines))


@given(AMOUNTS, st.integers(0, 10_000_000))
def test_every_offer_passes_the_check_and_costs_no_more_than_was_said(amount, monthly):
    for plan in offers(amount, monthly, POLICY, TODAY + timedelta(days=30)):
        assert check_plan(plan, amount, TODAY, POLICY) == []
        assert max(line.amount for line in plan) <= monthly


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)), st.integers(0, 60))
def test_a_month_later_is_the_same_day_or_the_last_of_its_month(day, months):
    found = add_months(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found + timedelta(days=1)).day == 1


@given(AMOUNTS, st.integers(1, 24), st.integers(0, 60_000_000), st.integers(0, 900))
def test_it_is_kept_just_when_all_is_paid(amount, months, paid, days):
    lines = spread(amount, months, FIRST)
    state = plan_state(lines, paid, FIRST + timedelta(days=days), POLICY)
    assert (state == "kept") == (paid >= amount)


@given(
    AMOUNTS, st.integers(2, 24), st.integers(0, 50_000_000), st.integers(1, 1_000_000), st.integers(0, 900)
)
def test_paying_more_never_breaks_it(amount, months, paid, more, days):
    lines, day = spread(amount, months, FIRST), FIRST + timedelta(days=days)
    assert len(missed(lines, paid + more, day, POLICY)) <= len(missed(lines, paid, day, POLICY))


def test_what_is_wrong_is_told():
    good = spread(60_000, 6, FIRST)
    assert check_plan([], 60_000, TODAY, POLICY)
    assert check_plan(good, 60_001, TODAY, POLICY)
    assert check_plan(spread(600_000, 61, FIRST), 600_000, TODAY, POLICY)
    assert check_plan(spread(60_000, 20, FIRST), 60_000, TODAY, POLICY)
    assert check_plan(spread(60_000, 6, TODAY - timedelta(days=1)), 60_000, TODAY, POLICY)
    assert check_plan(spread(60_000, 6, TODAY + timedelta(days=32)), 60_000, TODAY, POLICY)
    twice = [PlanLine(1, FIRST, 30_000), PlanLine(2, FIRST, 30_000)]
    assert check_plan(twice, 60_000, TODAY, POLICY)
    assert check_plan(good, 60_000, TODAY, POLICY, Budget(income=9_999))
    assert not check_plan(good, 60_000, TODAY, POLICY, Budget(income=10_000))


def test_who_has_nothing_left_can_afford_nothing():
    assert affordable(Budget(100_000, 60_000, 30_000, 20_000)) == 0
    assert affordable(Budget(500_000, 150_000, 150_000)) == 120_000


def test_a_second_signature_is_for_long_or_large_plans():
    assert not needs_second_signature(spread(2_000_000, 12, FIRST), POLICY)
    assert needs_second_signature(spread(2_000_001, 12, FIRST), POLICY)
    assert needs_second_signature(spread(1_300_000, 13, FIRST), POLICY)
