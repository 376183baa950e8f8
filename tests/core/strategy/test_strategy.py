"""Strategies: what a good file gives, all that is wrong with a bad one, and what lint warns of."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forbear
from forbear.core.conditions.parse import parse
from forbear.core.strategy.parse import StrategyError, lint, parse_strategy
from tests.chinese import in_chinese
from tests.core.condition_texts import is_chinese
from tests.profile import examples

READY = sorted((Path(forbear.__file__).parent / "strategies").glob("*.yaml"))

GOOD = """\
strategy: small
title: {zh: 小额, en: Small}
stages:
  - stage: reminder
    title: {en: Reminder}
    when: days_past_due between 1 and 3
    handler: system
    treatments: [ {sms: overdue_reminder}, {voice: overdue_reminder, when: days_in_stage = 1} ]
  - stage: late
    when: days_past_due >= 4
    handler: internal
"""


def errors(text: str) -> list[str]:
    with pytest.raises(StrategyError) as caught:
        parse_strategy(text, "s.yaml")
    assert str(caught.value) == "\n".join(caught.value.messages)
    assert [each for each in caught.value.problems if not is_chinese(in_chinese(each))] == []
    return [message.removeprefix("s.yaml:") for message in caught.value.messages]


def warnings(*stages: str, treatments: str = "") -> list[str]:
    """What lint says of stages a, b, c ... with these conditions, one a line from line 3 on."""
    lines = ["strategy: s", "stages:"]
    for name, when in zip("abcdef", stages, strict=False):
        lines.append(f'- {{stage: {name}, when: "{when}", handler: system, treatments: [{treatments}]}}')
    found = lint(parse_strategy("\n".join(lines), "s.yaml"))
    assert [each for each in found if not is_chinese(in_chinese(each))] == []
    return [str(each) for each in found]


def test_a_good_file_gives_its_rules_in_order():
    strategy = parse_strategy(GOOD, "small.yaml")
    assert strategy.name == "small"
    assert strategy.title == {"zh": "小额", "en": "Small"}
    assert strategy.hold_when == parse("on_hold or feed_doubt")
    assert [rule.stage for rule in strategy.stages] == ["reminder", "late"]
    reminder, late = strategy.stages
    assert (reminder.handler, reminder.when.text) == ("system", "days_past_due between 1 and 3")
    assert [(rule.channel, rule.template, rule.when.text) for rule in reminder.treatments] == [
        ("sms", "overdue_reminder", "true"),
        ("voice", "overdue_reminder", "days_in_stage = 1"),
    ]
    assert late.treatments == ()
    assert reminder.place == "small.yaml:4:5"
    assert reminder.treatments[1].place == "small.yaml:8:44"
    assert strategy.stage("late") is late
    assert strategy.stage("never") is None


def test_a_missing_title_is_filled_in():
    reminder, late = parse_strategy(GOOD, "small.yaml").stages
    assert reminder.title == {"zh": "Reminder", "en": "Reminder"}
    assert late.title == {"zh": "late", "en": "late"}


def test_the_version_is_of_the_text():
    version = parse_strategy(GOOD, "a.yaml").version
    assert version == hashlib.sha256(GOOD.encode()).hexdigest()[:12]
    assert parse_strategy(GOOD, "elsewhere/b.yaml").version == version
    assert parse_strategy(GOOD + "# changed\n", "a.yaml").version != version


def test_windows_line_ends_and_a_byte_order_mark_change_nothing_else():
    windows = "\ufeff" + GOOD.replace("\n", "\r\n")
    assert parse_strategy(windows, "a.yaml").stages == parse_strategy(GOOD, "a.yaml").stages


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_the_ready_strategies_are_clean(path):
    strategy = parse_strategy(path.read_text("utf-8"), path.name)
    assert strategy.name == path.stem
    assert lint(strategy) == []
    for rule in strategy.stages:
        assert rule.title["zh"] != rule.title["en"], f"{rule.stage} has both titles"
        assert rule.treatments, f"{rule.stage} does something"


def test_all_mistakes_are_told_at_once():
    text = """\
strategy: Bad Name
titel: {en: x}
hold_when: on_hold or feeddoubt
stages:
  - stage: a
    when: days_past_due between 1 and 3 and bukcet = 'M1'
    handler: sytem
    treatments: [ {smss: x}, {call: y, sms: z}, {when: true}, {sms: }, foo ]
  - stage: a
  - stage: b
    stage: c
    when: days_in_stage > 3
    handler: [legal]
    treatments: 3
  - when: 4
