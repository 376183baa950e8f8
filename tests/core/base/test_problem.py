"""Problems: the English sentence, what is kept of it as JSON, and the same in a reader's language."""

import json
import pickle
from dataclasses import FrozenInstanceError
from datetime import date

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.base.problem import (
    FileMistakes,
    MessageId,
    Phrase,
    Problem,
    Refusal,
    as_json,
    at_place,
    from_json,
    joined,
    noop,
    rendered,
    with_hint,
)
from forbear.store.problem_text import sentence, sentence_in

LATE = Problem("too_late", "it is due on %(day)s", day=date(2026, 3, 9))
ROLES = Problem(
    "role_unknown", "`%(role)s` is no role; it is one of %(roles)s", role="x", roles=("a", "b", "c")
)
SAYS = {"en": "No call at night", "zh": "夜间不得致电"}


def test_the_sentence_in_english():
    assert str(LATE) == "it is due on 2026-03-09"
    assert str(ROLES) == "`x` is no role; it is one of a, b, c"
    assert str(Problem("none", "none of (%(roles)s)", roles=())) == "none of ()"
    assert str(Problem("lost", "%(count)s lost", count=3)) == "3 lost"
    assert str(Problem("law", "%(says)s", says=SAYS)) == "No call at night"


def test_a_percent_sign_is_doubled_only_beside_values():
    assert str(Problem("sign", "`%` needs whole numbers")) == "`%` needs whole numbers"
    assert str(Problem("share", "at least %(share)s%%", share=5)) == "at least 5%"
    assert str(Problem("text", "not `%(text)s`", text="100 %(text)s %")) == "not `100 %(text)s %`"


def test_problems_put_together_keep_the_code():
    hinted = with_hint(LATE, Phrase(noop("did you mean `%(nearest)s`?"), nearest="x"))
    assert (hinted.code, str(hinted)) == ("too_late", "it is due on 2026-03-09; did you mean `x`?")
    assert with_hint(LATE, None) is LATE
    placed = at_place("cn.yaml:3:1", LATE)
    assert (placed.code, str(placed)) == ("too_late", "cn.yaml:3:1: it is due on 2026-03-09")
    both = joined([LATE, Problem("empty", "the file is empty"), ROLES])
    assert both.code == "too_late"
    assert str(both).split("; ")[:2] == ["it is due on 2026-03-09", "the file is empty"]
    assert joined([LATE]) is LATE
    assert FileMistakes([placed, LATE]).messages == [str(placed), str(LATE)]


def test_the_same_problem_is_equal_and_none_can_be_changed():
    assert Problem("too_late", "it is due on %(day)s", day=date(2026, 3, 9)) == LATE
    assert Problem("too_late", "it is due on %(day)s", day=date(2026, 3, 10)) != LATE
    assert Problem("late", "it is due on %(day)s", day=date(2026, 3, 9)) != LATE
    assert len({LATE, Problem("too_late", "it is due on %(day)s", day=date(2026, 3, 9)), ROLES}) == 2
    assert pickle.loads(pickle.dumps(ROLES)) == ROLES
    with pytest.raises(FrozenInstanceError):
        LATE.code = "late"


def test_the_sentence_in_the_readers_language():
    assert sentence_in("zh", ROLES) == "`x` 不是岗位；可选：a、b、c"
    due = Problem("x", "the letter before claim can be answered until %(due_on)s", due_on=date(2026, 3, 9))
    assert sentence_in("zh", due) == "诉前函的答复期到 2026年3月9日 为止"
    assert sentence_in("en", due) == "the letter before claim can be answered until 9 March 2026"
    inner = Problem(
        "x", "the rules don't allow it on any of the next %(days)s days: %(rules)s", days=14, rules=ROLES
    )
    assert sentence_in("zh", inner) == "今后 14 天内规则都不允许外访：`x` 不是岗位；可选：a、b、c"
    with override("zh-hans"):
        assert sentence(joined([ROLES, ROLES])).count("；") == 3
        assert sentence(noop("a promise")) == "承诺"
        assert sentence("a promise") == "a promise", "what is data stays as it is"


def test_a_text_by_language_is_given_in_english_where_there_is_no_other():
    law = Problem("law", "%(says)s", says=SAYS)
    assert sentence_in("zh", law) == "夜间不得致电"
    assert rendered(law, str, language="fr") == "No call at night"


def test_a_refusal_says_its_clause_in_either_language():
    refusal = Refusal("cn.night", "§5", None, Phrase("%(says)s", says=SAYS))
    assert str(refusal) == "No call at night (cn.night, §5)"
    assert str(refusal.with_clause()) == "No call at night (§5)"
    assert sentence_in("zh", refusal.with_clause()) == "夜间不得致电（§5）"


VALUES = st.recursive(
    st.one_of(
        st.text(),
        st.integers(),
        st.dates(),
        st.text(min_size=1).map(MessageId),
        st.fixed_dictionaries({"en": st.text(min_size=1), "zh": st.text(min_size=1)}),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.builds(lambda a, b: Phrase("%(a)s of %(b)s", a=a, b=b), inner, inner),
        st.builds(lambda a: Problem("made_up", "no %(a)s", a=a), inner),
    ),
    max_leaves=6,
)


@given(VALUES)
def test_what_is_stored_as_json_says_the_same_when_it_is_read_again(value):
    stored = json.loads(json.dumps(as_json(value)))
    again = from_json(stored)
    assert again == value
    assert rendered(again, str) == rendered(value, str)
    assert rendered(again, "[{}]".format, language="zh") == rendered(value, "[{}]".format, language="zh")
