"""Ends of messages that help: the word most like the one written, or all that may stand there."""

import difflib

from forbear.core.base.problem import Problem


def nearest(word: str, candidates: list[str] | tuple[str, ...]) -> str:
    """`; did you mean ...?` with the candidate most like ``word``, or nothing when none is near."""
    found = _near(word, candidates)
    return f"; did you mean `{found}`?" if found else ""


def nearest_zh(word: str, candidates: list[str] | tuple[str, ...]) -> str:
    """The same in Chinese."""
    found = _near(word, candidates)
    return f"；是否想写 `{found}`？" if found else ""


def hinted(word: str, candidates: list[str] | tuple[str, ...], else_: Problem) -> Problem:
    """What `nearest` says in either language, or `else_` when none is near."""
    return Problem(
        nearest(word, candidates) or else_.message, nearest_zh(word, candidates) or else_.message_zh
    )


def one_of(values: list[str] | tuple[str, ...]) -> Problem:
    """`; it is one of ...`, as the end of a message."""
    return Problem(f"; it is one of {', '.join(values)}", f"；可选 {'、'.join(values)}")


def _near(word: str, candidates: list[str] | tuple[str, ...]) -> str:
    found = difflib.get_close_matches(word.lower(), candidates, n=1, cutoff=0.6)
    return found[0] if found else ""
