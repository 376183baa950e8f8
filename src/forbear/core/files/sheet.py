"""Reading a strategy's YAML with every problem found in one go, each with its line and column.

PyYAML's ``compose`` gives nodes with marks instead of Python values: that keeps the places, shows duplicate
keys (which YAML loaders silently drop) and leaves `no`, `1.0` and dates as they were written.
"""

import bisect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import yaml

from forbear.core.base.problem import MessageId, Phrase, Problem, at_place, noop, with_hint
from forbear.core.files import yaml_text
from forbear.core.files.hints import nearest

MAX_LENGTH = 262_144

_BREAKS_AND_BLANKS = " \t\n\x85\u2028\u2029"
_KINDS = {
    yaml.MappingNode: noop("a mapping"),
    yaml.SequenceNode: noop("a list"),
    yaml.ScalarNode: noop("a plain value"),
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

    def ordered_problems(self) -> list[Problem]:
        """All problems in the order of the file, each once, with its place."""
        met = sorted(set(self.problems), key=lambda problem: (problem[0], problem[1], str(problem[2])))
        return [at_place(f"{self.origin}:{line}:{column}", what) for line, column, what in met]

    def messages(self) -> list[str]:
        """The same in English."""
        return [str(problem) for problem in self.ordered_problems()]

    def line_column(self, index: int) -> tuple[int, int]:
        """Line and column, counted from 1, of a place in the text."""
        line = bisect.bisect_right(self.starts, index)
        return line, index - self.starts[line - 1] + 1

    def place(self, node: yaml.Node) -> str:
        """``origin:line:column`` of a node."""
        line, column = self.line_column(node.start_mark.index)
        return f"{self.origin}:{line}:{column}"

    def say(self, node: yaml.Node, what: Problem) -> None:
        """Note a problem at a node."""
        self.problems.append((*self.line_column(node.start_mark.index), what))

    def compose(self) -> yaml.Node | None:
        """The root node, or None when the text is no YAML or is empty; the problem is noted."""
        if len(self.text) > MAX_LENGTH:
            self._say_first(
                Problem("file_too_long", "the file is longer than %(most)s characters", most=MAX_LENGTH)
            )
            return None
        try:
            root = yaml_text.compose(self.text)
        except yaml.MarkedYAMLError as error:
            self.say_yaml(error)
            return None
        except yaml.reader.ReaderError as error:
            where = self.line_column(error.position)
            sign = f"U+{error.character:04X}"
            what = Problem(
                "yaml_character_invalid", "this character can't be in a YAML file: %(sign)s", sign=sign
            )
            self.problems.append((*where, what))
            return None
        except (
            ValueError,
            OverflowError,
        ) as error:  # PyYAML lets chr() fail on an escape such as "\UFFFFFFFF"
            self._say_first(Problem("yaml_invalid", "not valid YAML: %(error)s", error=str(error)))
            return None
        except RecursionError:
            self._say_first(Problem("yaml_too_deep", "the YAML is nested too deeply"))
            return None
        if root is None:
            self._say_first(Problem("file_empty", "the file is empty"))
        return root

    def _say_first(self, what: Problem) -> None:
        self.problems.append((1, 1, what))

    def say_yaml(self, error: yaml.MarkedYAMLError) -> None:
        """Note what the YAML reader says is wrong, at its place."""
        mark = error.problem_mark or error.context_mark
        index = min(mark.index, len(self.text)) if mark else 0
        if self.text[index : index + 1] == "\t":
            what = Problem("yaml_tab", "a tab can't indent YAML; use spaces")
        else:
            said = error.problem or error.context or ""
            what = Problem("yaml_invalid", "not valid YAML: %(error)s", error=said)
            if "mapping values are not allowed" in said or "expected ',' or '}'" in said:
                what = with_hint(what, noop("put a value that holds `:` or `,` in double quotes"))
        self.problems.append((*self.line_column(index), what))

    def entries(
        self, node: yaml.Node, what: str | MessageId, allowed: Iterable[str], required: Iterable[str] = ()
    ) -> Entries | None:
        """The entries of a mapping; None when ``node`` is none. Notes unknown, repeated and missing keys.

        ``what`` is a key in backticks, or a word for the mapping marked by `noop`.
        """
        if not isinstance(node, yaml.MappingNode):
            kind = _KINDS[type(node)]
            self.say(
                node,
                Problem(
                    "mapping_expected",
                    "%(what)s must be a mapping (`key: value`), not %(kind)s",
                    what=what,
                    kind=kind,
                ),
            )
            return None
        allowed = list(allowed)
        entries: Entries = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.say(key, Problem("key_not_plain", "a key of %(what)s must be a plain word", what=what))
            elif key.value in entries:
                first = self.line_column(entries[key.value][0].start_mark.index)[0]
                self.say(
                    key,
                    Problem(
                        "key_repeated",
                        "`%(key)s` is given twice in %(what)s; the first is on line %(first)s",
                        key=key.value,
                        what=what,
                        first=first,
                    ),
                )
            elif key.value not in allowed:
                self.say(key, self._unknown(node, key, value, what, allowed))
            else:
                entries[key.value] = (key, value)
        for name in required:
            if name not in entries:
                self.say(node, Problem("key_missing", "%(what)s has no `%(key)s:`", what=what, key=name))
        return entries

    @staticmethod
    def _unknown(
        node: yaml.MappingNode,
        key: yaml.ScalarNode,
        value: yaml.Node,
        what: str | MessageId,
        allowed: list[str],
    ) -> Problem:
        """Why a key is refused. Inside { } a comma ends a condition: what follows it looks like a key."""
        hint: Phrase | MessageId
        if node.flow_style and not value.value:
            hint = noop("inside { } put a condition with commas in double quotes")
        else:
            may = Phrase(noop("it may have %(keys)s"), keys=tuple(allowed))
            hint = nearest(key.value, allowed) or may
        unknown = Problem("key_unknown", "unknown key `%(key)s` in %(what)s", key=key.value, what=what)
        return with_hint(unknown, hint)

    def items(self, node: yaml.Node, what: str | MessageId) -> list[yaml.Node]:
        """The items of a list; none, and a problem noted, when ``node`` is no list."""
        if not isinstance(node, yaml.SequenceNode):
            kind = _KINDS[type(node)]
            self.say(
                node, Problem("list_expected", "%(what)s must be a list, not %(kind)s", what=what, kind=kind)
            )
            return []
        items: list[yaml.Node] = node.value
        return items

    def scalar(self, node: yaml.Node, what: str | MessageId | Phrase) -> str | None:
        """The text of a plain value; None, and a problem noted, when there is none."""
        if not isinstance(node, yaml.ScalarNode):
            kind = _KINDS[type(node)]
            self.say(
                node,
                Problem(
                    "plain_value_expected",
                    "%(what)s must be a plain value, not %(kind)s",
                    what=what,
                    kind=kind,
                ),
            )
            return None
        if not node.value.strip():
            self.say(node, Problem("value_empty", "%(what)s is empty", what=what))
            return None
        text: str = node.value
        return text

    def locator(self, node: yaml.Node) -> Callable[[int], tuple[int, int]]:
        """From an offset in a scalar's value to its line and column in the file.

        Exact for plain, quoted and block scalars, also where YAML folds lines or takes indentation away,
        because folding only ever changes blanks. A double-quoted value with escapes gets its first character.
        """
        assert isinstance(node, yaml.ScalarNode), "only a plain value has offsets"
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
