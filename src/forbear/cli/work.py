"""`forbear work`: the workers, until stopped."""

from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, out
from forbear.interchange.home import clock
from forbear.interchange.home.lender import open_home


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now and end.")
@folder_option()
def command(once: bool, home_folder: Path) -> None:
    """Send what waits, tell the hooks, and keep the timetable, until stopped with Ctrl-C or SIGTERM."""
    timetable = desk(home_folder, "forbear.jobs.timetable")
    clock.go_on(open_home(home_folder))
    if not once:
        out.print("Working. Stop with Ctrl-C; the contact in hand is finished first.")
    timetable.work(once=once)
