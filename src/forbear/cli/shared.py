"""What the commands share: options, the home, progress, tables, and which errors are the user's to mend."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

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

from forbear.core.base.problem import InputError
from forbear.interchange.home import clock
from forbear.interchange.home.lender import Home, open_home
from forbear.interchange.home.lender_file import ENCODINGS

# where the columnar engine is, if a command loaded it: --help should not wait for it
ENGINE = "forbear.engine.columnar"

# markup is off: ids, folders and reasons come from outside and are shown as they are
out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def problem_line(error: Exception) -> str | None:
    """The message for the user when `error` is theirs to mend, else None."""
    if isinstance(error, InputError):
        return str(error)
    engine = sys.modules.get(ENGINE)
    if engine is not None and isinstance(error, engine.EngineError):
        if full := engine.unwritten(error):
            return f"{full}: can't be written; make room on the disk, then do it again"
        if file := re.search(r"[^'\"]+[.]parquet", str(error)):
            damaged = "can't be read to its end; a file of the home is damaged: import the whole feed again"
            return f"{file.group()}: {damaged}"
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


def moment(home: Home | Path) -> datetime:
    """The moment now where this home is, in UTC; the commands read no other clock."""
    return clock.now(home if isinstance(home, Home) else open_home(home))


def today(home: Home) -> date:
    """The day it is where the lender is."""
    return moment(home).astimezone(ZoneInfo(home.timezone)).date()


#: Who else gets the progress: a demo's pages, while its night is run.
watching: ContextVar[Callable[[str, int, int], None]] = ContextVar("watching", default=lambda *_: None)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Progress on a terminal's standard error, silence elsewhere; `watching` gets it in any case."""
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
            watching.get()(step, done, of)

        yield report


def table(title: str, *columns: str, right: tuple[int, ...] = ()) -> Table:
    """A plain table; `right` are the positions of right-aligned columns."""
    grid = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim"
    )
    for position, name in enumerate(columns):
        grid.add_column(name, justify="right" if position in right else "left", overflow="fold")
    return grid


def amount(minor: int, minor_unit: int) -> str:
    """An amount for reading, with thousands separators: 1,234.50."""
    digits = len(str(minor_unit)) - 1
    sign, minor = ("-" if minor < 0 else ""), abs(minor)
    whole, part = divmod(minor, minor_unit)
    return f"{sign}{whole:,}" + (f".{part:0{digits}d}" if digits else "")
