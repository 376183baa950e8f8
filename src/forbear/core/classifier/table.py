"""A table of weights, and what it says of a text.

The table is JSON: `{"version": "...", "readings": {name: {"bias": n, "least": n, "weights": {gram: n}}}}`. A reading's
score is its bias and the sum of the weights of the text's grams, divided by the square root of how many grams there
are. All are whole thousandths of log odds, so that every machine gives the same answer. `scripts/train_words.py`
makes the tables of known lines.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isqrt

from forbear.core.classifier.grams import grams

#: Scores are whole numbers of this part of a unit of log odds.
UNIT = 1000


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing a text may mean. It is suspected from the score `least` on."""

    bias: int
    least: int
    weights: Mapping[str, int] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Table:
    """All readings of a table by name. `version` is the first 12 hex digits of the SHA-256 of its lines."""

    version: str
    readings: Mapping[str, Reading] = field(hash=False)

    def scores(self, text: str) -> dict[str, int]:
        """Each reading's score for a folded text, as thousandths of log odds above its threshold."""
        runs = grams(text)
        root = max(1, isqrt(len(runs) * UNIT * UNIT))
        return {
            name: reading.bias
            - reading.least
            + sum(reading.weights[run] for run in runs & reading.weights.keys()) * UNIT // root
            for name, reading in self.readings.items()
        }

    def suspected(self, text: str) -> tuple[str, ...]:
        """The readings suspected of a folded text, the likeliest first."""
        over = [(score, name) for name, score in self.scores(text).items() if score >= 0]
        return tuple(name for score, name in sorted(over, key=lambda one: (-one[0], one[1])))


def read_table(text: str) -> Table:
    """The table of its JSON. What is no such table is a mistake of ours: an assertion or KeyError."""
    given = json.loads(text)
    return Table(
        given["version"],
        {
            name: Reading(reading["bias"], reading["least"], reading["weights"])
            for name, reading in given["readings"].items()
        },
    )
