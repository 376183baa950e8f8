"""Every command does its work by the command line, and says what it did."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forbear.cli.main import COMMANDS, main
from tests.interchange.book.small_feed import ONE_LOAN, tree_bytes, write
from tests.night.small_night import LADDER

DAY = "2024-03-01"
FEED = {
    **ONE_LOAN,
    "loans": [*ONE_LOAN["loans"], "L2,B2,cash,JPY,5000,2024-01-01,active"],
    "instalments": [*ONE_LOAN["instalments"], "L2,1,2024-02-20,5000,0,0,0"],
    "payments": [*(f"P{n},L1,2024-02-10,1.25," for n in range(30)), "X1,L2,2024-02-25,-1,"],
    "borrowers": ["B1,Ann,123,,,,,,true", "B2,Bea,456,,,,,,true"],
}


@pytest.fixture
def forbear(capsys):
    """Run one command; returns its status, what it printed, and what it noted."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        return (left.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def home(tmp_path, forbear):
    assert forbear("init", tmp_path / "home")[0] == 0
    return tmp_path / "home"


def test_help_names_every_command(forbear):
    for flag in ("--help", "-h"):
        status, text, _ = forbear(flag)
        assert status == 0
        assert [name for name in COMMANDS if name not in text] == []
        said = " ".join(text.split())
        assert "import Import the loan book in the folder FEED" in said
        assert "bench Measure the night beside reading, a compiled kernel" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_helps(forbear, name):
    status, text, _ = forbear(name, "--help")
    assert status == 0
    assert "Usage: forbear " + name in text


def test_version(forbear):
    assert forbear("--version")[:2] == (0, "forbear, version 0.1.0\n")


def test_from_feed_to_explained_night(tmp_path, home, forbear):
    feed = write(tmp_path / "feed", **FEED)
    status, text, notes = forbear("import", feed, "--home", home)
    assert status == 0
    assert "Everything read is accounted for" in text
    assert "1 bad rows, each with its reason: " in notes
    assert Path(notes.split("its reason: ")[1].strip()).is_dir()

    status, text, _ = forbear("import", feed, "--home", home)
    assert (status, "is the book already" in text) == (0, True)

    status, text, _ = forbear("night", "--as-of", DAY, "--csv", "--home", home)
    assert status == 0
    assert "Night of 2024-03-01" in text
    assert {path.name for path in (home / "nights" / DAY).glob("*.csv")} == {
        "arms.csv", "arrears.csv", "cases.csv", "treatments.csv"
    }  # fmt: skip
    assert "62.50" in (home / "nights" / DAY / "arrears.csv").read_text(encoding="utf-8")

    for name, words in (("L1", "past due"), ("B2", "On hold, nothing is planned: feed_doubt")):
        status, text, _ = forbear("explain", name, "--home", home)
        assert status == 0
        assert words in text
        assert "The published night says the same." in text


def test_what_a_program_reads(tmp_path, home, forbear):
    feed = write(tmp_path / "feed", **FEED)
    status, text, _ = forbear("import", feed, "--json", "--home", home)
    found = json.loads(text)
    assert (status, found["changed"], found["totals"]["payments"]["quarantined"]["rows"]) == (0, True, "1")
    assert Path(found["quarantine"]).is_dir()
    status, text, _ = forbear("night", "--as-of", DAY, "--json", "--home", home)
    assert json.loads(text)["as_of"] == DAY
    status, text, _ = forbear("explain", "L1", "--json", "--home", home)
    assert json.loads(text)["night"]["agrees"] is True
    (tmp_path / "ladder.yaml").write_text(LADDER, encoding="utf-8")
    status, text, _ = forbear("check-strategy", tmp_path / "ladder.yaml", "--json")
    assert json.loads(text)["strategy"] == "ladder"


#: Five in the afternoon in London is tomorrow in Shanghai.
EVENING = datetime(2024, 2, 29, 17, tzinfo=UTC)


def test_a_night_without_a_date_is_the_lenders_today(tmp_path, home, forbear, monkeypatch):
    assert forbear("import", write(tmp_path / "feed", **FEED), "--home", home)[0] == 0
    monkeypatch.setattr("forbear.interchange.home.clock.world", lambda: EVENING)
    assert forbear("night", "--no-publish", "--home", home)[0] == 0
    assert [path.name for path in (home / "nights").iterdir()] == [DAY]


def test_the_home_may_be_the_current_folder_or_named_by_the_environment(tmp_path, home, forbear, monkeypatch):
    feed = write(tmp_path / "feed", **FEED)
    monkeypatch.chdir(home)
    assert forbear("import", feed)[0] == 0
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORBEAR_HOME", str(home))
    assert forbear("night", "--as-of", DAY)[0] == 0
    assert (home / "nights" / DAY).is_dir()


