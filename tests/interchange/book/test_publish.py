"""The book changes in one step: whenever an import is cut off, readers have yesterday's book or today's, whole."""

import json
import random
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from forbear.interchange.book.book import current_version, open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.home.lender import HomeError, locked, make_home, open_home
from tests.interchange.book.killing import digest
from tests.interchange.book.small_feed import ONE_LOAN, content, take_in, tree_bytes, write

ROOT = Path(__file__).parents[3]


def killed(kind: str, root: Path, what: object, seed: int, times: int) -> list[dict[str, str]]:
    """What a reader finds after each of so many kills at random moments."""
    dice = random.Random(seed)
    moments = [str((n + dice.random()) / times) for n in range(times)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.interchange.book.killing", kind, str(root), str(what), *moments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_import_killed_at_any_moment(tmp_path):
    yesterday = generate(tmp_path / "yesterday", seed=1)
    today = generate(tmp_path / "today", seed=2)
    take_in(tmp_path / "root", yesterday, partitions=4)
    shutil.copytree(tmp_path / "root", tmp_path / "trial")
    old = open_book(tmp_path / "root" / "book")
    before = f"{old.version} {digest(old.folder)}"
    found = killed("import", tmp_path / "root", today, seed=3, times=6)
    whole = open_book(tmp_path / "trial" / "book")
    after = f"{whole.version} {digest(whole.folder)}"
    assert len(found) == 6
    assert {shown["book"] for shown in found} <= {before, after}
    assert before in {shown["book"] for shown in found}, "at least one kill came in time"
    _, book = take_in(tmp_path / "root", today, partitions=4)
    assert tree_bytes(book.folder) == tree_bytes(whole.folder)


def generate(folder: Path, seed: int) -> Path:
    generate_feed(folder, loans=800, seed=seed, as_of=date(2026, 3, 31), form="parquet", bad_rows=10)
    return folder


def test_what_an_import_left_behind_does_not_disturb_the_next(tmp_path):
    take_in(tmp_path, write(tmp_path / "first", **ONE_LOAN))
    root = tmp_path / "book"
    feed = write(tmp_path / "second", **{**ONE_LOAN, "payments": ["P1,L1,2024-02-10,1,"]})
    _, clean = take_in(tmp_path / "clean", feed)
    (root / f".work-{clean.version}").mkdir()
    (root / f".work-{clean.version}" / "junk").write_text("x", encoding="utf-8")
    (root / ".work-0123456789ab").mkdir()
    (root / clean.version / "part-00000").mkdir(parents=True)
    (root / clean.version / "part-00000" / "loans.parquet").write_bytes(b"half")
    (root / "CURRENT.new").write_text("half", encoding="utf-8")
    _, book = take_in(tmp_path, feed)
    assert tree_bytes(book.folder) == tree_bytes(clean.folder)
    assert sorted(path.name for path in root.iterdir()) == sorted(["CURRENT", book.version])


def test_two_imports_of_one_feed_give_the_same_bytes(tmp_path):
    feed = generate(tmp_path / "feed", seed=5)
    books = [take_in(tmp_path / name, feed, threads=threads)[1] for name, threads in (("one", 1), ("two", 3))]
    assert tree_bytes(books[0].folder) == tree_bytes(books[1].folder)


def test_back_to_an_earlier_feed(tmp_path):
    first, second = (
        write(tmp_path / "a", **ONE_LOAN),
        write(tmp_path / "b", **{**ONE_LOAN, "instalments": []}),
    )
    _, book = take_in(tmp_path, first)
    version, found = book.version, content(book)
    _, book = take_in(tmp_path, second)
    assert book.version != version
    report, book = take_in(tmp_path, first)
    assert (report.changed, book.version) == (True, version)
    assert content(book) == found


def test_a_new_products_file_is_a_new_feed(tmp_path):
    feed = write(tmp_path / "feed", **ONE_LOAN)
    take_in(tmp_path, feed)
    (feed / "products.yaml").write_text("products:\n  cash: {grace_days: 5}\n", encoding="utf-8")
    report, book = take_in(tmp_path, feed)
    assert report.changed
    assert book.products().get("cash").grace_days == 5


def test_no_book_yet(tmp_path):
    with pytest.raises(FeedError, match="holds no book yet"):
        open_book(tmp_path / "book")
    assert current_version(tmp_path / "book") == ""


def test_a_book_of_another_release_is_refused(tmp_path):
    _, book = take_in(tmp_path, write(tmp_path / "feed", **ONE_LOAN))
    path = book.folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, "layout": 0}), encoding="utf-8")
    with pytest.raises(FeedError, match="another release"):
        open_book(tmp_path / "book")


def test_two_writers_at_once(tmp_path):
    make_home(tmp_path / "home")
    home = open_home(tmp_path / "home")
    with (
        locked(home, "import"),
        pytest.raises(HomeError, match="wait for it, then night again"),
        locked(home, "night"),
    ):
        pass
    with locked(home, "night"):
        pass
