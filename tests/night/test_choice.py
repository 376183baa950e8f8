"""The choice in real nights: by its table, kept for its days, in the record, the manifest and the explanation."""

import json
from datetime import date, timedelta

from forbear.engine.columnar import connected, quote
from forbear.night.explain import explain
from forbear.night.run import plan_night, run_night
from tests.interchange.book.small_feed import take_in, write
from tests.night.small_night import LADDER, rows

DAY = date(2024, 2, 14)
CHOOSING = LADDER.replace(
    "stages:",
    """choose:
  currency: CNY
  eligible: days_past_due between 1 and 60
  days: 7
  floor: 0.1
  strata: {total_past_due: [150.00]}
  options: [{option: ladder}, {option: nothing, only: []}]
  harm: 300.00
stages:""",
    1,
)
NAMES = [f"B{number:02d}" for number in range(40)]
TABLE = json.dumps({"cells": {"0/3": [100_000, 900_000]}})


def night_of(root, book, day, text=CHOOSING, refused=None):
    plan = plan_night(book, root / "nights", day, text, "s.yaml", choice=TABLE, refused=refused)
    return run_night(plan, book, root / "nights")


def test_a_night_chooses_by_its_table_and_keeps_the_option_for_its_days(tmp_path):
    folder = write(
        tmp_path / "feed",
        loans=[f"L{name},{name},cash,CNY,100.00,2024-01-01,active" for name in NAMES],
        instalments=[f"L{name},1,2024-02-10,100.00,0,0,0" for name in NAMES],
        payments=[],
    )
    _, book = take_in(tmp_path / "one", folder, partitions=2)
    with connected() as engine:
        engine.execute(
            f"copy (select 'B00' as borrower_id, 'nothing' as option) to {quote(tmp_path / 'r.parquet')}"
        )
    first = night_of(tmp_path, book, DAY, refused=tmp_path / "r.parquet")
    given = dict(rows(first, "arms", """borrower_id, "arm:choice" """))
    assert sorted(given) == NAMES
    assert given["B00"] == "ladder"
    assert list(given.values()).count("nothing") > 28
    planned = {row[0] for row in rows(first, "treatments", "borrower_id")}
    assert planned == {name for name, option in given.items() if option == "ladder"}
    odds = dict(rows(first, "cases", "borrower_id, choice_odds"))
    assert odds == {
        name: 1.0 if name == "B00" else 0.9 if option == "nothing" else 0.1 for name, option in given.items()
    }
    assert first.manifest["choice"]["refused"] != ""
    assert json.loads((first.folder / "choice.json").read_text()) == json.loads(TABLE)
    quiet = next(name for name, option in given.items() if option == "nothing")
    for name in ("B00", quiet):
        told = explain(book, name, DAY, CHOOSING, "s.yaml", tmp_path / "nights", first)
        assert told["night"]["agrees"]
        assert [each["arm"] for each in told["decision"]["arms"]] == [given[name]]
    # the same inputs give the same bytes, and core explains the same
    assert night_of(tmp_path, book, DAY, refused=tmp_path / "r.parquet").manifest == first.manifest
    later = night_of(tmp_path, book, DAY + timedelta(days=3))
    assert dict(rows(later, "arms", """borrower_id, "arm:choice" """)) == given
    assert set(rows(later, "cases", "choice_cell")) == {("",)}
    # a night without a choice forgets nobody, and on the eighth day all are drawn again
    plain = night_of(tmp_path, book, DAY + timedelta(days=5), LADDER)
    assert dict(rows(plain, "arms", """borrower_id, "arm:choice" """)) == given
    again = night_of(tmp_path, book, DAY + timedelta(days=7))
    assert {row[0] for row in rows(again, "arms", """ "since:choice" """)} == {DAY + timedelta(days=7)}
    assert dict(rows(again, "arms", """borrower_id, "arm:choice" """)) != given
