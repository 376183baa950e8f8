"""A canary: of one text each borrower is decided by the strategy of their arm, and a larger share moves nobody."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.base.problem import Problem
from forbear.core.facts.vocabulary import default_row
from forbear.core.strategy.arms import arm_facts, arms_on
from forbear.core.strategy.canary import LONGEST, NEW, NOW, SHARES, canary_name, canary_text
from forbear.core.strategy.parse import StrategyError, parse_strategy
from forbear.core.strategy.stage import decide

DAY = date(2026, 12, 1)
BASE = """
strategy: usual
holdout: {share: 0.05, salt: kept, ends: {day: 30}}
experiments:
  - experiment: spaced
    eligible: days_past_due between 4 and 29
    arms: {usual: 0.5, spaced: 0.5}
    outcome: {measure: cash, days: 7}
    first_day: 2026-12-01
    last_day: 2026-12-31
stages:
  - stage: early
    when: days_past_due between 1 and 9
    handler: system
    treatments:
      - {sms: overdue_reminder, when: arm_of('spaced') <> 'spaced' or days_in_stage % 2 = 0}
      - {letter: rate_change, required: true}
  - stage: middle
    when: days_past_due between 10 and 59
    handler: internal
    treatments: [{call: conversation}]
  - stage: late
    when: days_past_due >= 60
    handler: legal
    treatments: [{letter: last}]
"""
CHANGED = (
    BASE.replace("between 1 and 9", "between 1 and 14")
    .replace(
        "  - stage: middle",
        "  - stage: talk\n    when: hardship_open\n    handler: internal\n  - stage: middle",
    )
    .replace(
        "[{call: conversation}]",
        "[{call: conversation, when: days_in_stage % 3 = 0}, {sms: overdue_reminder}]",
    )
    .replace("strategy: usual", "strategy: gentler\nhold_when: on_hold or paused")
    + "canary: {outcome: {measure: cash, days: 7}, guardrails: {complaints: 0.01, cash: 5.00}}\n"
)
HEAD, *STAGES = CHANGED.split("  - stage: ")
#: The same stages, the first two in the other order.
SWAPPED = "  - stage: ".join([HEAD, STAGES[2], STAGES[0], STAGES[1], *STAGES[3:]])
OLD, NEWER = parse_strategy(BASE, "old"), parse_strategy(CHANGED, "new")
NAME = canary_name(NEWER.version)


def mixed(share: int = 100_000):
    text = canary_text(BASE, CHANGED, share, DAY)
    assert isinstance(text, str), text
    return parse_strategy(text, "mixed")


def test_it_runs_for_its_days_with_the_guardrails_the_new_one_names():
    made = mixed()
    assert (made.name, made.holdout) == ("usual", OLD.holdout)
    assert [each.name for each in made.experiments] == ["spaced", NAME]
    canary = made.experiments[-1]
    assert (canary.outcome, canary.window, dict(canary.guardrails)) == (
        "cash", 7, {"complaints": "0.01", "cash": "5.00"},
    )  # fmt: skip
    assert (canary.share, canary.first_day, canary.last_day) == (200_000, DAY, DAY + LONGEST)
    assert [stage.stage for stage in made.stages] == ["early", "talk", "middle", "late"]


MIXED = mixed()


@given(
    days=st.integers(0, 90),
    in_stage=st.integers(0, 12),
    hardship=st.booleans(),
    held=st.sampled_from(["", "on_hold", "feed_doubt", "paused"]),
    arm=st.sampled_from(["", NOW, NEW]),
    spaced=st.sampled_from(["", "usual", "spaced"]),
    out=st.booleans(),
)
def test_each_is_decided_by_the_strategy_of_their_arm(days, in_stage, hardship, held, arm, spaced, out):
    row = default_row() | {"days_past_due": days, "days_in_stage": in_stage, "hardship_open": hardship}
    row |= {f"arm_of('{NAME}')": arm, "in_holdout": out}
    row |= dict(arm_facts(OLD, "B1", row, {}, DAY)) | {"in_holdout": out}
    row = {**row, **{key: spaced for key in row if "spaced" in key}, **({held: True} if held else {})}
    row = {**row, **{key: arm for key in arm_facts(MIXED, "B1", row, {}, DAY) if "canary" in key}}
    whole, alone = decide(MIXED, row), decide(NEWER if arm == NEW else OLD, row)
    assert (whole.stage, whole.handler, whole.held) == (alone.stage, alone.handler, alone.held)
    said = [
        [(each.channel, each.template, each.required) for each in found.treatments]
        for found in (whole, alone)
    ]
    assert said[0] == said[1]


def test_a_larger_share_lets_more_in_and_moves_nobody():
    row = default_row() | {"days_past_due": 5}
    known: dict[str, dict] = {f"B{number}": {} for number in range(3000)}
    for share in SHARES:
        strategy = mixed(share)
        now = {name: arms_on(strategy, name, row, arms, DAY) for name, arms in known.items()}
        for name, arms in known.items():
            assert all(now[name][each] == arm for each, arm in arms.items())
        counts = [
            sum(arms.get(NAME) is not None and arms[NAME].arm == arm for arms in now.values())
            for arm in (NOW, NEW)
        ]
        wanted = 3000 * 0.95 * share / 1_000_000
        assert all(abs(count - wanted) < 4 * wanted**0.5 + 5 for count in counts), (share, counts)
        known = now


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (CHANGED.replace("canary: {", "# {"), "canary_guardrails_missing"),
        (CHANGED.replace("complaints: 0.01, cash: 5.00", ""), "canary_guardrails_missing"),
        (CHANGED.replace("share: 0.05", "share: 0.1"), "canary_holdout_differs"),
        (CHANGED + "least_amounts: {CNY: {call: 50.00}}\n", "canary_holdout_differs"),
        (CHANGED.replace("between 4 and 29", "between 5 and 29"), "canary_experiment_differs"),
        (CHANGED.replace("handler: legal", "handler: internal"), "canary_handler_differs"),
        (SWAPPED, "canary_order_differs"),
        (CHANGED.replace("hardship_open", " or ".join(["hardship_open"] * 233)), "canary_impossible"),
    ],
)  # fmt: skip
def test_what_one_text_can_not_say_of_both_is_refused(text, code):
    answer = canary_text(BASE, text, 50_000, DAY)
    assert isinstance(answer, Problem)
    assert answer.code == code


@pytest.mark.parametrize(
    ("canary", "words"),
    [
        ("{outcome: {measure: cash, days: 7}}", "guardrails"),
        ("{outcome: {measure: cash, days: 8}, guardrails: {}}", "no window of 8 days"),
        ("{outcome: {measure: luck, days: 7}, guardrails: {cash: -1}}", "unknown measure `luck`"),
    ],
)
def test_a_mistake_in_it_is_said_at_its_place(canary, words):
    with pytest.raises(StrategyError, match=words):
        parse_strategy(BASE + f"canary: {canary}\n", "s.yaml")


def test_it_ends_by_itself_after_its_days():
    row = default_row() | {"days_past_due": 5}
    arms = next(arms for number in range(200) if NAME in (arms := arms_on(MIXED, f"B{number}", row, {}, DAY)))
    last = DAY + LONGEST + timedelta(days=7)
    facts = [arm_facts(MIXED, "B", row, arms, day) for day in (last, last + timedelta(days=1))]
    assert [next(value for key, value in each.items() if "canary" in key) for each in facts] == [
        arms[NAME].arm,
        "",
    ]
