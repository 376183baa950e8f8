"""The record of arms goes from night to night: through another cut of the book, and through a strategy without any."""

from datetime import date, timedelta

from tests.interchange.book.small_feed import take_in, write
from tests.night.small_night import LADDER, decide, rows

DAY = date(2024, 2, 14)
TRIED = LADDER.replace(
    "stages:",
    """holdout: {share: 0.3, salt: kept-1, ends: {day: 60}}
experiments:
  - experiment: two
    eligible: days_past_due >= 1
    arms: {a: 0.5, b: 0.5}
    outcome: {measure: cash, days: 7}
    first_day: 2024-01-01
    last_day: 2024-12-31
stages:""",
    1,
)
NAMES = [f"B{number:02d}" for number in range(40)]
RECORD = 'borrower_id, "arm:holdout", "since:holdout", "arm:two", "odds:two"'


def test_the_record_is_carried_through_another_cut_and_another_strategy(tmp_path):
    folder = write(
        tmp_path / "feed",
        loans=[f"L{name},{name},cash,CNY,100.00,2024-01-01,active" for name in NAMES],
        instalments=[f"L{name},1,2024-02-10,100.00,0,0,0" for name in NAMES],
        payments=[],
    )
    _, book = take_in(tmp_path / "one", folder, partitions=1)
    before = rows(decide(tmp_path, book, DAY, TRIED), "arms", RECORD)
    assert [row[0] for row in before] == NAMES
    assert {row[1] for row in before} == {"holdout", "treated"}
    assert {row[3] for row in before if row[1] == "treated"} == {"a", "b"}
    assert {(row[3], row[4]) for row in before if row[1] == "holdout"} == {(None, None)}
    _, cut = take_in(tmp_path / "three", folder, partitions=3)
    # a night without experiments draws nobody and forgets nobody
    assert rows(decide(tmp_path, cut, DAY + timedelta(days=1)), "arms", RECORD) == before
    # other salts, other places: the record counts
    moved = TRIED.replace("kept-1", "kept-2").replace("experiment: two", "experiment: two\n    salt: else")
    assert rows(decide(tmp_path, cut, DAY + timedelta(days=2), moved), "arms", RECORD) == before
