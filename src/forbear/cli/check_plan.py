"""`forbear check-plan`: what the rules will say of the contacts that a night has planned."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, moment, out, table

_SAID = {"allowed": "may leave", "later": "waits", "refused": "will be refused"}


@click.command("check-plan")
@click.option(
    "--most", type=click.IntRange(0), default=0, help="Look at this many waiting contacts; 0 is all."
)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@folder_option()
def command(most: int, as_json: bool, home_folder: Path) -> None:
    """Say which planned contacts the rules will refuse, and which rule does.

    The permit gate is asked as if each contact left at its time. Nothing is sent and no permit is taken. Exit 0
    whatever is found.
    """
    previewed = desk(home_folder, "forbear.actions.contacts.outbox_preview").preview_outbox(
        moment(home_folder), most
    )
    if as_json:
        click.echo(json.dumps([asdict(one) for one in previewed], ensure_ascii=False))
        return
    if not previewed:
        out.print("No contact waits.")
        return
    shown = table("Planned contacts", "text", "channel", "", "rule", "contacts", "for example", right=(4,))
    for one in previewed:
        shown.add_row(
            one.template or "own words", one.channel, _SAID[one.answer], one.rule, f"{one.contacts:,}",
            ", ".join(one.borrowers[:3]),
        )  # fmt: skip
    out.print(shown)
