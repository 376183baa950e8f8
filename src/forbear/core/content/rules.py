"""Rules of content: YAML files by country that say what may not be said, on which clause, and what to say instead.

    content: cn
    title: {zh: 中国大陆, en: Mainland China}
    rules:
      - id: cn.content.threat
        kind: threat
        answer: block                    # block: it may not leave; look: a person decides
        uses: [violence]                 # groups of words, or amounts, dates, any_amount
        applies: {senders: [agency]}
        says: {zh: 不得威胁, en: No threats}
        instead: {zh: 我们想和您商量, en: We would like to find a way}
        clause: CBA 2026
        force: self-regulation

`content_rules` makes of packs and words what `screen` asks.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from forbear.core.base.problem import Problem, noop
from forbear.core.classifier.table import Table
from forbear.core.content.match import Matcher, Pattern
from forbear.core.content.template_parts import PARTS
from forbear.core.content.words import WordGroup, Words
from forbear.core.facts.contact import CHANNELS, PARTIES, PURPOSES
from forbear.core.files.reader import ContentError, Reader
from forbear.core.files.sheet import Entries, Sheet
from forbear.core.permits.rules import FORCES
from forbear.core.strategy.model import HANDLERS

#: What can be wrong with a text; `unclear` is what needs a person to tell.
KINDS = (
    "threat",
    "insult",
    "authority",
    "disclosure",
    "new_borrowing",
    "false_consequence",
    "wrong_amount",
    "wrong_date",
    "private_account",
    "other_fee",
    "harassment",
    "deception",
    "unclear",
)
#: What a finding does to a text: it may not leave, or a person has to look first.
ANSWERS = ("block", "look")
#: The use of a rule by which a text is looked at that reads like known unlawful ones.
SECOND_READER = "second_reader"
#: What a rule may use beside groups of words.
CHECKS = ("amounts", "dates", "any_amount", SECOND_READER)
APPLIES = {"parties": PARTIES, "senders": HANDLERS, "channels": CHANNELS}

_RULE = ("id", "kind", "answer", "uses", "applies", "says", "instead", "clause", "force", "doubt", "enabled")
_RULE_ID = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)+")


@dataclass(frozen=True, slots=True)
class ContentRule:
    """One rule: a text that has what it `uses`, in a contact it applies to, is answered so.

    `applies` has, by part (parties, senders, channels), the values it is about; a part left out means all.
    `says` is the rule and `instead` a lawful wording, both in zh and en. `doubt` says what is uncertain in the
    source.
    """

    id: str
    kind: str
    answer: str
    uses: tuple[str, ...]
    says: Mapping[str, str] = field(hash=False)
    instead: Mapping[str, str] = field(hash=False)
    clause: str
    force: str
    applies: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    doubt: Mapping[str, str] = field(default_factory=dict, hash=False)
    enabled: bool = True
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Requirement:
    """Parts that texts of some channels, purposes and senders must carry (see `template_parts`); empty means
    all."""

    parts: tuple[str, ...]
    clause: str
    channels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()

    def concerns(self, channel: str, purpose: str, sender: str) -> bool:
        """Whether it is about such a text."""
        return (
            (not self.channels or channel in self.channels)
            and (not self.purposes or purpose in self.purposes)
            and (not self.senders or sender in self.senders)
        )


@dataclass(frozen=True, slots=True)
class ContentPack:
    """A pack of content rules as read. `version` is the first 12 hex digits of the SHA-256 of its text."""

    name: str
    title: Mapping[str, str] = field(hash=False)
    rules: tuple[ContentRule, ...]
    required: tuple[Requirement, ...]
    version: str
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Role:
    """What a pattern of the matcher is for: a group's phrase or exception, a denial and so on."""

    what: str
    group: str = ""
    chinese: bool = False


@dataclass(frozen=True, slots=True)
class ContentRules:
    """Packs and words made ready. `names` are the packs, words and readers as `name@version`.

    `readers` are the second reader's tables by language.
    """

    rules: tuple[ContentRule, ...]
    names: tuple[str, ...]
    required: tuple[Requirement, ...]
    groups: Mapping[str, WordGroup] = field(hash=False)
    roles: tuple[Role, ...] = field(hash=False)
    matcher: Matcher = field(hash=False, compare=False)
    readers: Mapping[str, Table] = field(default_factory=dict, hash=False, compare=False)


def parse_content(text: str, origin: str, groups: Iterable[str]) -> ContentPack:
    """Read a pack of content rules; ``groups`` are the names of the groups of words there are.

    Raises ContentError with every mistake in the file, and nothing else for any text.
    """
    sheet = Sheet(origin, text)
    root = sheet.compose()
    pack = None if root is None else _Pack(sheet, tuple(groups)).pack(root, text)
    if sheet.problems:
        raise ContentError(sheet.ordered_problems())
    assert pack is not None, "a sheet without problems is a pack"
    return pack


