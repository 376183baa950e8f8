"""Rule packs: YAML files of numbered rules that a compliance officer can read and a lender can add to.

    pack: cn
    title: {zh: 中国大陆, en: Mainland China}
    parameters: {retention_years: 5}
    rules:
      - id: cn.night
        says: {zh: 当地时间 22 时至次日 8 时不得催收, en: No collection between 22:00 and 8:00 local time}
        applies: {purposes: [collect, remind]}
        refuse_when: local_hour < 8 or local_hour >= 22
        unless: night_consent
        until: next_local_hour(8)
        clause: GB/T 45251-2025 §5.3
        force: standard
      - id: cn.calls
        says: {zh: 每日合计接通不超过 3 次, en: No more than three connected calls a day}
        count: {by: debtor, outcome: connected, channels: [call, voice], within: 1 day}
        refuse_when: counted >= 3
        until: window
        clause: GB/T 45251-2025 §5.3
        force: standard

Conditions may use every fact. A file with mistakes is refused with all of them at once.
"""

import hashlib
import re
from dataclasses import replace
from datetime import date

import yaml

from forbear.core.base.problem import FileMistakes, Phrase, Problem, noop, with_hint
from forbear.core.conditions.parse import Condition, ConditionError, parse
from forbear.core.facts.contact import CHANNELS, PARTIES, PURPOSES
from forbear.core.facts.contact_facts import NOTICES
from forbear.core.files import yaml_text
from forbear.core.files.hints import nearest
from forbear.core.files.reader import Reader
from forbear.core.files.sheet import Entries, Sheet
from forbear.core.permits.rules import (
    COLLECTORS,
    COUNT_BY,
    COUNTED,
    FORCES,
    PARAMETERS,
    UNTIL_KINDS,
    Count,
    Pack,
    Rule,
    Until,
    region_name,
)

APPLIES = {"channels": CHANNELS, "purposes": PURPOSES, "parties": PARTIES, "collectors": COLLECTORS}
MAX_WINDOW_DAYS = 400

_RULE = ("id", "says", "applies", "count", "refuse_when", "unless", "until", "clause", "force")
_RULE_ALSO = ("from", "to", "doubt", "enabled")
_PACK_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_RULE_ID = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)+")
_NAMED_PACK = noop("lower-case letters, digits, _ and -, at most 32")
_WITHIN = re.compile(r"([0-9]{1,3}) days?")
_HOUR = re.compile(r"next_local_hour\(([0-9]{1,2})\)")
_NOTICE = re.compile(r"(notice|service)\(([a-z_]+), ?([0-9]{1,3})\)")


class PackError(FileMistakes):
    """A rule pack that can't be used; ``problems`` has one `origin:line:column: ...` per mistake."""


def parse_pack(text: str, origin: str) -> Pack:
    """Read a rule pack; ``origin`` is how its file is called in messages.

    Raises PackError with every mistake in the file, and nothing else for any text.
    """
    sheet = Sheet(origin, text)
    root = sheet.compose()
    pack = None if root is None else _Reader(sheet).pack(root, text)
    if sheet.problems:
        raise PackError(sheet.ordered_problems())
    assert pack is not None, "a sheet without problems is a pack"
    return pack


def parse_draft(text: str) -> tuple[Rule, ...]:
    """The rules of what somebody is drafting: a whole pack, a list of rules, or a single one.

    Raises PackError with every mistake in it, as `parse_pack` does.
    """
    sheet = Sheet("draft", text)
    root = sheet.compose()
    rules: list[Rule] = []
    if isinstance(root, yaml.MappingNode) and any(key.value == "pack" for key, _ in root.value):
        pack = _Reader(sheet).pack(root, text)
        rules = list(pack.rules) if pack else []
    elif root is not None:
        rules = _Reader(sheet).listed(root.value if isinstance(root, yaml.SequenceNode) else [root])
    if sheet.problems:
        raise PackError(sheet.ordered_problems())
    return tuple(rules)


def written_rule(text: str, rule_id: str) -> str:
    """A rule as it stands in the text of a sound pack; empty when the pack has none of that id."""
    root = yaml_text.compose(text)
    assert isinstance(root, yaml.MappingNode), "a sound pack is made of settings"
    nodes: list[yaml.Node] = next((value.value for key, value in root.value if key.value == "rules"), [])
    for node in nodes:
        if any(key.value == "id" and value.value == rule_id for key, value in node.value):
            inset = " " * node.start_mark.column
            lines = text[node.start_mark.index : node.end_mark.index].splitlines()
            kept = [line.removeprefix(inset) for line in lines if not line.lstrip().startswith("#")]
            return "\n".join(kept).strip() + "\n"
    return ""


