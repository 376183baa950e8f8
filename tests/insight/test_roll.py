"""Goal: the roll matrix loses no loan and no cent, and agrees with the two nights it is made of."""

from datetime import date

import pytest

from forbear.engine.columnar import connected, parquet
from forbear.insight.roll import NOT_LATE, nights_between, roll, stock
from forbear.interchange.book.book import open_book
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.lender import make_home, open_home, read_text
from forbear.night.run import plan_night, run_night

FIRST, LAST = date(2026, 2, 1), date(2026, 3, 10)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("roll") / "home"
    make_home(folder)
    generate_feed(folder / "feed", loans=1500, seed=3, as_of=LAST, form="parquet", bad_rows=0)
    home = open_home(folder)
    import_feed(home.book, folder / "feed", quarantine=home.quarantine, threads=1)
    book = open_book(home.book)
    for day in (FIRST, LAST):
        inputs = plan_night(book, home.nights, day, read_text(home.strategy), "s", None)
        run_night(inputs, book, home.nights, threads=1)
    return home


def loans(home, day: date) -> dict[str, tuple[str, int]]:
    with connected() as engine:
        rows = engine.execute(
            f"select loan_id, bucket, payoff from {parquet(home.nights / str(day) / 'arrears', 'part-*.parquet')}"
        ).fetchall()
    return {name: (bucket, balance) for name, bucket, balance in rows}


def test_every_loan_and_cent_is_in_the_matrix_once(home):
    found, then, now = roll(home.nights, FIRST, LAST), loans(home, FIRST), loans(home, LAST)
    assert len(then) > 20
    assert sum(loans for loans, _ in found.cells.values()) == len(then.keys() | now.keys())
    for bucket in found.buckets:
        mine = [balance for name, balance in then.values() if name == bucket]
        assert found.whole(bucket) == (len(mine), sum(mine))
        shares = [found.share(bucket, to) for to in (NOT_LATE, *found.buckets)]
        assert not mine or abs(sum(shares) - 1) < 1e-9


def test_cured_and_worse_by_hand(home):
    found, then, now = roll(home.nights, FIRST, LAST), loans(home, FIRST), loans(home, LAST)
    names = [name for name, (bucket, _) in then.items() if bucket == "M1"]
    assert found.cured("M1") == sum(name not in now for name in names) / len(names)
    worse = sum(then[name][1] for name in names if name in now and now[name][0] > "M1")
    assert abs(found.worse("M1") - worse / sum(then[name][1] for name in names)) < 1e-12


def test_a_night_against_itself_moves_nothing(home):
    found = roll(home.nights, LAST, LAST)
    assert all(then == now for then, now in found.cells)


def test_the_stock_is_what_the_night_counted(home):
    days = nights_between(home.nights, FIRST, LAST)
    assert days == [FIRST, LAST]
    counted = {(day, bucket): number for day, bucket, number, _ in stock(home.nights, days)}
    for bucket in {bucket for bucket, _ in loans(home, LAST).values()}:
        assert counted[LAST, bucket] == sum(name == bucket for name, _ in loans(home, LAST).values())


def test_a_night_that_is_not_there_gives_none(home):
    assert roll(home.nights, date(2020, 1, 1), LAST) is None
