"""`forbear check-replies`: known lines are read, scored, and every mistake of their file is named at once."""

import json

import pytest

from forbear.cli.main import main

LINES = """
zh:
- stop|别再给我发短信了行不行
- 'promise|明天还300 a=300 d=2026-03-11'
- promise|明天还300 a=400
- question|STOP
en:
- stop/lawyer|my lawyer handles this
- promise|I will pay 150 on friday a=| d=2026-03-13
- stop|I already paid this yesterday
- stop|qwerty
urgent:
- I want to die
- 今天天气不错
"""


@pytest.fixture
def check(tmp_path, capsys):
    def run(text, *arguments):
        path = tmp_path / "lines.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit) as left:
            main(["check-replies", str(path), *arguments])
        return (left.value.code, *capsys.readouterr())

    return run


def test_lines_are_scored(check):
    status, text, _ = check(LINES, "--json")
    score = json.loads(text)
    assert status == 0
    assert list(score) == [
        *("lines", "right", "by_language", "stops_missed", "false_stops", "urgent_missed", "wrong")
    ]
    assert (score["lines"], score["right"]) == (10, 4)
    assert score["by_language"] == {"zh": {"lines": 5, "right": 2}, "en": {"lines": 5, "right": 2}}
    assert score["stops_missed"] == ["I already paid this yesterday"], (
        "qwerty is held until somebody has read it"
    )
    assert score["false_stops"] == ["STOP"]
    assert score["urgent_missed"] == ["今天天气不错"]
    assert {line["text"] for line in score["wrong"]} >= {"明天还300", "I will pay 150 on friday", "qwerty"}


def test_a_day_of_the_file_is_the_day_of_its_lines(check):
    status, text, _ = check("today: 2026-03-12\nen:\n- promise|will pay tomorrow d=2026-03-13\n", "--json")
    assert (status, json.loads(text)["right"]) == (0, 1)


def test_it_is_shown_to_a_person(check):
    status, text, _ = check(LINES)
    assert status == 0
    assert "4 of 10 lines understood as wanted: zh 2 of 5, en 2 of 5" in text
    assert "line 6: wanted question, understood stop: STOP" in text


def test_every_mistake_at_once(check):
    status, _, problems = check(
        "today: soon\nen:\n- stopp|x\n- no bar\n- paid|\n- promise|x d=tomorrow\n- promise|x a=ten\nother: []\n"
    )
    assert status == 2
    for place in (
        "1:8: `soon`",
        "3:3: `stopp`",
        "4:3: write",
        "5:3: the line has no text",
        "6:3: `tomorrow`",
    ):
        assert place in problems, problems
    assert "7:3: `ten` is not an amount" in problems
    assert "unknown key `other`" in problems


@pytest.mark.parametrize("text", ["", "[]", "en: x", "{}", "a: \x00", "today: 2026-03-10"])
def test_no_lines_is_a_mistake(check, text):
    status, _, problems = check(text)
    assert status == 2
    assert problems.count("Traceback") == 0
