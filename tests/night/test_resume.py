"""A night that is cut off goes on where it stopped, and ends with the bytes of an undisturbed one."""

import json
import shutil
from datetime import date, timedelta

import pytest

from forbear.interchange.book.book import open_book
from forbear.interchange.book.generate import generate_feed
from forbear.night.run import decide_here, open_night
from tests.interchange.book.small_feed import take_in, tree_bytes
from tests.interchange.book.test_publish import killed
from tests.night.small_night import LADDER, decide

DAY = date(2026, 3, 31)


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A book of four partitions, and the files of an undisturbed night."""
    root = tmp_path_factory.mktemp("lender")
    generate_feed(root / "feed", loans=800, seed=4, as_of=DAY, form="parquet")
    _, book = take_in(root, root / "feed", partitions=4)
    return book, tree_bytes(decide(root, book, DAY).folder)


class CutOff(Exception):
    """The power cut of these tests."""


def stop_after(count, done=None):
    """A way to decide that is cut off after so many partitions; notes in `done` which it was asked for."""

    def deciding(inputs, numbers, target):
        if done is not None:
            done.extend(numbers)
        for place, notes in enumerate(decide_here(inputs, numbers, target, 1)):
            if place == count:
                raise CutOff
            yield notes

    return deciding


@pytest.fixture(scope="module")
def cut_short(tmp_path_factory, lender):
    """The nights of a home where one was cut off after two parts."""
    root = tmp_path_factory.mktemp("cut")
    cut_off(root, lender[0])
    return root / "nights"


@pytest.fixture
def unfinished(tmp_path, cut_short):
    """The folder of such a night, in a home of the test's own."""
    shutil.copytree(cut_short, tmp_path / "nights")
    return tmp_path / "nights" / f".{DAY}.unfinished"


def cut_off(root, book, count=2):
    with pytest.raises(CutOff):
        decide(root, book, DAY, decide=stop_after(count))
    assert open_night(root / "nights", DAY) is None
    return root / "nights" / f".{DAY}.unfinished"


def test_only_what_is_missing_is_decided_again(tmp_path, lender, unfinished):
    book, whole = lender
    ready = {json.loads(path.read_text(encoding="utf-8"))["part"] for path in unfinished.glob("notes-*.json")}
    asked = []
    night = decide(tmp_path, book, DAY, decide=stop_after(9, asked))
    assert set(asked) == {0, 1, 2, 3} - ready
    assert ready, "something had been done"
    assert tree_bytes(night.folder) == whole


def spoil(path, how):
    data = path.read_bytes()
    path.write_bytes(
        {"cut": data[: len(data) // 2], "empty": b"", "turned": data[:-1] + bytes([data[-1] ^ 1])}[how]
    )


@pytest.mark.parametrize("how", ["cut", "empty", "turned"])
@pytest.mark.parametrize("table", ["arrears", "cases", "treatments"])
def test_a_damaged_file_is_decided_again(tmp_path, lender, unfinished, table, how):
    book, whole = lender
    spoil(sorted((unfinished / table).glob("*.parquet"))[0], how)
    assert tree_bytes(decide(tmp_path, book, DAY).folder) == whole


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"part": 0}', '{"part": 99, "files": {}}', "\x00" * 9]
)
def test_damaged_notes_are_written_again(tmp_path, lender, unfinished, text):
    """An empty or torn file is what a power cut leaves of one that was just renamed."""
    book, whole = lender
    sorted(unfinished.glob("notes-*.json"))[0].write_text(text, encoding="utf-8")
    assert tree_bytes(decide(tmp_path, book, DAY).folder) == whole


@pytest.mark.parametrize(
    "name", ["arrears/tmp_part-00001.parquet", "cases/part-00009.parquet", "notes-00001.json.new"]
)
def test_strays_of_a_killed_writer_are_no_part_of_the_night(tmp_path, lender, unfinished, name):
    book, whole = lender
    (unfinished / name).write_bytes(b"PAR1 half")
    assert tree_bytes(decide(tmp_path, book, DAY).folder) == whole


def test_other_inputs_begin_anew(tmp_path, lender, unfinished):
    book, _ = lender
    other = LADDER.replace("ladder", "stairs", 1)
    night = decide(tmp_path, book, DAY, other)
    assert tree_bytes(night.folder) == tree_bytes(decide(tmp_path / "clean", book, DAY, other).folder)


def test_a_publish_that_was_cut_off_is_mended(tmp_path, lender):
    book, whole = lender
    decide(tmp_path, book, DAY)
    nights = tmp_path / "nights"
    shutil.copytree(nights / str(DAY), nights / f".{DAY}.unfinished")
    (nights / str(DAY)).rename(nights / f".{DAY}.replaced")
    assert tree_bytes(decide(tmp_path, book, DAY).folder) == whole
    assert [path.name for path in nights.iterdir()] == [str(DAY)]


def test_a_night_killed_at_any_moment(tmp_path, lender):
    book, _ = lender
    for name in ("root", "trial"):
        shutil.copytree(book.folder.parent, tmp_path / name / "book")
        decide(tmp_path / name, open_book(tmp_path / name / "book"), DAY - timedelta(days=1))
    shown = killed("night", tmp_path / "root", DAY, seed=8, times=6)
    whole = tree_bytes(tmp_path / "trial" / "nights" / str(DAY))
    for found in shown:
        assert found[str(DAY - timedelta(days=1))] == shown[0][str(DAY - timedelta(days=1))]
        assert found["book"] == shown[0]["book"]
    finished = {found[str(DAY)] for found in shown if str(DAY) in found}
    assert len(finished) <= 1, "published whole or not at all"
    text = (tmp_path / "trial" / "nights" / str(DAY) / "strategy.yaml").read_text(encoding="utf-8")
    night = decide(tmp_path / "root", open_book(tmp_path / "root" / "book"), DAY, text)
    assert tree_bytes(night.folder) == whole
    assert len(list((tmp_path / "root" / "nights").iterdir())) == 2
