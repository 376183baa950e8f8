"""The words by which content is known: YAML files by language, which packs of rules point into.

    words: zh
    lists:
      you: [你, 您, 你们]
    denials: [不会, 绝不, 严禁]           # what takes a phrase's meaning away when it stands before it
    fine: [不得不, 他妈妈]               # words that only contain a denial or a phrase
    quoting: [您说, 您提到]              # after these, words in quotation marks are the reader's own
    repairs: [道歉]                      # makes good what was said in this sentence or the last, in a group with doubts
    sounds_fine: [法援]                  # what sounds like a phrase and is none
    groups:
      - group: violence
        sounds: true                     # found by sound too
        polite: true                     # 您 does as well as 你
        phrases: [打断<you>的腿, 弄死<you>]
        unless: [报警]                   # a sentence with one of these is not meant so
        doubtful: [案号]                 # a sentence with one of these is for a person to judge, not to be blocked
        true_after: lawsuit              # such a sentence is true where the case has a lawsuit; any, without `doubtful`
        denials: false                   # a denial before it doesn't help

Patterns are explained in `content_match`. A file with mistakes is refused with all of them at once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import yaml

from forbear.core.base.problem import Problem, noop
from forbear.core.content.match import Pattern, read_pattern
from forbear.core.files.reader import LANGUAGES, ContentError, Reader
from forbear.core.files.sheet import Entries, Sheet

#: What may have happened at court in a case, so that a sentence about it is true.
EVENTS = ("lawsuit", "judgment", "enforcement")

_WORDS = ("words", "lists", "denials", "fine", "quoting", "repairs", "sounds_fine", "groups")
_GROUP = ("group", "sounds", "polite", "phrases", "unless", "doubtful", "true_after", "denials")


@dataclass(frozen=True, slots=True)
class WordGroup:
    """Phrases that mean one thing. `unless` in the same sentence, or a denial before, takes the meaning away.

    `doubtful` in the same sentence leaves it to a person: what would be blocked is only looked at. Where the case has a
    record of `true_after`, one of EVENTS, such a sentence is true.
    """

    name: str
    phrases: tuple[Pattern, ...]
    unless: tuple[Pattern, ...] = ()
    deniable: bool = True
    sounds: bool = False
    doubtful: tuple[Pattern, ...] = ()
    true_after: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A file of words as read. `version` is the first 12 hex digits of the SHA-256 of its text.

    `repairs` make good what was said in the same sentence or in the one before: an apology, a finding against staff.
    """

    language: str
    groups: tuple[WordGroup, ...]
    denials: tuple[Pattern, ...]
    fine: tuple[Pattern, ...]
    quoting: tuple[Pattern, ...]
    repairs: tuple[Pattern, ...]
    sounds_fine: frozenset[str]
    version: str
    origin: str = field(default="", compare=False)


def politely(pattern: Pattern) -> Pattern:
    """The pattern with 您 wherever it has 你: a threat is no better for good manners."""
    elements = (element + tuple(part.replace("你", "您") for part in element) for element in pattern.elements)
    return replace(pattern, elements=tuple(tuple(sorted(set(element))) for element in elements))


def parse_words(text: str, origin: str) -> Words:
    """Read a file of words; ``origin`` is how it is called in messages.

    Raises ContentError with every mistake in the file, and nothing else for any text.
    """
    sheet = Sheet(origin, text)
    root = sheet.compose()
    words = None if root is None else _Words(sheet).words(root, text)
    if sheet.problems:
        raise ContentError(sheet.ordered_problems())
    assert words is not None, "a sheet without problems is a file of words"
    return words


class _Words(Reader):
    """Reads one file of words."""

    lists: dict[str, Sequence[str]]
    chinese: bool

    def words(self, root: yaml.Node, text: str) -> Words | None:
        entries = self.sheet.entries(root, "a file of words", _WORDS, ("words", "groups"))
        if entries is None:
            return None
        language = self.one_of(entries, "words", LANGUAGES)
        self.chinese = language == "zh"
        self.lists = self.read_lists(entries)
        denials, fine, quoting, repairs = (
            tuple(self.patterns(entries, key)) for key in ("denials", "fine", "quoting", "repairs")
        )
        sounds_fine = frozenset(phrase for _, phrase in self.texts(entries, "sounds_fine"))
        groups = self.groups(entries)
        if language is None:
            return None
        version = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return Words(
            language, tuple(groups), denials, fine, quoting, repairs, sounds_fine, version, self.sheet.origin
        )

    def read_lists(self, entries: Entries) -> dict[str, Sequence[str]]:
        if "lists" not in entries:
            return {}
        node = entries["lists"][1]
        names = [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
        given = self.sheet.entries(node, "`lists`", [name for name in names if isinstance(name, str)]) or {}
        return {name: [text for _, text in self.texts(given, name)] for name in given}

    def groups(self, entries: Entries) -> list[WordGroup]:
        if "groups" not in entries:
            return []
        groups: list[WordGroup] = []
        seen: dict[str, int] = {}
        for node in self.sheet.items(entries["groups"][1], "`groups`"):
            parts = self.sheet.entries(node, noop("a group"), _GROUP, ("group", "phrases"))
            if parts is None:
                continue
            name = self.name(parts, "group")
            phrases, unless, doubtful = (
                self.patterns(parts, key) for key in ("phrases", "unless", "doubtful")
            )
            if self.one_of(parts, "polite", ("true", "false")) == "true":
                phrases = [politely(pattern) for pattern in phrases]
            deniable = self.one_of(parts, "denials", ("true", "false")) != "false"
            sounds = self.one_of(parts, "sounds", ("true", "false")) == "true"
            true_after = self.one_of(parts, "true_after", EVENTS) or ""
            if name is None:
                continue
            if name in seen:
                repeated = Problem(
                    "group_repeated",
                    "group `%(group)s` is already on line %(line)s",
                    group=name,
                    line=seen[name],
                )
                self.sheet.say(parts["group"][1], repeated)
            seen.setdefault(name, self.sheet.line_column(node.start_mark.index)[0])
            groups.append(
                WordGroup(name, tuple(phrases), tuple(unless), deniable, sounds, tuple(doubtful), true_after)
            )
        return groups

    def patterns(self, entries: Entries, key: str) -> list[Pattern]:
        """The patterns of a list; one that can't be read is noted at its place."""
        patterns = []
        for node, written in self.texts(entries, key):
            pattern = read_pattern(written, self.lists, chinese=self.chinese)
            if isinstance(pattern, Problem):
                self.sheet.say(node, pattern)
            else:
                patterns.append(pattern)
        return patterns
