"""YAML text into nodes or values by libyaml, ten times as fast as PyYAML's own reader.

libyaml's composer recurses without a limit and takes the process down on deep nesting, so the depth is counted first.
Its messages are poorer too: what it refuses is read again by PyYAML, which says better what is wrong and where.
"""

from typing import Any

import yaml

#: Files of ours nest less than ten deep.
MAX_DEPTH = 100
_OPEN = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSE = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def compose(text: str) -> yaml.Node | None:
    """The root node, None for an empty text.

    Raises yaml.YAMLError; RecursionError when nested too deeply; ValueError for an escape that is no character.
    """
    try:
        _check_depth(text)
        return yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return yaml.compose(text, Loader=yaml.SafeLoader)


def load(text: str) -> Any:
    """Plain values: mappings, lists, text, numbers, dates. Raises what `compose` raises."""
    node = compose(text)
    return None if node is None else yaml.constructor.SafeConstructor().construct_document(node)


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, _OPEN):
            depth += 1
            if depth > MAX_DEPTH:
                raise RecursionError(f"YAML nested more than {MAX_DEPTH} deep")
        elif isinstance(event, _CLOSE):
            depth -= 1
