"""Goal: the shipped example of what stood in an old system comes in by the real command, binds the night, once."""

import json
import os
import sqlite3

import pytest

from forbear.interchange.history.columns import FILES
from tests.docs.pages import page
from tests.factories.program import run_program

pytestmark = pytest.mark.process


def run(root, *arguments, status=0):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FORBEAR", "DJANGO"))}
    done = run_program(*arguments, cwd=root, env=clean | {"FORBEAR_HOME": "bank"})
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def test_the_example_is_imported_once_and_binds_the_night(tmp_path):
    run(tmp_path, "init", "bank", "--example", "card-book")
    assert "holds no book yet" in run(tmp_path, "import-history", "bank/history", status=2)
    run(tmp_path, "import", "bank/feed")
    checked = run(tmp_path, "import-history", "bank/history", "--check")
    assert "No mistakes; nothing was imported." in checked
    assert "Imported." in run(tmp_path, "import-history", "bank/history")
    again = json.loads(run(tmp_path, "import-history", "bank/history", "--json"))
    assert again["new"] == dict.fromkeys(again["known"], 0)
    assert again["known"] == {
        "holds": 4,
        "opt_outs": 3,
        "promises": 1,
        "plans": 3,
        "contacts": 3,
        "notices": 1,
    }
    run(tmp_path, "night", "--as-of", "2026-03-31")
    with sqlite3.connect(tmp_path / "bank" / "data" / "desk.sqlite3") as connection:
        held = {name for (name,) in connection.execute("select borrower_id from store_case where held")}
        wanted = {name for (name,) in connection.execute("select distinct borrower_id from store_treatment")}
    assert {"C00003", "C00010", "C00038", "C00004", "C00041"} <= held
    assert not held & wanted
    # a mistake is answered in a line each, and nothing changes
    (tmp_path / "bank" / "history" / "holds.csv").write_text("borrower,kind\n", encoding="utf-8")
    refused = run(tmp_path, "import-history", "bank/history", status=2)
    assert "holds.csv:1:1: the column `borrower` is not known; did you mean `borrower_id`?" in refused
    assert "Traceback" not in refused


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_page_names_every_column_and_every_word(name):
    text = page("docs/history.md")
    assert f"`{name}.csv`" in text
    assert f"`{name}.csv`" in page("docs/zh/history.md")
    for column in FILES[name].columns:
        assert f"`{column.name}`" in text
        assert all(f"`{word}`" in text for word in column.words)
