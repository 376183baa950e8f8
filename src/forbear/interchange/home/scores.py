"""Which model of scores counts on a day: what two people signed at the desk, as it wrote it into the home.

A night needs no database to know its model, and a night of the past is decided again with the model of its own day.

    data/scores/in_force.json     [["2026-11-26", "0f3a9c..."], ["2026-12-20", ""], ...], the oldest first; "" is none
    data/scores/0f3a9c....json    each model, signed or not, with 0f3a9c....card.json beside it
"""

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from forbear.core.scores.limits import is_stale
from forbear.core.scores.model import ScoreModel, parse_model, version_of
from forbear.interchange.home.lender import Home, HomeError, read_text
from forbear.interchange.home.strategies import put, read_decided, version_on


def scores_on(home: Home, day: date) -> ScoreModel | None:
    """The model that counts on a day; None where none was signed, or it is stale."""
    version = version_on(read_scores_register(home), day)
    if not version:
        return None
    model = _model(scores_folder(home) / f"{version}.json")
    return None if is_stale(model.trained_until, day) else model


def scores_text(home: Home, day: date) -> str:
    """Its text, as a night takes it; "" for none."""
    model = scores_on(home, day)
    return model.text if model is not None else ""


def stale_scores(home: Home, day: date) -> str:
    """The version of the model that would count on a day if it weren't stale; "" for none."""
    version = version_on(read_scores_register(home), day)
    return version if version and scores_on(home, day) is None else ""


@lru_cache(maxsize=4)
def _model(path: Path) -> ScoreModel:
    """Read once: a model's file has its own name, and never changes."""
    if not path.is_file():
        raise HomeError(f"{path}: is missing; `forbear night` writes it again from the desk's database")
    text = read_text(path)
    if version_of(text) != path.stem:
        raise HomeError(f"{path}: is not the model that was signed; `forbear night` writes it again")
    return parse_model(text, str(path))


def scores_folder(home: Home) -> Path:
    """Where a home's models lie."""
    return home.folder / "data" / "scores"


def read_scores_register(home: Home) -> list[tuple[date, str]]:
    """The first day of each model, or of none, as they were decided."""
    return read_decided(scores_folder(home) / "in_force.json")


def write_scores_register(home: Home, decided: Sequence[tuple[date, str]], texts: dict[str, str]) -> None:
    """Write (first day, version) in the order they were decided, and the texts of the versions. The register last."""
    folder = scores_folder(home)
    if not decided and not folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for version, text in texts.items():
        path = folder / f"{version}.json"
        if not path.is_file() or version_of(path.read_text(encoding="utf-8")) != version:
            put(path, text)
    put(folder / "in_force.json", json.dumps([[first.isoformat(), version] for first, version in decided]))


def write_model(home: Home, text: str, card: dict[str, object]) -> Path:
    """Put a trained model and its card into the home; nothing counts by that. Returns the model's file."""
    folder = scores_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    version = version_of(text)
    put(
        folder / f"{version}.card.json", json.dumps(card, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    )
    put(folder / f"{version}.json", text)
    return folder / f"{version}.json"
