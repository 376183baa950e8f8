"""Goal: every test that the security page names exists."""

import re

from tests.tidy.tree import ROOT

PAGE = ROOT / "docs" / "security.md"


def test_every_test_it_names_is_there():
    named = re.findall(r"`((?:\w+/)+test_\w+\.py)(?:::(\w+))?`", PAGE.read_text("utf-8"))
    assert len(named) >= 30
    for path, test in named:
        text = (ROOT / "tests" / path).read_text("utf-8")
        assert not test or f"\ndef {test}(" in text, f"{path}::{test}"


def test_every_threat_names_one():
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) >= 20
    for row in rows:
        assert re.search(r"`(?:\w+/)+test_\w+\.py", row), row
