"""Reading a strategy's YAML with every problem found in one go, each with its line and column.

PyYAML's ``compose`` gives nodes with marks instead of Python values: that keeps the places, shows duplicate
keys (which YAML loaders silently drop) and leaves `no`, `1.0` and dates as they were written.
"""

import bisect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import yaml

from forbear.core.base.problem import Problem, at_place
from forbear.core.files import yaml_text
from forbear.core.files.hints import hinted

MAX_LENGTH = 262_144

_BREAKS_AND_BLANKS = " \t\n\x85\u2028\u2029"
_KINDS = {
    yaml.MappingNode: Problem("a mapping", "映射"),
    yaml.SequenceNode: Problem("a list", "列表"),
    yaml.ScalarNode: Problem("a plain value", "单个值"),
}
#: What readers call things, in Chinese. A key in backticks is called the same in either language.
_NOUNS = {
    "a strategy": "策略",
    "a stage": "阶段",
    "a treatment": "措施",
    "a title": "标题",
    "a pack": "规则包",
    "a rule": "规则",
}

#: The entries of a mapping by key: (key node, value node).
Entries = dict[str, tuple[yaml.ScalarNode, yaml.Node]]


@dataclass(slots=True)
class Sheet:
    """One YAML text being read; ``problems`` collects (line, column, what) as they are met."""

    origin: str
    text: str
    problems: list[tuple[int, int, Problem]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.text = self.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self.starts = [0] + [at + 1 for at, sign in enumerate(self.text) if sign == "\n"]

    def told(self) -> list[Problem]:
        """All problems in the order of the file, each once, with its place."""
        met = sorted(set(self.problems), key=lambda each: (each[0], each[1], each[2].message))
        return [at_place(f"{self.origin}:{line}:{column}", what) for line, column, what in met]

    def messages(self) -> list[str]:
        """The same in English."""
        return [each.message for each in self.told()]

    def line_column(self, index: int) -> tuple[int, int]:
        """Line and column, counted from 1, of a place in the text."""
        line = bisect.bisect_right(self.starts, index)
        return line, index - self.starts[line - 1] + 1

    def place(self, node: yaml.Node) -> str:
        """``origin:line:column`` of a node."""
        line, column = self.line_column(node.start_mark.index)
        return f"{self.origin}:{line}:{column}"

    def say(self, node: yaml.Node, what: str, zh: str = "") -> None:
        """Note a problem at a node; in Chinese too where a page shows it."""
        self.problems.append((*self.line_column(node.start_mark.index), Problem(what, zh or what)))

    def compose(self) -> yaml.Node | None:
        """The root node, or None when the text is no YAML or is empty; the problem is noted."""
        if len(self.text) > MAX_LENGTH:
            self._say_first(
                f"the file is longer than {MAX_LENGTH} characters", f"文件超过 {MAX_LENGTH} 个字符"
            )
            return None
        try:
            root = yaml_text.compose(self.text)
        except yaml.MarkedYAMLError as error:
            self._say_yaml(error)
            return None
        except yaml.reader.ReaderError as error:
            where = self.line_column(error.position)
            sign = f"U+{error.character:04X}"
            what = Problem(
                f"this character can't be in a YAML file: {sign}", f"YAML 文件里不能有这个字符：{sign}"
            )
            self.problems.append((*where, what))
            return None
        except (
            ValueError,
            OverflowError,
        ) as error:  # PyYAML lets chr() fail on an escape such as "\UFFFFFFFF"
            self._say_first(f"not valid YAML: {error}", f"不是有效的 YAML：{error}")
            return None
        except RecursionError:
            self._say_first("the YAML is nested too deeply", "YAML 嵌套太深")
            return None
        if root is None:
            self._say_first("the file is empty", "文件是空的")
        return root

    def _say_first(self, what: str, zh: str) -> None:
        self.problems.append((1, 1, Problem(what, zh)))

    def _say_yaml(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        index = min(mark.index, len(self.text)) if mark else 0
        if self.text[index : index + 1] == "\t":
            what, zh = "a tab can't indent YAML; use spaces", "YAML 不能用制表符缩进，请用空格"
        else:
            said = error.problem or error.context
            what, zh = f"not valid YAML: {said}", f"不是有效的 YAML：{said}"
            if "mapping values are not allowed" in what or "expected ',' or '}'" in what:
                what += "; put a value that holds `:` or `,` in double quotes"
                zh += "；含有 `:` 或 `,` 的值请放进双引号"
        self.problems.append((*self.line_column(index), Problem(what, zh)))

    def entries(
        self, node: yaml.Node, what: str, allowed: Iterable[str], required: Iterable[str] = ()
    ) -> Entries | None:
        """The entries of a mapping; None when ``node`` is none. Notes unknown, repeated and missing keys."""
        called = _NOUNS.get(what, f" {what} ")
        if not isinstance(node, yaml.MappingNode):
            kind = _KINDS[type(node)]
            self.say(
                node,
                f"{what} must be a mapping (`key: value`), not {kind}",
                f"{called}须为映射（`键: 值`），而不是{kind.message_zh}",
            )
            return None
        allowed = list(allowed)
        entries: Entries = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.say(key, f"a key of {what} must be a plain word", f"{called}的键须为普通词")
            elif key.value in entries:
                first = self.line_column(entries[key.value][0].start_mark.index)[0]
                self.say(
                    key,
                    f"`{key.value}` is given twice in {what}; the first is on line {first}",
                    f"`{key.value}` 在{called}里出现两次；第一次在第 {first} 行",
                )
            elif key.value not in allowed:
                unknown = self._unknown(node, key, value, what, allowed)
                self.say(key, unknown.message, unknown.message_zh)
            else:
                entries[key.value] = (key, value)
        for name in required:
            if name not in entries:
                self.say(node, f"{what} has no `{name}:`", f"{called}缺少 `{name}:`")
        return entries

    @staticmethod
    def _unknown(node: yaml.Node, key: yaml.Node, value: yaml.Node, what: str, allowed: list[str]) -> Problem:
        """Why a key is refused. Inside { } a comma ends a condition: what follows it looks like a key."""
        called = _NOUNS.get(what, f" {what} ")
        if node.flow_style and not value.value:
            hint = Problem(
                "; inside { } put a condition with commas in double quotes",
                "；在 { } 里，含逗号的条件请放进双引号",
            )
        else:
            may = Problem(f"; it may have {', '.join(allowed)}", f"；可有 {'、'.join(allowed)}")
            hint = hinted(key.value, allowed, may)
        return Problem(
            f"unknown key `{key.value}` in {what}{hint}", f"{called}里没有键 `{key.value}`{hint.message_zh}"
        )

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """The items of a list; none, and a problem noted, when ``node`` is no list."""
        if not isinstance(node, yaml.SequenceNode):
            kind = _KINDS[type(node)]
            self.say(node, f"{what} must be a list, not {kind}", f"{what} 须为列表，而不是{kind.message_zh}")
            return []
        return node.value

    def scalar(self, node: yaml.Node, what: str) -> str | None:
        """The text of a plain value; None, and a problem noted, when there is none."""
        if not isinstance(node, yaml.ScalarNode):
            kind = _KINDS[type(node)]
            self.say(
                node,
                f"{what} must be a plain value, not {kind}",
                f"{what} 须为单个值，而不是{kind.message_zh}",
            )
            return None
        if not node.value.strip():
            self.say(node, f"{what} is empty", f"{what} 是空的")
            return None
        return node.value

    def locator(self, node: yaml.ScalarNode) -> Callable[[int], tuple[int, int]]:
        """From an offset in a scalar's value to its line and column in the file.

        Exact for plain, quoted and block scalars, also where YAML folds lines or takes indentation away,
        because folding only ever changes blanks. A double-quoted value with escapes gets its first character.
        """
        start = node.start_mark.index
        places = _places(self.text[start : node.end_mark.index], node.style or "", node.value)
        if places is None:
            return lambda offset: self.line_column(start)
        return lambda offset: self.line_column(start + places[min(offset, len(places) - 1)])


def _places(raw: str, style: str, value: str) -> list[int] | None:
    """For each offset of ``value`` and its end, the offset in ``raw``; None when they can't be matched."""
    at = 0
    if style in ("|", ">"):
        at = raw.find("\n") + 1
    elif style in ("'", '"'):
        at = 1
    if style == '"' and "\\" in raw:
        return None
    places: list[int] = []
    last = at
    for sign in value:
        if sign in _BREAKS_AND_BLANKS:
            places.append(last)
            continue
        while at < len(raw) and raw[at] in _BREAKS_AND_BLANKS:
            at += 1
        if raw[at : at + 1] != sign:
            return None
        places.append(at)
        at += 2 if style == "'" and raw[at : at + 2] == "''" else 1
        last = at
    return [*places, last]
