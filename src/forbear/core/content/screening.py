"""The screening of words: what may not be said to a borrower or about one, found before it leaves.

`screen` reads a text of any length and language and answers with findings: the rule and its clause, the words
to highlight in the original, and a lawful wording to use instead. It knows the usual disguises (see
`content_normal` and `content_sound`), and that a denial, a warning or the borrower's own quoted words are no
threat. It finds what its words know. A clean answer is no proof of a lawful text.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from forbear.core.content.amounts import amounts_in, dates_in
from forbear.core.content.match import Found, Hit
from forbear.core.content.normalize import CLAUSE, END, Normal, normal_forms
from forbear.core.content.rules import (
    ANSWERS,
    KINDS,
    SECOND_READER,
    ContentPack,
    ContentRule,
    ContentRules,
    content_rules,
    parse_content,
)
from forbear.core.content.second_reader import suspect_passages
from forbear.core.content.words import EVENTS, Words, parse_words
from forbear.core.facts.contact import PARTIES
from forbear.core.files.reader import ContentError
from forbear.core.strategy.model import HANDLERS

__all__ = [
    "ANSWERS",
    "EVENTS",
    "KINDS",
    "ContentContext",
    "ContentError",
    "ContentPack",
    "ContentRules",
    "Finding",
    "Screening",
    "Words",
    "content_rules",
    "parse_content",
    "parse_words",
    "proposal",
    "screen",
]

#: How far before a phrase a denial reaches, in signs, by whether it is Chinese.
_REACH = {True: 16, False: 60}
#: How far before a quotation its introduction may stand.
_INTRODUCED = 14
_OPENING = {"“": "”", "「": "」", "『": "』", "«": "»", "„": "“"}
_SENTENCE_ENDS = "。！？!?\n"


@dataclass(frozen=True, slots=True)
class ContentContext:
    """To whom a text goes, from whom, and what the ledger says.

    `language` is the reader's; phrases of every language are looked for all the same.
    `amounts` are the minor-unit amounts that may be named (past due, outstanding, each instalment, what was
    paid); None means that they are not known and none is checked. `dates` likewise. `names` are the lender's
    and agencies' own names, which are never findings. `happened` are those of EVENTS that the case has a record of.
    """

    language: str = "zh"
    party: str = "debtor"
    channel: str = "sms"
    sender: str = "internal"
    amounts: frozenset[int] | None = None
    currency: str = "CNY"
    minor_unit: int = 100
    dates: frozenset[date] | None = None
    names: frozenset[str] = frozenset()
    happened: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        assert self.happened <= set(EVENTS), self.happened
        assert self.party in PARTIES, self.party
        assert self.sender in HANDLERS, self.sender


@dataclass(frozen=True, slots=True)
class Finding:
    """Words that a rule forbids. `start` and `end` are offsets in the original text, `matched` what stands there.

    `answer` is block or look; `softened`: the rule blocks, and this sentence leaves it in doubt. `disguised`: it was
    not written as the rule has it. `message` is the rule and `suggestion` a lawful wording, by language.
    """

    rule: str
    kind: str
    answer: str
    clause: str
    force: str
    start: int
    end: int
    matched: str
    disguised: bool
    message: Mapping[str, str] = field(hash=False)
    suggestion: Mapping[str, str] = field(hash=False)
    doubt: Mapping[str, str] = field(default_factory=dict, hash=False)
    softened: bool = False


@dataclass(frozen=True, slots=True)
class Screening:
    """All findings in a text, by where they stand. `rules` are the packs and words asked, as name@version."""

    findings: tuple[Finding, ...]
    rules: tuple[str, ...]

    @property
    def severity(self) -> str:
        """`block` when it may not leave, `look` when a person must decide, else `clean`."""
        answers = {finding.answer for finding in self.findings}
        return next((answer for answer in ANSWERS if answer in answers), "clean")


def screen(text: str, rules: ContentRules, context: ContentContext) -> Screening:
    """What the rules find in a text. Pure, and total: it answers for every text."""
    concerned = [rule for rule in rules.rules if _concerns(rule, context)]
    findings: dict[tuple[str, int, int], Finding] = {}
    for normal in normal_forms(text):
        meant = _meant(text, normal, rules, context.happened)
        checks = _checks(normal, context)
        checks[SECOND_READER] = suspect_passages(normal, rules.readers)
        for rule in concerned:
            for use in rule.uses:
                for found in (*meant.get(use, ()), *checks.get(use, ())):
                    place = normal.span(found.start, found.end)
                    findings.setdefault((rule.id, *place), _finding(rule, text, place, found))
    kept = _without_overlaps(_graver(text, _known_first(findings.values(), rules)))
    names = _places_of(text, context.names)
    kept = [finding for finding in kept if not any(a <= finding.start and finding.end <= b for a, b in names)]
    return Screening(tuple(kept), rules.names)


def proposal(text: str, screening: Screening, language: str) -> str:
    """The text with each sentence that has a finding replaced by that rule's lawful wording, said once."""
    pieces, at, said = [], 0, set()
    for start, end in _sentences(text):
        inside = [finding for finding in screening.findings if finding.start < end and start < finding.end]
        if not inside:
            pieces.append(text[at:end])
        else:
            first = next((finding for finding in inside if finding.answer == "block"), inside[0])
            words = first.suggestion[language]
            if words not in said:
                pieces.append(text[at:start] + words)
                said.add(words)
        at = end
    return "".join(pieces) + text[at:]


