"""`forbear import-history FOLDER`: holds, promises, contacts and more that stand already, imported once."""

import json
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import encoding_option, folder_option, moment, out, table, the_home, today
from forbear.core.base.problem import FileMistakes
from forbear.interchange.book.book import open_book
from forbear.interchange.history.against_book import against_book
from forbear.interchange.history.read_history import read_history
from forbear.interchange.home.lender import locked


@click.command("import-history")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--check", "check_only", is_flag=True, help="Only look for mistakes; import nothing.")
@encoding_option()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@folder_option()
def command(folder: Path, check_only: bool, encoding: str | None, as_json: bool, home_folder: Path) -> None:
    """Import what already stands in the old system: holds, opt-outs, promises, plans, contacts, placements, notices.

    All mistakes are named at once, and then nothing is imported. The same files a second time do nothing.
    """
    home = the_home(home_folder)
    with locked(home, "import"):
        read = read_history(
            folder, today(home), encoding=encoding or home.feed_encoding, timezone=home.timezone
        )
        history = against_book(read, open_book(home.book))
        actions = desk(home.folder, "forbear.actions.history.import_history")
        done = actions.import_history(history, moment(home), actor="command line", check_only=check_only)
    if isinstance(done, list):
        raise FileMistakes(done)
    if as_json:
        click.echo(json.dumps({"checked_only": check_only, "new": done.new, "known": done.known}))
        return
    shown = table("What already stood", "file", "new rows", "imported before", right=(1, 2))
    for file, new in done.new.items():
        shown.add_row(f"{file}.csv", f"{new:,}", f"{done.known[file]:,}")
    out.print(shown)
    out.print(
        "No mistakes; nothing was imported."
        if check_only
        else "Nothing is new; nothing was changed."
        if not any(done.new.values())
        else "Imported. The next `forbear night` and every permit go by it."
    )
