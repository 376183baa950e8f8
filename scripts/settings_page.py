"""Write docs/reference/settings.md from the classes that read the files: `python scripts/settings_page.py`."""

import gettext
import typing
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from forbear.core.base.setting import Described, described
from forbear.interchange.home.setting_rows import ENVIRONMENT, FILES, VARIABLES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "settings.md"
CHINESE = gettext.translation("django", ROOT / "src" / "forbear" / "locale", ["zh_Hans"])
HEAD = """\
# Settings

<!-- Written by scripts/settings_page.py from the classes that read the files; change it there. -->

These are the settings of a lender's folder, file by file. What is left out has its default. Settings with one title
before the dot stand in braces: `promise: {longest_days: 14}`. The page of settings shows what is in force, and
whether a file or the environment says so. Channels and payments have [their own page](../operate/channels.md).

Amounts are in the currency's smallest unit. A wrong file is refused as a whole: each mistake is listed with its line
and column, and with the nearest word that there is.
"""
KINDS = {
    int: "whole number",
    float: "number",
    bool: "true or false",
    str: "text",
    tuple: "list",
    frozenset: "list",
}
UNITS = {
    "basis": "1/100 percent",
    "business": "business days",
    "clock": "hour of the day",
    "kmh": "km/h",
    "minor": "smallest unit",
    "request": "days or business days",
    "signs": "characters",
}
#: Units that the kind says already.
UNSAID = ("yes", "side", "role", "share")


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for file, (kind, section) in FILES.items():
        parts.append(f"\n## {file}\n")
        for (_, title), settings in groupby(described(kind, section), key=lambda each: each.section):
            parts.append(_table(title, list(settings)))
    parts.append(f"\n## The environment\n{_table(ENVIRONMENT[1], list(VARIABLES))}")
    return "".join(parts)


def _table(title: str, settings: list[Described]) -> str:
    head = "| setting | name | 名称 | kind | default | meaning | 含义 |\n|---|---|---|---|---|---|---|\n"
    return f"\n### {title} · {CHINESE.gettext(title)}\n\n{head}{''.join(map(_line, settings))}"


def _line(one: Described) -> str:
    cells = (
        f"`{'.'.join(one.path)}`",
        one.name,
        CHINESE.gettext(one.name),
        _kind(one),
        _default(one.default),
        one.meaning,
        CHINESE.gettext(one.meaning),
    )
    return f"| {' | '.join(cells)} |\n"


def _kind(one: Described) -> str:
    origin = typing.get_origin(one.kind)
    if origin is typing.Literal:
        return ", ".join(f"`{word}`" for word in typing.get_args(one.kind))
    if origin is Mapping:
        words = "whole numbers by word" if one.least is not None else "texts by word"
    else:
        words = KINDS[origin or one.kind]
    if one.unit and one.unit not in UNSAID:
        words += f", {UNITS.get(one.unit, one.unit)}"
    if one.least is not None and one.most is not None and one.most < 10**12:
        words += f", {one.least:g} to {one.most:,g}"
    return words


def _default(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{code} {number:,}" for code, number in value.items()) or "—"
    if isinstance(value, (tuple, frozenset)):
        return (
            ", ".join(f"`{each}`" for each in (sorted(value) if isinstance(value, frozenset) else value))
            or "—"
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    return "—" if value in ("", None) else f"`{value}`"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
