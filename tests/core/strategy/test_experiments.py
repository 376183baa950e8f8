"""Experiments and the hold-out: how they are written, who is in which arm for ever, and what is planned of whom."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.facts.vocabulary import default_row
from forbear.core.strategy.arms import active, arm_facts, arms_on, facts_by_day
from forbear.core.strategy.chance import PLACES, WHOLE, place
from forbear.core.strategy.experiment_lint import notices_kept
from forbear.core.strategy.model import Arm
from forbear.core.strategy.parse import StrategyError, lint, parse_strategy
from forbear.core.strategy.stage import decide

DAY = date(2026, 12, 10)
TEXT = """
strategy: tried
holdout: {share: 0.05, salt: kept-2026, ends: {day: 60, stage: legal}, keeps: [help_offer]}
experiments:
  - experiment: spaced
    eligible: days_past_due between 4 and 29
    share: 0.4
    arms: {usual: 0.5, spaced: 0.25, wait: 0.25}
    outcome: {measure: cash, days: 30}
    guardrails: {complaints: 0.01}
    first_day: 2026-12-01
    last_day: 2026-12-31
stages:
  - stage: early
    when: days_past_due between 1 and 29
    handler: internal
    treatments:
      - {sms: overdue_reminder, when: arm_of('spaced') <> 'spaced' or days_in_stage % 2 = 0}
      - {letter: help_offer}
      - {letter: rate_change, required: true}
      - {letter: default_notice}
      - {nothing: breather, when: arm_of('spaced') = 'wait'}
  - stage: middle
    when: days_past_due between 30 and 89
    handler: internal
    treatments: [{call: conversation}]
  - stage: legal
    when: days_past_due >= 90
    handler: legal
    treatments: [{court: claim}]
