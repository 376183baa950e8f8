"""Draws that belong to what they are about: a seed and names give a draw, whatever was drawn before.

So two worlds of one seed stay alike where nothing differs between them, a world of a few borrowers is a part of the
whole one, and an act that is done again after a crash draws the same.
"""

from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import TypeVar

Value = TypeVar("Value")
_BYTES = 7


class Chance:
    """A source of draws named by what they are about."""

    def __init__(self, seed: str) -> None:
        self._seeded = blake2b(seed.encode(), digest_size=_BYTES)

    def draw(self, *about: object) -> float:
        """A number from 0 up to, not including, 1."""
        draw = self._seeded.copy()
        draw.update("\0".join(map(str, about)).encode())
        return int.from_bytes(draw.digest()) / (1 << 8 * _BYTES)

    def below(self, number: int, *about: object) -> int:
        """A whole number from 0 up to, not including, `number`."""
        return int(self.draw(*about) * number)

    def one_of(self, values: Sequence[Value], *about: object) -> Value:
        """One of these, each as likely."""
        return values[self.below(len(values), *about)]

    def stream(self, *about: object) -> Random:
        """Many draws about one thing."""
        return Random(int(self.draw(*about) * (1 << 8 * _BYTES)))