def _sentences(text: str) -> Iterable[tuple[int, int]]:
    start = 0
    for at, sign in enumerate(text):
        if sign in _SENTENCE_ENDS:
            yield start, at + 1
            start = at + 1
    if start < len(text):
        yield start, len(text)


def _concerns(rule: ContentRule, context: ContentContext) -> bool:
    context_values = {"parties": context.party, "senders": context.sender, "channels": context.channel}
    return all(context_values[part] in values for part, values in rule.applies.items())


def _finding(rule: ContentRule, text: str, place: tuple[int, int], found: Found) -> Finding:
    start, end = place
    return Finding(
        rule.id,
        rule.kind,
        "look" if found.doubtful else rule.answer,
        rule.clause,
        rule.force,
        start,
        end,
        text[start:end],
        found.disguised,
        rule.says,
        rule.instead,
        rule.doubt,
        found.doubtful and rule.answer == "block",
    )


def _graver(text: str, findings: Iterable[Finding]) -> Iterable[Finding]:
    """Without the findings to look at in a sentence that is blocked anyway."""
    findings = list(findings)
    ends = [at for at, sign in enumerate(text) if sign in _SENTENCE_ENDS]
    blocked = {bisect_left(ends, finding.start) for finding in findings if finding.answer == "block"}
    return [
        finding
        for finding in findings
        if finding.answer == "block" or bisect_left(ends, finding.start) not in blocked
    ]


def _known_first(findings: Iterable[Finding], rules: ContentRules) -> Iterable[Finding]:
    """Without what only the second reader suspects, in a passage in which something was found for a known reason."""
    suspicions = {rule.id for rule in rules.rules if SECOND_READER in rule.uses}
    findings = list(findings)
    known = [finding for finding in findings if finding.rule not in suspicions]
    return known + [
        finding
        for finding in findings
        if finding.rule in suspicions
        and not any(one.start < finding.end and finding.start < one.end for one in known)
    ]


def _without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """Of overlapping findings of one rule the longest, in the order of the text."""
    kept: list[Finding] = []
    ends: dict[str, int] = {}
    for finding in sorted(findings, key=lambda one: (one.start, -one.end, one.rule)):
        if finding.start >= ends.get(finding.rule, -1):
            kept.append(finding)
            ends[finding.rule] = finding.end
    return kept


def _places_of(text: str, names: Iterable[str]) -> list[tuple[int, int]]:
    places = []
    for name in names:
        at = text.find(name) if name else -1
        while at >= 0:
            places.append((at, at + len(name)))
            at = text.find(name, at + len(name))
    return places


def _meant(
    text: str, normal: Normal, rules: ContentRules, happened: frozenset[str]
) -> dict[str, list[Found]]:
    """By group, the phrases that are there and meant: not denied, not excepted, not quoted from the reader.

    What a doubtful sentence says is true where it happened in the case; so is all that a group without doubt says.
    """
    hits = rules.matcher.find(normal)
    if not hits:
        return {}
    by_role: dict[str, list[Hit]] = {}
    for hit in hits:
        by_role.setdefault(rules.roles[hit.pattern].what, []).append(hit)
    if "phrase" not in by_role:
        return {}
    fine = _Fine(by_role.pop("fine", ()))
    by_role = {what: [hit for hit in role_hits if not fine.hides(hit)] for what, role_hits in by_role.items()}
    sentences = _Sentences(normal)
    excepted, doubtful = (
        {(rules.roles[hit.pattern].group, sentences.of(hit.start)) for hit in by_role.get(what, ())}
        for what in ("unless", "doubtful")
    )
    repaired = _repaired(by_role.get("repairs", ()), sentences)
    denials = _denials(by_role)
    quoted = _quoted(text, normal, by_role.get("quoting", ()))
    meant: dict[str, list[Found]] = {}
    for hit in by_role["phrase"]:
        role = rules.roles[hit.pattern]
        if (role.group, sentences.of(hit.start)) in excepted:
            continue
        if rules.groups[role.group].deniable and _denied(hit, denials, normal.text, role.chinese):
            continue
        if any(start <= hit.start and hit.end <= end for start, end in quoted):
            continue
        disguised = hit.by_sound or any(_differs(text, normal, *span) for span in hit.spans)
        group = rules.groups[role.group]
        sentence = sentences.of(hit.start)
        doubted = (role.group, sentence) in doubtful or (bool(group.doubtful) and sentence in repaired)
        if (doubted or not group.doubtful) and group.true_after in happened:
            continue
        meant.setdefault(role.group, []).append(Found(hit.start, hit.end, disguised, doubted))
    return meant


