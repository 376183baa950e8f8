"""`forbear init DIR`: a lender's home with settings and ready strategies."""

from pathlib import Path

import click

from forbear.cli.shared import out
from forbear.interchange.home.lender import make_home
from forbear.interchange.home.ready import COUNTRIES
from forbear.interchange.mapping.shipped import EXAMPLE_FEED, example_names, lay_example


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--example",
    type=click.Choice(example_names()),
    default=None,
    help="Lay a made-up book without schedules into it, with its mapping.",
)
@click.option(
    "--country",
    type=click.Choice(tuple(COUNTRIES)),
    default=None,
    help="Its strategy, rules, texts, policy and money, and no other country's; else China's beside the others' files.",
)
def command(folder: Path, example: str | None, country: str | None) -> None:
    """Make a lender's home in the folder DIR."""
    if example is not None and country is not None:
        raise click.UsageError("an example has its own country; leave --country out")
    make_home(folder, made_up=example is not None, country=country or "")
    feed = "FEED"
    if example is not None:
        lay_example(example, folder)
        feed = str(folder / EXAMPLE_FEED)
    out.print(f"{folder} is a lender's home now. Next: forbear import {feed} --home {folder}")
