"""Packs, templates and words of the tests' homes, parsed once in a process, whatever their file is called.

The program knows a file by its path and by when it was written, so each new home costs it a parse of the same text.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from forbear.interchange.home import packs, texts
from forbear.interchange.home.lender import read_text

_MOST = 64


def parse_once(patch: pytest.MonkeyPatch) -> None:
    """From here on, until `patch` is undone."""
    patch.setattr(packs, "parse_pack", _of_text(packs.parse_pack))
    patch.setattr(texts, "parse_templates", _of_text(texts.parse_templates))
    patch.setattr(texts, "_screening", _of_texts(texts._screening))


def _of_text(parse: Callable[[str, str], Any]) -> Callable[[str, str], Any]:
    """A file's name stands in its mistakes, of which a text that can be parsed has none, and in what came of it."""
    parsed = lru_cache(maxsize=_MOST)(lambda text: parse(text, ""))

    def once(text: str, origin: str) -> Any:
        try:
            return replace(parsed(text), origin=origin)
        except ValueError:
            return parse(text, origin)

    return once


def _of_texts(screening: Any) -> Callable[[tuple[tuple[Path, int], ...], int], Any]:
    made: dict[tuple[object, ...], Any] = {}

    @lru_cache(maxsize=_MOST)
    def once(stamped: tuple[tuple[Path, int], ...], word_files: int) -> Any:
        key = word_files, *((path.name, read_text(path)) for path, _ in stamped)
        if key not in made:
            made[key] = screening.__wrapped__(stamped, word_files)
        return made[key]

    return once
