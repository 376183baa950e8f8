"""`forbear map SAMPLE...`: a proposal for mapping.yaml, what it makes of the rows, and what is unsure."""

import json
import os
from pathlib import Path

import click

from forbear.cli.shared import err, out, table
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.mapping.meanings import Understood, understand
from forbear.interchange.mapping.propose import Proposal, propose
from forbear.interchange.mapping.samples import read_samples
from forbear.interchange.mapping.try_mapping import SHOWN, Trial, try_mapping


@click.command("map")
@click.argument("samples", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--out", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write the mapping there."
)
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def command(samples: tuple[Path, ...], target: Path | None, as_json: bool) -> None:
    """Look at a lender's files and propose a mapping.yaml that makes a feed of them."""
    if target is not None and target.exists():
        raise FeedError(f"{target}: is there already; name another file")
    feed = _feed_of(samples)
    understood = understand(read_samples(list(samples)))
    proposal = propose(understood)
    trial = try_mapping(proposal.text, feed) if not proposal.missing else None
    if target is not None:
        target.write_text(proposal.text, encoding="utf-8")
    if as_json:
        click.echo(json.dumps(_as_json(proposal, understood, trial), ensure_ascii=False))
        return
    _show(proposal, understood, trial)
    if target is not None:
        out.print(f"{target}: the mapping; import with `forbear import {feed} --mapping {target}`")
    else:
        click.echo(proposal.text, nl=False)


def _feed_of(samples: tuple[Path, ...]) -> Path:
    """The folder or archive that a mapping's file names are below."""
    if len(samples) == 1:
        return samples[0]
    folders = {os.path.abspath(path.parent) for path in samples if path.is_file()}
    if len(folders) != 1 or not all(path.is_file() for path in samples):
        raise FeedError(
            "put the samples into one folder, or name that folder alone; a mapping's files lie below one"
        )
    return Path(folders.pop())


def _show(proposal: Proposal, understood: list[Understood], trial: Trial | None) -> None:
    for one in understood:
        shown = table(f"Before: {one.sample.label}", *one.sample.columns)
        for row in one.sample.rows[:SHOWN]:
            shown.add_row(*row)
        err.print(shown)
    for name, (columns, rows) in trial.after.items() if trial else ():
        shown = table(f"After: {name}", *columns)
        for values in rows:
            shown.add_row(*("" if value is None else str(value) for value in values))
        err.print(shown)
    if trial and trial.totals:
        shown = table("Would be imported", "table", "rows read", "accepted", "bad", right=(1, 2, 3))
        for name, parts in trial.totals.items():
            shown.add_row(
                name, *(f"{int(parts[part]['rows']):,}" for part in ("read", "accepted", "quarantined"))
            )
        err.print(shown)
    for note in trial.notes if trial else ():
        err.print(f"note: {note}", markup=False)
    for what in proposal.missing:
        err.print(f"missing: {what}", markup=False)
    for what in proposal.unsure:
        err.print(f"unsure: {what}", markup=False)
    if trial and trial.problem:
        err.print(f"problem: {trial.problem}", markup=False)


def _as_json(proposal: Proposal, understood: list[Understood], trial: Trial | None) -> dict[str, object]:
    return {
        "mapping": proposal.text,
        "unsure": proposal.unsure,
        "missing": proposal.missing,
        "columns": [
            {
                "file": one.sample.label,
                "column": guess.column,
                "meaning": guess.meaning,
                "sure": round(guess.sure, 2),
            }
            for one in understood
            for guess in one.guesses.values()
        ],
        "before": {
            one.sample.label: {"columns": one.sample.columns, "rows": one.sample.rows[:SHOWN]}
            for one in understood
        },
        "after": {name: {"columns": columns, "rows": rows} for name, (columns, rows) in trial.after.items()}
        if trial
        else {},
        "totals": trial.totals if trial else {},
        "notes": list(trial.notes) if trial else [],
        "problem": trial.problem if trial else "",
    }
