"""`write_arrears`: one row for every loan of the book, in the columns of the contract, exact in every currency."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from forbear.engine.columnar import connected, quote
from forbear.night.arrears import write_arrears
from tests.interchange.book.small_feed import take_in, write

DAY = date(2024, 3, 1)
CONTRACT = [
    *(
        "loan_id",
        "borrower_id",
        "days_past_due",
        "oldest_unpaid_due_on",
        "past_due_principal",
        "past_due_interest",
    ),
    *("past_due_fee", "past_due_penalty", "past_due_amount", "outstanding", "bucket"),
]
FEED = {
    "loans": [
        "C1,B1,cash,CNY,1000,2024-01-01,active",
        "J1,B2,cash,JPY,5000,2024-01-01,active",
        "K1,B3,cash,KWD,30.005,2023-01-01,active",
        "N1,B4,cash,CNY,100,2024-01-01,active",  # no instalments
        "X1,B4,cash,CNY,100,2024-01-01,closed",
        "F1,B5,cash,CNY,100,2024-03-02,active",  # disbursed tomorrow
        "W1,B5,cash,CNY,100,2024-01-01,written_off",
        "O1,B6,cash,CNY,100,,active",  # overpaid
        "G1,B7,graced,CNY,100,2024-01-01,active",
        "D1,B8,cash,CNY,100,2024-01-01,active",  # due today
    ],
    "instalments": [
        "C1,1,2024-02-01,500.10,10.20,3.30,0.40",
        "C1,2,2024-03-01,499.90,5,0,0",
        "J1,1,2024-02-29,2500,10,0,7",
        "K1,1,2023-03-01,30.005,0.001,0,0",
        "X1,1,2024-02-01,100,0,0,0",
        "F1,1,2024-03-02,100,0,0,0",
        "W1,1,2024-01-31,100,0,0,0",
        "O1,1,2024-02-01,100,0,0,0",
        "G1,1,2024-02-28,100,0,0,0",
        "D1,1,2024-03-01,100,0,0,0",
    ],
    "payments": [
        *("P1,C1,2024-02-15,10.05,", "P2,O1,2024-02-15,123.45,"),
        *("P3,C1,2024-03-02,500,", "P4,K1,2024-01-01,0.002,"),
    ],
    "pauses": ["G1,2024-02-29,", "C1,2024-01-05,2024-01-06"],
}  # fmt: skip
TERMS = "products:\n  cash: {}\n  graced: {grace_days: 2, pauses: stop_the_clock}\n"
# loan: days, oldest, principal, interest, fee, penalty, amount, outstanding, bucket, days delinquent, since,
# credit, paused
EXPECTED = {
    "C1": (
        29,
        "2024-02-01",
        "500.10",
        "3.85",
        "0",
        "0",
        "503.95",
        "1008.85",
        "M1",
        29,
        "2024-02-01",
        "0",
        False,
    ),
    "J1": (1, "2024-02-29", "2500", "10", "0", "7", "2517", "2517", "M1", 1, "2024-02-29", "0", False),
    "K1": (
        366,
        "2023-03-01",
        "30.004",
        "0",
        "0",
        "0",
        "30.004",
        "30.004",
        "M7",
        366,
        "2023-03-01",
        "0",
        False,
    ),
    "W1": (30, "2024-01-31", "100", "0", "0", "0", "100", "100", "M1", 30, "2024-01-31", "0", False),
    "G1": (2, "2024-02-28", "100", "0", "0", "0", "100", "100", "M0", 0, "2024-03-01", "0", True),
    "O1": (0, "", "0", "0", "0", "0", "0", "0", "M0", 0, "", "23.45", False),
    "D1": (0, "", "0", "0", "0", "0", "0", "100", "M0", 0, "", "0", False),
    **dict.fromkeys(("N1", "X1", "F1"), (0, "", "0", "0", "0", "0", "0", "0", "M0", 0, "", "0", False)),
}


def run(root, feed, name, partitions=3, day=DAY):
    _, book = take_in(root, feed, partitions=partitions)
    scratch = root / f"scratch-{name}"
    scratch.mkdir()
    return write_arrears(book, day, root / name, scratch), root / name


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_loan_is_there_and_right(tmp_path):
    count, path = run(tmp_path, write(tmp_path / "feed", products=TERMS, **FEED), "arrears.csv")
    rows = read_csv(path)
    assert count == len(rows) == len(FEED["loans"])
    assert list(rows[0])[: len(CONTRACT)] == CONTRACT
    assert [row["loan_id"] for row in rows] == sorted(EXPECTED)
    for row in rows:
        found = (
            int(row["days_past_due"]),
            row["oldest_unpaid_due_on"],
            *(Decimal(row[name]) for name in (*CONTRACT[4:8], "past_due_amount", "outstanding")),
            row["bucket"],
            int(row["days_delinquent"]),
            row["delinquent_since"],
            Decimal(row["credit"]),
            {"true": True, "false": False}[row["paused"]],
        )
        days, since, *amounts, bucket, late, delinquent, credit, paused = EXPECTED[row["loan_id"]]
        wanted = (days, since, *map(Decimal, amounts), bucket, late, delinquent, Decimal(credit), paused)
        assert found == wanted, row["loan_id"]
    assert {row["loan_id"]: row["five_class"] for row in rows if row["five_class"] != "normal"} == {
        **dict.fromkeys(("C1", "J1", "W1"), "special_mention"),
        "K1": "loss",
    }


def test_csv_and_parquet_say_the_same(tmp_path):
    feed = write(tmp_path / "feed", products=TERMS, **FEED)
    _, text = run(tmp_path, feed, "arrears.csv")
    _, typed = run(tmp_path, feed, "arrears.parquet")
    with connected() as connection:
        found = connection.execute(f"select * from read_parquet({quote(typed)})")
        kinds = {column[0]: str(column[1]) for column in found.description}
        rows = [dict(zip(kinds, row, strict=True)) for row in found.fetchall()]
    shown = [
        {n: "" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for n, v in row.items()}
        for row in rows
    ]
    assert shown == read_csv(text)
    assert {kinds[name] for name in CONTRACT[4:10]} == {"DECIMAL(38,3)"}, (
        "exact, as many places as a dinar has"
    )
    assert (kinds["oldest_unpaid_due_on"], kinds["days_past_due"]) == ("DATE", "INTEGER")


def test_places_follow_the_currencies(tmp_path):
    yen = {"loans": [FEED["loans"][1]], "instalments": [FEED["instalments"][2]]}
    _, path = run(tmp_path, write(tmp_path / "feed", **yen), "arrears.csv")
    assert Decimal(read_csv(path)[0]["past_due_amount"]) == 2517


@pytest.mark.parametrize("partitions", [1, 2, 7])
def test_the_cut_of_the_book_changes_nothing(tmp_path, partitions):
    feed = write(tmp_path / "feed", products=TERMS, **FEED)
    _, one = run(tmp_path / "a", feed, "arrears.csv", partitions=4)
    _, other = run(tmp_path / "b", feed, "arrears.csv", partitions=partitions)
    assert one.read_bytes() == other.read_bytes()


def test_an_empty_book_gives_a_header(tmp_path):
    count, path = run(tmp_path, write(tmp_path / "feed"), "arrears.csv")
    assert count == 0
    assert path.read_text(encoding="utf-8").splitlines()[0].split(",")[: len(CONTRACT)] == CONTRACT


@pytest.mark.parametrize("day", [date(1990, 1, 1), date(2023, 2, 28)])
def test_before_the_book_nobody_is_late(tmp_path, day):
    _, path = run(tmp_path, write(tmp_path / "feed", products=TERMS, **FEED), "arrears.csv", day=day)
    assert {row["days_past_due"] for row in read_csv(path)} == {"0"}
    assert {row["loan_id"]: Decimal(row["outstanding"]) for row in read_csv(path)}["O1"] == 100
