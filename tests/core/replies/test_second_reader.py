"""The second reader of replies: it raises, holds and suggests, and never takes back what a pattern understood."""

from pathlib import Path

import pytest

from forbear.core.files.reply_lines import read_reply_lines
from forbear.core.replies.demands import demands
from forbear.core.replies.measure import measure
from forbear.core.replies.understanding import SURE, Understood, understand
from forbear.interchange.home.second_reader import tables
from tests.profile import rounds

TRAINING = Path(__file__).parents[3] / "training"
READERS = tables("replies")


def known(name: str):
    path = TRAINING / f"{name}.yaml"
    return read_reply_lines(path.read_text("utf-8"), path.name)


def both(text: str) -> tuple[Understood, Understood]:
    return understand(text), understand(text, readers=READERS)


#: Of held-out lines: the least share understood or rightly suggested, the most urgent ones missed, false stops.
HELD_OUT = {"held-out-replies": (0.87, 0, 4), "held-out-replies-everyday": (0.94, 0, 6)}


@pytest.mark.parametrize("name", HELD_OUT)
def test_held_out_replies_are_understood_as_often_as_was_measured(name):
    today, lines = known(name)
    least, missed, false = HELD_OUT[name]
    once, twice = measure(lines, today), measure(lines, today, READERS)
    assert len(lines) >= 240
    for language, (right, total) in twice.by_language.items():
        assert right >= least * total, language
        assert once.by_language[language][0] <= 0.75 * total, language
    assert twice.stops_missed == []
    assert len(twice.urgent_missed) <= missed
    assert set(twice.false_stops) <= set(once.false_stops), "no table ends a contact by itself"
    assert len(twice.false_stops) <= false


def test_few_harmless_replies_raise_an_alarm():
    harmless = [line for name in HELD_OUT for line in known(name)[1] if not line.urgent]
    alarms = [line.text for line in harmless if understand(line.text, readers=READERS).urgent]
    assert len(alarms) <= 0.06 * len(harmless), alarms


def trained():
    return [line for path in sorted(TRAINING.glob("replies*.yaml")) for line in known(path.stem)[1]]


def test_no_held_out_reply_is_a_training_line():
    own = {line.text for line in trained()}
    held = [line for name in HELD_OUT for line in known(name)[1]]
    assert [line.text for line in held if line.text in own] == []


def test_its_own_lines_are_understood():
    lines = trained()[:: rounds(20, 1)]
    score = measure(lines, known("replies")[0], READERS)
    assert score.stops_missed == []
    assert score.right >= 0.93 * score.lines
    assert len(score.urgent_missed) <= 0.01 * score.lines


def test_what_a_pattern_understood_is_put_in_doubt_at_most():
    for line in [line for name in HELD_OUT for line in known(name)[1]]:
        once, twice = both(line.text)
        assert twice.urgent >= once.urgent
        assert twice.confidence <= once.confidence
        assert twice.needs_person >= once.needs_person
        if (twice.intent, twice.also, twice.amount, twice.day) != (
            once.intent,
            once.also,
            once.amount,
            once.day,
        ):
            # a stop that reads like something else: nothing goes to the number until a person has read it
            assert "stop" in (once.intent, *once.also)
            assert twice.intent == "unclear"
            assert twice.held_until_read
            assert twice.suggested
        if twice.suggested and twice.intent != "unclear":
            assert twice.confidence < SURE


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
    lines = [line for line in trained()[:: rounds(10, 1)] if "stop" in line.wanted]
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
