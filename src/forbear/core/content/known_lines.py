"""A file of known lines: whether each may be said, and what the screening makes of it.

    zh:                                # the language of the lines; its pack is cn, for English us
      unlawful:
      - threat||你等着，没完           # kind | how it hides, or nothing | the text
      - 'authority|emoji|👮已经出发了'
      lawful:
      - 您好，您的账单已出。
      - '@unrelated 请问张伟在吗？'    # @ and who reads it, where it isn't the debtor

A lawful line that is blocked is wrong, and so is an unlawful one that is neither blocked nor looked at.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import yaml

from forbear.core.base.problem import Problem, noop, with_hint
from forbear.core.content.rules import KINDS
from forbear.core.content.screening import ContentContext, Screening
from forbear.core.facts.contact import PARTIES
from forbear.core.files.hints import nearest, one_of
from forbear.core.files.reader import LANGUAGES, ContentError
from forbear.core.files.sheet import Sheet

_SIDES = ("unlawful", "lawful")
_PARTY = re.compile(r"@(\S*)\s*")


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text whose lawfulness is known: `kind` is what is wrong with it, empty for a lawful one.

    `evasion` says how it hides, `number` is its line in the file, from 1.
    """

    language: str
    text: str
    kind: str = ""
    evasion: str = ""
    party: str = "debtor"
    number: int = 0

    @property
    def context(self) -> ContentContext:
        """To whom it goes; from the lender's own people, with no amounts known."""
        return ContentContext(language=self.language, party=self.party)


@dataclass(slots=True)
class LineCounts:
    """Counts over the lines of one language. No line is both blocked and looked at."""

    unlawful: int = 0
    blocked: int = 0
    looked: int = 0
    lawful: int = 0
    lawful_blocked: int = 0
    lawful_looked: int = 0


@dataclass(slots=True)
class LineScore:
    """Counts by language, the lines that are wrong and the lawful ones that a person has to look at."""

    by_language: dict[str, LineCounts] = field(
        default_factory=lambda: {language: LineCounts() for language in LANGUAGES}
    )
    wrong: list[tuple[KnownText, Screening]] = field(default_factory=list)
    looked: list[tuple[KnownText, Screening]] = field(default_factory=list)


def count_lines(lines: Iterable[KnownText], screening: Callable[[KnownText], Screening]) -> LineScore:
    """Screen every line and count what was made of it."""
    score = LineScore()
    for line in lines:
        screened = screening(line)
        counts = score.by_language[line.language]
        blocked, looked = screened.severity == "block", screened.severity == "look"
        if line.kind:
            counts.unlawful += 1
            counts.blocked += blocked
            counts.looked += looked
        else:
            counts.lawful += 1
            counts.lawful_blocked += blocked
            counts.lawful_looked += looked
            if looked:
                score.looked.append((line, screened))
        if blocked != bool(line.kind) and not looked:
            score.wrong.append((line, screened))
    return score


def read_known_lines(text: str, origin: str) -> tuple[KnownText, ...]:
    """The lines in the order of the file. ContentError with one problem for each mistake, each with its line."""
    sheet = Sheet(origin, text)
    root = sheet.compose()
    lines: list[KnownText] = []
    if root is not None:
        for language, (_, node) in (sheet.entries(root, noop("the file"), LANGUAGES) or {}).items():
            sides = sheet.entries(node, f"`{language}`", _SIDES) or {}
            for side, (_, listed) in sides.items():
                for item in sheet.items(listed, f"`{side}`"):
                    written = sheet.scalar(item, noop("a line"))
                    line = None if written is None else _line(sheet, item, language, side, written)
                    if line is not None:
                        lines.append(line)
        if not lines and not sheet.problems:
            sheet.say(root, Problem("content_lines_none", "there are no known lines here"))
    if sheet.problems:
        raise ContentError(sheet.ordered_problems())
    return tuple(lines)


def _line(sheet: Sheet, item: yaml.Node, language: str, side: str, written: str) -> KnownText | None:
    kind = evasion = ""
    text = written.strip()
    if side == "unlawful":
        parts = [part.strip() for part in text.split("|", 2)]
        if len(parts) < 3:
            sheet.say(item, Problem("content_line_shape", "write an unlawful line as `kind|evasion|text`"))
            return None
        kind, evasion, text = parts
        if kind not in KINDS:
            unknown = Problem("content_line_kind", "`%(kind)s` is no kind of unlawful text", kind=kind)
            sheet.say(item, with_hint(unknown, nearest(kind, KINDS) or one_of(KINDS)))
    party = "debtor"
    if found := _PARTY.match(text):
        party, text = found[1], text[found.end() :]
        if party not in PARTIES:
            unknown = Problem("content_line_party", "`@%(party)s` is nobody who reads a text", party=party)
            sheet.say(item, with_hint(unknown, nearest(party, PARTIES) or one_of(PARTIES)))
            return None
    if not text:
        sheet.say(item, Problem("content_line_empty", "the line has no text"))
        return None
    return KnownText(language, text, kind, evasion, party, sheet.line_column(item.start_mark.index)[0])
