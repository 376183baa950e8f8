"""The choice of a strategy: how it is written, which option chance gives, and what an option leaves."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from forbear.core.facts.vocabulary import default_row
from forbear.core.strategy.arms import arm_facts, arms_on
from forbear.core.strategy.canary import mixed_problem
from forbear.core.strategy.choice import CHOICE, CHOICE_FACT, ChoiceTable, chosen, plain_shares
from forbear.core.strategy.parse import StrategyError, lint, parse_strategy
from forbear.core.strategy.stage import decide, facts_named

DAY = date(2026, 12, 10)
TEXT = """
strategy: choosing
choose:
  currency: CNY
  eligible: days_past_due between 4 and 29
  days: 7
  floor: 0.05
  strata: {days_past_due: [8, 16], total_past_due: [500.00], willingness: [willing, unwilling]}
  options:
    - {option: ladder}
    - {option: messages, only: [sms, email, push], when: has_phone}
    - {option: nothing, only: [], like: {spaced: wait}}
  limits: {calls: 200, calls_an_hour: 12, cost: 500.00, agencies: 10, complaints: 2.5, contacts: 8}
  harm: 300.00
stages:
  - stage: early
    when: days_past_due >= 1
    handler: internal
    treatments:
      - {sms: overdue_reminder}
      - {call: conversation}
      - {letter: default_notice}
      - {letter: rate_change, required: true}
