"""What a transport is given besides its settings, and how the settings of all of them are described.

Each folder has a class of settings for pydantic whose fields are made with `setting` here, so that one reader
(`forbear.channels.settings`) can check every provider's part of channels.yaml and name the place of a mistake.
"""

import re
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, Strict
from pydantic.config import JsonDict
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic.fields import FieldInfo

from forbear.channels.addresses import is_inside, is_safe_url
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import MessageId, noop
from forbear.core.base.setting import WrongValue

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class AdapterContext:
    """Where a transport lives.

    `name` is what the lender calls the provider; receipts and reports bear it. `folder` is the lender's home.
    `clock` gives the moment now, with a zone. `on_message` takes what a provider says on a line that stays open; it
    must have kept what it was given when it returns, and raises when it could not: then the provider is asked
    to say it again.
    """

    name: str
    folder: Path
    clock: Callable[[], datetime]
    on_message: Callable[[Report | Reply], object]


def setting(
    meaning: MessageId,
    default: Any = ...,
    *,
    unit: str = "",
    secret: bool = False,
    least: float | None = None,
    maximum: float | None = None,
) -> Any:
    """A field of a provider's settings: what it means; `least` and `maximum` bound a number, both included.

    A `secret` is never written in the file: there `password_env: NAME` names the environment variable that
    holds `password`.
    """
    about: JsonDict = {"secret": secret, "unit": unit}
    if isinstance(default, dict):
        given = dict(default)
        return Field(
            default_factory=lambda: dict(given),
            description=meaning,
            repr=not secret,
            json_schema_extra=about,
        )
    return Field(
        default=default,
        description=meaning,
        ge=least,
        le=maximum,
        repr=not secret,
        json_schema_extra=about,
    )


@typing.dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(setting,))
def provider_settings(kind: type[_Kind]) -> type[_Kind]:
    """A frozen class of a provider's settings, whose fields are made with `setting` and checked by pydantic."""
    closed = ConfigDict(extra="forbid")
    made = pydantic_dataclass(frozen=True, slots=True, kw_only=True, config=closed)(kind)
    return typing.cast(type[_Kind], made)


def setting_fields(kind: type) -> dict[str, FieldInfo]:
    """The fields of a provider's settings by name."""
    found: dict[str, FieldInfo] = getattr(kind, "__pydantic_fields__")  # noqa: B009
    return found


def is_secret(field: FieldInfo) -> bool:
    """Whether the file names a variable that holds it, and never the value."""
    about = field.json_schema_extra
    return isinstance(about, dict) and bool(about["secret"])


def key_of_setting(name: str, field: FieldInfo) -> str:
    """The key of a field in the file."""
    return f"{name}_env" if is_secret(field) else name


def _text(given: str) -> str:
    if any(ord(sign) < 32 for sign in given):
        raise WrongValue(noop("may hold no line break"))
    return given


def _url(given: str) -> str:
    if given and not is_safe_url(given):
        raise WrongValue(
            noop(
                "must be an address like https://api.example.com without ? and # (http only on this machine)"
            )
        )
    return given


def _folder(given: str) -> str:
    if not is_inside(given):
        raise WrongValue(noop("must be a folder inside the home, like data/mailbox"))
    return given


def _written(given: object, shape: str) -> object:
    """A number as the file has it, which is read as text: `1e3`, `+5` and `1_000` are none."""
    if isinstance(given, str) and not re.fullmatch(shape, given):
        raise ValueError("no number")
    return given


def _truth(given: object) -> object:
    """The word true or false; YAML's other words for them are for people to avoid."""
    return {"true": True, "false": False}.get(given, "neither") if isinstance(given, str) else given


Text = Annotated[str, AfterValidator(_text)]
Url = Annotated[str, AfterValidator(_url)]
Folder = Annotated[str, AfterValidator(_folder)]
Whole = Annotated[int, BeforeValidator(lambda given: _written(given, r"\d{1,9}"))]
Number = Annotated[float, BeforeValidator(lambda given: _written(given, r"\d{1,9}(\.\d{1,6})?"))]
Truth = Annotated[bool, BeforeValidator(_truth), Strict()]
