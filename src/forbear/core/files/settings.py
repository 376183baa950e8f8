"""A lender's file of settings, read by pydantic with every mistake found at once, each with its line and column."""

import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from forbear.core.base.problem import MessageId, Phrase, Problem, noop, with_hint
from forbear.core.base.setting import NotKnown, WrongValue, about, bounds, extra, plain_type
from forbear.core.files.hints import nearest, one_of
from forbear.core.files.sheet import Sheet

_Kind = TypeVar("_Kind")
_Path = tuple[int | str, ...]
#: What pydantic puts behind a key that is itself wrong.
_KEY = "[key]"


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def read_settings(
    kind: type[_Kind],
    text: str,
    origin: str,
    like: MessageId,
    context: Mapping[str, object] | None = None,
    reshape: Callable[[yaml.Node], None] | None = None,
) -> _Kind | list[Problem]:
    """The settings of a file, or everything that is wrong with it, each as `origin:line:column: ...`.

    An empty file gives the defaults. `like` says what the whole file must be. `context` is for the validators.
    `reshape` writes short forms out in full in the nodes, which keep their places.
    """
    sheet = Sheet(origin, text)
    root = sheet.compose()
    if root is None:
        empty = [problem.code for *_, problem in sheet.problems] == ["file_empty"]
        return kind() if empty else sheet.ordered_problems()
    if reshape is not None:
        reshape(root)
    values = _values(sheet, root, kind)
    if sheet.problems and values is None:
        return sheet.ordered_problems()
    made: _Kind | None = None
    try:
        made = _adapter(typing.cast(typing.Any, kind)).validate_python(
            {} if values is None else values, context=context
        )
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False):
            sheet.say(*_problem_at(kind, root, mistake, like))
    if sheet.problems:
        return sheet.ordered_problems()
    assert made is not None, "what is not made has a problem"
    return made


def setting_invalid(name: str, what: MessageId | Phrase) -> Problem:
    """A setting's value can't be so; `what` is the sentence without its subject."""
    return Problem("setting_invalid", "%(key)s %(what)s", key=name, what=what)


def setting_unknown(path: Collection[str], word: str, names: Collection[str]) -> Problem:
    """A key or a word that there is none of, with the nearest that there is."""
    words = tuple(sorted(names))
    unknown = Problem("setting_unknown", "%(setting)s is not known", setting=": ".join(path))
    return with_hint(unknown, nearest(word, words) or one_of(words))


def _values(sheet: Sheet, root: yaml.Node, kind: type) -> Any:
    """Plain values of the nodes; None, and a problem noted, when they can't be made."""
    _note_repeated(sheet, root)
    try:
        values = yaml.constructor.SafeConstructor().construct_document(root)
    except yaml.MarkedYAMLError as error:
        sheet.say_yaml(error)
        return None
    except (ValueError, OverflowError, RecursionError) as error:
        sheet.say(root, Problem("yaml_invalid", "not valid YAML: %(error)s", error=str(error)))
        return None
    if not isinstance(values, dict):
        return values
    hints = typing.get_type_hints(kind, include_extras=True)
    groups = {name for name, hint in hints.items() if _is_group(plain_type(hint))}
    return {key: value for key, value in values.items() if value is not None or key not in groups}


def _is_group(inner: Any) -> bool:
    return is_dataclass(inner) or typing.get_origin(inner) is Mapping


def _note_repeated(sheet: Sheet, root: yaml.Node) -> None:
    """A key that stands twice in a mapping: YAML would take the last and say nothing."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
            continue
        lines: dict[str, int] = {}
        for key, value in node.value:
            waiting += (key, value)
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in lines:
                twice = Problem(
                    "setting_given_twice",
                    "`%(key)s` is given twice; the first is on line %(first)s",
                    key=key.value,
                    first=lines[key.value],
                )
                sheet.say(key, twice)
            lines.setdefault(key.value, sheet.line_column(key.start_mark.index)[0])


def _problem_at(
    kind: type, root: yaml.Node, mistake: Mapping[str, Any], like: MessageId
) -> tuple[yaml.Node, Problem]:
    """Where a mistake is, and what is wrong and how to mend it."""
    path: _Path = mistake["loc"]
    code, raised = mistake["type"], mistake.get("ctx", {}).get("error")
    if code in ("unexpected_keyword_argument", "invalid_key"):
        node, names = node_at(root, (*path, _KEY))
        known = list(typing.get_type_hints(plain_type(_hint(kind, path[:-1]))))
        return node, setting_unknown(names, str(path[-1]), known)
    if code in ("missing", "missing_argument"):
        node, names = node_at(root, path[:-1])
        missing = ": ".join([*names, str(path[-1])])
        return node, Problem("setting_missing", "%(setting)s is missing", setting=missing)
    node, names = node_at(root, path)
    if isinstance(raised, NotKnown):
        word = str(getattr(node, "value", ""))
        return node, setting_unknown(names if path[-1] == _KEY else [*names, word], word, raised.names)
    if isinstance(raised, WrongValue):
        return node, setting_invalid(": ".join(names), raised.what)
    if not path:
        return root, setting_invalid(noop("the file"), like)
    return node, setting_invalid(": ".join(names), _wanted(_hint(kind, path)))


def node_at(root: yaml.Node, path: Sequence[int | str]) -> tuple[yaml.Node, list[str]]:
    """The node a path leads to, or the last on the way that is there, with `[key]` behind it the key's; and the keys.

    Settings by a word are a row of pairs where their order counts: a number then says which of them.
    """
    node = key = root
    names: list[str] = []
    for part in path:
        if part == _KEY:
            return key, names
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            key = node = node.value[part] if part < len(node.value) else node
        elif isinstance(node, yaml.MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == str(part)]
            by_place = node.value[part : part + 1] if isinstance(part, int) else []
            if not pairs and not by_place:
                return node, [*names, str(part)]
            key, node = (pairs or by_place)[-1]
            names.append(str(key.value))
        elif isinstance(part, str):
            names.append(part)
    return node, names


def _hint(kind: Any, path: Sequence[int | str]) -> Any:
    """The type hint of what a path leads to."""
    hint = kind
    for part in path:
        inner = plain_type(hint)
        if is_dataclass(inner):
            hint = typing.get_type_hints(inner, include_extras=True)[str(part)]
        elif part != _KEY:
            arguments = typing.get_args(inner)
            hint = arguments[1] if typing.get_origin(inner) is Mapping else arguments[0]
    return hint


def _wanted(hint: Any) -> MessageId | Phrase:
    """What a setting must be."""
    info, inner = about(hint), plain_type(hint)
    if wanted := extra(info, "wanted"):
        return typing.cast(MessageId, wanted)
    if inner is int:
        least, most = bounds(info)
        between = noop("must be a whole number between %(low)s and %(high)s")
        return Phrase(between, low=str(least), high=str(most))
    if inner is bool:
        return noop("must be true or false")
    if inner is str:
        return noop("must be a text")
    if typing.get_origin(inner) is typing.Literal:
        return Phrase(noop("must be one of %(choices)s"), choices=typing.get_args(inner))
    return noop("must be settings in braces") if _is_group(inner) else noop("must be a list")
