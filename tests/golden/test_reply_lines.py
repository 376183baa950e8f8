"""The known lines: no stop is lost, none is false, no danger is missed, and nearly all are understood."""

import pytest

from forbear.core.files.reply_lines import read_reply_lines
from forbear.core.replies.measure import measure
from forbear.interchange.home.second_reader import tables
from tests.golden.fact_reader import HERE

FILES = sorted((HERE / "reply_lines").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_known_lines_are_understood(path):
    today, lines = read_reply_lines(path.read_text("utf-8"), path.name)
    score = measure(lines, today)
    assert (score.stops_missed, score.false_stops, score.urgent_missed) == ([], [], [])
    for language, (right, total) in score.by_language.items():
        assert right >= 0.95 * total, (language, [(line.text, meant.intent) for line, meant in score.wrong])


def test_there_are_lines():
    named = ("eighth", "fifth", "first", "fourth", "second", "seventh", "sixth", "third")
    assert tuple(path.stem for path in FILES) == named


def test_fresh_lines_are_understood_or_rightly_suggested():
    """As `forbear check-replies` reads them: patterns first, then the second reader's hints."""
    (path,) = (HERE / "reply_hints").glob("*.yaml")
    today, lines = read_reply_lines(path.read_text("utf-8"), path.name)
    score = measure(lines, today, tables("replies"))
    assert (score.stops_missed, score.false_stops, score.urgent_missed) == ([], [], [])
    for language, (right, total) in score.by_language.items():
        assert right >= 0.92 * total, (language, [(line.text, meant.intent) for line, meant in score.wrong])
