"""`forbear check-content`: screens a text, and measures the screening on a corpus."""

import json

import pytest
from click.testing import CliRunner, Result

from forbear.cli.check_content import command
from forbear.core.content.screening import ContentError
from tests.core.content_ready import CORPUS


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(command, list(arguments), input=given)


def test_a_text_is_screened():
    done = run("法苑已经立案。", "--language", "zh")
    assert done.exit_code == 0
    assert "block: not to be sent" in done.output
    assert "0-6 法苑已经立案  (authority, block, in disguise)" in done.output
    assert "cn.content.authority" in done.output
    assert "instead: 我们是受贷款机构委托的催收人员" in done.output


def test_a_clean_text():
    done = run("您好,您的账单已出。")
    assert (done.exit_code, done.output) == (0, "clean: nothing found\n")


def test_a_text_from_standard_input_as_json():
    done = run(
        "-", "--json", "--amounts", "412.00,3000", "--pack", "us", "--currency", "USD", given="You owe $512."
    )
    found = json.loads(done.output)
    assert found["severity"] == "block"
    assert [(each["rule"], each["matched"]) for each in found["findings"]] == [("us.content.amount", "$512")]
    assert found["rules"][0].startswith("content-us@")


def test_the_reader_and_the_sender_count():
    assert "clean" in run("请他还款").output
    assert "cn.content.third_person" in run("请他还款", "--party", "unrelated").output
    assert "block" in run("法院已受理").output
    assert "clean" in run("法院已受理", "--sender", "legal").output


def test_a_corpus_is_measured():
    done = run("--corpus", str(CORPUS / "tuned-en.yaml"), "--json")
    scores = json.loads(done.output)
    assert list(scores) == ["tuned, en"]
    assert scores["tuned, en"]["all kinds"] == {"precision": 1.0, "recall": 1.0}
    shown = run("--corpus", str(CORPUS / "tuned-en.yaml"), "--failures").output
    assert "lawful or not" in shown
    assert "leet 4/4" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give the text to screen, - to read it, --lines FILE or --corpus PATH"),
        (("text", "--amounts", "1.234"), "has more than the 2 decimals that CNY has"),
        (("text", "--currency", "XXX"), "XXX is no currency"),
        (("text", "--pack", "fr"), "'fr' is not one of 'cn', 'us', 'uk'"),
        (("--corpus", str(CORPUS.parent / "permit")), "unknown key"),
    ],
)
def test_bad_input_is_told_in_one_line(arguments, message):
    done = run(*arguments)
    assert done.exit_code != 0
    told = str(done.exception) if isinstance(done.exception, ContentError) else done.output
    assert message in told


def test_an_empty_folder_has_no_corpus(tmp_path):
    assert "there are no lines of a corpus here" in run("--corpus", str(tmp_path)).output


def test_a_corpus_of_an_unknown_pack(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("theme: x\npart: tuned\npack: fr\nlanguage: en\nlawful: [a]\n", "utf-8")
    assert "c.yaml:5:10: there is no ready pack fr" in run("--corpus", str(path)).output
