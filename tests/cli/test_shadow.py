"""Goal: a shadow run from `begin` to `live` by the real commands, with a day compared in between."""

import csv
import json
import os
import sqlite3
from datetime import date

import pytest

from forbear.core.loans.old_system import CAUSES
from forbear.insight.shadow import LIST_CAUSES
from tests.docs.pages import page
from tests.factories.program import run_program
from tests.interchange.book.small_feed import write

pytestmark = pytest.mark.process
ON = date(2026, 3, 31)


def run(root, *arguments, status=0):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FORBEAR", "DJANGO"))}
    clean["FORBEAR_STAFF_PASSWORD"] = "a-long-pass-2026"
    done = run_program(*arguments, cwd=root, env=clean | {"FORBEAR_HOME": "bank"})
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def test_a_day_is_compared_and_two_people_go_live(tmp_path):
    run(tmp_path, "init", "bank", "--country", "cn")
    assert "in a shadow run" in run(tmp_path, "shadow", "begin")
    assert "already" in run(tmp_path, "shadow", "begin", status=2)
    write(
        tmp_path / "feed",
        loans=[f"L{i},B{i},cash,CNY,300.00,2026-01-01,active" for i in (1, 2, 3)],
        instalments=[f"L{i},1,2026-03-01,300.00,0,0,0" for i in (1, 2, 3)],
    )
    run(tmp_path, "import", "feed")
    run(tmp_path, "night", "--as-of", str(ON))
    said = run(tmp_path, "work", "--once")
    assert "Contacts: 0 waiting. Nothing leaves: this home is in a shadow run." in said
    old = tmp_path / "old.csv"
    old.write_text("loan_id,days_past_due,amount\nL1,30,300.00\nL2,30,200.00\nX,1,1\n", encoding="utf-8")
    shown = run(tmp_path, "shadow", "compare", "old.csv", "--as-of", str(ON), "--out", "out.csv")
    assert "4 loans compared, 1 the same in all" in shown
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["loan_id"]: row["cause"] for row in csv.DictReader(stream)} == {
            "L2": "payment_not_in_feed",
            "L3": "missing_loan",
            "X": "unknown_loan",
        }
    told = json.loads(run(tmp_path, "shadow", "compare", "old.csv", "--as-of", str(ON), "--json"))
    assert (told["loans"], told["same"]) == (4, 1)
    assert told["causes"] == {"missing_loan": 1, "payment_not_in_feed": 1, "unknown_loan": 1}
    assert "there is no night" in run(
        tmp_path, "shadow", "compare", "old.csv", "--as-of", "2026-03-30", status=2
    )
    old.write_text("loan_id,days_past_due,amount\nL1,soon,300.00\n", encoding="utf-8")
    wrong = run(tmp_path, "shadow", "compare", "old.csv", "--as-of", str(ON), status=2)
    assert "old.csv:2:days_past_due: `soon` is not a number of days" in wrong
    run(tmp_path, "staff", "wang", "--role", "manager", "--number", "F1")
    run(tmp_path, "staff", "he", "--role", "compliance", "--number", "F2")
    assert "Asked for" in run(tmp_path, "shadow", "live", "--staff", "wang", "--reason", "no differences")
    assert "you asked for it already" in run(
        tmp_path, "shadow", "live", "--staff", "wang", "--reason", "again", status=2
    )
    assert (tmp_path / "bank" / ".shadow").is_file()
    assert "is live" in run(tmp_path, "shadow", "live", "--staff", "he", "--reason", "agreed")
    assert not (tmp_path / "bank" / ".shadow").exists()
    with sqlite3.connect(tmp_path / "bank" / "data" / "desk.sqlite3") as connection:
        (events,) = connection.execute(
            "select count(*) from store_event where line like '%went live%'"
        ).fetchone()
    assert events == 1


def test_the_page_names_every_cause():
    text = page("docs/history.md")
    assert all(f"| `{cause}` | {words} |" in text for cause, words in {**CAUSES, **LIST_CAUSES}.items())
