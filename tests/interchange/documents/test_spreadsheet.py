"""Goal: no cell of any file is taken for a formula, however it begins; figures stay figures."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.files.spreadsheet import plain_cell, plain_sql
from forbear.engine.columnar import connected
from forbear.interchange.home.plain_table import PlainWriter
from tests.profile import examples
from tests.tidy.tree import SRC

FORMULAS = [
    "=cmd|'/c calc'!A0", "=EVIL()", "+1+1", "-2+3", "@SUM(A1)", "＝1+1", "＋1", "－1+2", "＠A1", "﹦1",
    " =1", "\n=1", "\t=1", "\r\n=1", "\u00a0=1", "\u3000=1", "\ufeff=1", "\u200b=1", "\x01=1", "\0=1", "−1+1",
    "=", "-", "-1.5e3+A1", "-1\n", "+8613800000001",
]  # fmt: skip
PLAIN = ["", "L1", "-1", "-12.50", "0", "2026-03-10", "a=b", "王小明", "1-2", "'=1", "sip:8001@host"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_begins_a_formula_becomes_a_text(text):
    assert plain_cell(text).startswith("'")
    assert plain_cell(text)[1:] == text.replace("\0", "")


@pytest.mark.parametrize("text", PLAIN)
def test_everything_else_stays(text):
    assert plain_cell(text) == text


@pytest.mark.engine
def test_a_database_writes_the_same_cells():
    texts = [text for text in FORMULAS + PLAIN if "\0" not in text]
    with connected(1) as connection:
        connection.execute("create table cells (n integer, t varchar)")
        connection.executemany("insert into cells values (?, ?)", list(enumerate(texts)))
        rows = connection.execute(f"select {plain_sql('t')} from cells order by n").fetchall()
    assert [row[0] for row in rows] == [plain_cell(text) for text in texts]


@settings(max_examples=examples(300))
@given(st.text(st.characters(categories=("Zs", "Zl", "Zp", "Cc"))), st.sampled_from(FORMULAS))
def test_nothing_unseen_before_a_formula_hides_it(before, formula):
    assert plain_cell(before + formula).startswith("'")


def test_the_writer_keeps_numbers_and_neutralises_the_rest():
    stream = io.StringIO()
    PlainWriter(stream, lineterminator="\n").writerow(["=1", 5, -5, None, True, "-7"])
    assert stream.getvalue() == "'=1,5,-5,,True,-7\n"


def test_every_table_that_somebody_opens_is_written_by_it():
    """Who writes a table by other means is a file for programs alone, named here with its reason."""
    own = {
        "interchange/home/plain_table.py": "the writer itself",
        "actions/selectors/bureau_history.py": "read back by Forbear alone, in data",
        "interchange/book/csv_shape.py": "a working copy of the feed, gone after the import",
        "interchange/book/generate.py": "a made-up feed",
        "sim/feed.py": "a made-up feed",
        "interchange/mapping/csv_source.py": "a working copy of a source, gone after the import",
        "interchange/mapping/database_source.py": "a working copy of a source, gone after the import",
        "interchange/mapping/sheet_source.py": "a working copy of a source, gone after the import",
        "cli/demo_night.py": "a made-up feed",
    }
    root = SRC / "forbear"
    writers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"csv\.(Dict)?[wW]riter\(", path.read_text("utf-8"))
    }
    assert writers == own.keys() - {"interchange/book/generate.py"}
    exports = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "format csv" in path.read_text("utf-8")
    }
    assert exports == {"interchange/book/generate.py", "night/arrears.py", "night/export.py"}
    for name in ("night/arrears.py", "night/export.py"):
        assert "plain_sql(" in (root / name).read_text("utf-8")
