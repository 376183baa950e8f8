"""Why a collector passes a case over, and for how long it rests then."""

from dataclasses import dataclass

from forbear.core.base.problem import MessageId, noop


@dataclass(frozen=True, slots=True)
class Skip:
    """A reason: its words, and the minutes until the case is handed out again."""

    words: MessageId
    minutes: int


SKIPS: dict[str, Skip] = {
    "language": Skip(noop("I don't speak the borrower's language"), 60),
    "known": Skip(noop("I know the borrower"), 60),
    "needs_lead": Skip(noop("A lead should look at it first"), 120),
    "wrong_time": Skip(noop("Another time of the day is better"), 120),
    "technical": Skip(noop("The line doesn't work"), 60),
}