def _differs(text: str, normal: Normal, start: int, end: int) -> bool:
    """Whether the original was written otherwise, apart from capitals, apostrophes and blanks between words."""
    first, last = normal.span(start, end)
    written = text[first:last].casefold().replace("'", "").replace("’", "")
    return " ".join(written.split()) != normal.text[start:end]


class _Fine:
    """The words that only contain a phrase or a denial."""

    def __init__(self, hits: Iterable[Hit]) -> None:
        self._spans = sorted((hit.start, hit.end) for hit in hits)
        self._longest = max((end - start for start, end in self._spans), default=0)

    def hides(self, hit: Hit) -> bool:
        """Whether the hit lies inside such a word and is shorter than it."""
        first = bisect_left(self._spans, (hit.start - self._longest, 0))
        last = bisect_right(self._spans, (hit.start, hit.start + self._longest))
        length = hit.end - hit.start
        return any(
            start <= hit.start and hit.end <= end and end - start > length
            for start, end in self._spans[first:last]
        )


class _Sentences:
    """Which sentence of a folded text a place is in."""

    def __init__(self, normal: Normal) -> None:
        self._ends = [at for at, sign in enumerate(normal.text) if sign == END]

    def of(self, at: int) -> int:
        """The number of the sentence."""
        return bisect_left(self._ends, at)


def _repaired(hits: Iterable[Hit], sentences: _Sentences) -> frozenset[int]:
    """The sentences that are made good in themselves or by the next one."""
    repairing = {sentences.of(hit.start) for hit in hits}
    return frozenset(repairing | {number - 1 for number in repairing})


def _denials(by_role: Mapping[str, list[Hit]]) -> list[tuple[int, int]]:
    """The spans of denials, by their end."""
    return sorted((hit.end, hit.start) for hit in by_role.get("denials", ()))


def _denied(hit: Hit, denials: list[tuple[int, int]], text: str, chinese: bool) -> bool:
    """Whether a denial stands before the phrase or between its parts, within reach and in the same breath.

    Chinese sets its lists off by 、, so a comma ends a denial's reach; English uses commas for both.
    """
    last = hit.spans[-1][0]
    low = bisect_left(denials, (hit.start - _REACH[chinese], -1))
    high = bisect_right(denials, (last, last))
    for end, start in denials[low:high]:
        if any(a < end and start < b for a, b in hit.spans):
            continue
        until = next(a for a, _ in hit.spans if a >= end)
        between = text[end:until]
        if END not in between and not (chinese and CLAUSE in between):
            return True
    return False


def _quoted(text: str, normal: Normal, introductions: Iterable[Hit]) -> list[tuple[int, int]]:
    """The spans, in the folded text, of what stands in quotation marks after such as 您说."""
    ends = sorted(hit.end for hit in introductions)
    if not ends:
        return []
    spans = []
    for opened, closed in _quotations(text):
        first = bisect_left(normal.starts, opened)
        last = bisect_left(normal.starts, closed)
        near = bisect_right(ends, first) - 1
        if near >= 0 and first - ends[near] <= _INTRODUCED and first < last:
            spans.append((first, last))
    return spans


def _quotations(text: str) -> list[tuple[int, int]]:
    """Where quotation marks open and close. Each closing mark is sought to the text's end at most once in vain."""
    quotations, at, in_vain = [], 0, set()
    while at < len(text):
        closing = _OPENING.get(text[at], '"' if text[at] == '"' else "")
        if closing and closing not in in_vain:
            end = text.find(closing, at + 1)
            if end < 0:
                in_vain.add(closing)
            else:
                quotations.append((at, end))
                at = end
        at += 1
    return quotations


def _checks(normal: Normal, context: ContentContext) -> dict[str, list[Found]]:
    """The findings of what is no matter of words: amounts and dates."""
    written = amounts_in(normal)
    hits: dict[str, list[Found]] = {"any_amount": [Found(amount.start, amount.end) for amount in written]}
    if context.amounts is not None:
        known = context.amounts | {0}
        hits["amounts"] = [
            Found(amount.start, amount.end)
            for amount in written
            if amount.currency not in ("", context.currency)
            or not any(amount.tells(minor, context.minor_unit) for minor in known)
        ]
    if context.dates is not None:
        days = context.dates
        hits["dates"] = [Found(day.start, day.end) for day in dates_in(normal) if not day.is_one_of(days)]
    return hits