class _Reader(Reader):
    """Reads one rule pack."""

    def pack(self, root: yaml.Node, text: str) -> Pack | None:
        entries = self.sheet.entries(
            root, noop("a pack"), ("pack", "on", "regions", "title", "parameters", "rules"), ("pack", "rules")
        )
        if entries is None:
            return None
        name = self.name(
            entries,
            "pack",
            _PACK_NAME,
            _NAMED_PACK,
        )
        title = self.both(entries, "title", needed=False) or {"zh": name or "", "en": name or ""}
        parameters = self.parameters(entries)
        on = self.name(entries, "on", _PACK_NAME, _NAMED_PACK)
        regions = frozenset(region_name(text) for _, text in self.texts(entries, "regions"))
        if ("on" in entries) != ("regions" in entries):
            self.sheet.say(
                entries["pack"][1],
                Problem("place_half", "a pack of a place has both `on:` and `regions:`, any other neither"),
            )
        if regions and parameters:
            self.sheet.say(
                entries["parameters"][0],
                Problem("place_parameters", "a pack of a place has rules only; parameters are the country's"),
            )
        rules = [replace(rule, regions=regions) if regions else rule for rule in self.rules(entries)]
        if name is None:
            return None
        version = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return Pack(name, title, tuple(rules), parameters, version, self.sheet.origin, on or "", regions)

    def parameters(self, entries: Entries) -> dict[str, int]:
        if "parameters" not in entries:
            return {}
        given = self.sheet.entries(entries["parameters"][1], "`parameters`", PARAMETERS) or {}
        read = {name: self.whole(given, name, 1, 1000) for name in given}
        return {name: value for name, value in read.items() if value is not None}

    def rules(self, entries: Entries) -> list[Rule]:
        return self.listed(self.sheet.items(entries["rules"][1], "`rules`")) if "rules" in entries else []

    def listed(self, nodes: list[yaml.Node]) -> list[Rule]:
        """The rules in these nodes, each id once."""
        rules: list[Rule] = []
        seen: dict[str, int] = {}
        for node in nodes:
            parts = self.sheet.entries(
                node, noop("a rule"), (*_RULE, *_RULE_ALSO), ("id", "says", "refuse_when", "clause", "force")
            )
            if parts is None:
                continue
            rule = self.rule(node, parts)
            if rule is None:
                continue
            if rule.id in seen:
                self.sheet.say(
                    parts["id"][1],
                    Problem(
                        "rule_repeated",
                        "rule `%(rule)s` is already on line %(line)s",
                        rule=rule.id,
                        line=seen[rule.id],
                    ),
                )
            seen.setdefault(rule.id, self.sheet.line_column(node.start_mark.index)[0])
            rules.append(rule)
        return rules

    def rule(self, node: yaml.Node, parts: Entries) -> Rule | None:
        rule_id = self.name(
            parts,
            "id",
            _RULE_ID,
            noop("words of a-z, 0-9, _ and - joined by dots, as cn.night"),
        )
        says = self.both(parts, "says")
        refuse_when = self.condition(parts, "refuse_when")
        unless = self.condition(parts, "unless")
        count = self.count(parts)
        until = self.until(parts, count)
        applies = self.applies(parts)
        clause = self.text(parts, "clause")
        force = self.one_of(parts, "force", FORCES)
        starts, ends = self.day(parts, "from"), self.day(parts, "to")
        doubt = self.both(parts, "doubt") or {}
        enabled = self.one_of(parts, "enabled", ("true", "false"))
        self.fit(parts, refuse_when, unless, count, starts, ends)
        if rule_id is None or says is None or refuse_when is None or clause is None or force is None:
            return None
        return Rule(
            rule_id,
            says,
            refuse_when,
            clause,
            force,
            unless,
            count,
            until,
            applies,
            starts or date.min,
            ends or date.max,
            doubt,
            enabled != "false",
            self.sheet.place(node),
        )

    def fit(
        self,
        parts: Entries,
        refuse_when: Condition | None,
        unless: Condition | None,
        count: Count | None,
        starts: date | None,
        ends: date | None,
    ) -> None:
        """What must agree between the parts of a rule."""
        facts = (refuse_when.facts if refuse_when else frozenset()) | (
            unless.facts if unless else frozenset()
        )
        if "count" not in parts and "counted" in facts:
            self.sheet.say(
                parts["refuse_when"][1],
                Problem("counted_without_count", "`counted` needs a `count:` that says which contacts"),
            )
        if count is not None and refuse_when is not None and "counted" not in facts:
            self.sheet.say(
                parts["count"][0],
                Problem("count_unused", "this `count:` is not used: `refuse_when` doesn't read `counted`"),
            )
        if starts is not None and ends is not None and starts >= ends:
            self.sheet.say(parts["to"][1], Problem("to_before_from", "`to` must be after `from`"))

    def count(self, parts: Entries) -> Count | None:
        if "count" not in parts:
            return None
        given = self.sheet.entries(
            parts["count"][1],
            "`count`",
            ("by", "within", "outcome", "channels", "parties", "purposes", "consented", "same_person"),
            ("by", "within"),
        )
        if given is None:
            return None
        by = self.one_of(given, "by", COUNT_BY)
        outcome = self.one_of(given, "outcome", COUNTED) or "any"
        channels = self.some_of(given, "channels", CHANNELS)
        parties = self.some_of(given, "parties", PARTIES)
        purposes = self.some_of(given, "purposes", PURPOSES)
        consented = self.one_of(given, "consented", ("true", "false")) != "false"
        same_person = self.one_of(given, "same_person", ("true", "false")) == "true"
        days = self.within(given)
        if by is None or days is None:
            return None
        return Count(by, days, outcome, channels, parties, consented, same_person, purposes)

    def within(self, given: Entries) -> int | None:
        text = self.text(given, "within")
        if text is None:
            return None
        match = _WITHIN.fullmatch(text)
        if match is None or not 1 <= int(match.group(1)) <= MAX_WINDOW_DAYS:
            self.sheet.say(
                given["within"][1],
                Problem(
                    "within_invalid",
                    "`within` is a number of days up to %(most)s, as `7 days`, not `%(text)s`",
                    most=MAX_WINDOW_DAYS,
                    text=text,
                ),
            )
            return None
        return int(match.group(1))

    def until(self, parts: Entries, count: Count | None) -> Until | None:
        text = self.text(parts, "until")
        if text is None:
            return None
        node = parts["until"][1]
        if hour := _HOUR.fullmatch(text):
            if int(hour.group(1)) <= 23:
                return Until("next_local_hour", int(hour.group(1)))
            self.sheet.say(node, Problem("hour_invalid", "an hour is 0 to 23"))
            return None
        if notice := _NOTICE.fullmatch(text):
            way, kind, days = notice.groups()
            if kind in NOTICES:
                return Until(way, int(days), kind)
            unknown = Problem("notice_unknown", "unknown notice `%(kind)s`", kind=kind)
            self.sheet.say(node, with_hint(unknown, nearest(kind, list(NOTICES))))
            return None
        if text == "window" and count is None and "count" not in parts:
            self.sheet.say(
                node,
                Problem(
                    "window_without_count",
                    "`window` needs a `count:`; it is the count's window that moves on",
                ),
            )
            return None
        if text in ("window", "hold_ends", "next_local_day", "preferred_hours"):
            return Until(text)
        ways = "next_local_hour(8), preferred_hours, next_local_day, window, hold_ends, notice(arrears_notice, 14)"
        unknown = Problem("until_unknown", "`%(text)s` is no `until`", text=text)
        unknown = with_hint(unknown, nearest(text, UNTIL_KINDS))
        self.sheet.say(node, with_hint(unknown, Phrase(noop("write one of %(ways)s"), ways=ways)))
        return None

    def applies(self, parts: Entries) -> dict[str, tuple[str, ...]]:
        if "applies" not in parts:
            return {}
        given = self.sheet.entries(parts["applies"][1], "`applies`", APPLIES) or {}
        return {part: self.some_of(given, part, APPLIES[part]) for part in given}

    def whole(self, entries: Entries, key: str, least: int, limit: int) -> int | None:
        text = self.text(entries, key)
        if text is None:
            return None
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= limit:
            self.sheet.say(
                entries[key][1],
                Problem(
                    "whole_number_invalid",
                    "`%(key)s` is a whole number from %(least)s to %(most)s, not `%(text)s`",
                    key=key,
                    least=least,
                    most=limit,
                    text=text,
                ),
            )
            return None
        return int(text)

    def day(self, entries: Entries, key: str) -> date | None:
        text = self.text(entries, key)
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.sheet.say(
                entries[key][1],
                Problem(
                    "date_invalid", "`%(key)s` is a date like 2025-02-28, not `%(text)s`", key=key, text=text
                ),
            )
            return None

    def condition(self, entries: Entries, key: str) -> Condition | None:
        text = self.text(entries, key)
        if text is None:
            return None
        try:
            return parse(text, origin=self.sheet.origin, place=self.sheet.locator(entries[key][1]))
        except ConditionError as error:
            self.sheet.problems += [
                (problem.line, problem.column, problem.what) for problem in error.problems
            ]
            return None
