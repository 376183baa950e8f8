"""Reading conditions: what they say of themselves, and that any text either parses or is refused."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.conditions.parse import Condition, ConditionError, parse
from forbear.core.conditions.shape import MAX_ARITHMETIC, MAX_DEPTH
from forbear.core.conditions.words import MAX_LENGTH
from forbear.core.facts.vocabulary import FACTS, default_row
from tests.chinese import in_chinese
from tests.core.condition_texts import conditions, is_chinese
from tests.profile import examples

PIECES = r"""
    and or not between in true false abs least greatest AND Or is null case when end cast select from
    ( ) , + - * / % = <> != < <= > >= == // || && ; . : :: ? @ # $ ! ~ ^ [ ] { } -- /* */ $$ '
    0 1 29 5000.00 0.005 1e5 1_000 .5 5. 999999999999 1.2345678 0x10 'M1' '' 'it''s' "x" e'\n' x'ff'
    （ ） ， ＝ 逾期 x days_past_duu
"""
WORDS = [*FACTS, *PIECES.split(), "\x00", "\u3000", "\n"]


def refused(text: str, **options) -> ConditionError:
    with pytest.raises(ConditionError) as caught:
        parse(text, **options)
    return caught.value


def test_a_condition_says_what_it_is():
    condition = parse("days_past_due between 4 and 29 and not promise_open")
    assert condition.text == "days_past_due between 4 and 29 and not promise_open"
    assert condition.facts == {"days_past_due", "promise_open"}
    assert condition.sql() == "((days_past_due BETWEEN 4 AND 29) AND (NOT promise_open))"
    assert condition.sql(lambda name: f"f.{name}").startswith("((f.days_past_due BETWEEN")
    assert condition.python()({"days_past_due": 4, "promise_open": False}) is True
    assert condition.python()({"days_past_due": 3, "promise_open": False}) is False


def test_amounts_are_compared_as_whole_numbers():
    assert parse("outstanding >= 5000.00").sql() == "(outstanding >= (5000 * CAST(minor_unit AS BIGINT)))"
    cents = parse("outstanding > 0.005").python()
    assert not cents({"outstanding": 0, "minor_unit": 100})
    assert cents({"outstanding": 1, "minor_unit": 100})
    assert cents({"outstanding": 6, "minor_unit": 1000})
    assert not cents({"outstanding": 5, "minor_unit": 1000})


def test_explain_shows_each_term_with_the_facts_it_read():
    condition = parse("days_past_due >= 180 and (outstanding >= 5000.00\n  or not has_phone)")
    row = default_row() | {"days_past_due": 200, "outstanding": 10_000, "has_phone": True}
    assert condition.explain(row) == [
        ("days_past_due >= 180", {"days_past_due": 200}, True),
        ("outstanding >= 5000.00", {"outstanding": 10_000}, False),
        ("not has_phone", {"has_phone": True}, False),
    ]


def test_explain_keeps_parentheses_and_not_in_as_written():
    condition = parse("(not (on_hold or paused)) and bucket not in ('M1') and abs(-days_past_due) = 1")
    texts = [term.text for term in condition.explain(default_row())]
    assert texts == ["(not (on_hold or paused))", "bucket not in ('M1')", "abs(-days_past_due) = 1"]


def test_conditions_are_values_that_travel_between_processes():
    condition = parse("outstanding >= 5000.00 and days_in_stage % 3 = 0")
    assert parse(condition.text) == condition
    copy = pickle.loads(pickle.dumps(condition))
    assert copy == condition
    assert copy.sql() == condition.sql()


def test_the_place_of_the_text_is_added_to_line_and_column():
    error = refused("on_hold or\n  pausd", origin="cn.yaml", line=10, column=13)
    assert (error.line, error.column) == (11, 3)
    assert error.message == "cn.yaml:11:3: unknown fact `pausd`; did you mean `paused`?"
    first = refused("pausd", origin="cn.yaml", line=10, column=13)
    assert (first.line, first.column) == (10, 13)


def test_every_unknown_word_is_named_at_once():
    error = refused("payed and daze > 3 and local_hour < 8", known={"night"})
    assert [problem.column for problem in error.problems] == [1, 11, 24]
    assert str(error).count("\n") == 2


def test_facts_of_another_time_are_refused():
    assert parse("local_hour < 8", known={"moment"}).facts == {"local_hour"}
    assert "only at the moment of contact" in refused("local_hour < 8", known={"night", "desk"}).message
    assert "desk's database" in refused("on_hold", known={"night"}).message
    assert "night's computation" in refused("bucket = 'M1'", known={"moment"}).message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "on_hold" + ")" * 500,
        "not " * 500 + "on_hold",
        "not (" * 250 + "on_hold" + ")" * 250,
        "- " * 500 + "1 = 1",
        "abs(" * 500 + "1" + ")" * 500 + " = 1",
        "(" * (MAX_DEPTH + 1) + "on_hold" + ")" * (MAX_DEPTH + 1),
    ],
)
def test_deep_nesting_is_refused_in_words(text):
    assert f"nested more than {MAX_DEPTH} deep" in refused(text).message


def test_the_deepest_and_longest_that_is_allowed_works():
    row = default_row() | {"on_hold": True}
    assert parse("(" * MAX_DEPTH + "on_hold" + ")" * MAX_DEPTH).python()(row)
    assert parse("not " * MAX_DEPTH + "on_hold").python()(row)
    chain = parse(" and ".join(["on_hold"] * 300))
    assert chain.python()(row)
    assert chain.sql().count("on_hold") == 300
    assert parse("1" + " + 1" * MAX_ARITHMETIC + f" = {MAX_ARITHMETIC + 1}").python()(row)


def test_what_is_too_long_is_refused():
    assert f"at most {MAX_LENGTH} characters" in refused("on_hold " * 1000).message
    assert "arithmetic signs" in refused("1" + " + 1" * (MAX_ARITHMETIC + 1) + " = 1").message


def test_no_product_can_leave_64_bits():
    assert parse("days_past_due * days_on_book > 1")
    assert "64 bits" in refused("days_past_due * days_on_book * age_years > 1").message
    assert "64 bits" in refused("999999999999 * 999999999999 > days_past_due").message
    assert "more than 4 of `*` and `/`" in refused("1.5*days_past_due/2/2/2/2 > 1").message


@st.composite
def broken(draw):
    """A good condition with a piece put in or taken out somewhere."""
    text = draw(conditions)
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.sampled_from(["", *WORDS])) + text[at + draw(st.integers(0, 8)) :]


def parses_or_is_refused(text: str) -> None:
    """Nothing but ConditionError may come of a text, and it points into the text."""
    try:
        condition = parse(text)
    except ConditionError as error:
        lines = text.split("\n")
        for problem in error.problems:
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
            assert problem.message.startswith(f"condition:{problem.line}:{problem.column}: ")
            assert is_chinese(in_chinese(problem.what)), problem
    else:
        assert isinstance(condition, Condition)
        assert condition.python()(default_row()) in (True, False)
        assert condition.sql()


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join), broken()))
@settings(max_examples=examples(300, long=6000))
def test_any_text_either_parses_or_is_refused_at_a_place_inside_it(text):
    parses_or_is_refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "a b c",
        "days_past_due between not on_hold and 3",
        "least(days_past_due = 1, 2) = 1",
        "abs(1, 2) = 1",
        "abs() = 1",
        "not true = false",
        "(1, 2) in (1)",
        "true in (true)",
        "'a' 'b' = product",
        "on_hold = not paused",
        "days_past_due between 1 and 2 = true",
        "bucket in ('M1') in (true)",
        "least(1, 2, ) = 1",
        "\ufeffon_hold",
        "--",
        "",
    ],
)
def test_awkward_texts_are_refused_or_read(text):
    parses_or_is_refused(text)
