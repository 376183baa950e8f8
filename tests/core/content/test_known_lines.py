"""`forbear check-content --lines`: lines whose lawfulness is known, counted by language, every mistake told."""

import json

import pytest
from click.testing import CliRunner

from forbear.cli.check_content import command
from forbear.core.content.known_lines import count_lines, read_known_lines
from forbear.core.content.screening import ContentError, screen
from tests.core.content_ready import rules

FILE = """\
zh:
  unlawful:
  - threat||再不还钱就弄死你
  - disclosure|euphemism|祝您生活愉快
  - authority||我们将依法向法院起诉
  lawful:
  - 您好，您的账单已出。
  - 我们将依法向法院起诉
  - '@unrelated 请问张伟欠款的事您知道吗'
en:
  lawful:
  - Your payment has arrived. Thank you.
"""


def run(tmp_path, text: str, *arguments: str):
    path = tmp_path / "lines.yaml"
    path.write_text(text, "utf-8")
    return CliRunner().invoke(command, ["--lines", str(path), *arguments])


def test_blocked_and_looked_at_are_counted_apart(tmp_path):
    done = json.loads(run(tmp_path, FILE, "--json").output)
    assert done["zh"] == {
        "unlawful": 3,
        "blocked": 1,
        "looked": 1,
        "lawful": 3,
        "lawful_blocked": 1,
        "lawful_looked": 1,
    }
    assert done["en"] == {
        "unlawful": 0,
        "blocked": 0,
        "looked": 0,
        "lawful": 1,
        "lawful_blocked": 0,
        "lawful_looked": 0,
    }


def test_the_wrong_lines_are_those_that_pass_unlawfully_and_those_that_are_blocked_wrongly(tmp_path):
    done = json.loads(run(tmp_path, FILE, "--json").output)
    assert [(line["line"], line["wanted"], line["severity"]) for line in done["wrong"]] == [
        (4, "disclosure", "clean"),
        (9, "lawful", "block"),
    ]
    assert [line["line"] for line in done["looked"]] == [8]
    shown = run(tmp_path, FILE).output
    assert "line 4: disclosure; clean, found nothing: 祝您生活愉快" in shown
    assert "line 8" not in shown
    assert "line 8: lawful; look" in run(tmp_path, FILE, "--failures").output


def test_a_pack_that_is_named_binds_both_languages(tmp_path):
    lines = read_known_lines("en:\n  lawful: [You owe this]\n", "l.yaml")
    score = count_lines(lines, lambda line: screen(line.text, rules("uk"), line.context))
    assert score.by_language["en"].lawful == 1
    assert json.loads(run(tmp_path, FILE, "--json", "--pack", "uk").output)["zh"]["unlawful"] == 3


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            "zh:\n  unlawful:\n  - threats||弄死你\n  - 弄死你\n  - 'threat||@unrelate 弄死你'\n  - 'threat||'\n"
            "  lawfull: [您好]\nfr: {}\n",
            [
                "l.yaml:3:5: `threats` is no kind of unlawful text; did you mean `threat`?",
                "l.yaml:4:5: write an unlawful line as `kind|evasion|text`",
                "l.yaml:5:5: `@unrelate` is nobody who reads a text; did you mean `unrelated`?",
                "l.yaml:6:5: the line has no text",
                "l.yaml:7:3: unknown key `lawfull` in `zh`; did you mean `lawful`?",
                "l.yaml:8:1: unknown key `fr` in the file; it may have zh, en",
            ],
        ),
        ("zh: {lawful: 您好}", ["l.yaml:1:14: `lawful` must be a list, not a plain value"]),
        ("zh: {}", ["l.yaml:1:1: there are no known lines here"]),
        ("", ["l.yaml:1:1: the file is empty"]),
        ("zh:\n  lawful: ['@debtor']", ["l.yaml:2:12: the line has no text"]),
    ],
)
def test_every_mistake_is_told_with_its_line_and_the_nearest_right_word(text, messages):
    with pytest.raises(ContentError) as refused:
        read_known_lines(text, "l.yaml")
    assert refused.value.messages == messages
