"""`forbear staff NAME`: make or end an account of the desk."""

from datetime import date
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import Day, folder_option, moment, out
from forbear.core.base.problem import Problem


@click.command("staff")
@click.argument("name")
@click.option("--role", default="", help="collector, lead, compliance, analyst, manager, legal, auditor ...")
@click.option("--number", default="", help="What borrowers are given and can check, as F1001.")
@click.option(
    "--password",
    default="",
    envvar="FORBEAR_STAFF_PASSWORD",
    help="Else it is asked for; or FORBEAR_STAFF_PASSWORD.",
)
@click.option("--edit", "editing", is_flag=True, help="Change what an account's person can take.")
@click.option("--capacity", type=click.IntRange(0, 1000), default=None, help="Cases a day; 60 by default.")
@click.option("--skills", default=None, help="The stages they work, as conversation,intensive; empty is all.")
@click.option("--creditors", default=None, help="Whose cases they see, by code, as a,b; empty is all.")
@click.option("--languages", default=None, help="As zh,en.")
@click.option("--team", default=None)
@click.option("--certificate", default=None, help="The number of a collector's certificate.")
@click.option("--certified-until", type=Day(), default=None, help="The last day on which it is valid.")
@click.option("--end", "ending", is_flag=True, help="End the account.")
@click.option(
    "--reset-factors", "resetting", is_flag=True, help="Take lost second proofs away; with --reason."
)
@click.option("--reason", default="", help="Why, and how you know who asks.")
@folder_option()
def command(
    name: str,
    role: str,
    number: str,
    password: str,
    editing: bool,
    ending: bool,
    resetting: bool,
    reason: str,
    home_folder: Path,
    **can: int | str | date | None,
) -> None:
    """Make the account NAME with --role and --number, --edit what its person can take, or --end it.

    --reset-factors is for somebody who has lost the proofs they sign in with.
    """
    people = desk(home_folder, "forbear.actions.staff.new_staff")
    now = moment(home_folder)
    if ending:
        done = people.end_staff(name, now, actor="command line")
    elif resetting:
        factors = desk(home_folder, "forbear.actions.staff.enrol_second_factor")
        done = factors.reset_factors(name, now, reason, actor="command line")
    elif editing:
        changes = {key: value for key, value in can.items() if value is not None}
        done = people.edit_staff(name, changes, now, actor="command line")
    else:
        if not role or not number:
            raise click.UsageError("a new account needs --role and --number")
        password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
        done = people.make_staff(name, password, role, number, now, actor="command line")
    if isinstance(done, Problem):
        raise click.UsageError(str(done))
    out.print(
        f"{name} ({done.role}, {done.number}): "
        f"{'ended' if ending else 'changed' if editing or resetting else 'made'}."
    )
