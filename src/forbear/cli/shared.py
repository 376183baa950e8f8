"""What the commands share: options, the home, progress, tables, and which errors are the user's to mend."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from forbear.channels.settings import ChannelsError
from forbear.core.condition import ConditionError
from forbear.core.content_yaml import ContentError
from forbear.core.pack import PackError
from forbear.core.policy import PolicyError
from forbear.core.problem import BackupError
from forbear.core.products import ProductsError
from forbear.core.sign_in import SignInError
from forbear.core.strategy import StrategyError
from forbear.engine.columnar import EngineError, unwritten
from forbear.interchange.adapters import AdapterError
from forbear.interchange.feed_files import FeedError
from forbear.interchange.home import Home, HomeError, open_home
from forbear.interchange.transcode import ENCODINGS
from forbear.night.run import NightError

# Errors whose message is written for the person at the terminal; any other exception is a fault of ours.
PROBLEMS = (
    AdapterError,
    BackupError,
    ChannelsError,
    ConditionError,
    ContentError,
    FeedError,
    HomeError,
    NightError,
    PackError,
    PolicyError,
    ProductsError,
    SignInError,
    StrategyError,
)

# markup is off: ids, folders and reasons come from outside and are shown as they are
out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def problem_line(error: Exception) -> str | None:
    """The message for the user when `error` is theirs to mend, else None."""
    if isinstance(error, PROBLEMS):
        return str(error)
    if isinstance(error, EngineError) and (full := unwritten(error)):
        return f"{full}: can't be written; make room on the disk, then do it again"
    if isinstance(error, EngineError) and (file := re.search(r"[^'\"]+[.]parquet", str(error))):
        return f"{file.group()}: can't be read to its end; a file of the home is damaged: import the whole feed again"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror.lower() if error.strerror else 'can not be used'}"
    return None


class Day(click.ParamType):
    """A date like 2026-03-31."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is not a date like 2026-03-31", param, ctx)


def folder_option() -> Callable:
    """--home DIR, else FORBEAR_HOME, else the current folder."""
    return click.option(
        "--home",
        "home_folder",
        envvar="FORBEAR_HOME",
        default=".",
        type=click.Path(path_type=Path),
        help="The lender's home; else FORBEAR_HOME, else the current folder.",
    )


def encoding_option() -> Callable:
    """--encoding NAME, for a feed whose CSV files are not in UTF-8."""
    return click.option(
        "--encoding",
        type=click.Choice(tuple(ENCODINGS), case_sensitive=False),
        default=None,
        help="Of the feed's CSV files; else feed_encoding in lender.yaml, else utf-8.",
    )


def the_home(folder: Path) -> Home:
    """The opened home at `folder`."""
    return open_home(folder)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Progress on a terminal's standard error, silence elsewhere."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as bar:
        task = bar.add_task("starting", total=None)

        def report(step: str, done: int, of: int) -> None:
            bar.update(task, description=step, completed=done, total=of or None)

        yield report


def table(title: str, *columns: str, right: tuple[int, ...] = ()) -> Table:
    """A plain table; `right` are the positions of right-aligned columns."""
    made = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim"
    )
    for position, name in enumerate(columns):
        made.add_column(name, justify="right" if position in right else "left", overflow="fold")
    return made


def amount(minor: int, minor_unit: int) -> str:
    """An amount for reading, with thousands separators: 1,234.50."""
    digits = len(str(minor_unit)) - 1
    sign, minor = ("-" if minor < 0 else ""), abs(minor)
    whole, part = divmod(minor, minor_unit)
    return f"{sign}{whole:,}" + (f".{part:0{digits}d}" if digits else "")
