"""Ends of messages that help: the word most like the one written, or all that may stand there."""

import difflib

from forbear.core.base.problem import Phrase, noop


def nearest(word: str, candidates: list[str] | tuple[str, ...]) -> Phrase | None:
    """`did you mean ...?` with the candidate most like ``word``, or None when none is near."""
    close = _near(word, candidates)
    return Phrase(noop("did you mean `%(nearest)s`?"), nearest=close) if close else None


def one_of(values: list[str] | tuple[str, ...]) -> Phrase:
    """`it is one of ...`, as a hint."""
    return Phrase(noop("it is one of %(values)s"), values=tuple(values))


def _near(word: str, candidates: list[str] | tuple[str, ...]) -> str:
    matches = difflib.get_close_matches(word.lower(), candidates, n=1, cutoff=0.6)
    return matches[0] if matches else ""
