"""Goal: a night that differs from the pure rules by a cent, a day or a whole loan is found, and a right one is not."""

from datetime import date

import pytest

from forbear.engine.columnar import connected, parquet, quote
from forbear.interchange.book.generate import generate_feed
from forbear.sim.core_and_night import differences
from tests.interchange.book.small_feed import take_in
from tests.night.small_night import decide, rows

DAY = date(2024, 3, 4)
BREAKS = {
    "a cent too much": "select * replace (past_due_amount + 1 as past_due_amount) from late",
    "a day too many": "select * replace (days_past_due + 1 as days_past_due) from late",
    "a loan left out": "select * from late where loan_id <> (select min(loan_id) from late)",
    "the milder class": "select * replace ('normal' as five_class) from late",
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A book, its night, and who is late."""
    root = tmp_path_factory.mktemp("lived")
    generate_feed(root / "feed", loans=120, seed=4, as_of=DAY, form="parquet")
    _, book = take_in(root, root / "feed", partitions=1)
    night = decide(root, book, DAY)
    return (
        book,
        night,
        sorted({owner for owner, days in rows(night, "arrears", "borrower_id, days_past_due") if days}),
    )


def test_a_right_night_has_no_difference(lived):
    book, night, late = lived
    assert len(late) > 5
    assert differences(book, night, [*late, "nobody"], DAY) == []


def test_who_is_not_late_in_the_night_is_looked_at_too(lived):
    book, night, _ = lived
    everybody = [name for (name,) in _borrowers(book)]
    assert differences(book, night, everybody, DAY) == []


@pytest.mark.parametrize("what", BREAKS)
def test_a_night_that_is_wrong_is_found(lived, what):
    book, night, late = lived
    path = night.folder / "arrears" / "part-00000.parquet"
    whole = path.read_bytes()
    try:
        with connected() as engine:
            engine.execute(f"create temp table late as select * from {parquet(path.parent, path.name)}")
            engine.execute(f"copy ({BREAKS[what]}) to {quote(path)} (format parquet)")
        assert differences(book, night, late, DAY) != []
    finally:
        path.write_bytes(whole)


def test_a_night_on_another_book_is_found(lived):
    book, night, late = lived
    night.manifest["book_version"], right = "another", night.manifest["book_version"]
    try:
        assert "another book" in differences(book, night, late, DAY)[0]
    finally:
        night.manifest["book_version"] = right


def _borrowers(book):
    with connected() as engine:
        return engine.execute(f"select distinct borrower_id from {book.rows('loans')} order by 1").fetchall()
