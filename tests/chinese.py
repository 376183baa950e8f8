"""What a problem says to somebody who reads Chinese."""

from forbear.core.base.problem import Value
from forbear.store.problem_text import sentence_in


def in_chinese(problem: Value) -> str:
    """Its sentence from the catalogue."""
    return sentence_in("zh", problem)
