"""A lender's home: the folder with lender.yaml, strategies, the book, the nights and the quarantine."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from forbear.core.base.problem import FileMistakes, InputError, noop
from forbear.core.files.settings import read_settings
from forbear.interchange.home.creditors import Creditor, creditor_from
from forbear.interchange.home.feed_limits import FeedLimits
from forbear.interchange.home.feed_moment import feed_moment
from forbear.interchange.home.lender_file import LenderFile
from forbear.interchange.home.ready import lay_ready, lender_yaml, policy_yaml

SIGN_IN_YAML = """\
# How staff sign in. These roles need a second proof beside the password: an app's codes or a passkey.
second_factor: [administrator, compliance, lead, manager]
password: {least_length: 12}
# a session ends when nothing is asked for so long, and in any case so long after it began
session: {idle_minutes: 60, longest_hours: 12}
"""
#: What became of each import, inside the folder of the quarantine.
IMPORTS = "imports.jsonl"


#: The file by which a demo's folder is known.
DEMO_MARK = ".demo"
#: The file by which any other folder of a made-up lender is known: a simulated world, a benchmark.
MADE_UP_MARK = ".made-up"


#: The file by which a home in a shadow run is known: nights decide, and nothing leaves. Two people take it away.
SHADOW_MARK = ".shadow"


class HomeError(InputError):
    """The folder is no lender's home, or lender.yaml can't be used; the message says how to mend it."""


class LenderFileError(FileMistakes, HomeError):
    """A lender.yaml that can't be used; ``problems`` has one for each mistake."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where things are, and what the lender chose. All paths are absolute; `name` is (zh, en)."""

    folder: Path
    strategy: Path
    threads: int
    largest_quarantine: float
    feed_encoding: str
    name: tuple[str, str]
    packs: tuple[Path, ...]
    templates: Path
    contact: tuple[tuple[str, str], ...]
    timezone: str
    url: str
    database: str
    feed: FeedLimits
    webhook_networks: tuple[str, ...]
    seal_folders: tuple[Path, ...]
    time_stamp_url: str = ""
    time_stamp_roots: Path | None = None
    enclosures: tuple[tuple[str, Path], ...] = ()
    creditors: tuple[Creditor, ...] = ()

    @property
    def creditor_codes(self) -> tuple[str, ...]:
        """By which a feed names the creditors that are declared here."""
        return tuple(one.codes[0] for one in self.creditors)

    @property
    def is_demo(self) -> bool:
        """Whether `forbear demo` made this folder; nothing behind it is real."""
        return (self.folder / DEMO_MARK).is_file()

    @property
    def is_made_up(self) -> bool:
        """Whether nobody behind this folder is real: only then do the mailbox, its phone page and the till exist."""
        return self.is_demo or (self.folder / MADE_UP_MARK).is_file()

    @property
    def in_shadow(self) -> bool:
        """Whether nothing may leave this home yet: it runs beside the lender's old system."""
        return (self.folder / SHADOW_MARK).is_file()

    @property
    def book(self) -> Path:
        return self.folder / "data" / "book"

    @property
    def nights(self) -> Path:
        return self.folder / "nights"

    @property
    def quarantine(self) -> Path:
        return self.folder / "quarantine"

    @property
    def feed_at(self) -> datetime | None:
        """As of when the book tells of the loans; None where nothing is on record."""
        return feed_moment(self.book, self.quarantine / IMPORTS, self.timezone)

    @property
    def hosts(self) -> list[str]:
        """The host names under which the pages answer."""
        host = urlsplit(self.url).hostname or "localhost"
        return [host, "localhost", "127.0.0.1", "[::1]"]

    def desk_facts_path(self, as_of: date) -> Path:
        """Where what the desk knew on a date is kept for that date's night."""
        return self.folder / "data" / "desk_facts" / f"{as_of}.parquet"

    def desk_facts(self, as_of: date) -> Path | None:
        """What the desk tells the night of a date; None when there is no desk. A file by hand serves every date."""
        by_hand = self.folder / "data" / "desk_facts.parquet"
        return next((path for path in (self.desk_facts_path(as_of), by_hand) if path.is_file()), None)

    @property
    def has_desk(self) -> bool:
        """Whether there is a database of the desk, by this file's settings or FORBEAR_DATABASE."""
        named = os.environ.get("FORBEAR_DATABASE", self.database)
        return bool(named) or (self.folder / "data" / "desk.sqlite3").is_file()


