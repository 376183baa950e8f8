"""What is scored: five questions about a borrower who is past due, each with its answer as a fact."""

from dataclasses import dataclass

from forbear.core.base.problem import MessageId, noop

#: The days after a night within which it is seen whether somebody paid.
WINDOW_DAYS = 30
#: Hours of the day at which calls are looked at; the packs of rules say which of them are lawful.
HOURS = tuple(range(8, 22))


@dataclass(frozen=True, slots=True)
class Target:
    """One question; `fact` has its answer. `learned_from` says of whom it is learned."""

    name: str
    fact: str
    words: MessageId
    learned_from: MessageId


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            "self_cure",
            "score_self_cure",
            noop("Pays by itself within 30 days"),
            noop(
                "Those in the hold-out group; where these are too few, those whom nobody contacted within 30 days"
            ),
        ),
        Target(
            "pays_contacted",
            "score_pays_contacted",
            noop("Pays within 30 days once contacted"),
            noop("Those who were contacted within 7 days"),
        ),
        Target(
            "keeps_promise",
            "score_keeps_promise",
            noop("Keeps a promise to pay"),
            noop("Promises to pay that were kept or broken, by what was known the night before"),
        ),
        Target(
            "answers",
            "score_answers",
            noop("Answers a call, by hour of day"),
            noop("Calls that were made, by what was known the night before"),
        ),
        Target(
            "expected_cash",
            "score_expected_cash",
            noop("Cash expected within 30 days"),
            noop("Everybody past due, whatever was done"),
        ),
    )
}
