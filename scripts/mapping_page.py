"""Write the tables of keys in docs/mapping.md and docs/zh/mapping.md from the classes that read mapping.yaml.

`python scripts/mapping_page.py`: between the lines that name a class stands what its fields say of themselves.
"""

import gettext
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from forbear.core.base.setting import about, plain_type
from forbear.interchange.mapping.mapping_file import Block, ColumnRule, MappingFile, Source

ROOT = Path(__file__).parents[1]
CHINESE = gettext.translation("django", ROOT / "src" / "forbear" / "locale", ["zh_Hans"])
CLASSES = {kind.__name__: kind for kind in (MappingFile, Source, Block, ColumnRule)}
PAGES: dict[Path, tuple[str, Callable[[str], str]]] = {
    ROOT / "docs" / "mapping.md": ("| key | values | left out | meaning |", str),
    ROOT / "docs" / "zh" / "mapping.md": ("| 键 | 取值 | 不写时 | 含义 |", CHINESE.gettext),
}
KINDS = {
    str: ("text", "文本"),
    int: ("whole number", "整数"),
    bool: ("true, false", "true、false"),
    tuple: ("a text or a list", "文本或列表"),
    Mapping: ("by name", "按名称列出"),
}
_PART = re.compile(r"(<!-- keys of (\w+) -->\n).*?(<!-- end of keys -->)", re.DOTALL)


def page(text: str, head: str, translate: Callable[[str], str]) -> str:
    """The page with its tables as the classes say."""
    chinese = translate is not str

    def table(match: re.Match[str]) -> str:
        kind = CLASSES[match.group(2)]
        hints = typing.get_type_hints(kind, include_extras=True)
        lines = [_line(field, hints[field.name], translate, chinese) for field in fields(kind)]
        return f"{match.group(1)}{head}\n|---|---|---|---|\n{''.join(lines)}{match.group(3)}"

    return _PART.sub(table, text)


def _line(field: Any, hint: Any, translate: Callable[[str], str], chinese: bool) -> str:
    info = about(hint)
    assert info is not None, f"{field.name} has no words"
    assert info.description, f"{field.name} has no meaning"
    cells = (f"`{field.name}`", _kind(hint, chinese), _default(field, chinese), translate(info.description))
    return f"| {' | '.join(cells)} |\n"


def _kind(hint: Any, chinese: bool) -> str:
    inner = plain_type(hint)
    origin = typing.get_origin(inner)
    if origin is typing.Literal:
        return ", ".join(f"`{word}`" for word in typing.get_args(inner) if word)
    return KINDS[origin or inner][chinese]


def _default(field: Any, chinese: bool) -> str:
    if field.default is MISSING and field.default_factory is MISSING:
        return "必填" if chinese else "needed"
    value = field.default if field.default is not MISSING else field.default_factory()
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return "—" if value in ("", None, ()) or value == {} else f"`{value}`"


if __name__ == "__main__":
    for path, (head, translate) in PAGES.items():
        path.write_text(page(path.read_text("utf-8"), head, translate), "utf-8")
