"""A setting of a lender's file: its name, meaning, unit and bounds, written beside its type and its default.

    @settings_class
    class PromisePolicy:
        longest_days: Annotated[int, whole(noop("Longest promise"), noop("..."), "days")] = 14

pydantic reads the files by these classes (core/files/settings.py). The page of settings and docs/reference/settings.md
are made from the same words, which are message ids.
"""

import types
import typing
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic.fields import FieldInfo

from forbear.core.base.problem import MessageId, Phrase

#: The largest number that makes sense, by unit; of amounts and counts it only keeps out what no database holds.
_MOST = {"percent": 100, "basis": 10_000, "points": 100, "clock": 24, "days": 36_500, "months": 1_200}
_MOST_OF_OTHERS = 10**12


_Kind = TypeVar("_Kind")


@typing.dataclass_transform(frozen_default=True, field_specifiers=(field,))
def settings_class(kind: type[_Kind]) -> type[_Kind]:
    """A frozen class of settings, checked whenever one is made; a key that it doesn't have is a mistake."""
    made = pydantic_dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))(kind)
    return typing.cast(type[_Kind], made)


class WrongValue(ValueError):
    """What a validator of a setting raises: `what` is the sentence without its subject, such as `must be ...`."""

    def __init__(self, what: MessageId | Phrase) -> None:
        super().__init__(str(what))
        self.what = what


class NotKnown(ValueError):
    """A word that is none of those there are."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


def setting(
    name: MessageId,
    meaning: MessageId,
    unit: str = "",
    *,
    wanted: MessageId | None = None,
    section: tuple[str, MessageId] | None = None,
) -> Any:
    """A text, or one of some words. `wanted` says what it must be where its type doesn't say enough.

    `section` is (key, title) of the part of the page it stands in, where that isn't its file's or group's.
    """
    about: JsonDict = {"unit": unit, "wanted": wanted, "section": list(section or ())}
    return Field(title=name, description=meaning, json_schema_extra=about)


def truth(name: MessageId, meaning: MessageId) -> Any:
    """Yes or no; no other word is taken for one of them."""
    return Field(title=name, description=meaning, strict=True, json_schema_extra={"unit": "yes"})


def whole(name: MessageId, meaning: MessageId, unit: str, *, least: int = 0, most: int | None = None) -> Any:
    """A whole number between bounds, both included; without `most` the largest of its unit."""
    limit = _MOST.get(unit, _MOST_OF_OTHERS) if most is None else most
    about: JsonDict = {"unit": unit}
    return Field(title=name, description=meaning, ge=least, le=limit, strict=True, json_schema_extra=about)


def share(name: MessageId, meaning: MessageId, *, wanted: MessageId) -> Any:
    """A share between 0 and 1."""
    about: JsonDict = {"unit": "share", "wanted": wanted}
    return Field(
        title=name,
        description=meaning,
        ge=0,
        le=1,
        allow_inf_nan=False,
        strict=True,
        json_schema_extra=about,
    )


def several(
    name: MessageId,
    meaning: MessageId,
    unit: str = "",
    *,
    codes: str = "",
    wanted: MessageId | None = None,
    section: tuple[str, MessageId] | None = None,
) -> Any:
    """A list, or settings by code: `codes` names the table of words for its keys, such as `role`."""
    about: JsonDict = {"unit": unit, "wanted": wanted, "section": list(section or ()), "codes": codes}
    return Field(title=name, description=meaning, json_schema_extra=about)


def group(title: MessageId | None = None) -> Any:
    """Settings in braces; with a title they are a part of the page of their own."""
    return Field(title=title)


def known(names: Collection[str]) -> AfterValidator:
    """Of a word that must be one of these, as a key or a value."""

    def check(word: str) -> str:
        if word not in names:
            raise NotKnown(names)
        return word

    return AfterValidator(check)


@dataclass(frozen=True, slots=True)
class Described:
    """A setting as its class describes it. `path` are the keys that lead to it; amounts in minor units.

    `section` is (key, title) of its part of the page; `kind` the type, `default` None where it must be given.
    """

    path: tuple[str, ...]
    section: tuple[str, str]
    name: str
    meaning: str
    unit: str
    codes: str
    kind: Any
    least: int | None
    most: int | None
    default: object


def about(hint: Any) -> FieldInfo | None:
    """The words and bounds in a type hint."""
    metadata = getattr(hint, "__metadata__", ())
    return next((part for part in metadata if isinstance(part, FieldInfo)), None)


def plain_type(hint: Any) -> Any:
    """A type hint without its words, and without None beside it."""
    while typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
        return plain_type(hint)
    return hint


def extra(info: FieldInfo | None, key: str) -> Any:
    """What the words of a setting say beside its name and meaning."""
    more = info.json_schema_extra if info is not None else None
    return more.get(key) if isinstance(more, Mapping) else None


def _section(info: FieldInfo) -> tuple[str, str] | None:
    own = extra(info, "section")
    return (own[0], own[1]) if own else None


def bounds(info: FieldInfo | None) -> tuple[int | None, int | None]:
    """The least and the largest number, both included."""
    least = most = None
    for part in info.metadata if info is not None else ():
        least, most = getattr(part, "ge", least), getattr(part, "le", most)
    return least, most


def described(kind: type, section: tuple[str, str], before: tuple[str, ...] = ()) -> Iterator[Described]:
    """Every setting of a class and of the groups in it, in their order."""
    hints = typing.get_type_hints(kind, include_extras=True)
    for part in fields(kind):
        hint = hints[part.name]
        info, inner, path = about(hint), plain_type(hint), (*before, part.name)
        if is_dataclass(inner) and isinstance(inner, type):
            own = (part.name, info.title) if info is not None and info.title else section
            yield from described(inner, own, path)
            continue
        assert info is not None, f"{kind.__name__}.{part.name} has no words"
        assert info.title, f"{kind.__name__}.{part.name} has no name"
        assert info.description, f"{kind.__name__}.{part.name} has no meaning"
        made = part.default_factory() if part.default_factory is not MISSING else part.default
        beneath = about(typing.get_args(inner)[1]) if typing.get_origin(inner) is Mapping else info
        yield Described(
            path,
            _section(info) or section,
            info.title,
            info.description,
            extra(info, "unit") or "",
            extra(info, "codes") or "",
            inner,
            *bounds(beneath),
            None if made is MISSING else made,
        )
