"""The golden stages: facts of one borrower, and the stage, handler and treatments a ready strategy gives."""

from pathlib import Path

import pytest

import forbear
from forbear.core.strategy.parse import Strategy, parse_strategy
from forbear.core.strategy.stage import Decision, decide, decider
from tests.golden.fact_reader import HERE, YES_NO, only, read_file, read_row

READY = Path(forbear.__file__).parent / "strategies"


def ready(name: str) -> Strategy:
    return parse_strategy((READY / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")


def cases() -> list:
    found = []
    for path in sorted((HERE / "stage").glob("*.yaml")):
        content = only(read_file(path), "theme", "strategy", "currency", "cases")
        for case in content["cases"]:
            only(case, "says", "facts", "expect")
            only(case["expect"], "stage", "handler", "treatments", "held")
            name, currency = content["strategy"], content.get("currency", "CNY")
            found.append(pytest.param(name, currency, case, id=f"{name}: {case['says']}"))
    return found


def as_written(decision: Decision) -> dict:
    return {
        "stage": decision.stage,
        "handler": decision.handler,
        "treatments": [f"{each.channel} {each.template}" for each in decision.treatments],
        "held": decision.held,
    }


@pytest.mark.parametrize(("name", "currency", "case"), cases())
def test_stage(name, currency, case):
    decision = decide(ready(name), read_row(case["facts"], currency))
    expected = case["expect"] | {"held": YES_NO[case["expect"].get("held", "no")]}
    assert as_written(decision) == expected


@pytest.mark.parametrize("name", sorted(path.stem for path in READY.glob("*.yaml")))
def test_every_stage_is_expected_by_some_case(name):
    expected = {each.values[2]["expect"]["stage"] for each in cases() if each.values[0] == name}
    assert expected == {rule.stage for rule in ready(name).stages} | {""}


def test_the_american_strategy_uses_no_third_party_before_day_90():
    judge = decider(ready("consumer-us"))
    facts = read_row({}, "USD")
    for day in range(90):
        for days_in_stage in {0, 1, 5, day // 2, day}:
            decision = judge(facts | {"days_past_due": day, "days_in_stage": days_in_stage})
            assert decision.handler in ("", "system", "internal")
            assert not {each.channel for each in decision.treatments} & {"agency", "court"}
