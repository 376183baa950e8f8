"""The second reader of replies: it raises, holds and suggests, and never takes back what a pattern understood."""

from pathlib import Path

import pytest

from forbear.core.files.reply_lines import read_reply_lines
from forbear.core.replies.demands import demands
from forbear.core.replies.measure import measure, stops
from forbear.core.replies.understanding import SURE, Understood, understand
from forbear.interchange.home.second_reader import tables

TRAINING = Path(__file__).parents[3] / "training"
READERS = tables("replies")


def known(name: str):
    path = TRAINING / f"{name}.yaml"
    return read_reply_lines(path.read_text("utf-8"), path.name)


def both(text: str) -> tuple[Understood, Understood]:
    return understand(text), understand(text, readers=READERS)


def test_held_out_replies_are_understood_as_often_as_was_measured():
    today, lines = known("held-out-replies")
    once, twice = measure(lines, today), measure(lines, today, READERS)
    assert len(lines) >= 250
    assert once.right <= 145
    for language, (right, total) in twice.by_language.items():
        assert right >= 0.72 * total, language
    assert twice.stops_missed == []
    assert len(once.urgent_missed) >= 20
    assert len(twice.urgent_missed) <= 7
    assert twice.false_stops == once.false_stops, "no table ends a contact by itself"


def test_few_harmless_replies_raise_an_alarm():
    _, lines = known("held-out-replies")
    harmless = [line for line in lines if not line.urgent]
    alarms = [line.text for line in harmless if understand(line.text, readers=READERS).urgent]
    assert len(alarms) <= 0.1 * len(harmless), alarms


def test_no_held_out_reply_is_a_training_line():
    trained = {line.text for line in known("replies")[1]}
    assert [line.text for line in known("held-out-replies")[1] if line.text in trained] == []


def test_its_own_lines_are_understood():
    today, lines = known("replies")
    score = measure(lines, today, READERS)
    assert score.stops_missed == []
    assert score.right >= 0.9 * score.lines
    assert len(score.urgent_missed) <= 4


def test_nothing_that_a_pattern_understood_is_undone():
    for name in ("replies", "held-out-replies"):
        for line in known(name)[1]:
            once, twice = both(line.text)
            assert (twice.intent, twice.also, twice.amount, twice.day) == (
                once.intent,
                once.also,
                once.amount,
                once.day,
            )
            assert twice.urgent >= once.urgent
            assert twice.confidence <= once.confidence
            assert twice.needs_person >= once.needs_person
            assert stops(twice, demands(line.text)) == stops(once, demands(line.text))


@pytest.mark.parametrize(
    "text", ["wish the earth would swallow me for good, bye", "我想从楼顶跳下去一了百了"]
)
def test_danger_in_new_words_is_urgent(text):
    assert understand(text, readers=READERS).urgent


def test_an_unclear_reply_suggests_what_it_reads_like():
    once, twice = both("鬼晓得哪个借的，身份证给人拿去办的贷")
    assert twice.suggested or once.intent != "unclear"
    assert both("ok")[1].suggested == ""
    assert both("paid")[1].suggested == "", "what is understood needs no suggestion"


def test_what_may_be_a_stop_is_held_until_read():
    lines = [line for line in known("replies")[1] if "stop" in line.wanted]
    for line in lines:
        meant = understand(line.text, readers=READERS)
        assert (
            meant.intent == "stop" or "stop" in meant.also or meant.held_until_read or demands(line.text)
        ), line.text


def test_a_bare_command_is_never_doubted():
    for text in ("STOP", "退订", "TD", "START", "paid"):
        once, twice = both(text)
        assert twice == once
        assert twice.confidence >= SURE


def test_any_text_is_read():
    for text in ("", "?", "。" * 5000, "\ud800", "😂", "a" * 50_000):
        assert understand(text, readers=READERS).suggested in (
            "",
            understand(text, readers=READERS).suggested,
        )
