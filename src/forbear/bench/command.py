"""`forbear bench`: the benchmarks of the README on this machine, with peers side by side."""

import os
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import click
from rich.console import Console

from forbear.bench import attack, desk, evidence, inbound, load, permits, placing
from forbear.bench.launch import draw_picture
from forbear.bench.measure import Plan, Progress, measure
from forbear.bench.report import as_json, markdown, rich_tables, setting, write_markdown
from forbear.bench.result import Measured, findings
from forbear.bench.tasks import FROM_FEED, GROUPS, LIBRARIES

FILE = click.Path(path_type=Path, dir_okay=False)


class Groups(click.ParamType):
    """Names of groups of tasks, parted by commas."""

    name = "groups"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[str]:
        if isinstance(value, frozenset):
            return value
        group = frozenset(name.strip() for name in str(value).split(",") if name.strip())
        unknown = sorted(group - set(GROUPS))
        if unknown or not group:
            self.fail(f"{', '.join(unknown) or 'nothing'} is not among {', '.join(GROUPS)}", param, ctx)
        return group


def _default_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"forbear-bench-{os.getuid()}"


@click.group("bench", invoke_without_command=True)
@click.pass_context
@click.option(
    "--loans",
    "sizes",
    type=click.IntRange(100, 100_000_000),
    multiple=True,
    default=(1_000_000,),
    show_default=True,
    help="Loans in the book; give it several times to see how time grows.",
)
@click.option("--runs", type=click.IntRange(1, 100), default=5, show_default=True, help="Rounds.")
@click.option(
    "--threads", type=click.IntRange(1, 512), default=lambda: os.cpu_count() or 1, help="Else all cores."
)
@click.option(
    "--orm-loans",
    type=click.IntRange(1, 10_000_000),
    default=20_000,
    show_default=True,
    help="Sample of the first book for the ORM loop.",
)
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=_default_folder,
    help="Where generated feeds and books stay for the next run; else the system's temporary folder.",
)
@click.option(
    "--only",
    "groups",
    type=Groups(),
    default=",".join(GROUPS),
    show_default=True,
    help="Groups to measure, parted by commas.",
)
@click.option("--json", "json_file", type=FILE, help="Write every number to this file.")
@click.option("--picture", "picture_file", type=FILE, help="Draw a bar chart into this SVG file.")
@click.option(
    "--markdown",
    "markdown_file",
    type=FILE,
    help="Write the tables; into a page, between its two marker lines.",
)
def command(
    context: click.Context,
    sizes: tuple[int, ...],
    runs: int,
    threads: int,
    orm_loans: int,
    seed: int,
    folder: Path,
    groups: frozenset[str],
    json_file: Path | None,
    picture_file: Path | None,
    markdown_file: Path | None,
) -> None:
    """Measure the night beside reading, a compiled kernel and an ORM loop; the import; the whole morning."""
    if context.invoked_subcommand is not None:
        return
    _check(groups, json_file, picture_file, markdown_file)
    plan = Plan(tuple(sorted(set(sizes))), runs, threads, orm_loans, seed, folder.resolve(), groups)
    measured = measure(plan, _progress())
    _show(plan, measured)
    text = as_json(plan, measured)
    if json_file:
        json_file.write_text(text, encoding="utf-8")
    if markdown_file:
        write_markdown(markdown_file, markdown(plan, measured))
    if picture_file:
        draw_picture(text, picture_file)


def _show(plan: Plan, measured: list[Measured]) -> None:
    """The tables and what they say, for a person; a pipe has no width to keep to."""
    shown = Console(highlight=False)
    if not shown.is_terminal:
        shown.width = 160
    for table in rich_tables(measured):
        shown.print(table)
        shown.print()
    for sentence in findings(measured):
        shown.print(f"- {sentence}", markup=False)
    shown.print(setting(plan), markup=False, style="dim")


def _check(groups: frozenset[str], json_file: Path | None, picture: Path | None, page: Path | None) -> None:
    """Say what is missing before anything long begins."""
    needed = {name for group in groups for name in LIBRARIES.get(group, ())}
    needed |= set(LIBRARIES["picture"]) if picture else set()
    missing = sorted(name for name in needed if find_spec(name) is None)
    if missing:
        raise click.UsageError(f"{', '.join(missing)} missing; install with `pip install forbear[bench]`")
    for path in (json_file, picture, page):
        if path and not path.absolute().parent.is_dir():
            raise click.UsageError(f"{path}: its folder does not exist")
    if picture and picture.suffix != ".svg":
        raise click.UsageError(f"{picture}: a picture's name ends in .svg")
    if picture and not groups - FROM_FEED:
        raise click.UsageError(
            "--picture shows what decides loans; add one of read, kernel, night, orm to --only"
        )


def _progress() -> Progress:
    """One line a step on standard error, with the time of day in front."""
    return lambda step: click.echo(f"{time.strftime('%H:%M:%S')}  {step}", err=True)


command.add_command(attack.command, "attack")
command.add_command(desk.command, "desk")
command.add_command(evidence.command, "evidence")
command.add_command(inbound.command, "inbound")
command.add_command(load.command, "load")
command.add_command(permits.command, "permits")
command.add_command(placing.command, "placing")
