"""A made-up lender lives on: the payments of its next days are those that its whole book would have had."""

import csv
from datetime import date, timedelta
from pathlib import Path

from forbear.interchange.book.generate import generate_feed, generate_payments

DAY = date(2026, 3, 31)


def rows(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [tuple(row) for row in list(csv.reader(stream))[1:]]


def test_days_that_are_told_one_by_one_are_the_days_told_at_once(tmp_path):
    generate_feed(tmp_path / "feed", loans=400, seed=3, as_of=DAY, form="csv")
    known = rows(tmp_path / "feed" / "payments.csv")
    told = []
    for number in range(3):
        since, path = DAY + timedelta(days=number), tmp_path / f"{number}.csv"
        generate_payments(path, loans=400, seed=3, as_of=DAY, since=since, until=since + timedelta(days=1))
        told += rows(path)
        assert {row[2] for row in rows(path)} <= {str(since + timedelta(days=1))}
    at_once = tmp_path / "at-once.csv"
    generate_payments(at_once, loans=400, seed=3, as_of=DAY, since=DAY, until=DAY + timedelta(days=3))
    assert sorted(told) == sorted(rows(at_once))
    assert told
    assert not {(row[0], row[1]) for row in told} & {(row[0], row[1]) for row in known}


def test_the_book_itself_is_what_it_was(tmp_path):
    generate_feed(tmp_path / "feed", loans=400, seed=3, as_of=DAY, form="csv")
    whole = tmp_path / "whole.csv"
    generate_payments(whole, loans=400, seed=3, as_of=DAY, since=date(1990, 1, 1), until=DAY)
    assert sorted(rows(whole)) == sorted(rows(tmp_path / "feed" / "payments.csv"))
