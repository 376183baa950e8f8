"""Goal: the measurement of what comes in runs, and the inbox asks no more questions because there are more messages."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection

from forbear.bench.inbound import command, measure_inbox

pytestmark = pytest.mark.database
#: Every measurement has a database of its own, of the kind that the tests run on.
ENGINE = connection.vendor


@pytest.fixture(autouse=True)
def _lenders_own(monkeypatch):
    """The database of a lender, which nothing measured here may touch; a try fails, for there is none."""
    monkeypatch.setenv("FORBEAR_DATABASE", "postgresql://nobody@/nothing?host=/nowhere")


@pytest.mark.long
def test_the_number_of_queries_does_not_grow_with_the_inbox():
    small, larger = (measure_inbox(messages, 10, ENGINE) for messages in (60, 240))
    for name, page in larger.items():
        assert page["queries"] == small[name]["queries"], name


def test_every_reply_has_its_consequence_and_its_time(tmp_path):
    file = tmp_path / "measured.json"
    options = ["--only", "replies", "--replies", "40", "--rate", "20", "--workers", "1", "--engine", ENGINE]
    done = CliRunner().invoke(command, [*options, "--json", str(file)])
    assert done.exit_code == 0, done.output
    found = json.loads(file.read_text("utf-8"))["replies"]
    assert 0 < found["median"] <= found["p95"] <= found["p99"] <= found["longest"]
    assert "40 replies at 20 a second" in done.output
