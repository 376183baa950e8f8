"""How a text sounds: its Mandarin syllables without tones, for words hidden behind others that sound alike.

`法苑`, `fayuan` and `法yuan` all sound like `法院`. Sound alone raises false alarms, so `content_match` asks
for more than sound before it believes.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from types import ModuleType

from forbear.core.content.normalize import BLANK, CLAUSE, END, LIST, Normal, is_hanzi

#: Latin letters that are taken for syllables: fewer may be an abbreviation, more are no word of ours.
_FEWEST_LETTERS, _MOST_LETTERS = 2, 24


@dataclass(frozen=True, slots=True)
class Sounds:
    """The syllables of a folded text, stops between them; syllable i is the text's signs starts[i] to ends[i]."""

    syllables: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def sounds_of(normal: Normal) -> Sounds:
    """The syllables of a folded text. What is no syllable stands as itself, so no sound is matched across it."""
    sounds: list[tuple[str, int, int]] = []
    text, at = normal.text, 0
    while at < len(text):
        sign = text[at]
        if is_hanzi(sign):
            sounds.append((syllable(sign), at, at + 1))
        elif sign in (END, CLAUSE, LIST):
            sounds.append((sign, at, at + 1))
        elif sign.isascii() and sign.isalpha():
            end = at
            while end < len(text) and text[end].isascii() and text[end].isalpha():
                end += 1
            sounds += _latin(text[at:end], at)
            at = end
            continue
        elif sign != BLANK:
            sounds.append((sign, at, at + 1))
        at += 1
    return Sounds(
        tuple(sound for sound, _, _ in sounds),
        tuple(start for _, start, _ in sounds),
        tuple(end for _, _, end in sounds),
    )


@cache
def _library(part: str = "") -> ModuleType:
    """pypinyin, when a text is first matched by sound: its dictionaries take longer to load than most commands to
    run."""
    return import_module("pypinyin" + part)


@lru_cache(maxsize=65_536)
def syllable(hanzi: str) -> str:
    """The usual reading of a character, without its tone; the character itself when it has none."""
    library = _library()
    reading: str = library.pinyin(hanzi, style=library.Style.NORMAL)[0][0]
    return reading.replace("ü", "v")


def is_word(hanzi: str) -> bool:
    """Whether these characters are a word of the dictionary: then they are meant as they stand."""
    return hanzi in _library(".phrases_dict").phrases_dict


def _latin(word: str, at: int) -> list[tuple[str, int, int]]:
    parts = spelt_syllables(word)
    if parts is None:
        return [(word, at, at + len(word))]
    sounds = []
    for part in parts:
        sounds.append((part, at, at + len(part)))
        at += len(part)
    return sounds


@lru_cache(maxsize=4096)
def spelt_syllables(word: str) -> tuple[str, ...] | None:
    """The syllables that a Latin word spells from its first letter to its last, or None."""
    if not _FEWEST_LETTERS <= len(word) <= _MOST_LETTERS:
        return None
    # best[i]: the syllables of the first i letters, fewest first, which prefers the longer ones
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for length in range(min(6, end), 0, -1):
            before = best[end - length]
            part, reached = word[end - length : end], best[end]
            if (
                before is not None
                and part in _syllables()
                and (reached is None or len(before) + 1 < len(reached))
            ):
                best[end] = (*before, part)
    return best[len(word)]


@cache
def _syllables() -> frozenset[str]:
    """All syllables of the common characters."""
    known = _library(".pinyin_dict").pinyin_dict
    readings = {reading for code in range(0x4E00, 0x9FA6) for reading in known.get(code, "").split(",")}
    to_normal = _library(".contrib.tone_convert").to_normal
    plain = {to_normal(reading).replace("ü", "v") for reading in readings}
    return frozenset(
        reading for reading in plain if reading.isascii() and reading.isalpha() and len(reading) > 1
    ) | {
        "a",
        "e",
        "o",
    }
