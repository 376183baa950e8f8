"""The scores of one row of facts, and what speaks for and against: the twin of night/scores.py."""

from dataclasses import dataclass

from forbear.core.facts.scores import SCORE_NAMES
from forbear.core.facts.vocabulary import FACTS
from forbear.core.scores.features import Row
from forbear.core.scores.model import Card, ScoreModel, per_mille
from forbear.core.scores.targets import TARGETS

#: A reason of fewer points than that, in millionths of log-odds, is none: the chance moves by less than a hundredth.
LEAST_POINTS = 50_000


@dataclass(frozen=True, slots=True)
class ScoreReason:
    """One thing that moves a score: the feature, its value, and its points beside the average borrower's."""

    feature: str
    value: int | str
    points: int


def score_facts(model: ScoreModel | None, row: Row) -> Row:
    """The facts of scores for a row; every default where no model counts."""
    scores: Row = {name: FACTS[name].default for name in SCORE_NAMES}
    if model is None:
        return scores
    bins = _bins(model, row)
    scores["scored"] = True
    for target in model.targets.values():
        # of hours alike the earliest
        hour, points = max(
            ((hour, _sum(card, bins)) for hour, card in target.cards.items()),
            key=lambda each: (each[1], -each[0]),
        )
        chance = per_mille(points)
        if target.name == "expected_cash":
            scores["score_expected_cash"] = int(row["total_past_due"]) * chance // 1000
            continue
        scores[TARGETS[target.name].fact] = chance
        if target.name == "answers":
            scores["score_answer_hour"] = hour
    return scores


def score_reasons(model: ScoreModel, target: str, row: Row, most: int = 3) -> list[ScoreReason]:
    """What moves a target's score most for this row, the strongest first."""
    found = model.targets.get(target)
    if found is None:
        return []
    bins = _bins(model, row)
    card = max(found.cards.items(), key=lambda each: (_sum(each[1], bins), -each[0]))[1]
    moved = [(name, points[bins[name]]) for name, points in card.points.items()]
    moved.sort(key=lambda each: (-abs(each[1]), each[0]))
    by_name = {each.name: each.feature for each in model.bins}
    return [
        ScoreReason(name, by_name[name].of(row), points)
        for name, points in moved[:most]
        if abs(points) >= LEAST_POINTS
    ]


def _bins(model: ScoreModel, row: Row) -> dict[str, int]:
    return {each.name: each.of(row) for each in model.bins}


def _sum(card: Card, bins: dict[str, int]) -> int:
    return card.base + sum(points[bins[name]] for name, points in card.points.items())
