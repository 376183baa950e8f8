"""The second reader of replies: what a text reads like, whatever a pattern made of it.

It has learnt from known lines. It may raise an alarm, have a reply held until a person has read it, suggest to that
person what it means, and put in doubt what a pattern understood. What is in doubt waits for a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from forbear.core.classifier.table import Table

#: What the tables call words of suicide or violence, and a text from which nothing is to be learnt.
URGENT, UNCLEAR = "urgent", "unclear"
#: After one of these messages may end.
_END_CONTACT = ("stop", "cease", "refusal")
#: A text of fewer signs suggests nothing; it may still be urgent or a stop.
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a reply reads like: the likeliest meaning, or "", and whether danger or a stop is suspected.

    `odds` are the log odds of every meaning in thousandths, for a comparison with what else was understood.
    """

    meaning: str = ""
    urgent: bool = False
    stop: bool = False
    odds: Mapping[str, int] = field(default_factory=dict, hash=False)

    def ahead_of(self, meanings: Iterable[str]) -> int:
        """By how much the likeliest meaning is likelier than each of these, in thousandths of log odds; 0 for none."""
        if not self.meaning or self.meaning in meanings:
            return 0
        best = max((self.odds.get(meaning, 0) for meaning in meanings), default=0)
        return max(0, self.odds[self.meaning] - best)


def suspicion(plain: str, readers: Mapping[str, Table]) -> Suspicion:
    """What a text in one spelling (`normalize.normal`) reads like. Languages other than Chinese are read as Latin."""
    table = readers.get("zh" if any("\u3400" <= sign <= "\u9fff" for sign in plain) else "en")
    if table is None or not plain.strip("? ,"):
        return Suspicion()
    scores = table.scores(plain)
    urgent, stop = scores.get(URGENT, -1) >= 0, any(scores.get(name, -1) >= 0 for name in _END_CONTACT)
    odds = {name: score + table.readings[name].least for name, score in scores.items() if name != URGENT}
    best = max(sorted(odds), key=odds.__getitem__, default=UNCLEAR)
    likely = best != UNCLEAR and len(plain.strip("? ,")) >= _SHORTEST
    return Suspicion(best if likely else "", urgent, stop, odds)
