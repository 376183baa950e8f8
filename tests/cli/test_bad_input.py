"""Bad input by the real command line: exit status 2, one clear line, and the book and the nights as they were."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from forbear.cli.main import main
from forbear.interchange.home.lender import locked, make_home, open_home
from tests.interchange.book.small_feed import HEADERS, ONE_LOAN, tree_bytes, write
from tests.night.small_night import LADDER

FORBEAR = Path(sysconfig.get_path("scripts")) / "forbear"
DAY = "2024-03-01"
HEAD = HEADERS["payments"]
GOOD = "P1,L1,2024-02-10,5,"


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A home with a book and one night, and a good feed that differs from the book."""
    root = tmp_path_factory.mktemp("lender")
    make_home(root / "home", made_up=True)
    main_quiet("import", write(root / "old", **ONE_LOAN), "--home", root / "home")
    main_quiet("night", "--as-of", "2024-02-20", "--home", root / "home")
    write(root / "feed", **{**ONE_LOAN, "payments": [GOOD]})
    return root


def main_quiet(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    assert left.value.code == 0, arguments
    return left


@pytest.fixture
def place(lender, tmp_path):
    """A copy of the home and the feed that a test may spoil."""
    shutil.copytree(lender, tmp_path / "place")
    return tmp_path / "place"


def kept(place):
    """All that a command must leave alone; the lock, the quarantine, a night in the making and the feed aside."""
    home = place / "home"
    whole = {name: tree_bytes(home / name) for name in ("data", "nights")}
    return {name: {k: v for k, v in files.items() if ".unfinished" not in k} for name, files in whole.items()}


def refused(capfd, place, *arguments, words=(), lines=1):
    """Run a command that must be refused; returns its one line."""
    before = kept(place)
    capfd.readouterr()
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    printed, line = capfd.readouterr()
    assert left.value.code == 2, line
    assert line.startswith("forbear: "), line
    assert line.count("\n") == lines, line
    assert line.replace("\n", "").isprintable(), repr(line)
    assert "Traceback" not in line + printed
    assert [word for word in words if word not in line] == [], line
    assert kept(place) == before
    return line


# file of the feed, its new bytes (None: gone), and what the line says
BAD_FEEDS = {
    "no loans": ("loans.csv", None, "loans.csv or loans.parquet is missing"),
    "both forms": ("loans.parquet", b"PAR1", "keep one of them"),
    "a column missing": ("payments.csv", b"payment_id,loan_id,paid_on\n", "amount is missing"),
    "a column twice": ("payments.csv", f"{HEAD},amount\n".encode(), "amount stands twice"),
    "an empty file": ("payments.csv", b"", "is empty"),
    "GBK": ("payments.csv", f"{HEAD}\nP1,L1,2024-02-10,5,".encode() + "还款\n".encode("gbk"), "UTF-8"),
    "UTF-16": ("payments.csv", f"{HEAD}\n{GOOD}\n".encode("utf-16"), "UTF-8"),
    "UTF-16 without a mark": ("payments.csv", f"{HEAD}\n{GOOD}\n".encode("utf-16-le"), "payments.csv"),
    "a stray quote": ("payments.csv", f'{HEAD}\n{GOOD}\n"{GOOD}\n'.encode(), "line 3 has a quote mark"),
    "a quote in the header": ("payments.csv", f'"{HEAD}\n{GOOD}\n'.encode(), "payments.csv"),
    "a text called Parquet": ("borrowers.parquet", b"borrower_id\nB1\n", "not a whole Parquet file"),
    "binary": ("payments.csv", bytes(range(256)) * 99, "UTF-8"),
    "zeros": ("payments.csv", HEAD.encode() + b"\n" + bytes(4096), "payments.csv"),
    "a line of 50 MB": ("payments.csv", f"{HEAD}\n{GOOD}\n{'x' * 50_000_000}\n".encode(), "line 3"),
    "too many bad rows": ("payments.csv", f"{HEAD}\n{GOOD}\nP2,L1,2024-02-10,-1,\n".encode(), "1 of 2 rows are bad"),
    "bad products": ("products.yaml", b"products:\n  cash: {grace: 3}\n", "line 2"),
    "products in GBK": ("products.yaml", "products:\n  现金: {}\n".encode("gbk"), "products.yaml"),
    "products no YAML": ("products.yaml", b"products: [", "products.yaml"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FEEDS)
def test_a_bad_feed(place, capfd, case):
    name, data, words = BAD_FEEDS[case]
    path = place / "feed" / name
    path.unlink(missing_ok=True)
    if data is not None:
        path.write_bytes(data)
    refused(capfd, place, "import", place / "feed", "--home", place / "home", words=(words,))
    out = place / "out.csv"
    line = refused(capfd, place, "arrears", place / "feed", "--as-of", DAY, "--out", out, words=(words,))
    assert "/book/" not in line, "no path of a scratch folder"
    assert not out.exists()


def test_folders_that_are_no_feed(place, capfd):
    (place / "empty").mkdir()
    for name, words in (
        ("empty", "is missing"),
        ("nowhere", "no such folder"),
        ("feed/loans.csv", "no such folder"),
    ):
        refused(capfd, place, "import", place / name, "--home", place / "home", words=(words,))
    shutil.rmtree(place / "feed")
    (place / "feed" / "loans.csv").mkdir(parents=True)
    refused(capfd, place, "import", place / "feed", "--home", place / "home", words=("loans.csv",))


def test_a_million_bad_rows(place, capfd):
    """Far beyond the share that may be quarantined: refused at a stroke, with the reasons of a few."""
    rows = "".join(f"P{n},L1,2024-02-10,-1,\n" if n % 2 else f"P{n},L1\n" for n in range(100_000))
    (place / "feed" / "payments.csv").write_text(f"{HEAD}\n{rows}", encoding="utf-8")
    refused(
        capfd,
        place,
        "import",
        place / "feed",
        "--home",
        place / "home",
        words=("100,000 of 100,000 rows are bad",),
    )


BAD_SETTINGS = {
    "threads": ("threads: many\n", "threads must be a whole number"),
    "unknown": ("thread: 2\n", "did you mean `threads`?"),
    "share": ("largest_quarantine: 5\n", "largest_quarantine must be a share"),
    "not a number": ("largest_quarantine: .nan\n", "largest_quarantine must be a share"),
    "encoding": ("feed_encoding: latin-1\n", "feed_encoding must be one of utf-8"),
    "a list": ("- threads\n", "lender.yaml"),
    "no YAML": ("threads: [\n", "not valid YAML"),
    "nested": ("threads: " + "[" * 5000 + "\n", "lender.yaml"),
}


@pytest.mark.parametrize("case", BAD_SETTINGS)
def test_bad_settings(place, capfd, case):
    text, words = BAD_SETTINGS[case]
    (place / "home" / "lender.yaml").write_text(text, encoding="utf-8")
    refused(capfd, place, "import", place / "feed", "--home", place / "home", words=(words,))
    refused(capfd, place, "night", "--as-of", DAY, "--home", place / "home", words=(words,))


def test_homes_that_are_none(place, capfd):
    for command in (("import", place / "feed"), ("night", "--as-of", DAY), ("explain", "L1")):
        refused(capfd, place, *command, "--home", place / "nowhere", words=("is not a lender's home",))
    refused(capfd, place, "init", place / "home", words=("is a lender's home already",))
    main_quiet("init", place / "fresh")
    for command in (("night", "--as-of", DAY), ("explain", "L1", "--as-of", DAY)):
        refused(capfd, place, *command, "--home", place / "fresh", words=("holds no book yet",))


BAD_STRATEGIES = {
    "an unknown fact": (LADDER.replace("days_past_due >= 10", "days_past_du >= 10"), "days_past_due"),
    "no condition": (LADDER.replace("when: days_past_due >= 10", "when: drop or table"), "unknown fact"),
    "no YAML": ("stages: [", "ladder.yaml"),
    "empty": ("", "ladder.yaml"),
    "a stage twice": (LADDER.replace("stage: late", "stage: early"), "ladder.yaml"),
    "GBK": (LADDER.encode("gbk"), "ladder.yaml"),
}


@pytest.mark.parametrize("case", BAD_STRATEGIES)
def test_bad_strategies(place, capfd, case):
    text, words = BAD_STRATEGIES[case]
    path = place / "ladder.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    lines = 2 if case == "no condition" else 1  # a line for each mistake
    night = ("night", "--as-of", DAY, "--strategy", path, "--home", place / "home")
    refused(capfd, place, *night, words=(words,), lines=lines)
    refused(capfd, place, "check-strategy", path, words=(words,), lines=lines)


def test_nights_that_can_not_be(place, capfd):
    home = ("--home", place / "home")
    refused(capfd, place, "night", "--as-of", "2023-12-31", *home, words=("is before the book begins",))
    refused(capfd, place, "night", "--as-of", "2024-02-30", *home, words=("not a date like",))
    for day in ("9999-12-31", "9999-12-15"):
        refused(capfd, place, "night", "--as-of", day, "--all-facts", *home, words=(day,))
    refused(
        capfd, place, "night", "--as-of", DAY, "--strategy", place / "none.yaml", *home, words=("none.yaml",)
    )
    refused(capfd, place, "night", "--as-of", DAY, "--strategy", place, *home, words=(str(place),))
    refused(capfd, place, "explain", "L99", *home, words=("no loan and no borrower",))
    with locked(open_home(place / "home"), "import"):
        refused(capfd, place, "night", "--as-of", DAY, *home, words=("another import or night is running",))
        refused(capfd, place, "import", place / "feed", *home, words=("then import again",))


OUTS = {
    "another ending": ("out.txt", "ends in .csv or .parquet"),
    "no ending": ("out", "ends in .csv or .parquet"),
    "no folder": ("nowhere/out.csv", "is missing"),
    "a folder": ("folder.csv", "folder.csv"),
    "under a file": ("feed/loans.csv/out.csv", "out.csv"),
    "a name too long": ("x" * 252 + ".csv", "too long"),
    "a place without writing": ("/proc/out.csv", "/proc/out.csv"),
}


@pytest.mark.parametrize("case", OUTS)
def test_places_that_can_not_be_written(place, capfd, case):
    name, words = OUTS[case]
    (place / "folder.csv").mkdir()
    feed = tree_bytes(place / "feed")
    refused(capfd, place, "arrears", place / "feed", "--as-of", DAY, "--out", place / name, words=(words,))
    assert tree_bytes(place / "feed") == feed
    assert not list(place.glob(".*.new")), "nothing half-written is left"


def test_arrears_of_a_day_at_the_ends_of_the_calendar(place, capfd):
    for day in ("0001-01-01", "9999-12-31"):
        command = ("arrears", place / "feed", "--as-of", day, "--out", place / "out.csv")
        refused(capfd, place, *command, words=(day,))


def test_damaged_homes(place, capfd):
    """What a power cut or a hand can do to a home is told in one line, and is no fault of ours."""
    home, night = place / "home", ("night", "--as-of", DAY, "--home", place / "home")
    (book,) = [path for path in (home / "data" / "book").iterdir() if path.is_dir()]
    manifest = (book / "manifest.json").read_bytes()
    (book / "manifest.json").write_bytes(manifest[:40])
    refused(capfd, place, *night, words=("manifest",))
    (book / "manifest.json").write_bytes(manifest)
    part = sorted(book.glob("part-*/instalments.parquet"))[0]
    data = part.read_bytes()
    part.write_bytes(b"")
    refused(capfd, place, *night, words=("instalments.parquet",))
    part.write_bytes(data)
    (home / "data" / "book" / "CURRENT").write_text("0123456789ab\n", encoding="utf-8")
    refused(capfd, place, *night, words=("0123456789ab",))


@pytest.mark.parametrize(
    "arguments", [["sail"], ["import"], ["--home"], ["night", "--as-of"], ["import", "a", "--format", "x"]]
)
def test_wrong_words(place, capfd, arguments):
    refused(capfd, place, *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["import", "nowhere"], "no such folder"),
        (["night", "--as-of", "2020-01-01"], "before the book begins"),
    ],
)
def test_the_real_program(place, arguments, words):
    before = kept(place)
    done = subprocess.run(
        [FORBEAR, *arguments, "--home", place / "home"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("forbear: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr
    assert kept(place) == before


def test_a_fault_of_ours_is_told_as_one(place, capfd, monkeypatch):
    """Exit status 1, one line, nothing published."""
    monkeypatch.setattr("forbear.interchange.book.settle.control.require_balance", fail)
    before = kept(place)
    with pytest.raises(SystemExit) as left:
        main(["import", str(place / "feed"), "--home", str(place / "home")])
    assert left.value.code == 1
    line = capfd.readouterr().err.splitlines()[-1]
    assert line.startswith("forbear: failed (AssertionError: lost a row); nothing was published")
    assert kept(place) == before


def fail(*_):
    raise AssertionError("lost a row")
