"""What a transport is given besides its settings, and how the settings of all of them are described.

Each folder has a frozen dataclass of settings whose fields are made with `setting` here, so that one reader
(`forbear.channels.settings`) can check every provider's part of channels.yaml and name the place of a mistake.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from forbear.channels.transport import Reply, Report


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
    default: Any = MISSING,
    *,
    secret: bool = False,
    kind: str = "",
    choices: tuple[str, ...] = (),
    least: float | None = None,
    maximum: float | None = None,
) -> Any:
    """A field of a provider's settings.

    A `secret` is never written in the file: there `password_env: NAME` names the environment variable that
    holds `password`. `kind` is url (https, or http on this machine), folder (inside the home), email,
    base64 or empty. `least` and `maximum` bound a number, both included.
    """
    about = {"secret": secret, "kind": kind, "choices": choices, "least": least, "most": maximum}
    if default is MISSING:
        return field(metadata=about, repr=not secret)
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=about, repr=not secret)
    return field(default=default, metadata=about, repr=not secret)