"""
STRATEGY = parse_strategy(TEXT, "s.yaml")
CHOOSE = STRATEGY.choose
assert CHOOSE is not None
MANY = [f"B{number:05d}" for number in range(4000)]


def row(**facts) -> dict:
    return default_row() | {"days_past_due": 9, "currency": "CNY", "has_phone": True} | facts


def planned(option: str, **facts) -> list[str]:
    decided = decide(STRATEGY, row(**{CHOICE_FACT: option}, **facts))
    return [f"{each.channel} {each.template}" for each in decided.treatments]


def test_an_option_leaves_its_channels_and_whatever_the_law_demands():
    notices = ["letter default_notice", "letter rate_change"]
    assert planned("ladder") == ["sms overdue_reminder", "call conversation", *notices]
    assert planned("messages") == ["sms overdue_reminder", *notices]
    assert planned("nothing") == notices
    # who turns out to be vulnerable, or has an option of another strategy, is decided by the ladder
    assert planned("nothing", vulnerable=True) == planned("unheard-of") == planned("") == planned("ladder")
    left = decide(STRATEGY, row(**{CHOICE_FACT: "nothing"})).left_out
    assert [each.channel for each in left] == ["sms", "call"]


def test_the_cell_is_the_strata_and_what_is_open():
    cell = lambda **facts: chosen(CHOOSE, "B1", row(**facts), DAY).cell  # noqa: E731
    assert cell() == "1.0.0/7"
    assert cell(days_past_due=4, total_past_due=50_000, willingness="unwilling") == "0.1.2/7"
    assert cell(days_past_due=29, has_phone=False) == "2.0.0/5"
    refused = ChoiceTable({}, frozenset({("B1", "nothing"), ("B2", "messages")}))
    assert chosen(CHOOSE, "B1", row(), DAY, refused).cell == "1.0.0/3"


def test_options_come_as_often_as_the_table_says_and_else_by_the_floors():
    table = ChoiceTable({"1.0.0/7": (200_000, 50_000, 750_000)})
    drawn = [chosen(CHOOSE, name, row(), DAY, table) for name in MANY]
    assert abs(sum(each.option == "nothing" for each in drawn) / len(MANY) - 0.75) < 0.03
    assert {(each.option, each.share) for each in drawn} == {
        ("ladder", 200_000), ("messages", 50_000), ("nothing", 750_000),
    }  # fmt: skip
    assert plain_shares(CHOOSE, 7) == (900_000, 50_000, 50_000)
    assert plain_shares(CHOOSE, 5) == (950_000, 0, 50_000)
    other = [chosen(CHOOSE, name, row(), DAY) for name in MANY]
    assert abs(sum(each.option == "ladder" for each in other) / len(MANY) - 0.9) < 0.03
    # another day is another draw
    again = [chosen(CHOOSE, name, row(), DAY + timedelta(days=7), table).option for name in MANY]
    assert again != [each.option for each in drawn]


def test_an_option_is_kept_for_its_days_and_then_drawn_again():
    first = arms_on(STRATEGY, "B1", row(), {}, DAY)
    kept = arms_on(STRATEGY, "B1", row(days_past_due=60), first, DAY + timedelta(days=6))
    assert kept == first
    later = arms_on(STRATEGY, "B1", row(), first, DAY + timedelta(days=7))
    assert later[CHOICE].since == DAY + timedelta(days=7)
    over = arm_facts(STRATEGY, "B1", row(days_past_due=60), first, DAY + timedelta(days=7))
    assert over[CHOICE_FACT] == ""


@pytest.mark.parametrize(
    "facts",
    [{"currency": "USD"}, {"vulnerable": True}, {"days_past_due": 3}],
    ids=lambda each: next(iter(each)),
)
def test_nobody_else_is_chosen_for(facts):
    assert chosen(CHOOSE, "B1", row(**facts), DAY) is None


def test_nobody_of_the_holdout_is_chosen_for():
    with_holdout = parse_strategy(
        TEXT.replace("choose:", "holdout: {share: 0.5, salt: kept-1, ends: {day: 60}}\nchoose:", 1), "s.yaml"
    )
    drawn = [arms_on(with_holdout, name, row(), {}, DAY) for name in MANY[:200]]
    assert {CHOICE in arms for arms in drawn if arms["holdout"].arm == "holdout"} == {False}
    assert {CHOICE in arms for arms in drawn if arms["holdout"].arm == "treated"} == {True}


def test_a_sound_file_has_its_parts_and_names_its_facts():
    assert lint(STRATEGY) == []
    assert (CHOOSE.salt, CHOOSE.floor, CHOOSE.harm) == ("choice", 50_000, 30_000)
    assert (CHOOSE.limits.cost, str(CHOOSE.limits.complaints)) == (50_000, "2.5")
    start, end = CHOOSE.complaints_at
    assert TEXT[start:end] == "2.5"
    assert {"willingness", "total_past_due", "has_phone", "vulnerable"} <= facts_named(STRATEGY)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("currency: CNY", "currency: CNX", "4:13: there is no currency `CNX`"),
        ("eligible: days", "eligible: in_holdout or days", "`in_holdout` depends on the stage"),
        ("days: 7", "days: 8", "6:9: an option can't be kept for 8 days; it is one of 7, 30"),
        ("floor: 0.05", "floor: 0.4", "7:10: the floors of all options together are more than 1"),
        ("{days_past_due: [8, 16],", "{day_past_due: [8, 16],", "did you mean `days_past_due`?"),
        ("[8, 16]", "[16, 8]", "8:27: the bounds of `days_past_due` rise from one to the next"),
        ("[8, 16]", "[8 or true]", "8:28: `days_past_due` is a number, as 0.05"),
        ("[willing, unwilling]", "[wiling]", "8:76: `willingness` is never"),
        ("{option: ladder}", "{option: ladder, only: [sms]}", "10:7: the first option is what the stages plan"),
        ("option: nothing", "option: ladder", "12:7: option `ladder` is there twice"),
        ("[sms, email, push]", "[sms, emil, push]", "there is no channel `emil`; did you mean `email`?"),
        ("complaints: 2.5", "complaints: -1", "`complaints` is 0 or more"),
        ("calls: 200", "calls: many", "`calls` is a whole number from 0 to"),
        ("harm: 300.00", "harm: 300.005", "has more than the 2 decimals"),
        ("harm: 300.00", "harm: -1.00", "14:9: `harm` is below 0"),
        ("  harm: 300.00\n", "", "`choose` has no `harm:`"),
        ("days_past_due >= 1", "arm_of('choice') = 'noting'", "has no arm `noting`; did you mean"),
    ],
)  # fmt: skip
def test_what_would_not_mean_anything_is_refused_at_its_place(old, new, what):
    with pytest.raises(StrategyError) as refused:
        parse_strategy(TEXT.replace(old, new, 1), "s.yaml")
    assert what in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1, refused.value


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            "when: has_phone",
            "when: language = 'zh'",
            "s.yaml:11:7: the choice goes by `language`, which is protected",
        ),
        (
            "total_past_due: [500.00]",
            "age_years: [30, 60]",
            "s.yaml:4:3: the choice goes by `age_years`, which",
        ),
        (
            "between 4 and 29",
            "> 3 and timezone <> ''",
            "s.yaml:4:3: the choice goes by `timezone`, which stands for",
        ),
        ("only: [sms, email, push]", "only: [sms, call]", ""),
        ("only: [], like", "only: [email, push], like", ""),
        ("only: []", "only: [sms, push]", "s.yaml:12:7: option `nothing` leaves the same as `messages`"),
    ],
)
def test_what_tells_like_borrowers_apart_and_options_alike_are_named(old, new, what):
    assert old in TEXT
    found = [str(each) for each in lint(parse_strategy(TEXT.replace(old, new, 1), "s.yaml"))]
    assert len(found) == bool(what), found
    assert not what or found[0].startswith(what)


def test_an_experiment_has_another_name():
    experiment = """experiments:
  - experiment: choice
    eligible: days_past_due > 1
    arms: {a: 0.5, b: 0.5}
    outcome: {measure: cash, days: 7}
    first_day: 2026-12-01
    last_day: 2026-12-31
stages:"""
    with pytest.raises(StrategyError, match="`choice` is the name of the choice"):
        parse_strategy(TEXT.replace("stages:", experiment, 1), "s.yaml")


def test_a_share_of_borrowers_has_no_choice_of_its_own():
    tried = TEXT.replace("harm: 300.00", "harm: 400.00") + (
        "canary: {outcome: {measure: cash, days: 7}, guardrails: {cash: 5.00}}\n"
    )
    refused = mixed_problem(STRATEGY, parse_strategy(tried, "new"))
    assert refused is not None
    assert refused.code == "canary_choose_differs"
    assert mixed_problem(replace(STRATEGY), parse_strategy(tried.replace("400.00", "300.00"), "new")) is None
