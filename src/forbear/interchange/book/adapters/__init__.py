"""Adapters: foreign data sets rewritten as a Forbear feed folder.

Each adapter is one function, `convert(source, target, *, anchor)`. It reads the folder
`source`, writes the folder `target` (which must not hold anything yet) and raises
`AdapterError`, one sentence for the person who gave the folder, when it can't.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from forbear.interchange.book.adapters import home_credit, kiva, superlender
from forbear.interchange.book.adapters.feed_folder import LEFT_OUT, NOTES, AdapterError

__all__ = ["ADAPTERS", "LEFT_OUT", "NOTES", "Adapter", "AdapterError"]


class Convert(Protocol):
    """The one function of an adapter."""

    def __call__(self, source: Path, target: Path, *, anchor: date | None) -> None:
        """Rewrite `source` as the feed folder `target`; `anchor` is day 0 of relative dates."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A data set that can be imported: what it is, and how it is converted."""

    name: str
    title: str
    convert: Convert


ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        Adapter("home-credit", home_credit.TITLE, home_credit.convert),
        Adapter("kiva", kiva.TITLE, kiva.convert),
        Adapter("superlender", superlender.TITLE, superlender.convert),
    )
}
