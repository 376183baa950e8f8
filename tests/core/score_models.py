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
        trained_from="2025-01-01", trained_until=until, book="made", bins=tuple(bins), targets=targets
    )
    return parse_model(text)