def read_text(path: Path) -> str:
    """The text of a file a person wrote; `HomeError` when it isn't UTF-8 or can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise HomeError(f"{path}: is not UTF-8 text; save it in UTF-8") from None
    except OSError as error:
        raise HomeError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None


def prove_twice(folder: Path, roles: Iterable[str]) -> None:
    """Let these roles alone need a second proof in a home just made, as for a demo whose passwords are in the clear."""
    path = folder / "sign_in.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    named = f"second_factor: [{', '.join(roles)}]\n"
    path.write_text(
        "".join(named if line.startswith("second_factor:") else line for line in lines), encoding="utf-8"
    )


def make_home(folder: Path, *, made_up: bool = False, country: str = "") -> None:
    """Write a new home; an existing one is never overwritten. `made_up`: nobody in it will be real.

    With a `country` it has that country's files and money alone, else China's beside the others' files.
    """
    if (folder / "lender.yaml").exists():
        raise HomeError(f"{folder}: is a lender's home already; choose another folder")
    for name in ("data", "nights", "quarantine"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    code, alone = country or "cn", bool(country)
    lay_ready(folder, code, alone=alone)
    for pack in sorted((folder / "packs").glob("*.yaml")):  # what comes with Forbear counts as signed
        signed = folder / "packs" / "signed" / pack.name
        signed.parent.mkdir(exist_ok=True)
        signed.write_bytes(pack.read_bytes())
    (folder / "policy.yaml").write_text(policy_yaml(code, alone=alone), encoding="utf-8")
    (folder / "sign_in.yaml").write_text(SIGN_IN_YAML, encoding="utf-8")
    (folder / "lender.yaml").write_text(lender_yaml(code), encoding="utf-8")
    if made_up:
        (folder / MADE_UP_MARK).touch()


def open_home(folder: Path) -> Home:
    """Read lender.yaml; `HomeError` when the folder is no home or a setting is wrong."""
    path = folder / "lender.yaml"
    if not path.is_file():
        raise HomeError(
            f"{folder}: is not a lender's home (lender.yaml is missing); make one with `forbear init DIR` "
            "or name it with --home or FORBEAR_HOME"
        )
    settings = read_settings(
        LenderFile, read_text(path), str(path), noop("must be a list of settings like `threads: 2`")
    )
    if isinstance(settings, list):
        raise LenderFileError(settings)
    root = folder.resolve()
    return Home(
        root,
        root / settings.strategy,
        settings.threads or os.cpu_count() or 1,
        settings.largest_quarantine,
        settings.feed_encoding,
        settings.name,
        tuple(root / pack for pack in settings.packs),
        root / settings.templates,
        tuple(sorted(settings.contact.items())),
        settings.timezone,
        settings.url,
        settings.database,
        settings.feed,
        settings.webhook_networks,
        tuple(root / folder for folder in settings.seal_folders),
        settings.time_stamp_url,
        root / settings.time_stamp_roots if settings.time_stamp_roots else None,
        tuple((name, root / file) for name, file in sorted(settings.enclosures.items())),
        tuple(creditor_from(code, one) for code, one in settings.creditors.items()),
    )


@contextmanager
def locked(home: Home, doing: str) -> Iterator[None]:
    """Hold the home for one writer: two imports or nights at once would race for the same book."""
    with (home.folder / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise HomeError(
                f"{home.folder}: another import or night is running here; wait for it, then {doing} again"
            ) from None
        yield