def test_a_delta_by_the_command_line(tmp_path, home, forbear):
    forbear("import", write(tmp_path / "feed", **FEED), "--home", home)
    delta = write(tmp_path / "delta", payments=["N1,L1,2024-02-28,62.50,"])
    assert forbear("import", delta, "--delta", "--home", home)[0] == 0
    assert forbear("night", "--as-of", DAY, "--home", home)[0] == 0
    text = forbear("explain", "L1", "--home", home, "--json")[1]
    assert json.loads(text)["loans"][0]["arrears"]["days_past_due"] == 0


def test_arrears_without_a_home(tmp_path, forbear):
    feed = write(tmp_path / "feed", **FEED)
    before = tree_bytes(feed)
    status, text, notes = forbear("arrears", feed, "--as-of", DAY, "--out", tmp_path / "a.csv")
    assert (status, "2 loans as of 2024-03-01" in text) == (0, True)
    assert "1 bad rows, each with its reason: " in notes
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[1].startswith("L1,B1,20,2024-02-10,")
    assert tree_bytes(feed) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.quarantine", "feed"]


def test_arrears_leaves_other_peoples_folders_alone(tmp_path, forbear):
    """A folder that happens to bear the quarantine's name is not ours to empty."""
    (tmp_path / "a.quarantine").mkdir()
    (tmp_path / "a.quarantine" / "mine.txt").write_text("kept", encoding="utf-8")
    forbear("arrears", write(tmp_path / "feed", **FEED), "--as-of", DAY, "--out", tmp_path / "a.csv")
    assert (tmp_path / "a.quarantine" / "mine.txt").is_file()


STRANGE = ["[/b]", "[bold]", "[red]x[/red]", "it's", "a\\[b", "100%", "贷款"]


def test_ids_are_shown_as_they_are(tmp_path, home, forbear):
    """An id is the lender's own text: it is no markup of the terminal's."""
    feed = {
        "loans": [f"{name},{name},{name},CNY,100,2024-01-01,active" for name in STRANGE],
        "instalments": [f"{name},1,2024-02-10,100,0,0,0" for name in STRANGE],
        "payments": [f"{name},{name},2024-02-11,1," for name in STRANGE],
    }
    assert forbear("import", write(tmp_path / "feed", **feed), "--home", home)[0] == 0
    for day in ("2024-02-01", "2024-02-20"):
        assert forbear("night", "--as-of", day, "--home", home)[0] == 0, (
            "with an example of each audit's warning"
        )
    wrong = []
    for name in STRANGE:
        status, text, line = forbear("explain", name, "--home", home)
        if status or f"Loan {name} " not in text or f"Borrower {name} " not in text:
            wrong.append((name, status, line))
    assert wrong == []


def test_init_tells_the_next_step(tmp_path, forbear):
    status, text, _ = forbear("init", tmp_path / "[new] home")
    assert status == 0
    assert f"forbear import FEED --home {tmp_path / '[new] home'}" in text


def test_check_strategy(tmp_path, home, forbear):
    for path in sorted((home / "strategies").glob("*.yaml")):
        status, text, _ = forbear("check-strategy", path)
        assert (status, "is sound" in text) == (0, True)


def test_generate_is_the_same_for_the_same_seed(tmp_path, forbear):
    for name in ("one", "two"):
        done = forbear(
            "generate", tmp_path / name, "--loans", 200, "--seed", 5, "--as-of", DAY, "--bad-rows", 5
        )
        assert done[0] == 0
    assert tree_bytes(tmp_path / "one") == tree_bytes(tmp_path / "two")
    before = tree_bytes(tmp_path / "one")
    assert forbear("generate", tmp_path / "one", "--loans", 10, "--as-of", DAY)[0] == 2
    assert tree_bytes(tmp_path / "one") == before
    assert forbear("arrears", tmp_path / "one", "--as-of", DAY, "--out", tmp_path / "a.parquet")[0] == 0


def test_demo(tmp_path, forbear):
    status, text, _ = forbear(
        "demo", "--dir", tmp_path / "demo", "--loans", 300, "--as-of", DAY, "--no-serve"
    )
    assert status == 0
    assert "explain" in text
    assert {path.name for path in (tmp_path / "demo" / "nights").iterdir()} == {"2024-02-29", DAY}
    (tmp_path / "mine").mkdir()
    status, _, line = forbear("demo", "--dir", tmp_path / "mine", "--loans", 300)
    assert (status, "is no demo" in line) == (2, True)
