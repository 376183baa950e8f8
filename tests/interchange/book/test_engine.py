"""Goal: an engine that is used again carries nothing over, and a full disk is told as one and changes nothing."""

import resource
from contextlib import contextmanager

import pytest

from forbear.cli.shared import problem_line
from forbear.engine.columnar import EngineError, connected, quote
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from tests.interchange.book.small_feed import ONE_LOAN, take_in, tree_bytes, write


@contextmanager
def full_disk(left: int):
    """No file can grow beyond so many bytes: the system refuses it, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_nothing_made_in_a_block_is_there_in_the_next():
    for _ in range(3):
        with connected(1) as engine:
            engine.execute("create table a as select 1 as x; create temp table b as select 2 as x")
            engine.execute("create view c as select x from a union all select x from b")
            assert engine.execute("select sum(x) from c").fetchone() == (3,)


def test_blocks_within_each_other_share_nothing():
    with connected(1) as outer, connected(1) as inner:
        outer.execute("create table a as select 1 as x")
        with pytest.raises(EngineError):
            inner.execute("from a")


def test_after_an_error_the_next_block_works():
    with pytest.raises(EngineError), connected(1) as engine:
        engine.execute("begin; select no_such_function(1)")
    with connected(1) as engine:
        assert engine.execute("select current_setting('TimeZone')").fetchone() == ("UTC",)


def test_an_engine_that_spilled_leaves_with_its_folder_and_the_next_spills_into_its_own(tmp_path):
    rows = "select range as a, hash(range)::varchar || repeat('x', 60) as b from range(1_500_000)"
    for name in ("one", "two"):
        with connected(1, "60MB", spill=tmp_path / name) as engine:
            engine.execute(f"create table many as {rows}")
            assert any((tmp_path / name).iterdir())
        assert not (tmp_path / name).exists()
    with connected(1, "60MB", spill=tmp_path / "three") as engine:
        assert engine.execute("select count(*) from range(10)").fetchone() == (10,)
    assert not (tmp_path / "three").exists()


def test_a_full_disk_is_named_as_one(tmp_path):
    target = tmp_path / "rows.parquet"
    with full_disk(100), pytest.raises(EngineError) as refused, connected(1) as engine:
        engine.execute(f"copy (select random() from range(50000)) to {quote(target)} (format parquet)")
    assert (
        problem_line(refused.value) == f"{target}: can't be written; make room on the disk, then do it again"
    )


@pytest.mark.parametrize("left", [64, 600])
def test_an_import_on_a_full_disk_leaves_the_book_and_does_not_blame_the_feed(tmp_path, left):
    _, before = take_in(tmp_path, write(tmp_path / "feed", **ONE_LOAN))
    kept = tree_bytes(before.folder)
    more = write(tmp_path / "more", **{**ONE_LOAN, "payments": ["P9,L1,2024-02-11,5.00,"]})
    with full_disk(left), pytest.raises((EngineError, OSError)) as refused:
        take_in(tmp_path, more)
    assert not isinstance(refused.value, FeedError)
    assert tree_bytes(open_book(tmp_path / "book").folder) == kept
    _, after = take_in(tmp_path, more)
    assert after.version != before.version