"""
STRATEGY = parse_strategy(TEXT, "s.yaml")
MANY = [f"B{number:05d}" for number in range(4000)]


def row(**facts) -> dict:
    return default_row() | {"days_past_due": 5} | facts


def of(text: str, strategy: str = "") -> str:
    """A borrower whom chance puts there."""
    return next(
        name for name in MANY if arm_facts(STRATEGY, name, row(), {}, DAY)[text] == (strategy or True)
    )


def planned(borrower: str, **facts) -> list[tuple[str, str]]:
    known = row(**facts)
    known |= arm_facts(STRATEGY, borrower, known, {}, DAY)
    return [(each.channel, each.template) for each in decide(STRATEGY, known).treatments]


def test_all_mistakes_are_named_at_once_with_place_and_nearest_name():
    text = TEXT.replace("share: 0.05", "share: 1.5").replace(
        "stage: legal}, keeps: [help_offer]", "stage: legl}"
    )
    text = text.replace("wait: 0.25}", "wait: 0.15}").replace("measure: cash", "measure: csh")
    text = text.replace("{complaints:", "{complaint:").replace("2026-12-31", "2026-11-30")
    text = text.replace("'wait'}", "'wate' or arm_of('spacd') = 'x'}")
    with pytest.raises(StrategyError) as refused:
        parse_strategy(text, "s.yaml")
    assert str(refused.value).splitlines() == [
        "s.yaml:3:18: `share` is a share above 0 and up to 1, with at most 6 decimals",
        "s.yaml:3:63: no stage is called `legl`; did you mean `legal`?",
        "s.yaml:8:11: the shares of the arms add up to 0.9, not to 1",
        "s.yaml:9:24: unknown measure `csh`; did you mean `cash`?",
        "s.yaml:10:18: unknown key `complaint` in `guardrails`; did you mean `complaints`?",
        "s.yaml:12:15: the last day 2026-11-30 is before the first",
        "s.yaml:22:54: experiment `spaced` has no arm `wate`; did you mean `wait`?",
        "s.yaml:22:64: no experiment is called `spacd`; did you mean `spaced`?",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("eligible: days", "eligible: in_holdout and days", "`in_holdout` depends on the stage"),
        ("when: days_past_due >= 90", "when: in_holdout", "`in_holdout` depends on the stage"),
        ("ends: {day: 60, stage: legal}", "ends: {}", "`ends` needs a `day` or a `stage`"),
        (
            "keeps: [help_offer]",
            "keeps: [help_ofer]",
            "no stage plans `help_ofer`; did you mean `help_offer`?",
        ),
        ("experiment: spaced", "experiment: holdout", "`holdout` is the name of the hold-out"),
        (
            "experiment: spaced",
            "experiment: spaced\n    salt: kept-2026",
            "`holdout` has the salt `kept-2026`",
        ),
        ("arms: {usual: 0.5, spaced: 0.25, wait: 0.25}", "arms: {usual: 1}", "at least two arms"),
        ("arm_of('spaced') = 'wait'", "arm_of(spaced) = 'wait'", "unknown fact `spaced`"),
        ("days: 30}", "days: 31}", "no window of 31 days"),
    ],
)
def test_what_would_not_mean_anything_is_refused(old, new, what):
    with pytest.raises(StrategyError, match=r"s\.yaml:") as refused:
        parse_strategy(TEXT.replace(old, new, 1), "s.yaml")
    assert what in str(refused.value)


def test_a_sound_file_has_no_warning_and_its_parts():
    assert lint(STRATEGY) == []
    assert STRATEGY.holdout is not None
    assert (STRATEGY.holdout.share, STRATEGY.holdout.day, STRATEGY.holdout.stage) == (50_000, 60, "legal")
    (experiment,) = STRATEGY.experiments
    assert (experiment.salt, experiment.share, experiment.window) == ("spaced", 400_000, 30)


def test_the_lint_finds_what_can_show_nothing():
    second = TEXT.split("experiments:\n")[1].split("stages:")[0].replace("spaced", "other")
    text = TEXT.replace("stages:", second + "stages:", 1).replace("between 4 and 29", "between 29 and 4", 1)
    found = [str(problem) for problem in lint(parse_strategy(text, "s.yaml"))]
    assert any("nobody can come into `spaced`" in each for each in found)
    assert any("nobody is treated by arm `wait`" in each and ":18" not in each for each in found)
    overlapping = TEXT.replace("stages:", second + "stages:", 1)
    assert any(
        "`other` overlaps with `spaced`" in str(problem) for problem in lint(parse_strategy(overlapping, "s"))
    )


def test_a_notice_that_the_hold_out_would_not_get_is_named():
    purposes = {("overdue_reminder", "sms"): "collect", ("help_offer", "letter"): "notice"}
    assert notices_kept(STRATEGY, purposes) == []
    assert STRATEGY.holdout is not None
    bare = replace(STRATEGY, holdout=replace(STRATEGY.holdout, keeps=frozenset()))
    assert [str(each) for each in notices_kept(bare, purposes)] == [
        "s.yaml:19:9: the hold-out would not get the notice letter `help_offer` of stage `early`: mark it "
        "`required: true`"
    ]


def test_the_hold_out_gets_only_what_must_go_until_it_ends():
    quiet = of("in_holdout")
    kept = [("letter", "help_offer"), ("letter", "rate_change"), ("letter", "default_notice")]
    assert planned(quiet) == [*kept, ("nothing", "holdout")]
    assert planned(quiet, days_past_due=59) == [("nothing", "holdout")]
    assert planned(quiet, days_past_due=60) == [("call", "conversation")]
    assert planned(quiet, days_past_due=90) == [("court", "claim")]
    assert planned(quiet, vulnerable=True)[0] == ("sms", "overdue_reminder")


def test_nothing_is_a_treatment_that_keeps_others_back_but_no_notice():
    assert planned(of("arm_of('spaced')", "wait")) == [
        ("letter", "rate_change"), ("letter", "default_notice"), ("nothing", "breather"),
    ]  # fmt: skip
    assert ("sms", "overdue_reminder") not in planned(of("arm_of('spaced')", "spaced"), days_in_stage=1)
    assert ("sms", "overdue_reminder") in planned(of("arm_of('spaced')", "usual"), days_in_stage=1)


def test_nobody_leaves_an_arm():
    """Whatever becomes of salt, shares and what made them eligible, who is in an arm keeps it."""
    (experiment,) = STRATEGY.experiments
    moved = replace(
        STRATEGY,
        experiments=(
            replace(experiment, salt="else", share=WHOLE, arms=(Arm("usual", 1), Arm("spaced", WHOLE - 1))),
        ),
    )
    before = {name: arms_on(STRATEGY, name, row(), {}, DAY) for name in MANY}
    for name, arms in before.items():
        after = arms_on(moved, name, row(days_past_due=200, vulnerable=True), arms, date(2027, 1, 5))
        assert after == arms
    assert any("spaced" in arms for arms in before.values())
    assert any("spaced" not in arms for arms in before.values())


@given(st.integers(1, WHOLE), st.integers(1, WHOLE), st.sampled_from(MANY))
def test_a_larger_share_only_adds(one, other, name):
    low, high = sorted((one, other))
    (experiment,) = STRATEGY.experiments
    small, large = (
        replace(STRATEGY, experiments=(replace(experiment, share=share),)) for share in (low, high)
    )
    first, second = (arms_on(each, name, row(), {}, DAY) for each in (small, large))
    assert first.keys() <= second.keys()
    assert {key: each.arm for key, each in first.items()} == {key: second[key].arm for key in first}


def test_only_those_come_in_who_may():
    """Not after the last day, not once it was stopped, nobody of the hold-out, and nobody vulnerable into that."""
    quiet, tried = of("in_holdout"), of("arm_of('spaced')", "spaced")
    assert set(arms_on(STRATEGY, quiet, row(), {}, DAY)) == {"holdout"}
    assert arms_on(STRATEGY, tried, row(), {}, date(2027, 1, 1)).keys() == {"holdout"}
    assert arms_on(STRATEGY, tried, row(), {}, DAY, frozenset({"spaced"})).keys() == {"holdout"}
    assert "holdout" not in arms_on(STRATEGY, quiet, row(vulnerable=True), {}, DAY)
    assert "holdout" not in arms_on(STRATEGY, quiet, row(days_past_due=60), {}, DAY)


def test_an_arm_counts_until_the_last_window_is_over():
    tried = of("arm_of('spaced')", "spaced")
    arms = arms_on(STRATEGY, tried, row(), {}, DAY)
    for day, counts in ((date(2027, 1, 30), True), (date(2027, 1, 31), False)):
        assert ("spaced" in [each.experiment for each in active(STRATEGY, arms, day)]) is counts
        assert (arm_facts(STRATEGY, tried, row(), arms, day)["arm_of('spaced')"] == "spaced") is counts


def test_the_odds_are_those_of_share_and_arm():
    tried = of("arm_of('spaced')", "spaced")
    arms = arms_on(STRATEGY, tried, row(), {}, DAY)
    assert (arms["spaced"].probability, arms["holdout"].probability) == (0.1, 0.95)
    assert place("spaced", tried) >= PLACES // 2


def test_by_day_a_case_keeps_what_its_night_drew():
    drawn = {"arm_of('spaced')": "wait", "in_holdout": True}
    kept = '["spaced","wait",0.1]'
    assert facts_by_day(STRATEGY, kept, True, row()) == drawn
    assert facts_by_day(STRATEGY, kept, True, row(vulnerable=True)) == drawn | {"in_holdout": False}
    assert facts_by_day(STRATEGY, "", False, row()) == {"arm_of('spaced')": "", "in_holdout": False}


def test_an_arm_has_its_own_title_beside_its_share():
    titled = TEXT.replace("spaced: 0.25,", "spaced: {share: 0.25, title: {zh: 隔日}},")
    (experiment,) = parse_strategy(titled, "s.yaml").experiments
    assert [arm.title for arm in experiment.arms] == [
        {"zh": "usual", "en": "usual"},
        {"zh": "隔日", "en": "隔日"},
        {"zh": "wait", "en": "wait"},
    ]
    assert replace(experiment, arms=()) == replace(STRATEGY.experiments[0], arms=())


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        ("spaced: {title: {zh: 隔日}}", "share"),
        ("spaced: {share: 25, title: {zh: 隔日}}", "a share above 0 and up to 1"),
        ("spaced: {share: 0.25, titel: {zh: 隔日}}", "titel"),
    ],
)
def test_a_mistake_in_an_arm_is_named_at_its_place(arm, said):
    with pytest.raises(StrategyError) as refused:
        parse_strategy(TEXT.replace("spaced: 0.25", arm), "s.yaml")
    assert said in str(refused.value)
    assert "s.yaml:8:" in str(refused.value)
