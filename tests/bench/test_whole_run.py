"""One tiny run of everything: every row is there, every equality held, every file is well-formed."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from forbear.bench.command import command
from forbear.bench.launch import draw_picture
from forbear.bench.report import BEGIN, END
from forbear.bench.tasks import FROM_FEED, TASKS

LOANS, ORM_LOANS = 2_000, 300


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """The folder with the files of a run, `said.txt` among them."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "page.md").write_text(f"# Speed\n\n{BEGIN}\nold\n{END}\n\nThe end.\n", encoding="utf-8")
    options = [
        "--loans",
        LOANS,
        "--runs",
        1,
        "--threads",
        2,
        "--orm-loans",
        ORM_LOANS,
        "--dir",
        folder / "data",
    ]
    files = ["--json", folder / "all.json", "--picture", folder / "all.svg", "--markdown", folder / "page.md"]
    done = CliRunner().invoke(command, [str(word) for word in options + files], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    (folder / "said.txt").write_text(done.stdout, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def told(run) -> dict:
    return json.loads((run / "all.json").read_text("utf-8"))


def test_a_small_run_of_the_night_is_told(tmp_path):
    """What is read and what is decided, without the peers and the feed."""
    options = [
        "--only",
        "read,night",
        "--loans",
        1_000,
        "--runs",
        1,
        "--threads",
        1,
        "--dir",
        tmp_path / "data",
    ]
    options += ["--json", tmp_path / "all.json", "--picture", tmp_path / "all.svg"]
    done = CliRunner().invoke(command, [str(word) for word in options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    tasks = {task["task"]: task for task in json.loads((tmp_path / "all.json").read_text("utf-8"))["tasks"]}
    asked = [task for task in TASKS if task.group in ("read", "night")]
    assert list(tasks) == [task.name for task in asked]
    assert [task.title for task in asked if task.title not in done.stdout] == []
    assert {task["loans"] for task in tasks.values()} == {1_000}
    night, read = tasks["night"], tasks["read"]
    assert night["times_read"][0] == pytest.approx(night["seconds"][0] / read["seconds"][0])
    drawn = ElementTree.fromstring((tmp_path / "all.svg").read_bytes())
    assert "The whole night takes" in " ".join("".join(drawn.itertext()).split())
    assert "book" in {path.name.split("-")[0] for path in (tmp_path / "data").iterdir()}


@pytest.mark.long
def test_every_task_was_measured(told):
    assert [task["task"] for task in told["tasks"]] == [task.name for task in TASKS]
    for task in told["tasks"]:
        assert len(task["seconds"]) == 1
        assert task["seconds"][0] > 0
        assert task["peak_bytes"][0] > 20 * 2**20, "a Python process with an engine takes more than that"


@pytest.mark.long
def test_each_worked_on_the_loans_it_says(told):
    loans = {task["task"]: task["loans"] for task in told["tasks"]}
    samples = {loans.pop("orm-sqlite"), loans.pop("orm-postgresql")}
    assert set(loans.values()) == {LOANS}
    assert len(samples) == 1
    assert ORM_LOANS <= samples.pop() < ORM_LOANS + 5, "the sample ends with a whole borrower"


@pytest.mark.long
def test_the_peers_found_what_the_night_found(told):
    equal = {task["task"]: task["late_loans_equal_to_the_night"] for task in told["tasks"]}
    assert equal["kernel"] > 100
    assert equal["orm-sqlite"] == equal["orm-postgresql"] > 10
    assert sum("same bytes" in sentence for sentence in told["findings"]) == 1


@pytest.mark.long
def test_ratios_are_of_this_run(told):
    tasks = {task["task"]: task for task in told["tasks"]}
    night, read = tasks["night"], tasks["read"]
    assert night["times_read"][0] == pytest.approx(night["seconds"][0] / read["seconds"][0])
    orm = tasks["orm-sqlite"]
    assert orm["times_night"][0] == pytest.approx(
        orm["seconds_a_million_loans"] / night["seconds_a_million_loans"]
    )
    assert read["times_read"] == [1, 1, 1]
    assert tasks["import-csv"]["times_read"] is None


@pytest.mark.long
def test_the_import_is_held_against_the_plain_conversion_of_its_files(told):
    tasks = {task["task"]: task for task in told["tasks"]}
    plain, imported = tasks["convert-csv"], tasks["import-csv"]
    assert imported["rows"] == plain["rows"] > LOANS
    ratio = imported["processor_seconds"][0] / plain["processor_seconds"][0]
    assert imported["times_plain_conversion"][0] == pytest.approx(ratio)


@pytest.mark.long
def test_the_morning_is_the_sum_of_its_parts(told):
    morning = next(task for task in told["tasks"] if task["task"] == "morning")
    assert list(morning["parts"]) == ["import", "night", "publish"]
    assert sum(part[0] for part in morning["parts"].values()) == pytest.approx(morning["seconds"][0])


@pytest.mark.long
def test_the_table_names_every_task(run):
    said = (run / "said.txt").read_text("utf-8")
    for task in TASKS:
        assert task.title in said


@pytest.mark.long
def test_the_page_is_filled_between_its_marks(run):
    page = (run / "page.md").read_text("utf-8")
    assert page.startswith(f"# Speed\n\n{BEGIN}\n")
    assert page.endswith(f"{END}\n\nThe end.\n")
    assert "old" not in page.split()
    lines = [line for line in page.splitlines() if line.startswith("|")]
    assert len(lines) == len(TASKS) + 6, "three tables, each with a head and a rule"
    deciding = [task for task in TASKS if task.group not in FROM_FEED]
    assert {line.count("|") for line in lines[: len(deciding) + 2]} == {10}


@pytest.mark.long
def test_the_picture_is_well_formed_and_drawn_alike_twice(run):
    drawn = (run / "all.svg").read_bytes()
    root = ElementTree.fromstring(drawn)
    words = " ".join("".join(root.itertext()).split())
    assert "The whole night takes" in words
    assert "Django ORM loop on PostgreSQL" in words
    draw_picture((run / "all.json").read_text("utf-8"), run / "again.svg")
    assert (run / "again.svg").read_bytes() == drawn


@pytest.mark.long
def test_what_was_generated_stays_and_nothing_else(run):
    kept = sorted(path.name.split("-2000")[0] for path in (run / "data").iterdir())
    assert kept == ["book", "feed-csv", "feed-parquet"]
