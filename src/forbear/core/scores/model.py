"""A model of scores as its file has it: whole numbers only, so that every machine gets the same answer to the byte.

A feature's values fall into bins, by cuts or by words. Each bin has points for each target: millionths of log-odds.
A score is the sum of a row's points and of the target's base, as a chance in thousandths. That is the form of a
scorecard, whether boosted trees (LightGBM) or a logistic regression found the points.
"""

import json
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from hashlib import sha256
from math import ceil
from typing import Any

from forbear.core.base.problem import InputError
from forbear.core.scores.features import BY_NAME, Feature, Row
from forbear.core.scores.targets import HOURS, TARGETS

FORMAT = 1
#: Points in one unit of log-odds.
UNIT = 1_000_000
#: Log-odds end here: beyond it a chance is 0 or 1,000 anyway.
MOST_POINTS = 30 * UNIT


class ScoreError(InputError):
    """A model's file can't be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Bins:
    """How a feature's values are sorted: bin 0 lies below the first cut, or has every word that isn't named.

    `shares` are the bins' parts of the rows it was trained on, in millionths: what later nights are compared with.
    """

    name: str
    cuts: tuple[int, ...]
    words: tuple[str, ...]
    shares: tuple[int, ...]

    @property
    def feature(self) -> Feature:
        """The feature itself."""
        return BY_NAME[self.name]

    @property
    def number(self) -> int:
        """How many bins there are."""
        return 1 + len(self.words if self.feature.is_word else self.cuts)

    def of(self, row: Row) -> int:
        """The bin of a row of facts."""
        value = self.feature.of(row)
        if isinstance(value, str):
            return self.words.index(value) + 1 if value in self.words else 0
        return bisect_right(self.cuts, value)


@dataclass(frozen=True, slots=True)
class Card:
    """Points: what a row begins with, and what each feature's bin adds."""

    base: int
    points: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class TargetModel:
    """One target: a card, or one for each hour of the day. `kind` is how it was learned: lightgbm or logistic."""

    name: str
    kind: str
    cards: dict[int, Card]


@dataclass(frozen=True)
class ScoreModel:
    """A model as read from its file; `text` is the file's, `version` the first 12 hex digits of its SHA-256.

    `plain` is the fallback of expected cash, which the model has to beat on later nights, too.
    """

    text: str
    trained_until: str
    bins: tuple[Bins, ...]
    targets: dict[str, TargetModel]
    plain: Card | None = None

    @cached_property
    def version(self) -> str:
        """The name of its text."""
        return version_of(self.text)

    @cached_property
    def facts(self) -> frozenset[str]:
        """The facts that its features read."""
        return frozenset(fact for each in self.bins for fact in each.feature.facts)


def version_of(text: str) -> str:
    """The name of a model's text."""
    return sha256(text.encode()).hexdigest()[:12]


def per_mille(points: int) -> int:
    """A sum of points as a chance in thousandths, rounded: how many boundaries it has passed."""
    return bisect_right(_boundaries(), points)


@cache
def _boundaries() -> tuple[int, ...]:
    """The least sum of points for 1, 2, … 1,000 thousandths.

    SQL has the same by a logarithm in doubles. The two agree, as no boundary lies nearer to a whole sum than a double
    can tell.
    """
    halves = ((2 * thousandth - 1, 2001 - 2 * thousandth) for thousandth in range(1, 1001))
    return tuple(ceil((Decimal(below) / above).ln() * UNIT) for below, above in halves)


def model_text(
    *,
    trained_from: str,
    trained_until: str,
    book: str,
    bins: tuple[Bins, ...],
    targets: dict[str, TargetModel],
    plain: Card | None = None,
) -> str:
    """A model's file: the same model, the same bytes."""
    made = {
        "format": FORMAT,
        "trained_from": trained_from,
        "trained_until": trained_until,
        "book": book,
        "plain": None if plain is None else {"base": plain.base, "points": plain.points},
        "features": [
            {"name": each.name, "cuts": each.cuts, "words": each.words, "shares": each.shares}
            for each in bins
        ],
        "targets": [
            {
                "name": target.name,
                "kind": target.kind,
                "cards": [
                    {"hour": hour, "base": card.base, "points": card.points}
                    for hour, card in sorted(target.cards.items())
                ],
            }
            for target in targets.values()
        ],
    }
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def parse_model(text: str, origin: str = "model") -> ScoreModel:
    """A model from its file; `ScoreError` where it isn't one, or is of another release."""
    try:
        read = json.loads(text)
        if read["format"] != FORMAT:
            raise ScoreError(f"{origin}: was written by another release; run `forbear train` again")
        bins = tuple(
            Bins(each["name"], tuple(each["cuts"]), tuple(each["words"]), tuple(each["shares"]))
            for each in read["features"]
        )
        targets = {
            each["name"]: TargetModel(
                each["name"],
                each["kind"],
                {card["hour"]: _card(card) for card in each["cards"]},
            )
            for each in read["targets"]
        }
        plain = read["plain"] and _card(read["plain"])
        model = ScoreModel(text, str(read["trained_until"]), bins, targets, plain)
        _check(model)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ScoreError(
            f"{origin}: is no model of scores, or is damaged; run `forbear train` again"
        ) from None
    return model


def _card(read: dict[str, Any]) -> Card:
    return Card(read["base"], {name: tuple(row) for name, row in read["points"].items()})


def _check(model: ScoreModel) -> None:
    """ValueError unless every number that scoring needs is there, and whole."""
    numbers = {each.name: each.number for each in model.bins}
    for bins in model.bins:
        if bins.name not in BY_NAME or list(bins.cuts) != sorted(set(bins.cuts)):
            raise ValueError(bins.name)
        if len(bins.shares) != bins.number or not _whole((*bins.cuts, *bins.shares)):
            raise ValueError(bins.name)
    cards = [model.plain] if model.plain else []
    for target in model.targets.values():
        hours = set(HOURS) if target.name == "answers" else {0}
        if target.name not in TARGETS or set(target.cards) != hours:
            raise ValueError(target.name)
        cards += target.cards.values()
    for card in cards:
        points = [one for row in card.points.values() for one in row]
        if not _whole((card.base, *points)):
            raise ValueError(card)
        if any(numbers[name] != len(row) for name, row in card.points.items()):
            raise ValueError(card)


def _whole(values: tuple[object, ...]) -> bool:
    return all(type(value) is int for value in values)
