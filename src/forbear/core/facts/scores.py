"""The facts that a signed model of scores gives: -1, and an amount of 0, wherever no model counts.

A chance is in thousandths: how many of 1,000 borrowers like this one. See `forbear.core.scores`.
"""

from forbear.core.base.problem import noop
from forbear.core.facts.fact import Fact, Place, count, flag, money

#: What stands for a score where there is none.
NO_SCORE = -1

_NIGHT: Place = {"known": "night", "level": "borrower"}

SCORE_FACTS: tuple[Fact, ...] = (
    flag("scored", noop("A signed model of scores counts tonight"), **_NIGHT),
    count(
        "score_self_cure",
        noop(
            "Of 1,000 such borrowers, how many pay all that is past due within 30 days by themselves; "
            "-1 if not scored"
        ),
        unit="per 1,000",
        default=NO_SCORE,
        **_NIGHT,
    ),
    count(
        "score_pays_contacted",
        noop(
            "Of 1,000 such borrowers, how many pay all that is past due within 30 days once contacted; "
            "-1 if not scored"
        ),
        unit="per 1,000",
        default=NO_SCORE,
        **_NIGHT,
    ),
    count(
        "score_keeps_promise",
        noop("Of 1,000 promises to pay by such borrowers, how many are kept; -1 if not scored"),
        unit="per 1,000",
        default=NO_SCORE,
        **_NIGHT,
    ),
    count(
        "score_answers",
        noop("Of 1,000 calls to such borrowers at their best hour, how many are answered; -1 if not scored"),
        unit="per 1,000",
        default=NO_SCORE,
        **_NIGHT,
    ),
    count(
        "score_answer_hour",
        noop("The hour of the day at which such borrowers answer most; -1 if not scored"),
        unit="hour",
        default=NO_SCORE,
        **_NIGHT,
    ),
    money(
        "score_expected_cash",
        noop("Cash expected within 30 days, at most what is past due; 0 if not scored"),
        **_NIGHT,
    ),
)

#: Their names.
SCORE_NAMES = frozenset(fact.name for fact in SCORE_FACTS)
