"""`forbear staff NAME`: make or end an account of the desk."""

from datetime import UTC, datetime
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, out
from forbear.core.problem import Problem


@click.command("staff")
@click.argument("name")
@click.option("--role", default="", help="collector, lead, compliance, analyst, manager, legal, auditor ...")
@click.option("--number", default="", help="What borrowers are told and can check, as F1001.")
@click.option(
    "--password",
    default="",
    envvar="FORBEAR_STAFF_PASSWORD",
    help="Else it is asked for; or FORBEAR_STAFF_PASSWORD.",
)
@click.option("--end", "ending", is_flag=True, help="End the account.")
@folder_option()
def command(name: str, role: str, number: str, password: str, ending: bool, home_folder: Path) -> None:
    """Make the account NAME with --role and --number, or --end it."""
    people = desk(home_folder, "forbear.actions.make_staff")
    now = datetime.now(UTC)
    if ending:
        done = people.end_staff(name, now, actor="command line")
    else:
        if not role or not number:
            raise click.UsageError("a new account needs --role and --number")
        password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
        done = people.make_staff(name, password, role, number, now, actor="command line")
    if isinstance(done, Problem):
        raise click.UsageError(str(done))
    out.print(f"{name} ({done.role}, {done.number}): {'ended' if ending else 'made'}.")
