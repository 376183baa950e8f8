"""A lender's own files by the command: the home's mapping, an accepted story of two days, and what is refused."""

import json

import pytest

from forbear.cli.main import main
from forbear.interchange.book.book import open_book
from forbear.interchange.home.lender import make_home
from tests.interchange.book.small_feed import content
from tests.interchange.mapping.lender_files import CONTRACTS, FILES, MAPPING, PAID, lay
from tests.interchange.mapping.test_shipped import INVOICES


def run(*arguments: object, code: int = 0) -> None:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    assert left.value.code == code, arguments


@pytest.fixture
def home(tmp_path):
    """A lender whose own files are mapped by the mapping.yaml of the home, and imported once."""
    home = tmp_path / "home"
    make_home(home, made_up=True)
    (home / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    run("import", lay(tmp_path / "first", FILES), "--home", home)
    return home


def days_past_due(home, day: str, capsys) -> int:
    run("night", "--as-of", day, "--home", home)
    capsys.readouterr()
    run("explain", "HT003", "--as-of", day, "--home", home, "--json")
    (loan,) = json.loads(capsys.readouterr().out)["loans"]
    return loan["arrears"]["days_past_due"]


def test_the_homes_mapping_is_used_from_import_to_night(home, tmp_path, capsys):
    assert days_past_due(home, "2026-02-20", capsys) == 15
    paid = PAID + "HT003,20260221,1683.00,RPY\n"
    run("import", lay(tmp_path / "next", {**FILES, "pay.csv": paid}), "--home", home)
    assert days_past_due(home, "2026-02-21", capsys) == 0


def test_a_refused_import_says_why_leaves_a_line_and_the_book(home, tmp_path, capsys):
    before = content(open_book(home / "data" / "book"))
    renamed = CONTRACTS.replace("合同金额", "贷款金额")
    run("import", lay(tmp_path / "next", {**FILES, "合同2026.csv": renamed}), "--home", home, code=2)
    said = capsys.readouterr().err
    assert "contracts (合同2026.csv) lacks 合同金额; new in it: 贷款金额" in said
    assert content(open_book(home / "data" / "book")) == before
    lines = (home / "quarantine" / "imports.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["imported", "refused"]
    assert "贷款金额" in json.loads(lines[-1])["problem"]


def test_a_feed_of_forbears_own_form_is_imported_in_spite_of_the_mapping(home, tmp_path, capsys):
    run("import", lay(tmp_path / "next", FILES), "--home", home, "--format", "forbear", code=2)
    assert "loans.csv or loans.parquet is missing" in capsys.readouterr().err


def test_a_shipped_mapping_is_a_format(tmp_path, capsys):
    feed = lay(tmp_path / "in", {"ar.csv": INVOICES})
    asked = ["arrears", feed, "--as-of", "2013-03-10", "--out", tmp_path / "late.csv"]
    run(*asked, "--format", "ibm-receivables")
    assert (
        (tmp_path / "late.csv").read_text("utf-8").splitlines()[3].startswith("201,B-2,13,2013-02-25,10.50")
    )
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    run(*asked, "--format", "ibm-receivables", "--mapping", tmp_path / "mapping.yaml", code=2)
    assert "give either --format or --mapping" in capsys.readouterr().err
