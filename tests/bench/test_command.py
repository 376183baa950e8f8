"""What can be asked wrongly is told in one line, before anything long begins."""

import pytest

from forbear.bench import command as bench
from forbear.bench.launch import BenchFailed, run_task
from forbear.bench.report import BEGIN, END
from forbear.cli.main import main
from tests.tidy.tree import ROOT


def ended(capsys, *words: object) -> tuple[int, str]:
    """Exit status and standard error of `forbear bench WORDS`."""
    with pytest.raises(SystemExit) as leaving:
        main(["bench", *map(str, words)])
    return leaving.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "nights"], "nights is not among read, kernel, night, orm, import"),
        (["--only", ","], "nothing is not among"),
        (["--loans", 5], "5 is not in the range"),
        (["--json", "nowhere/x.json"], "its folder does not exist"),
        (["--picture", "x.png"], "a picture's name ends in .svg"),
        (["--picture", "x.svg", "--only", "import"], "--picture shows what decides loans"),
    ],
)
def test_a_wrong_option_is_told(capsys, words, said):
    status, line = ended(capsys, *words)
    assert status == 2
    assert said in line
    assert len(line.splitlines()) == 1


def test_a_missing_library_names_the_extra(capsys, monkeypatch):
    monkeypatch.setattr(bench, "find_spec", lambda name: None if name == "numba" else object())
    assert ended(capsys, "--only", "kernel,read") == (
        2,
        "forbear: numba missing; install with `pip install forbear[bench]`\n",
    )


def test_a_group_without_the_library_still_runs(monkeypatch):
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    bench._check(frozenset({"read", "night", "import"}), None, None, None)


def test_a_failing_task_tells_its_problem():
    with pytest.raises(BenchFailed, match=r"^task_read: KeyError: 'book'$"):
        run_task("task_read", {})


def test_the_page_tells_every_option_and_has_the_marks():
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    options = [option for parameter in bench.command.params for option in parameter.opts]
    assert [option for option in options if f"| `{option} " not in page] == []
    assert page.index(BEGIN) < page.index(END)
