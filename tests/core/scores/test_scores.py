"""Goal: a score is a sum of whole points, every machine gets the same one, and its reasons are what it is made of."""

import json
from math import log

import pytest

from forbear.core.facts.vocabulary import FACTS, default_row
from forbear.core.scores.features import FEATURES
from forbear.core.scores.model import (
    Bins,
    Card,
    ScoreError,
    TargetModel,
    model_text,
    parse_model,
    per_mille,
)
from forbear.core.scores.score import score_facts, score_reasons
from tests.core.score_models import made_model

#: What the law protects, or stands for it: no feature reads it.
PROTECTED = {"language", "region", "timezone", "age_years", "vulnerable", "hardship_open", "arrears_reason"}


def plain_model(**targets):
    bins = (
        Bins("days_past_due", (3, 10), (), (500_000, 300_000, 200_000)),
        Bins("product", (), ("cash",), (900_000, 100_000)),
    )
    made = {name: TargetModel(name, "logistic", {0: card}) for name, card in targets.items()}
    return parse_model(
        model_text(trained_from="2026-01-01", trained_until="2026-02-01", book="b", bins=bins, targets=made)
    )


def row(**facts):
    return default_row() | facts


def test_a_score_is_the_sum_of_its_points():
    model = plain_model(
        self_cure=Card(-1_000_000, {"days_past_due": (900_000, 0, -500_000), "product": (0, 100_000)})
    )
    early = score_facts(model, row(days_past_due=2, product="cash"))
    assert early["score_self_cure"] == per_mille(0) == 500
    late = score_facts(model, row(days_past_due=10))
    assert late["score_self_cure"] == per_mille(-1_500_000) == 182
    assert score_facts(model, row(days_past_due=3))["score_self_cure"] == per_mille(-1_000_000) == 269
    assert early["scored"] is True
    assert early["score_keeps_promise"] == -1, "what the model has no target for is not scored"


def test_expected_cash_is_a_share_of_what_is_past_due_in_whole_minor_units():
    model = plain_model(expected_cash=Card(-round(log(3) * 1e6), {}))
    assert score_facts(model, row(total_past_due=1_001))["score_expected_cash"] == 250


def test_without_a_model_every_score_has_its_default():
    scores = score_facts(None, row())
    assert scores["scored"] is False
    assert {
        scores[name] for name in scores if name.startswith("score_") and name != "score_expected_cash"
    } == {-1}


def test_chances_end_at_nought_and_a_thousand():
    assert (per_mille(-(10**15)), per_mille(10**15)) == (0, 1000)
    assert [per_mille(points) for points in range(-8_000_000, 8_000_001, 1_000)] == sorted(
        per_mille(points) for points in range(-8_000_000, 8_000_001, 1_000)
    )


def test_no_whole_sum_of_points_lies_on_a_boundary_of_thousandths():
    for thousandth in range(1, 1001):
        chance = (thousandth - 0.5) / 1000
        boundary = log(chance / (1 - chance)) * 1e6
        assert abs(boundary - round(boundary)) > 1e-6


def test_the_best_hour_is_the_earliest_of_the_best():
    model = made_model(3)
    scores = score_facts(model, row(days_past_due=5))
    assert 8 <= scores["score_answer_hour"] <= 21
    assert 0 <= scores["score_answers"] <= 1000


def test_reasons_are_the_strongest_points_and_nothing_that_moves_little():
    model = plain_model(
        self_cure=Card(0, {"days_past_due": (40_000, 300_000, -700_000), "product": (49_000, -200_000)})
    )
    reasons = score_reasons(model, "self_cure", row(days_past_due=12, product="cash"))
    assert [(each.feature, each.value, each.points) for each in reasons] == [
        ("days_past_due", 12, -700_000),
        ("product", "cash", -200_000),
    ]
    assert score_reasons(model, "self_cure", row(days_past_due=1)) == []
    assert score_reasons(model, "keeps_promise", row()) == []


def test_features_read_known_facts_and_nothing_the_law_protects():
    read = {fact for each in FEATURES for fact in each.facts}
    assert not read & PROTECTED
    assert {FACTS[fact].known for fact in read} == {"night", "desk"}


def test_the_same_model_has_the_same_bytes_and_reads_back():
    assert made_model(1).text == made_model(1).text
    assert made_model(1).version != made_model(2).version
    assert parse_model(made_model(1).text).targets == made_model(1).targets


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("format",), 9),
        (("features", 0, "name"), "moon"),
        (("features", 0, "cuts"), [5, 1]),
        (("features", 0, "shares"), [1]),
        (("targets", 0, "cards", 0, "base"), 0.5),
        (("targets", 0, "cards", 0, "points", "paused"), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        (("targets", 0, "cards"), []),
    ],
)
def test_a_damaged_model_is_refused(at, value):
    changed = json.loads(made_model(1).text)
    inner = changed
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    with pytest.raises(ScoreError):
        parse_model(json.dumps(changed), "model.json")


def test_what_is_no_json_is_refused():
    with pytest.raises(ScoreError, match=r"model\.json"):
        parse_model("hello", "model.json")