def content_rules(
    packs: Sequence[ContentPack], words: Sequence[Words], readers: Mapping[str, Table] | None = None
) -> ContentRules:
    """All packs of a lender together: every rule binds. Only words that a rule uses are looked for.

    `readers` are the second reader's tables by language; without them a rule that uses it finds nothing.
    """
    rules = tuple(rule for pack in packs for rule in pack.rules if rule.enabled)
    used = {name for rule in rules for name in rule.uses}
    patterns: list[Pattern] = []
    roles: list[Role] = []
    by_sound: set[int] = set()
    groups: dict[str, WordGroup] = {}
    for file in words:
        chinese = file.language == "zh"
        for group in file.groups:
            if group.name not in used:
                continue
            assert group.name not in groups, f"{group.name} is in two files of words"
            groups[group.name] = group
            if group.sounds:
                by_sound.update(range(len(patterns), len(patterns) + len(group.phrases)))
            for what, patterns_of_role in (
                ("phrase", group.phrases),
                ("unless", group.unless),
                ("doubtful", group.doubtful),
            ):
                patterns += patterns_of_role
                roles += [Role(what, group.name, chinese)] * len(patterns_of_role)
        for what in ("denials", "fine", "quoting", "repairs"):
            patterns += getattr(file, what)
            roles += [Role(what, "", chinese)] * len(getattr(file, what))
    fine = frozenset(phrase for file in words for phrase in file.sounds_fine)
    names = [f"{pack.name}@{pack.version}" for pack in packs]
    names += [f"words-{file.language}@{file.version}" for file in words]
    tables = dict(readers or {}) if SECOND_READER in used else {}
    names += [f"reader-{language}@{table.version}" for language, table in sorted(tables.items())]
    required = tuple(requirement for pack in packs for requirement in pack.required)
    matcher = Matcher(patterns, frozenset(by_sound), fine)
    return ContentRules(rules, tuple(names), required, groups, tuple(roles), matcher, tables)


class _Pack(Reader):
    """Reads one pack."""

    def __init__(self, sheet: Sheet, groups: tuple[str, ...]) -> None:
        super().__init__(sheet)
        self.usable = (*groups, *CHECKS)

    def pack(self, root: yaml.Node, text: str) -> ContentPack | None:
        entries = self.sheet.entries(
            root, noop("a content pack"), ("content", "title", "required", "rules"), ("content", "rules")
        )
        if entries is None:
            return None
        name = self.name(entries, "content")
        title = self.both(entries, "title") or {"zh": name or "", "en": name or ""}
        rules, required = self.rules(entries), self.required(entries)
        if name is None:
            return None
        version = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return ContentPack(
            f"content-{name}", title, tuple(rules), tuple(required), version, self.sheet.origin
        )

    def required(self, entries: Entries) -> list[Requirement]:
        requirements = []
        nodes = self.sheet.items(entries["required"][1], "`required`") if "required" in entries else []
        for node in nodes:
            given = self.sheet.entries(
                node,
                noop("a requirement"),
                ("parts", "clause", "channels", "purposes", "senders"),
                ("parts", "clause"),
            )
            if given is None:
                continue
            parts, clause = self.some_of(given, "parts", PARTS), self.text(given, "clause")
            channels = self.some_of(given, "channels", CHANNELS)
            purposes = self.some_of(given, "purposes", PURPOSES)
            senders = self.some_of(given, "senders", HANDLERS)
            if parts and clause is not None:
                requirements.append(Requirement(parts, clause, channels, purposes, senders))
        return requirements

    def rules(self, entries: Entries) -> list[ContentRule]:
        if "rules" not in entries:
            return []
        rules: list[ContentRule] = []
        seen: dict[str, int] = {}
        required = tuple(key for key in _RULE if key not in ("applies", "doubt", "enabled"))
        for node in self.sheet.items(entries["rules"][1], "`rules`"):
            parts = self.sheet.entries(node, noop("a rule"), _RULE, required)
            rule = None if parts is None else self.rule(node, parts)
            if rule is None or parts is None:
                continue
            if rule.id in seen:
                repeated = Problem(
                    "rule_repeated",
                    "rule `%(rule)s` is already on line %(line)s",
                    rule=rule.id,
                    line=seen[rule.id],
                )
                self.sheet.say(parts["id"][1], repeated)
            seen.setdefault(rule.id, self.sheet.line_column(node.start_mark.index)[0])
            rules.append(rule)
        return rules

    def rule(self, node: yaml.Node, parts: Entries) -> ContentRule | None:
        rule_id = self.name(
            parts, "id", _RULE_ID, noop("lower-case letters, digits, _ and -, joined by dots")
        )
        kind = self.one_of(parts, "kind", KINDS)
        answer = self.one_of(parts, "answer", ANSWERS)
        uses = self.some_of(parts, "uses", self.usable)
        if SECOND_READER in uses and answer == "block":
            only_look = Problem(
                "second_reader_blocks",
                "the second reader may only have a text looked at; write `answer: look`",
            )
            self.sheet.say(parts["answer"][1], only_look)
        says, instead = self.both(parts, "says"), self.both(parts, "instead")
        clause, force = self.text(parts, "clause"), self.one_of(parts, "force", FORCES)
        doubt = self.both(parts, "doubt") or {}
        enabled = self.one_of(parts, "enabled", ("true", "false")) != "false"
        applies: dict[str, tuple[str, ...]] = {}
        if "applies" in parts:
            given = self.sheet.entries(parts["applies"][1], "`applies`", APPLIES) or {}
            applies = {part: self.some_of(given, part, APPLIES[part]) for part in given}
        if rule_id is None or kind is None or answer is None or says is None or instead is None:
            return None
        if clause is None or force is None:
            return None
        place = self.sheet.place(node)
        return ContentRule(
            rule_id, kind, answer, uses, says, instead, clause, force, applies, doubt, enabled, place
        )
