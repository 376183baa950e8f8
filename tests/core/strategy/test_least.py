"""From what amount a step is worth it: by currency and channel, whatever else the strategy wants."""

from pathlib import Path

import pytest

import forbear
from forbear.core.facts.vocabulary import default_row
from forbear.core.strategy.lint import lint
from forbear.core.strategy.parse import StrategyError, parse_strategy
from forbear.core.strategy.stage import decide, decider

READY = sorted((Path(forbear.__file__).parent / "strategies").glob("*.yaml"))
TEXT = """
strategy: s
least_amounts:
  CNY: {contact: 20.00, call: 50.00}
  JPY: {contact: 1000}
  KWD: {sms: 0.505}
stages:
  - stage: late
    when: days_past_due > -1
    handler: internal
    treatments: [{sms: a}, {call: b}, {letter: c, required: true}]
"""
STRATEGY = parse_strategy(TEXT, "s.yaml")


def planned(currency: str, amount: int, days: int = 5) -> list[str]:
    row = default_row() | {"days_past_due": days, "total_past_due": amount, "currency": currency}
    decision = decide(STRATEGY, row)
    channels = [each.channel for each in decision.treatments]
    assert sorted([*channels, *(each.channel for each in decision.too_small)]) == ["call", "letter", "sms"]
    return channels


def test_nobody_is_called_about_four_yuan_thirty():
    assert planned("CNY", 430) == ["letter"]
    assert planned("CNY", 1_999) == ["letter"]
    assert planned("CNY", 2_000) == ["sms", "letter"]
    assert planned("CNY", 4_999) == ["sms", "letter"]
    assert planned("CNY", 5_000) == ["sms", "call", "letter"]


def test_each_currency_has_its_own_decimals_and_one_that_is_not_named_has_no_least_amount():
    assert planned("JPY", 999) == ["letter"]
    assert planned("JPY", 1_000) == ["sms", "call", "letter"]
    assert planned("KWD", 504) == ["call", "letter"]
    assert planned("KWD", 505) == ["sms", "call", "letter"]
    assert planned("USD", 1) == ["sms", "call", "letter"]


def test_a_reminder_ahead_of_a_due_date_goes_whatever_the_amount():
    assert planned("CNY", 0, days=0) == ["sms", "call", "letter"]


MISTAKES = {
    "CNX: {call: 50.00}": "CNX",
    "CNY: {cal: 50.00}": "call",
    "CNY: {bureau: 50.00}": "bureau",
    "CNY: {call: -1}": "below 0",
    "CNY: {call: fifty}": "fifty",
    "CNY: {call: 0.505}": "decimals",
    "CNY: 50": "mapping",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_named_with_its_place(line):
    text = TEXT.replace("CNY: {contact: 20.00, call: 50.00}", line)
    with pytest.raises(StrategyError) as wrong:
        parse_strategy(text, "s.yaml")
    (problem,) = wrong.value.problems
    assert str(problem).startswith("s.yaml:4:")
    assert MISTAKES[line] in str(problem)


def test_required_is_true_or_false():
    with pytest.raises(StrategyError, match="true or false"):
        parse_strategy(TEXT.replace("required: true", "required: maybe"), "s.yaml")


def test_a_step_that_no_stage_takes_is_warned_of():
    text = TEXT.replace("call: 50.00", "call: 50.00, visit: 1000.00")
    assert ["visit" in str(warning) for warning in lint(parse_strategy(text, "s.yaml"))].count(True) == 1
    assert not [warning for warning in lint(STRATEGY) if "least_amounts" in str(warning)]


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_the_ready_strategies_call_nobody_about_four_thirty(path):
    strategy = parse_strategy(path.read_text(encoding="utf-8"), path.name)
    currency, decided = next(iter(strategy.least_amounts)), decider(strategy)
    for days in range(1, 400):
        for stage_days in (0, 3, 7, 15, 30, 90):
            row = default_row() | {
                "days_past_due": days, "days_in_stage": stage_days, "total_past_due": 430, "currency": currency,
                "payoff": 10**9, "has_email": True, "has_phone": True, "days_delinquent": days,
            }  # fmt: skip
            for treatment in decided(row).treatments:
                assert treatment.required, (
                    f"{path.stem}, day {days}: {treatment.channel} {treatment.template}"
                )
