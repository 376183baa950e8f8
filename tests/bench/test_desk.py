"""Goal: the measurement of the desk runs, and no page asks the database more often because there are more cases."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection

from forbear.bench.desk import command, measure_pages
from forbear.bench.desk_work import PAGES, SEARCHES
from tests.profile import LONG

pytestmark = pytest.mark.database
#: Every measurement has a database of its own, of the kind that the tests run on.
ENGINE = connection.vendor


@pytest.fixture(autouse=True)
def _lenders_own(monkeypatch):
    """The database of a lender, which nothing measured here may touch; a try fails, for there is none."""
    monkeypatch.setenv("FORBEAR_DATABASE", "postgresql://nobody@/nothing?host=/nowhere")


@pytest.mark.long
def test_the_number_of_queries_does_not_grow_with_the_book():
    small, larger = (measure_pages(cases, 10, ENGINE)["each"] for cases in (100, 300))
    assert set(small) == {"next case", *PAGES, *SEARCHES}
    for name, page in larger.items():
        least, most = page["queries"]
        assert most <= small[name]["queries"][1], name
        assert most - least <= 1, name
        assert 0 < page["median"] <= page["p95"] <= page["p99"]


@pytest.mark.long
def test_pages_are_visited_while_workers_send():
    pages = measure_pages(100, 10, ENGINE, workers=2)
    work = pages["working"]
    assert set(work["each"]) == set(pages["each"])
    assert 0 < work["sent"] <= work["waiting"] == 100


def test_two_nights_are_brought_and_told(tmp_path):
    options = ["--only", "publish", "--loans", "1000", "--engine", ENGINE, "--dir", str(tmp_path / "d")]
    # the second time the lender is there already; that hangs on no database
    for _ in range(2 if LONG and ENGINE == "sqlite" else 1):
        done = CliRunner().invoke(command, [*options, "--json", str(tmp_path / "told.json")])
        assert done.exit_code == 0, done.output
        first, second = json.loads((tmp_path / "told.json").read_text("utf-8"))["publish"]
        assert first["opened"] == first["open"] > 0
        assert second["open"] == first["open"] + second["opened"] - second["closed"]
        assert sum(first["steps"].values()) <= first["spent"]
        assert "night of 2026-03-10" in done.output
