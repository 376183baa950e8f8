"""Control totals: what is read is accepted or quarantined, row by row and sum by sum, and the proof bites."""

import json
import subprocess
import sys
from decimal import Decimal

import pytest

from forbear.interchange.book import control, import_feed
from forbear.interchange.book.feed_files import FeedError
from tests.interchange.book.small_feed import ONE_LOAN, content, quarantined, take_in, tree_bytes, write

MIXED = {
    "loans": [
        "C1,B1,cash,CNY,1000.10,2024-01-01,active",
        "J1,B2,cash,JPY,5000,2024-01-01,active",
        "K1,B3,cash,KWD,30.005,2024-01-01,active",
        "K1,B3,cash,KWD,40.005,2024-01-01,active",
        "Z1,B4,cash,ZZZ,70.25,2024-01-01,active",
        "C2,B4,cash,CNY,x,2024-01-01,active",
    ],
    "instalments": [
        "C1,1,2024-02-01,1000.10,1,2,3.30",
        "J1,1,2024-02-01,5000,100,0,7",
        "K1,1,2024-02-01,30.005,0.001,0,0",
        "K1,1,2024-02-01,30.005,0.002,0,0",
        "Z1,1,2024-02-01,11,12,13,14",
        "C2,1,2024-02-01,0.01,-5,?,",
        "J1,2,2024-03-01,0.5,0,0,0",
        "C1,2",
    ],
    "payments": [
        "P1,C1,2024-02-01,10.25,",
        "P2,J1,2024-02-01,99,",
        "P3,K1,2024-02-01,0.125,",
        "R1,C1,2024-02-02,-10.25,P1",
        "R2,J1,2024-02-02,,P2",
        "P4,Z1,2024-02-01,1000000,",
        "P5,C1,2024-02-01,-4,",
        "P6,C1,2024-02-01,1e3,",
        "P3,K1,2024-02-01,0.125,",
        "R3,K1,2024-02-01,0.126,P3",
        "P7,K1,2024-02-01,0.0625,",
    ],
    "borrowers": ["B1,Ann,,,,,,,", "B1,Bea,,,,,,,", "B2,,x,,,,,,", "B3,,,,,,,2050-99-99,"],
    "pauses": ["C1,2024-02-01,2024-02-03", "C1,2024-02-01,2024-01-03", "Q1,2024-02-01,"],
}
EXPECTED = {
    "loans": {"rows": (6, 3, 3), "principal": ("6140.36", "6030.105", "110.255")},
    "instalments": {
        "rows": (8, 3, 5),
        "principal": ("6071.62", "6030.105", "41.515"),
        "interest": ("108.003", "101.001", "7.002"),
        "fee": ("15", "2", "13"),
        "penalty": ("24.3", "10.3", "14"),
    },
    "payments": {"rows": (11, 5, 6), "amount": ("1000095.4385", "99.125", "999996.3135")},
    "borrowers": {"rows": (4, 1, 3)},
    "pauses": {"rows": (3, 1, 2)},
}


def test_every_row_and_every_sum_is_accounted_for(tmp_path):
    report, book = take_in(tmp_path, write(tmp_path / "feed", **MIXED), partitions=3)
    found = {
        name: {
            key: tuple(Decimal(parts[way][key]) for way in ("read", "accepted", "quarantined"))
            for key in parts["accepted"]
        }
        for name, parts in report.totals.items()
    }
    wanted = {
        name: {key: tuple(map(Decimal, way)) for key, way in sums.items()} for name, sums in EXPECTED.items()
    }
    assert found == wanted
    assert {name: len(rows) for name, rows in quarantined(report).items()} == {
        name: sums["rows"][2] for name, sums in EXPECTED.items()
    }
    assert report.quarantined_rows == sum(sums["rows"][2] for sums in EXPECTED.values())
    assert {name: len(rows) for name, rows in content(book).items()} == {
        "accounts": 0,
        **{name: sums["rows"][1] for name, sums in EXPECTED.items()},
    }
    assert book.manifest["totals"] == report.totals
    json.dumps(book.manifest)


