"""Made-up models of scores, for tests: every feature and every target, with points drawn from a seed."""

from random import Random

from forbear.core.scores.features import FEATURES
from forbear.core.scores.model import Bins, Card, ScoreModel, TargetModel, model_text, parse_model
from forbear.core.scores.targets import HOURS, TARGETS

CUTS = (0, 1, 2, 5, 9, 30, 60, 100, 365, 9999)
WORDS = ("p0", "p1", "it's", "willing", "现金贷")


def made_model(seed: int = 1, until: str = "2026-01-31", features: tuple[str, ...] = ()) -> ScoreModel:
    """A model whose every number is drawn from the seed; of these features, or of all."""
    chance = Random(seed)
    bins = []
    for feature in FEATURES:
        if features and feature.name not in features:
            continue
        words = WORDS if feature.is_word else ()
        cuts = () if feature.is_word else tuple(sorted(chance.sample(CUTS, chance.randint(0, 8))))
        number = 1 + len(words or cuts)
        bins.append(Bins(feature.name, cuts, words, (1_000_000 // number,) * number))

    def card() -> Card:
        points = {
            each.name: tuple(chance.randint(-900_000, 900_000) for _ in range(each.number)) for each in bins
        }
        return Card(chance.randint(-2_000_000, 1_000_000), points)

    targets = {
        name: TargetModel(name, "logistic", {hour: card() for hour in (HOURS if name == "answers" else (0,))})
        for name in TARGETS
    }
    text = model_text(
        trained_from="2025-01-01", trained_until=until, book="5f2d01c9aa77", bins=tuple(bins), targets=targets
    )
    return parse_model(text)


def made_card(model: ScoreModel) -> dict[str, object]:
    """A card as `forbear train` writes it, of figures that are made up: one score in use, one left out."""
    figures = {
        "name": "self_cure",
        "kind": "logistic",
        "used": True,
        "why_not": "",
        "population": "holdout",
        "learned_rows": 9_000,
        "tested_rows": 3_000,
        "observed": 0.25,
        "auc": {"logistic": 0.74, "lightgbm": 0.73, "days_past_due": 0.61},
        "brier": {"logistic": 0.15, "lightgbm": 0.16, "days_past_due": 0.18},
        "calibration": [[at / 20, at / 21, 300] for at in range(10)],
        "lift": 2.4,
        "psi": 0.03,
        "groups": {
            "region": [{"group": "上海", "rows": 900, "chance": 0.24, "observed": 0.26, "auc": 0.7}],
            "age": [],
            "language": [],
        },
    }
    left_out = {
        "name": "answers",
        "used": False,
        "why_not": "too_few",
        "population": "",
        "learned_rows": 3,
        "tested_rows": 0,
    }
    return {
        "version": model.version,
        "book": "5f2d01c9aa77",
        "learned": ["2025-01-01", model.trained_until],
        "tested": ["2026-02-01", "2026-02-20"],
        "nights": 300,
        "decided_again": False,
        "rows": 12_000,
        "library": "lightgbm",
        "features": [
            {"name": each.name, "psi": 0.3 if at == 0 else 0.01} for at, each in enumerate(model.bins)
        ],
        "left_out": [],
        "targets": [figures, left_out],
    }