"""
    assert errors(text) == [
        "1:11: `Bad Name` is no name; use up to 64 lower-case letters, digits, _ and -",
        "2:1: unknown key `titel` in a strategy; did you mean `title`?",
        "3:23: unknown fact `feeddoubt`; did you mean `feed_doubt`?",
        "6:45: unknown fact `bukcet`; did you mean `bucket`?",
        "7:14: unknown handler `sytem`; did you mean `system`?",
        "8:20: unknown key `smss` in a treatment; did you mean `sms`?",
        "8:30: a treatment has one channel, as {sms: template_name}",
        "8:49: a treatment has one channel, as {sms: template_name}",
        "8:69: `sms` is empty",
        "8:72: a treatment must be a mapping (`key: value`), not a plain value",
        "9:5: a stage has no `handler:`",
        "9:5: a stage has no `when:`",
        "9:12: stage `a` is already on line 5; give each its own name",
        "11:5: `stage` is given twice in a stage; the first is on line 10",
        "12:11: `days_in_stage` depends on the stage; only a treatment's `when` can use it",
        "13:14: `handler` must be a plain value, not a list",
        "14:17: `treatments` must be a list, not a plain value",
        "15:5: a stage has no `handler:`",
        "15:5: a stage has no `stage:`",
        "15:11: a condition needs true or false; `4` is a number: compare it with a value",
    ]


@pytest.mark.parametrize(
    ("when", "place"),
    [
        ("when: days_past_due > 3 and payed", "4:33"),
        ("when: days_past_due > 3\n       and (on_hold or\n       payed)", "6:8"),
        ("when: |\n      days_past_due > 3\n      and payed", "6:11"),
        ("when: |2\n        days_past_due > 3\n        and payed", "6:13"),
        ("when: >-\n      days_past_due > 3\n\n      and on_hold\n      or payed", "8:10"),
        ("when: > # folded\n      days_past_due > 3\n        and payed\n      or on_hold", "6:13"),
        ("when: 'product = ''x'' and\n      payed'", "5:7"),
        ("when: 'product in (''''''x'', ''y'') and payed'", "4:46"),
        ('when: "days_past_due > 3\n      and payed"', "5:11"),
        ('when: "days_past_due > 3\\n and payed"', "4:11"),
        ("when: &again days_past_due > 3 and payed", "4:11"),
    ],
)
def test_the_place_in_a_condition_is_that_of_the_file(when, place):
    text = f"strategy: s\nstages:\n  - stage: a\n    {when}\n    handler: system\n"
    assert errors(text) == [f"{place}: unknown fact `payed`; did you mean `placed`?"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: the file is empty"),
        ("# nothing\n", "1:1: the file is empty"),
        ("- a", "1:1: a strategy must be a mapping (`key: value`), not a list"),
        ("strategy: s\nstages: []", "2:1: `stages` is empty; a strategy needs at least one"),
        ("strategy: s\nstages: {}", "2:9: `stages` must be a list, not a mapping"),
        ("strategy: s\nstages:\n\t- stage: a", "3:1: a tab can't indent YAML; use spaces"),
        ("strategy: a: b", "1:12: not valid YAML: mapping values are not allowed here"),
        ("strategy: s\n? [a]\n: b", "2:3: a key of a strategy must be a plain word"),
        ("strategy: a\n--- \nstrategy: b", "2:1: not valid YAML: but found another document"),
        ("strategy: \x00", "1:11: this character can't be in a YAML file: U+0000"),
        ("[" * 600, "1:1: the YAML is nested too deeply"),
        ("#" * 300_000, "1:1: the file is longer than 262144 characters"),
        ('strategy: "\\UFFFFFFFF"', "1:1: not valid YAML"),
    ],
)
def test_what_is_no_strategy_is_refused_in_words(text, message):
    assert any(error.startswith(message) for error in errors(text)), errors(text)


def test_a_comma_inside_braces_is_explained():
    text = GOOD.replace("when: days_in_stage = 1", "when: days_in_stage in (1, 2)")
    hint = "unknown key `2)` in a treatment; inside { } put a condition with commas in double quotes"
    assert any(hint in error for error in errors(text))
    quoted = GOOD.replace("when: days_in_stage = 1", 'when: "days_in_stage in (1, 2)"')
    assert parse_strategy(quoted, "s.yaml").stages[0].treatments[1].when.text == "days_in_stage in (1, 2)"


SIGNS = list("{}[]:,'\"|>&*!%#-?@\n\t \\\x00()=<1é（\u2028\x85")


@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), st.sampled_from(["", *SIGNS])), max_size=3
    )
)
@settings(max_examples=examples(250))
def test_any_text_is_a_strategy_or_is_refused(edits):
    text = GOOD
    for at, length, sign in edits:
        text = text[:at] + sign + text[at + length :]
    problems = []
    try:
        strategy = parse_strategy(text, "s.yaml")
    except StrategyError as error:
        problems = error.messages
    else:
        assert isinstance(lint(strategy), list)
    assert all(message.startswith("s.yaml:") for message in problems)


def test_lint_is_silent_on_a_ladder_without_gaps():
    assert warnings("days_past_due between 1 and 29", "days_past_due >= 30") == []
    assert warnings("days_past_due >= 30 and outstanding >= 5000.00", "days_past_due > 0") == []
    assert warnings("days_past_due > 0 and on_hold", "days_past_due > 0 and not on_hold") == []
    assert (
        warnings("days_past_due > 0 and outstanding > 9.99", "days_past_due > 0 and outstanding <= 9.99")
        == []
    )


def test_lint_finds_a_stage_behind_a_weaker_one():
    first, wide = (
        "days_past_due >= 1",
        "stage `b` can never be reached: `a` takes all it could have; move it up",
    )
    assert warnings(first, "days_past_due >= 30") == [f"s.yaml:4:3: {wide}"]
    assert warnings(first, "days_past_due >= 1") == [f"s.yaml:4:3: {wide}"]
    assert warnings(
        first, "days_past_due = 30 and days_in_book > 3".replace("days_in_book", "days_on_book")
    ) == [f"s.yaml:4:3: {wide}"]


def test_lint_finds_a_stage_covered_by_several_together():
    found = warnings("days_past_due between 1 and 10", "days_past_due > 10", "days_past_due between 5 and 15")
    assert found == [
        "s.yaml:5:3: stage `c` can never be reached: the stages before it take all it could have; move it up"
    ]


def test_lint_finds_a_condition_that_never_holds():
    found = warnings("days_past_due between 29 and 4", "days_past_due > 0")
    assert found == ["s.yaml:3:3: stage `a` can never be reached: its condition never holds"]


def test_lint_keeps_a_stage_that_something_it_cannot_judge_may_reach():
    assert warnings("days_past_due > 0 and past_due_amount > outstanding * 0.3", "days_past_due > 0") == []


def test_lint_finds_days_without_a_stage():
    assert warnings("days_past_due between 1 and 3", "days_past_due between 7 and 29") == [
        "s.yaml:1:1: from 4 to 6 days past due no stage applies",
        "s.yaml:1:1: from 30 days past due no stage applies",
    ]
    assert warnings("days_past_due >= 2") == ["s.yaml:1:1: at 1 days past due no stage applies"]


def test_lint_finds_days_on_which_only_some_have_a_stage():
    assert warnings("days_past_due between 1 and 179", "days_past_due >= 180 and outstanding >= 5000.00") == [
        "s.yaml:1:1: from 180 days past due some loans are in no stage: add one without further terms"
    ]


def test_lint_finds_a_treatment_that_contradicts_its_stage():
    found = warnings("days_past_due >= 1", treatments='{sms: x, when: "days_past_due = 0"}, {sms: y}')
    assert found == ["s.yaml:3:72: sms `x` is never planned: its condition can't hold in stage `a`"]


def test_lint_finds_a_previous_stage_that_does_not_exist():
    found = warnings("days_past_due > 0", treatments="{sms: x, when: previous_stage = 'aa'}")
    assert found == ["s.yaml:3:71: `previous_stage` is never 'aa'; did you mean `a`?"]


def test_lint_compares_stages_two_by_two_when_there_is_too_much_to_try():
    flags = " and ".join(
        f"days_on_book > {n} and age_years > {n} and outstanding > {n}" for n in range(0, 40, 4)
    )
    found = warnings(
        f"days_past_due > 0 or ({flags})", "days_past_due > 1", f"days_past_due = 0 and ({flags})"
    )
    assert found == [], "nothing certain can be said, so nothing is"
    found = warnings("days_past_due > 0", "days_past_due > 1", f"days_past_due = 0 and ({flags})")
    assert found == ["s.yaml:4:3: stage `b` can never be reached: `a` takes all it could have; move it up"]
