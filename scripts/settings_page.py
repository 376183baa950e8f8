"""Write docs/reference/settings.md from the classes that read the files: `python scripts/settings_page.py`."""

import gettext
import typing
from collections.abc import Mapping
from dataclasses import is_dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from forbear.channels.adapter_context import is_secret, key_of_setting, setting_fields
from forbear.channels.settings import PAYMENT_PROVIDERS, PROVIDERS, PaymentKind, ProviderKind
from forbear.core.base.money import format_amount
from forbear.core.base.setting import Described, bounds, described, extra, plain_type
from forbear.interchange.home.setting_rows import ENVIRONMENT, FILES, VARIABLES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "settings.md"
CHINESE = gettext.translation("django", ROOT / "src" / "forbear" / "locale", ["zh_Hans"])
HEAD = """\
# Settings

<!-- Written by scripts/settings_page.py from the classes that read the files; change it there. -->

These are the settings of a lender's folder, file by file. What is left out has its default. Settings with one title
before the dot stand in braces: `promise: {longest_days: 14}`. The page of settings shows what is in force, and
whether a file or the environment says so. How channels and payments are set up
stands on [their own page](../operate/channels.md).

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
    parts += _providers("channels.yaml", PROVIDERS) + _providers("payments.yaml", PAYMENT_PROVIDERS)
    parts.append(f"\n## The environment\n{_table(ENVIRONMENT[1], list(VARIABLES))}")
    return "".join(parts)


def _table(title: str, settings: list[Described]) -> str:
    head = "| setting | name | 名称 | kind | default | meaning | 含义 |\n|---|---|---|---|---|---|---|\n"
    return f"\n### {title} · {CHINESE.gettext(title)}\n\n{head}{''.join(map(_line, settings))}"


def _providers(file: str, kinds: Mapping[str, ProviderKind | PaymentKind]) -> list[str]:
    """The settings of each kind of provider, which stand under the provider's own name."""
    parts = [f"\n## {file}\n"]
    for kind, provider in kinds.items():
        lines = [_provider_line(name, field) for name, field in setting_fields(provider.settings).items()]
        head = "| setting | kind | default | meaning | 含义 |\n|---|---|---|---|---|\n"
        parts.append(f"\n### {kind}\n\n" + (head + "".join(lines) if lines else "Nothing to set.\n"))
    return parts


def _provider_line(name: str, field: FieldInfo) -> str:
    meaning = field.description
    assert meaning, f"{name} has no meaning"
    kind = _kind_of(field.annotation, extra(field, "unit"), *bounds(field))
    if is_secret(field):
        kind = "variable's name"
    default = "needed" if field.is_required() else _default(field.get_default(call_default_factory=True))
    cells = (f"`{key_of_setting(name, field)}`", kind, default, meaning, CHINESE.gettext(meaning))
    return f"| {' | '.join(cells)} |\n"


def _line(one: Described) -> str:
    cells = (
        f"`{'.'.join(one.path)}`",
        one.name,
        CHINESE.gettext(one.name),
        _kind_of(one.kind, one.unit, one.least, one.most),
        _default(_as_written(one)),
        one.meaning,
        CHINESE.gettext(one.meaning),
    )
    return f"| {' | '.join(cells)} |\n"


def _as_written(one: Described) -> object:
    """A default as a file would have it: amounts in the currency's unit."""
    if one.unit != "money" or not isinstance(one.default, Mapping):
        return one.default
    return tuple(f"{code}: {format_amount(minor, code)}" for code, minor in one.default.items())


def _kind_of(kind: Any, unit: str, least: int | None, most: int | None) -> str:
    origin = typing.get_origin(kind)
    if unit == "money":
        return "amounts by currency"
    if origin is typing.Literal:
        return ", ".join(f"`{word}`" if word else "empty" for word in typing.get_args(kind))
    if origin is Mapping:
        words = "whole numbers by word" if least is not None else "texts by word"
        words = "settings by code" if is_dataclass(plain_type(typing.get_args(kind)[1])) else words
    else:
        words = KINDS[origin or kind]
    if unit and unit not in UNSAID:
        words += f", {UNITS.get(unit, unit)}"
    if least is not None and most is not None and most < 10**12:
        words += f", {least:g} to {most:,g}"
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
