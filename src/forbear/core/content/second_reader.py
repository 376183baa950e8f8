"""The second reader of content: which passages of a text read like known unlawful lines.

The words of the packs find what they name. The second reader has learnt from known lines, lawful and not, and finds
what is worded otherwise. It is sometimes wrong, so it may only have a person look.
"""

from collections.abc import Mapping

from forbear.core.classifier.table import Table
from forbear.core.content.match import Found
from forbear.core.content.normalize import END, Normal, is_hanzi

#: What the tables call a text that may not be sent.
UNLAWFUL = "unlawful"
#: A passage is whole sentences of up to this many signs, by whether it has Hanzi; one longer sentence is a passage.
_LONGEST = {True: 60, False: 180}
#: With fewer Latin letters a passage with Hanzi is no English one.
_LEAST_LETTERS = 12


def read_text(folded: str) -> str:
    """A folded text as the tables know it: politeness makes nothing lawful."""
    return folded.replace("您", "你")


def suspect_passages(normal: Normal, readers: Mapping[str, Table]) -> list[Found]:
    """The passages of a folded text that read like unlawful lines."""
    if not readers:
        return []
    return [
        Found(start, end)
        for start, end in _passages(normal.text)
        if _is_suspect(normal.text[start:end], readers)
    ]


def _is_suspect(passage: str, readers: Mapping[str, Table]) -> bool:
    hanzi = any(map(is_hanzi, passage))
    letters = sum(sign.isascii() and sign.isalpha() for sign in passage)
    languages = [
        *(["zh"] if hanzi else []),
        *(["en"] if letters and (not hanzi or letters >= _LEAST_LETTERS) else []),
    ]
    return any(
        UNLAWFUL in readers[language].suspected(read_text(passage))
        for language in languages
        if language in readers
    )


def _passages(text: str) -> list[tuple[int, int]]:
    """The text cut at ends of sentences, neighbours put together while they are short."""
    longest = _LONGEST[any(map(is_hanzi, text))]
    passages: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        stop = text.find(END, at)
        end = len(text) if stop < 0 else stop + 1
        if passages and end - passages[-1][0] <= longest:
            passages[-1] = (passages[-1][0], end)
        elif end - at > 1:
            passages.append((at, end))
        at = end
    return passages
