"""`forbear work`: the workers, until stopped."""

from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, moment, out
from forbear.interchange.home import clock
from forbear.interchange.home.lender import open_home


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now and end.")
@folder_option()
def command(once: bool, home_folder: Path) -> None:
    """Send what waits, tell the hooks, and keep the timetable, until stopped with Ctrl-C or SIGTERM."""
    timetable = desk(home_folder, "forbear.jobs.timetable")
    clock.go_on(open_home(home_folder))
    if not once:  # one round is waited for
        desk(home_folder, "forbear.jobs.send_due").give_way()
        out.print("Working. Stop with Ctrl-C; the contact in hand is finished first.")
    began = moment(home_folder)
    did = timetable.work(once=once)
    if not once:
        return
    for name, number in did.items():
        out.print(f"{name}: {number:,}")
    moved = desk(home_folder, "forbear.actions.selectors.desk_counts").contacts_moved(began)
    shadow = " Nothing leaves: this home is in a shadow run." if open_home(home_folder).in_shadow else ""
    contacts = ", ".join(f"{number:,} {state}" for state, number in moved.items())
    out.print(f"{'Done' if did else 'Nothing was due'}. Contacts: {contacts}.{shadow}")
