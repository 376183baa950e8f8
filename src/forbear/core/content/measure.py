"""How well screening does: precision and recall on lines whose meaning is known.

    theme: Chinese lines that may not be said
    part: tuned                          # or held-out: not looked at while the words were made
    pack: cn
    language: zh
    lawful:
      - 您好
      - {text: 谨防冒充公安的电话, near: authority}       # near: what it must not be taken for
    unlawful:
      threat:
        - {text: 弄 死 你, evasion: spacing, also: [insult]}
    look:
      authority: [我们将向法院起诉]

A line may also have `party`, `sender`, `amounts` (in the currency's unit) and `currency`. Under `look` stand lines
that a person must look at and that may be lawful.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import yaml

from forbear.core.base.money import is_currency, minor_digits, parse_amount
from forbear.core.base.problem import Problem, noop
from forbear.core.content.rules import KINDS
from forbear.core.content.screening import ContentContext, Screening
from forbear.core.facts.contact import PARTIES
from forbear.core.files.reader import LANGUAGES, ContentError, Reader
from forbear.core.files.sheet import Entries, Sheet
from forbear.core.strategy.model import HANDLERS

PARTS = ("tuned", "held-out")
#: What only asks a person to look stops a line, and says nothing of its kind.
UNCLEAR = "unclear"
_FILE = ("theme", "part", "pack", "language", "lawful", "unlawful", "look")
_LINE = ("text", "near", "evasion", "also", "party", "sender", "amounts", "currency")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a corpus and what it is: the kinds that must be found in it (none: it is lawful), and whether
    it must be blocked."""

    text: str
    kinds: frozenset[str]
    blocked: bool
    context: ContentContext
    evasion: str
    pack: str
    part: str
    place: str


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of what was rightly found, wrongly found and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> Fraction:
        """The share of findings that are right; 1 when there are none."""
        answered = self.right + self.wrong
        return Fraction(self.right, answered) if answered else Fraction(1)

    @property
    def recall(self) -> Fraction:
        """The share of what is there that was found; 1 when there is nothing."""
        there = self.right + self.missed
        return Fraction(self.right, there) if there else Fraction(1)


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores over a corpus.

    `kinds`: by kind, each line and kind counted once. `lines`: whether a line is judged lawful or not at all,
    whatever the kind. `evasions`: lines by how they hide, as (found, all). `failures` say where it went wrong.
    """

    kinds: Mapping[str, Score]
    lines: Score
    evasions: Mapping[str, tuple[int, int]]
    lawful: int
    unlawful: int
    failures: tuple[str, ...]

    @property
    def overall(self) -> Score:
        """All kinds together."""
        scores = self.kinds.values()
        return Score(
            sum(score.right for score in scores),
            sum(score.wrong for score in scores),
            sum(score.missed for score in scores),
        )


def measure(lines: Iterable[Line], screening: Callable[[Line], Screening]) -> Measured:
    """Screen every line and count."""
    kinds = {kind: [0, 0, 0] for kind in KINDS}
    lawfulness, counts = [0, 0, 0], [0, 0]
    evasions: dict[str, tuple[int, int]] = {}
    failures: list[str] = []
    for line in lines:
        kinds_found = {finding.kind for finding in screening(line).findings}
        counts[bool(line.kinds)] += 1
        for kind in KINDS:
            if kind != UNCLEAR and (kind in kinds_found or kind in line.kinds):
                kinds[kind][0 if kinds_found & line.kinds & {kind} else 1 if kind in kinds_found else 2] += 1
        if kinds_found or line.kinds:
            lawfulness[0 if kinds_found and line.kinds else 1 if kinds_found else 2] += 1
        if line.evasion:
            hit, of = evasions.get(line.evasion, (0, 0))
            evasions[line.evasion] = (hit + bool(kinds_found & line.kinds), of + 1)
        if kinds_found - {UNCLEAR} != line.kinds or (kinds_found and not line.kinds):
            extra_kinds, missed = (
                ", ".join(sorted(kinds_found - line.kinds)),
                ", ".join(sorted(line.kinds - kinds_found)),
            )
            failures.append(
                f"{line.place}: found wrongly: {extra_kinds or 'nothing'}; missed: {missed or 'nothing'}"
            )
    scores = {kind: Score(*score_counts) for kind, score_counts in kinds.items() if any(score_counts)}
    return Measured(scores, Score(*lawfulness), evasions, counts[0], counts[1], tuple(failures))


def read_corpus(text: str, origin: str) -> list[Line]:
    """The lines of one file of a corpus. Raises ContentError with every mistake in the file."""
    sheet = Sheet(origin, text)
    root = sheet.compose()
    lines = [] if root is None else _Corpus(sheet).lines(root)
    if sheet.problems:
        raise ContentError(sheet.ordered_problems())
    return lines


class _Corpus(Reader):
    """Reads one file of a corpus."""

    def lines(self, root: yaml.Node) -> list[Line]:
        entries = self.sheet.entries(root, noop("a corpus"), _FILE, ("theme", "part", "pack", "language"))
        if entries is None:
            return []
        part, language = self.one_of(entries, "part", PARTS), self.one_of(entries, "language", LANGUAGES)
        pack = self.name(entries, "pack")
        if part is None or language is None or pack is None:
            return []
        read: list[Line | None] = []
        if "lawful" in entries:
            items = self.sheet.items(entries["lawful"][1], "`lawful`")
            read += [self.line(node, frozenset(), False, language, pack, part) for node in items]
        for answer in ("unlawful", "look"):
            given = (
                (self.sheet.entries(entries[answer][1], f"`{answer}`", KINDS) or {})
                if answer in entries
                else {}
            )
            for kind, (_, node) in given.items():
                read += [
                    self.line(item, frozenset({kind}), answer == "unlawful", language, pack, part)
                    for item in self.sheet.items(node, f"`{kind}`")
                ]
        return [line for line in read if line is not None]

    def line(
        self, node: yaml.Node, kinds: frozenset[str], blocked: bool, language: str, pack: str, part: str
    ) -> Line | None:
        place = self.sheet.place(node)
        if isinstance(node, yaml.ScalarNode):
            context = ContentContext(language=language)
            return Line(node.value, kinds, blocked, context, "", pack, part, place)
        entries = self.sheet.entries(node, noop("a line"), _LINE, ("text",))
        if entries is None:
            return None
        text = self.text(entries, "text")
        self.one_of(entries, "near", KINDS)
        context = ContentContext(
            language=language,
            party=self.one_of(entries, "party", PARTIES) or "debtor",
            sender=self.one_of(entries, "sender", HANDLERS) or "internal",
            amounts=self.amounts(entries),
            currency=self.currency(entries),
            minor_unit=10 ** minor_digits(self.currency(entries)),
        )
        also = self.some_of(entries, "also", KINDS)
        evasion = self.text(entries, "evasion") or ""
        return (
            None
            if text is None
            else Line(text, kinds | set(also), blocked, context, evasion, pack, part, place)
        )

    def currency(self, entries: Entries) -> str:
        code = self.text(entries, "currency") or "CNY"
        if not is_currency(code):
            unknown = Problem("currency_unknown", "`%(code)s` is no currency", code=code)
            self.sheet.say(entries["currency"][1], unknown)
            return "CNY"
        return code

    def amounts(self, entries: Entries) -> frozenset[int] | None:
        if "amounts" not in entries:
            return None
        amounts = set()
        for item in self.sheet.items(entries["amounts"][1], "`amounts`"):
            text = self.sheet.scalar(item, noop("an amount"))
            minor = None if text is None else parse_amount(text, self.currency(entries))
            if isinstance(minor, Problem):
                self.sheet.say(item, minor)
            elif minor is not None:
                amounts.add(minor)
        return frozenset(amounts)
