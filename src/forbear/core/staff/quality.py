"""The scorecard of a quality review: what is looked at in a contact, how much each weighs, and the score.

The lender sets the weights in policy.yaml; one without weight isn't asked. Whether it was made sure who is spoken with,
and whether anybody was pressed, are grave: a "no" there makes the score 0 (PIPL art. 10 and 25; 15 U.S.C. § 1692c(b),
1692d).
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated

from pydantic import AfterValidator, Field

from forbear.core.base.problem import MessageId, Problem, noop
from forbear.core.base.setting import WrongValue, known, settings_class, several, whole

#: What is looked at, with its weight where the lender says nothing.
CRITERIA: Mapping[str, int] = {
    "opening": 10,
    "verified": 20,
    "facts": 15,
    "listening": 15,
    "solution": 15,
    "tone": 20,
    "record": 5,
}
GRAVE = frozenset({"verified", "tone"})
WORDS: Mapping[str, MessageId] = {
    "opening": noop("Said who they are, for whom they call, and that the call is recorded"),
    "verified": noop("Made sure it is the borrower before the debt was named"),
    "facts": noop("Gave amounts and dates as they stand in the ledger"),
    "listening": noop("Asked for the reason and listened"),
    "solution": noop("Offered a way that the borrower can keep"),
    "tone": noop("Stayed polite, without pressure or threats"),
    "record": noop("Note and result say what was said"),
}
#: How a criterion was met, in percent of its weight; None leaves it out of the score.
MARKS: Mapping[str, int | None] = {"yes": 100, "partly": 50, "no": 0, "none": None}
_NO_WEIGHT = noop("must give at least one criterion a weight above 0")


def _some_weight(weights: Mapping[str, int]) -> Mapping[str, int]:
    if not any(weights.values()):
        raise WrongValue(_NO_WEIGHT)
    return weights


@settings_class
class QualityPolicy:
    """The weights of the scorecard, and the score from which a contact passes."""

    weights: Annotated[
        Mapping[Annotated[str, known(CRITERIA)], Annotated[int, Field(ge=0, le=100, strict=True)]],
        AfterValidator(_some_weight),
        several(
            noop("Weight"),
            noop("In the scorecard of a quality review; 0 leaves it out"),
            "points",
            codes="criterion",
            wanted=_NO_WEIGHT,
        ),
    ] = field(default_factory=lambda: dict(CRITERIA))
    passes_from: Annotated[
        int, whole(noop("Passes from"), noop("Score of a reviewed contact, of 100"), "percent")
    ] = 80

    def asked(self) -> dict[str, int]:
        """The criteria that are asked, with their weights, in the order of the scorecard."""
        return {code: self.weights[code] for code in CRITERIA if self.weights.get(code, 0)}


def score(marks: Mapping[str, str], weights: Mapping[str, int]) -> int | None:
    """The score in percent, rounded down; None where nothing could be judged. A grave "no" makes it 0."""
    assert set(marks) == set(weights), "every criterion that is asked has its mark"
    assert set(marks.values()) <= set(MARKS)
    if any(marks.get(code) == "no" for code in GRAVE):
        return 0
    judged = {code: MARKS[mark] for code, mark in marks.items()}
    whole_weight = sum(weights[code] for code, mark in judged.items() if mark is not None)
    if not whole_weight:
        return None
    found = sum(weights[code] * mark for code, mark in judged.items() if mark is not None) // whole_weight
    assert 0 <= found <= 100
    return found


def scorecard_problem(
    marks: Mapping[str, str], weights: Mapping[str, int], verdict: str, words: str, passes_from: int
) -> Problem | None:
    """Why a review can't be saved so; None when it can."""
    if set(marks) != set(weights) or not set(marks.values()) <= set(MARKS):
        return Problem("scorecard_incomplete", "mark every line of the scorecard; some may not apply")
    found = score(marks, weights)
    if verdict == "good" and found is not None and found < passes_from:
        return Problem(
            "score_not_good",
            "a contact with %(score)s of 100 is not as it should be; it passes from %(passes)s",
            score=found,
            passes=passes_from,
        )
    if (verdict != "good" or "no" in marks.values()) and not words.strip():
        return Problem("review_comment_missing", "say what could be better, or what was wrong: they read it")
    return None
