"""Goal: a scorecard's score follows from its marks and the lender's weights alone, and a grave fault outweighs all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.agreements.policy import PolicyError, parse_policy
from forbear.core.staff.quality import CRITERIA, GRAVE, MARKS, QualityPolicy, score, scorecard_problem
from tests.profile import examples

MET = dict.fromkeys(CRITERIA, "yes")


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, 100),
        ({"facts": "no"}, 85),
        ({"facts": "partly"}, 92),
        ({"facts": "none"}, 100),
        ({"facts": "none", "solution": "no"}, 82),
        ({"verified": "no"}, 0),
        ({"tone": "no"}, 0),
        ({"tone": "partly"}, 90),
        (dict.fromkeys(CRITERIA, "none"), None),
    ],
)
def test_the_score(changed, found):
    assert score(MET | changed, CRITERIA) == found


@settings(max_examples=examples(100))
@given(
    marks=st.fixed_dictionaries({code: st.sampled_from(list(MARKS)) for code in CRITERIA}),
    weights=st.fixed_dictionaries({code: st.integers(1, 100) for code in CRITERIA}),
)
def test_a_better_mark_never_makes_it_worse(marks, weights):
    before = score(marks, weights)
    for code, mark in marks.items():
        if mark in ("no", "partly"):
            after = score(marks | {code: "yes"}, weights)
            assert before is not None
            assert after is not None
            assert after >= before
    if any(marks[code] == "no" for code in GRAVE):
        assert before == 0


@pytest.mark.parametrize(
    ("marks", "verdict", "words", "code"),
    [
        (MET, "good", "", None),
        ({"tone": "yes"}, "good", "", "scorecard_incomplete"),
        (MET | {"tone": "great"}, "good", "", "scorecard_incomplete"),
        (MET | {"verified": "no"}, "good", "why", "score_not_good"),
        (MET, "coach", " ", "review_comment_missing"),
        (MET | {"record": "no"}, "good", "", "review_comment_missing"),
        (MET | {"record": "no"}, "good", "write it down", None),
    ],
)
def test_what_can_be_saved(marks, verdict, words, code):
    found = scorecard_problem(marks, CRITERIA, verdict, words, 80)
    assert (found.code if found else None) == code


def test_the_lenders_weights():
    policy = parse_policy(
        "review: {weights: {tone: 60, solution: 40, facts: 0}, passes_from: 70}", "policy.yaml"
    )
    assert policy.review.asked() == {"solution": 40, "tone": 60}
    assert QualityPolicy().asked() == dict(CRITERIA)
    for wrong in ("{weights: {charm: 1}}", "{weights: {tone: 0}}", "{passes_from: 101}"):
        with pytest.raises(PolicyError):
            parse_policy(f"review: {wrong}", "policy.yaml")
