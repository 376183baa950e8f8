"""How well replies are understood, measured on lines whose meaning is known.

What counts most is what goes wrong: a stop that nobody obeys, a stop that nobody meant, danger that nobody sees.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from forbear.core.classifier.table import Table
from forbear.core.replies.demands import DEMANDS, demands
from forbear.core.replies.understanding import INTENTS, Understood, understand

#: What a known line may mean: an intent, or what it demands or says besides.
MEANINGS = (*INTENTS, *(name for name in DEMANDS if name not in INTENTS))
#: A line that wants one of these is one after which messages may end.
_ENDS_CONTACT = frozenset({"stop", "cease", "refusal"})
#: Who says one of these wants an answer, although nothing else was understood.
_WANTS_ANSWER = frozenset({"call_me", "fraud", "link_broken", "verification"})


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A reply whose meaning is known.

    `wanted` are the meanings that are accepted. `amount` (digits in the currency's unit, empty for none) and `day`
    are asked for where they aren't None. `urgent`: it speaks of danger and nothing else is asked. `number` is its
    line in the file, from 1.
    """

    language: str
    text: str
    wanted: tuple[str, ...] = ()
    amount: str | None = None
    day: date | None = None
    urgent: bool = False
    number: int = 0


@dataclass(slots=True)
class ReplyScore:
    """What came out: lines by language as (right, all), and the texts of those that went wrong, by kind."""

    by_language: dict[str, tuple[int, int]] = field(default_factory=dict)
    stops_missed: list[str] = field(default_factory=list)
    false_stops: list[str] = field(default_factory=list)
    urgent_missed: list[str] = field(default_factory=list)
    wrong: list[tuple[KnownLine, Understood]] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """How many lines were read."""
        return sum(total for _, total in self.by_language.values())

    @property
    def right(self) -> int:
        """How many of them were understood as wanted."""
        return sum(right for right, _ in self.by_language.values())


def stops(meant: Understood, asked: tuple[str, ...]) -> bool:
    """Whether messages to this number end by what was written."""
    return meant.intent == "stop" or "stop" in meant.also or "cease" in asked


def held_until_read(meant: Understood, asked: tuple[str, ...]) -> bool:
    """Whether nothing but notices goes to the writer's number until a person has read it.

    A person who asks to be called, for proof or for a link that works wants an answer.
    """
    return meant.urgent or (meant.held_until_read and not _WANTS_ANSWER & set(asked))


def measure(
    lines: Iterable[KnownLine], today: date, readers: Mapping[str, Table] | None = None
) -> ReplyScore:
    """Read every line as one that was written on `today`, a second time with `readers`.

    What a line reads like counts where a person has to read it: they are told so.

    A stop is missed when it is neither understood nor held until somebody has read it.
    """
    score = ReplyScore()
    for line in lines:
        meant, asked = understand(line.text, line.language, today, readers), demands(line.text)
        right = _is_right(line, meant, asked)
        counted, total = score.by_language.get(line.language, (0, 0))
        score.by_language[line.language] = (counted + right, total + 1)
        stopped = stops(meant, asked)
        if not right:
            score.wrong.append((line, meant))
        if line.urgent:
            if not meant.urgent:
                score.urgent_missed.append(line.text)
        elif not _ENDS_CONTACT & set(line.wanted):
            if stopped:
                score.false_stops.append(line.text)
        elif not (right or stopped or held_until_read(meant, asked)):
            score.stops_missed.append(line.text)
    return score


def _is_right(line: KnownLine, meant: Understood, asked: tuple[str, ...]) -> bool:
    """Whether a line is understood as wanted; a demand counts as what it ends, a stop for a demand to cease."""
    if line.urgent:
        return meant.urgent
    said = {meant.suggested or meant.intent, *asked}
    if stops(meant, asked) or "refusal" in asked:
        said.add("stop")
    if not said & set(line.wanted):
        return False
    return line.amount in (None, meant.amount) and line.day in (None, meant.day)