def test_the_quarantine_holds_the_rows_as_they_were_sent(tmp_path):
    report, _ = take_in(tmp_path, write(tmp_path / "feed", **MIXED))
    sent = quarantined(report)["payments"][2]
    assert sent == {
        "row": "8", "column": "amount", "reason": "amount is not an amount like 1234.50",
        "payment_id": "P6", "loan_id": "C1", "paid_on": "2024-02-01", "amount": "1e3", "reverses": "",
    }  # fmt: skip
    assert [int(row["row"]) for row in quarantined(report)["payments"]] == [6, 7, 8, 9, 10, 11]


LIES = {
    "a row too few accepted": lambda parts: parts["accepted"].update(rows="2"),
    "a cent accepted from nowhere": lambda parts: parts["accepted"].update(principal="6030.115"),
    "a quarantined row forgotten": lambda parts: parts["quarantined"].update(rows="2"),
    "a sum read twice": lambda parts: parts["read"].update(principal="12280.730"),
}


@pytest.mark.parametrize("lie", LIES)
def test_totals_that_do_not_add_up_stop_the_import(tmp_path, monkeypatch, lie):
    _, _ = take_in(tmp_path, write(tmp_path / "yesterday", **ONE_LOAN))
    before = tree_bytes(tmp_path / "book")
    true_totals = control.totals

    def lying(*arguments):
        found = true_totals(*arguments)
        LIES[lie](found["loans"])
        return found

    monkeypatch.setattr(control, "totals", lying)
    with pytest.raises(RuntimeError, match=r"loans\.(rows|principal): read"):
        take_in(tmp_path, write(tmp_path / "feed", **MIXED))
    assert tree_bytes(tmp_path / "book") == before


def test_a_row_lost_while_building_stops_the_import(tmp_path, monkeypatch):
    """The accepted side is counted in the finished tables, not copied from what was sent there."""
    true_split = import_feed.split_rows

    def losing(connection, file, columns, joined, target):
        return true_split(connection, file, columns, f"(select * from {joined} where row_at <> 0)", target)

    monkeypatch.setattr(import_feed, "split_rows", losing)
    with pytest.raises(RuntimeError, match=r"instalments\.rows: read 1, accepted 0, quarantined 0"):
        take_in(tmp_path, write(tmp_path / "feed", **ONE_LOAN))
    assert not (tmp_path / "book" / "CURRENT").exists()


def test_the_proof_holds_without_assertions_too():
    """`python -O` drops assert statements; money is not proved by what can be switched off."""
    sums = {"read": {"rows": "2"}, "accepted": {"rows": "1"}, "quarantined": {"rows": "0"}}
    script = f"from forbear.interchange.book.control import require_balance; require_balance({{'loans': {sums!r}}})"
    done = subprocess.run([sys.executable, "-O", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "read 2, accepted 1, quarantined 0" in done.stderr


@pytest.mark.parametrize(
    ("bad", "share", "refused"), [(1, 0.1, False), (2, 0.1, True), (1, 0, True), (0, 0, False)]
)
def test_the_share_that_may_be_quarantined(tmp_path, bad, share, refused):
    payments = [f"P{n},L1,2024-02-10,{'x' if n < bad else 5}," for n in range(10)]
    feed = write(tmp_path / "feed", **{**ONE_LOAN, "payments": payments})
    if not refused:
        report, _ = take_in(tmp_path, feed, largest_quarantine=share)
        assert report.quarantined_rows == bad
        return
    with pytest.raises(FeedError, match=rf"{bad} of 10 rows are bad, more than the {share:.0%}") as problem:
        take_in(tmp_path, feed, largest_quarantine=share)
    assert not (tmp_path / "book" / "CURRENT").exists()
    (written,) = (tmp_path / "quarantine").glob("*/payments.csv")
    assert str(written) in str(problem.value), "the message leads to the reasons"
