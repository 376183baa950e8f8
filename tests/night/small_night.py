"""Nights over small feeds written by hand, and what they wrote."""

from datetime import date
from pathlib import Path

from forbear.engine.columnar import connected, quote
from forbear.interchange.book.book import Book
from forbear.night.run import Night, plan_night, run_night

LADDER = """
strategy: ladder
title: {en: Ladder, zh: 阶梯}
stages:
  - stage: early
    when: days_past_due between 1 and 9
    handler: system
    treatments: [{sms: overdue_reminder}]
  - stage: late
    when: days_past_due >= 10
    handler: internal
    treatments: [{call: conversation}, {sms: overdue_reminder, when: days_in_stage = 0}]
"""


def decide(root: Path, book: Book, day: date, text: str = LADDER, **options: object) -> Night:
    """Plan and run one night; `all_facts` goes to the plan, the rest to the run."""
    plan = {name: options.pop(name) for name in ("all_facts", "desk_facts") if name in options}
    inputs = plan_night(book, root / "nights", day, text, "ladder.yaml", **plan)
    return run_night(inputs, book, root / "nights", **options)


def rows(night: Night, table: str, columns: str) -> list[tuple]:
    """The chosen columns of one result, in order."""
    with connected() as connection:
        files = quote(night.folder / table / "*.parquet")
        return connection.execute(
            f"select {columns} from read_parquet({files}, hive_partitioning = false) order by all"
        ).fetchall()


def change(path: Path, query: str) -> None:
    """Rewrite one Parquet file as `query` says; `rows` is what it held."""
    with connected() as connection:
        connection.execute(f"create temp table rows as select * from read_parquet({quote(path)})")
        connection.execute(f"copy ({query}) to {quote(path)} (format parquet)")
