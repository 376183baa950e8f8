"""What an import says of itself: the adapters' account, the rows of the user's own file, and sums by currency."""

import csv
import json

import pytest

from forbear.cli.main import main
from forbear.interchange.book.adapters import LEFT_OUT, NOTES
from forbear.interchange.home.lender import make_home
from tests.interchange.book.small_feed import write
from tests.interchange.book.test_adapter_kiva import loan


def run(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code


def test_a_conversion_keeps_its_account_and_the_quarantine_names_the_users_own_rows(tmp_path, capfd):
    make_home(tmp_path / "home", made_up=True)
    source = tmp_path / "kiva"
    source.mkdir()
    bad = {"payments": [{"payment_id": 7, "processed_date": "2011-04-02T03:04:05Z", "amount": 10.123}]}
    many = [loan(number) for number in range(1, 41)]
    many[0]["payments"] = []
    many[29] |= bad
    many.append("no object")
    (source / "loans.json").write_text(json.dumps({"loans": many}), encoding="utf-8")
    assert run("import", source, "--format", "kiva", "--home", tmp_path / "home") == 0
    (account,) = (tmp_path / "home" / "quarantine").glob("converted-*")
    assert str(account) in capfd.readouterr().err.replace("\n", "")
    with (account / LEFT_OUT).open(encoding="utf-8", newline="") as stream:
        assert [(row["file"], row["row"]) for row in csv.DictReader(stream)] == [("loans.json", "41")]
    assert "# Kiva" in (account / NOTES).read_text(encoding="utf-8")
    (quarantined,) = (tmp_path / "home" / "quarantine").glob("*/payments.csv")
    with quarantined.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    # the 29th payment of the feed, but of the 30th loan of the file
    assert [(row["row"], row["loan_id"]) for row in rows] == [("30", "30")]
    assert "source_row" not in rows[0]


def test_sums_are_printed_by_currency_with_its_own_decimals(tmp_path, capfd):
    make_home(tmp_path / "home", made_up=True)
    feed = write(
        tmp_path / "feed",
        loans=[f"{code}{n},B{n},cash,{code},100,,active" for code in ("CNY", "JPY", "KWD") for n in range(9)],
        instalments=[
            *(f"CNY{n},1,2024-02-10,100.10,0,0,0" for n in range(9)),
            *(f"JPY{n},1,2024-02-10,100,0,0,0" for n in range(9)),
            *(f"KWD{n},1,2024-02-10,100.001,0,0,0" for n in range(8)),
            "KWD8,1,2024-02-10,7.0005,0,0,0",
        ],
    )
    assert run("import", feed, "--home", tmp_path / "home") == 0
    printed = capfd.readouterr().out
    lines = [" ".join(line.replace("│", " ").split()) for line in printed.splitlines()]
    assert "principal CNY 900.90 900.90 0.00" in lines
    assert "principal JPY 900 900 0" in lines
    assert "principal KWD 807.0085 800.0080 7.0005" in lines
    assert not any(line.startswith("principal 2") for line in lines), "currencies are never added"
