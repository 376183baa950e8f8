"""The short lines of a case: an earlier contact, a hold, a notice, a consent, something that was said to us.

2026-03-10T09:00 call connected agency=ag1
moratorium 2026-03-10T00:00..2026-05-09T00:00
default_notice 2026-03-02T10:00 loan=L2
optout 2026-03-01T10:00 channel=call
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import yaml

from forbear.core.base.problem import Problem, with_hint
from forbear.core.facts.contact import CHANNELS, OUTCOMES, PARTIES, PURPOSES, PastContact
from forbear.core.facts.contact_facts import NOTICES
from forbear.core.facts.context import HOLD_KINDS, ActiveHold, ConsentRecord, InboundRecord, NoticeGiven
from forbear.core.files.hints import nearest
from forbear.core.files.hints import one_of as any_of
from forbear.core.files.sheet import Sheet

#: The name of what an answer answers when a case says no more of it.
ASKED = "asked"
Moment = Callable[[yaml.Node, str], datetime | None]


@dataclass(slots=True)
class _Line:
    """One line taken apart: its words in order, its `name=value` parts, and the words that stand alone."""

    words: list[str]
    parts: dict[str, str]
    flags: set[str]


class CaseLines:
    """Reads short lines; a line with a mistake is noted at its place and left out."""

    def __init__(self, sheet: Sheet, moment: Moment) -> None:
        self.sheet = sheet
        self.moment = moment
        self.silent = False

    def say(self, node: yaml.Node, word: str, values: tuple[str, ...]) -> None:
        """Note a word that can't stand in this line."""
        problem = Problem("case_word_unknown", "`%(word)s` can't stand in this line", word=word)
        self.sheet.say(node, with_hint(problem, nearest(word, values) or any_of(values)))

    def chosen(self, node: yaml.Node, word: str, values: tuple[str, ...]) -> str | None:
        """The word when it is one of `values`."""
        if word in values:
            return word
        self.say(node, word, values)
        return None

    def _taken(
        self,
        node: yaml.Node,
        text: str,
        least: int,
        parts: Mapping[str, tuple[str, ...]],
        flags: tuple[str, ...] = (),
        *,
        free: bool = False,
    ) -> _Line | None:
        """The line's pieces. `parts` has the values each part may have, none for any; `free`: more words may follow."""
        line = _Line([], {}, set())
        sound = True
        for word in text.split():
            name, equals, value = word.partition("=")
            if equals and name in parts:
                allowed = parts[name]
                if allowed and value and self.chosen(node, value, allowed) is None:
                    sound = False
                line.parts[name] = value
            elif name in flags and value in ("", "true", "yes"):
                line.flags.add(name)
            elif name in flags and value in ("false", "no"):
                continue
            elif not equals and len(line.words) < least:
                line.words.append(word)
            elif not free:
                self.say(node, word, (*(f"{part}=" for part in parts), *flags))
                sound = False
        if len(line.words) < least:
            self.sheet.say(
                node, Problem("case_line_short", "this line has too few words: `%(text)s`", text=text)
            )
            return None
        return line if sound else None

    def past(self, node: yaml.Node, text: str) -> PastContact | None:
        """`TIME CHANNEL OUTCOME [purpose= party= point= loans= agency= answers=] [other] [consented]`."""
        parts: dict[str, tuple[str, ...]] = {"purpose": PURPOSES, "party": PARTIES}
        parts |= {"point": (), "loans": (), "agency": (), "answers": (), "gives": ()}
        line = self._taken(node, text, 3, parts, ("other", "consented"))
        if line is None:
            return None
        at = self.moment(node, line.words[0])
        channel = self.chosen(node, line.words[1], CHANNELS)
        outcome = self.chosen(node, line.words[2], OUTCOMES)
        if at is None or channel is None or outcome is None:
            return None
        return PastContact(
            at,
            channel,
            line.parts.get("purpose", "collect"),
            line.parts.get("party", "debtor"),
            outcome,
            line.parts.get("point", "p1"),
            tuple(filter(None, line.parts.get("loans", "L1").split(","))),
            line.parts.get("agency", ""),
            "consented" in line.flags,
            "other" in line.flags,
            line.parts.get("answers", ASKED if line.parts.get("purpose") == "answer" else ""),
            line.parts.get("gives", ""),
        )

    def hold(self, node: yaml.Node, text: str, now: datetime) -> ActiveHold | None:
        """`KIND [FROM..[TO]] [loans=]`; without a beginning it has run for long, without an end it is open."""
        kind, _, rest = text.partition(" ")
        words = [word for word in rest.split() if ".." in word or word[:1].isdigit()]
        others = " ".join(word for word in rest.split() if word not in words)
        line = self._taken(node, others, 0, {"loans": ()}, ("silent",))
        self.silent = self.silent or (line is not None and "silent" in line.flags)
        if self.chosen(node, kind, tuple(HOLD_KINDS)) is None or line is None:
            return None
        starts, ends = now.replace(year=now.year - 1, day=1), None
        if words:
            begin, _, end = words[0].partition("..")
            first = self.moment(node, begin)
            last = self.moment(node, end) if end else None
            if first is None or (end and last is None):
                return None
            starts, ends = first, last
        return ActiveHold(kind, starts, ends, tuple(filter(None, line.parts.get("loans", "").split(","))))

    def notice(self, node: yaml.Node, text: str) -> NoticeGiven | None:
        """`KIND TIME [loan=] [channel=]`, sent at that time; by letter unless named."""
        line = self._taken(node, text, 2, {"loan": (), "channel": CHANNELS})
        if line is None or self.chosen(node, line.words[0], tuple(NOTICES)) is None:
            return None
        at = self.moment(node, line.words[1])
        if at is None:
            return None
        return NoticeGiven(
            line.words[0], line.parts.get("loan", "L1"), at, line.parts.get("channel", "letter")
        )

    def consent(self, node: yaml.Node, text: str) -> ConsentRecord | None:
        """`consent|optout TIME [channel= purpose= point=] [night]`."""
        parts: dict[str, tuple[str, ...]] = {"channel": CHANNELS, "purpose": PURPOSES, "point": ()}
        line = self._taken(node, text, 2, parts, ("night",))
        if line is None or self.chosen(node, line.words[0], ("consent", "optout")) is None:
            return None
        at = self.moment(node, line.words[1])
        if at is None:
            return None
        given = line.words[0] == "consent"
        return ConsentRecord(given, at, **line.parts, night="night" in line.flags)

    def inbound(self, node: yaml.Node, text: str) -> InboundRecord | None:
        """`TIME CHANNEL [party= point= ref=] [WORDS]`: something said or written to us, and words for the reader."""
        line = self._taken(node, text, 2, {"party": PARTIES, "point": (), "ref": ()}, free=True)
        if line is None:
            return None
        at = self.moment(node, line.words[0])
        channel = self.chosen(node, line.words[1], CHANNELS)
        if at is None or channel is None:
            return None
        ref = line.parts.get("ref", f"inbound {line.words[0]}")
        return InboundRecord(
            ref, at, channel, line.parts.get("point", "p1"), line.parts.get("party", "debtor")
        )
