"""The stage decision and what becomes of a case."""

import pytest

from forbear.core.facts.vocabulary import default_row
from forbear.core.strategy.parse import parse_strategy
from forbear.core.strategy.stage import NO_STAGE, decide, decider, stage_change

STRATEGY = parse_strategy(
    """
strategy: s
stages:
  - {stage: small, when: days_past_due > 0 and outstanding < 100.00, handler: system}
  - stage: late
    when: days_past_due > 0
    handler: internal
    treatments: [{sms: a}, {call: b, when: days_in_stage % 3 = 0}, {call: c, when: not has_phone}]
""",
    "s.yaml",
)


def row(**facts) -> dict:
    return default_row() | {"has_phone": True} | facts


def test_the_first_stage_that_holds_wins():
    small = decide(STRATEGY, row(days_past_due=5, outstanding=9_999))
    late = decide(STRATEGY, row(days_past_due=5, outstanding=10_000))
    assert (small.stage, small.handler) == ("small", "system")
    assert (late.stage, late.handler) == ("late", "internal")
    assert small.treatments == ()


def test_without_a_stage_there_is_nothing_to_do():
    assert decide(STRATEGY, row()) == NO_STAGE
    assert decide(STRATEGY, row(on_hold=True)) == NO_STAGE


def test_only_treatments_due_that_day_are_wanted_in_order():
    planned = {
        day: [
            (each.channel, each.template)
            for each in decide(
                STRATEGY, row(days_past_due=5, outstanding=10_000, days_in_stage=day)
            ).treatments
        ]
        for day in (0, 1, 3)
    }
    assert planned == {0: [("sms", "a"), ("call", "b")], 1: [("sms", "a")], 3: [("sms", "a"), ("call", "b")]}


@pytest.mark.parametrize("why", ["on_hold", "feed_doubt"])
def test_a_hold_keeps_the_stage_and_plans_nothing(why):
    decision = decide(STRATEGY, row(days_past_due=5, outstanding=10_000, **{why: True}))
    assert (decision.stage, decision.handler, decision.held) == ("late", "internal", True)
    assert decision.treatments == ()
    assert [(each.text, each.holds) for each in decision.reasons] == [
        ("days_past_due > 0", True),
        ("on_hold", why == "on_hold"),
        ("feed_doubt", why == "feed_doubt"),
    ]


def test_reasons_are_the_terms_of_the_stage_that_won():
    decision = decide(STRATEGY, row(days_past_due=5, outstanding=9_999))
    assert decision.reasons == (
        ("days_past_due > 0", {"days_past_due": 5}, True),
        ("outstanding < 100.00", {"outstanding": 9_999}, True),
    )
    assert not decision.held


def test_one_decider_serves_many_rows():
    judge = decider(STRATEGY)
    rows = [row(days_past_due=day, outstanding=money) for day in (0, 1, 2) for money in (0, 9_999, 10_000)]
    assert [judge(each) for each in rows] == [decide(STRATEGY, each) for each in rows]


@pytest.mark.parametrize(
    ("previous", "now", "change"),
    [
        ("", "", "none"),
        ("", "late", "opened"),
        ("late", "late", "same"),
        ("late", "legal", "moved"),
        ("late", "", "closed"),
    ],
)
def test_stage_change(previous, now, change):
    assert stage_change(previous, now) == change
