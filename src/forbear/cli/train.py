"""`forbear train`: scores from the home's own nights, with a model card."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from forbear.cli.desk import desk
from forbear.cli.shared import Day, folder_option, moment, out, progress_bar, table, the_home, today
from forbear.core.scores.targets import TARGETS
from forbear.insight.score_rows import Events, TrainError
from forbear.insight.train_scores import train
from forbear.interchange.book.book import open_book
from forbear.interchange.home.scores import write_model

#: Why a target isn't used, in words.
_WHY_NOT = {
    "too_few": "too few rows or answers to learn from",
    "no_better": "no better than days past due alone, so it is left out",
}


@click.command("train")
@click.option("--until", type=Day(), default=None, help="Use nights up to this date; else all.")
@click.option(
    "--from-book",
    is_flag=True,
    help="Decide the past again from the book, a week apart, where there are too few nights.",
)
@click.option("--most-rows", type=click.IntRange(1_000, 50_000_000), default=1_000_000, show_default=True)
@click.option("--plain", is_flag=True, help="Logistic regression alone, as where LightGBM can't be loaded.")
@click.option("--json", "as_json", is_flag=True, help="The model card, for a program to read.")
@folder_option()
def command(
    until: date | None, from_book: bool, most_rows: int, plain: bool, as_json: bool, home_folder: Path
) -> None:
    """Learn scores from the home's nights, and write the model with its card; two people sign before it counts."""
    home = the_home(home_folder)
    day, book = until or today(home), open_book(home.book)
    events = (
        desk(home.folder, "forbear.insight.score_events").score_events(day) if home.has_desk else Events()
    )
    with progress_bar() as progress:
        made = train(
            home, book, events, day,
            from_book=from_book, most_rows=most_rows, plain=plain, progress=progress,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(made.card, ensure_ascii=False))
    else:
        _show(made.card)
    if not made.text:
        raise TrainError("no score can be used, so there is no model; the card (--json) says why of each")
    path = write_model(home, made.text, made.card)
    if home.has_desk:
        desk(home.folder, "forbear.actions.strategies.score_models").keep_model(
            made.text, made.card, moment(home)
        )
    if not as_json:
        out.print(
            f"The model: {path}, and its card beside it. It counts when two people have signed it at the desk."
        )


def _show(card: dict[str, Any]) -> None:
    out.print(
        f"Learned from {card['learned'][0]} to {card['learned'][1]}, tested from {card['tested'][0]} to "
        f"{card['tested'][1]}: {card['rows']:,} rows of {card['nights']} nights, book {card['book']}"
    )
    if card["decided_again"]:
        out.print(
            "note: the nights were decided again from the book as it is now; corrections made since are in it"
        )
    if not card["library"]:
        out.print("note: without LightGBM; every score is a logistic regression")
    heads = ("", "rows", "observed", "way", "AUC", "days past due alone", "Brier", "alone", "lift", "PSI")
    shown = table("On the later nights", *heads, right=(1, 2, 4, 5, 6, 7, 8, 9))
    for each in card["targets"]:
        words = TARGETS[each["name"]].words
        if "auc" not in each:
            shown.add_row(words, f"{each['tested_rows']:,}", _WHY_NOT[each["why_not"]])
            continue
        kind = each["kind"]
        shown.add_row(
            words, f"{each['tested_rows']:,}", f"{each['observed']:.3f}", kind if each["used"] else "left out",
            _number(each["auc"][kind]), _number(each["auc"]["days_past_due"]),
            f"{each['brier'][kind]:.4f}", f"{each['brier']['days_past_due']:.4f}",
            _number(each["lift"], 2), _number(each["psi"]),
        )  # fmt: skip
    out.print(shown)


def _number(value: float | None, places: int = 3) -> str:
    return "" if value is None else f"{value:.{places}f}"
