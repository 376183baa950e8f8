"""A lender's home: the folder with lender.yaml, strategies, the book, the nights and the quarantine."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from forbear.core.base.problem import FileMistakes, InputError, noop
from forbear.core.files.settings import read_settings
from forbear.interchange.home.feed_limits import FeedLimits
from forbear.interchange.home.feed_moment import feed_moment
from forbear.interchange.home.lender_file import LenderFile

LENDER_YAML = """\
# The lender's own settings. Paths are inside this folder.
name: {zh: 我的贷款机构, en: My lender}
strategy: strategies/consumer-cn.yaml
# the rules of contact; several are merged and the strictest wins
packs: [packs/cn.yaml]
# the approved texts, and what they say of the lender beside its name
templates: templates/consumer-cn.yaml
contact: {phone: "+861000000000", address: 本机构地址, regulator: 金融消费者投诉热线 12378,
  bureau: 中国人民银行征信中心, court: 有管辖权的人民法院}
# where the lender is, and the address of its pages
timezone: Asia/Shanghai
url: http://localhost:8000
# empty for SQLite in data/desk.sqlite3, or postgresql://user:password@host/name (also FORBEAR_DATABASE)
database: ""
# how many cores a night and an import may use; 0 means all
threads: 0
# the share of a file's rows that may be quarantined before an import is refused
largest_quarantine: 0.05
# how the feed's CSV files are written: utf-8, or gb18030, gbk, gb2312, cp1252
feed_encoding: utf-8
# what may change from one feed to the next before the import stops: see docs/reference/settings.md
feed: {least: 5, loans_gone: 0.02, payments_gone: 0.005, oldest_days: 3, require_control: false}
"""
POLICY_YAML = """\
# What the lender agrees to. Least amounts name their currency, other amounts are in its smallest unit.
# Shares of settlements are in 1/100 percent.
promise: {longest_days: 14, least_share: 10, grace_days: 1, tolerance: 5, most_broken: 3}
# above own_limit or own_months a second person signs
plan: {most_months: 60, least_instalment: 5000, first_within: 31, own_limit: 2000000, own_months: 12,
  grace_days: 5, missed_to_break: 2, tolerance: 5}
# who may waive how much alone; floor is the share of principal that is always paid; planned is the discount of an
# offer that the strategy sends by itself, 0 for none
settlement: {authority: {collector: 500, lead: 2000, manager: 5000}, floor: 5000, longest_days: 30,
  from_days_past_due: 60, planned: 0}
# how cases go to agencies: chance_share percent are dealt at random so that agencies can be compared; harm_price is
# what one finding against an agency's conduct costs in the computation
placement: {longest_days: 90, tail_days: 7, from_days_past_due: 30, chance_share: 20,
  least_amount: {CNY: 100.00, GBP: 100.00, USD: 100.00},
  most_share: 60, least_conduct: 60, harm_price: 20000, answer_days: 3}
# when a due date is moved at once; whatever else is asked, a person answers
extension: {after_paid: 5, days_before: 15, longest_days: 30, a_year: 1}
# lawsuits: share is how much of a claim comes in at the end, own_cost what a lawsuit costs besides the fee
court: {from_days_past_due: 180, share: 4000, own_cost: 30000, letter_before_claim_days: 14,
  least_amount: {CNY: 5000.00, GBP: 5000.00, USD: 5000.00},
  mediation_days: 30, small_claim_most: 5000000, hurry_days: 180, decision_days: 7}
# days within which a person answers; see docs/agreements.md for the kinds
clocks: {complaint: 15, credit_objection: 20}
calendar: "CN"
"""
SIGN_IN_YAML = """\
# How staff sign in. These roles need a second proof beside the password: an app's codes or a passkey.
second_factor: [administrator, compliance, lead, manager]
password: {least_length: 12}
# a session ends when nothing is asked for so long, and in any case so long after it began
session: {idle_minutes: 60, longest_hours: 12}
"""
#: What became of each import, inside the folder of the quarantine.
IMPORTS = "imports.jsonl"
READY = ("strategies", "packs", "templates")


#: The file by which a demo's folder is known.
DEMO_MARK = ".demo"
#: The file by which any other folder of a made-up lender is known: a simulated world, a benchmark.
MADE_UP_MARK = ".made-up"


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

    @property
    def is_demo(self) -> bool:
        """Whether `forbear demo` made this folder; nothing behind it is real."""
        return (self.folder / DEMO_MARK).is_file()

    @property
    def is_made_up(self) -> bool:
        """Whether nobody behind this folder is real: only then do the mailbox, its phone page and the till exist."""
        return self.is_demo or (self.folder / MADE_UP_MARK).is_file()

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


def make_home(folder: Path, *, made_up: bool = False) -> None:
    """Write a new home; an existing one is never overwritten. `made_up`: nobody in it will be real."""
    if (folder / "lender.yaml").exists():
        raise HomeError(f"{folder}: is a lender's home already; choose another folder")
    for name in ("data", "nights", "quarantine"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in READY:
        _copy_ready(name, folder)
    for pack in sorted((folder / "packs").glob("*.yaml")):  # what comes with Forbear counts as signed
        signed = folder / "packs" / "signed" / pack.name
        signed.parent.mkdir(exist_ok=True)
        signed.write_bytes(pack.read_bytes())
    (folder / "policy.yaml").write_text(POLICY_YAML, encoding="utf-8")
    (folder / "sign_in.yaml").write_text(SIGN_IN_YAML, encoding="utf-8")
    (folder / "lender.yaml").write_text(LENDER_YAML, encoding="utf-8")
    if made_up:
        (folder / MADE_UP_MARK).touch()


def _copy_ready(name: str, folder: Path) -> None:
    """Copy a ready folder of the package, so that the lender owns and may change its files."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    for entry in sorted(files("forbear").joinpath(name).iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            _copy_ready(f"{name}/{entry.name}", folder)
        elif entry.name.endswith(".yaml"):
            (folder / name / entry.name).write_text(entry.read_text(encoding="utf-8"), encoding="utf-8")


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
