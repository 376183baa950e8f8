"""Ways in which a feed is damaged before it arrives: each changes the files of a whole, right feed.

A damage is a function of the feed's folder, its tables, those of the day before, and those of a month ago.
"""

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tests.interchange.book.days import Tables, write_feed

Damage = Callable[[Path, Tables, Tables], None]
_PARTS = ("principal", "interest", "fee", "penalty")


def _again(folder: Path, tables: Tables) -> None:
    products = (folder / "products.yaml").read_text(encoding="utf-8")
    shutil.rmtree(folder)
    write_feed(folder, tables, products)


def _cut_at_byte(name: str, share: float) -> Damage:
    def damage(folder: Path, tables: Tables, old: Tables) -> None:
        path = folder / f"{name}.csv"
        data = path.read_bytes()
        end = data.index(b",", int(len(data) * share)) + 1
        path.write_bytes(data[:end])

    return damage


def _cut_in_last_value(folder: Path, tables: Tables, old: Tables) -> None:
    path = folder / "instalments.csv"
    path.write_bytes(path.read_bytes()[:-2])


def _cut_at_row(name: str, share: float) -> Damage:
    def damage(folder: Path, tables: Tables, old: Tables) -> None:
        rows = tables[name]
        _again(folder, {**tables, name: rows[: int(len(rows) * share)]})

    return damage


def _header_alone(name: str) -> Damage:
    def damage(folder: Path, tables: Tables, old: Tables) -> None:
        path = folder / f"{name}.csv"
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])

    return damage


def _rows_changed(name: str, change: Callable[[dict[str, str]], dict[str, str]]) -> Damage:
    def damage(folder: Path, tables: Tables, old: Tables) -> None:
        _again(folder, {**tables, name: [row | change(row) for row in tables[name]]})

    return damage


def _times(factor: str, *names: str) -> Damage:
    def damage(folder: Path, tables: Tables, old: Tables) -> None:
        columns = {"loans": ("principal",), "instalments": _PARTS, "payments": ("amount",)}
        changed = {
            name: [
                row | {c: f"{Decimal(row[c]) * Decimal(factor):.2f}" for c in columns[name] if row[c]}
                for row in tables[name]
            ]
            for name in names
        }
        _again(folder, tables | changed)

    return damage


def _days(name: str, column: str, days: int) -> Damage:
    return _rows_changed(
        name, lambda row: {column: str(date.fromisoformat(row[column]) + timedelta(days=days))}
    )


def _status(status: str) -> Damage:
    return _rows_changed("loans", lambda row: {"status": status})


def _shifted(name: str, column: str) -> Damage:
    """One column lies a row further down than the others, as a spreadsheet leaves it."""

    def damage(folder: Path, tables: Tables, old: Tables) -> None:
        rows = tables[name]
        values = [row[column] for row in rows]
        moved = [row | {column: value} for row, value in zip(rows, values[-1:] + values[:-1], strict=True)]
        _again(folder, {**tables, name: moved})

    return damage


def _an_old_feed(folder: Path, tables: Tables, old: Tables) -> None:
    _again(folder, old)


def _old_payments(folder: Path, tables: Tables, old: Tables) -> None:
    _again(folder, {**tables, "payments": old["payments"]})


def _another_lender(*names: str) -> Damage:
    def damage(folder: Path, tables: Tables, old: Tables) -> None:
        theirs = {
            name: [
                row | {c: "X" + row[c] for c in ("loan_id", "borrower_id") if c in row}
                for row in tables[name]
            ]
            for name in names
        }
        _again(folder, tables | theirs)

    return damage


def _files_swapped(folder: Path, tables: Tables, old: Tables) -> None:
    (folder / "payments.csv").rename(folder / "kept.csv")
    (folder / "instalments.csv").rename(folder / "payments.csv")
    (folder / "kept.csv").rename(folder / "instalments.csv")


def _some(name: str, every: int, change: Callable[[dict[str, str]], dict[str, str] | None]) -> Damage:
    """Change, or with None take away, one row in `every`."""

    def damage(folder: Path, tables: Tables, old: Tables) -> None:
        rows = []
        for place, row in enumerate(tables[name]):
            changed = change(row) if place % every == 0 else {}
            if changed is not None:
                rows.append(row | changed)
        _again(folder, {**tables, name: rows})

    return damage


def _sold(folder: Path, tables: Tables, old: Tables) -> None:
    """One loan in twenty is gone with all its lines."""
    gone = {row["loan_id"] for row in tables["loans"][::20]}
    kept = {name: [row for row in rows if row.get("loan_id") not in gone] for name, rows in tables.items()}
    _again(folder, kept)


def _reversal_misnamed(folder: Path, tables: Tables, old: Tables) -> None:
    path = folder / "payments.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("reverses", "reversal_of", 1), encoding="utf-8")


def _semicolons(folder: Path, tables: Tables, old: Tables) -> None:
    path = folder / "payments.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")


def _bytes(name: str, data: bytes) -> Damage:
    def damage(folder: Path, tables: Tables, old: Tables) -> None:
        (folder / name).write_bytes(data)

    return damage


def _joined(folder: Path, tables: Tables, old: Tables) -> None:
    _again(folder, {**tables, "payments": tables["payments"] + [dict(row) for row in tables["payments"]]})


def _control(**changed: object) -> Damage:
    def damage(folder: Path, tables: Tables, old: Tables) -> None:
        said = {
            "business_date": "2026-11-29",
            "complete": True,
            "files": {"loans": {"rows": len(tables["loans"])}},
        }
        (folder / "control.json").write_text(json.dumps(said | changed), encoding="utf-8")

    return damage


#: Damages after which the import has to stop.
REFUSED: dict[str, Damage] = {
    "payments cut inside a row": _cut_at_byte("payments", 0.6),
    "instalments cut inside a row": _cut_at_byte("instalments", 0.98),
    "instalments cut in their last value": _cut_in_last_value,
    "payments cut at a row's end": _cut_at_row("payments", 0.6),
    "a few payments cut off at a row's end": _cut_at_row("payments", 0.96),
    "no payment at all": _header_alone("payments"),
    "no instalment at all": _header_alone("instalments"),
    "instalments cut at a row's end": _cut_at_row("instalments", 0.6),
    "loans cut at a row's end": _cut_at_row("loans", 0.5),
    "a twentieth of the loans gone": _sold,
    "all loans closed": _status("closed"),
    "all loans active": _status("active"),
    "all loans written off": _status("written_off"),
    "instalments in cents": _times("100", "instalments"),
    "payments in cents": _times("100", "payments"),
    "payments in thousands": _times("0.001", "payments"),
    "everything in cents": _times("100", "loans", "instalments", "payments"),
    "due dates a month early": _days("instalments", "due_on", -30),
    "due dates a day early, by another time zone": _days("instalments", "due_on", -1),
    "payment dates a year late": _days("payments", "paid_on", 365),
    "the feed of a month ago": _an_old_feed,
    "payments of a month ago": _old_payments,
    "another lender's feed": _another_lender("loans", "instalments", "payments", "borrowers"),
    "another lender's payments": _another_lender("payments"),
    "files swapped": _files_swapped,
    "payments one row off their loans": _shifted("payments", "loan_id"),
    "borrowers one row off their loans": _shifted("loans", "borrower_id"),
    "numbers one row off their people": _shifted("borrowers", "phone"),
    "two currencies mixed": _some("loans", 2, lambda row: {"currency": "USD"}),
    "reversals under another name": _reversal_misnamed,
    "semicolons": _semicolons,
    "payments sent twice in one file": _joined,
    "a workbook called CSV": _bytes("payments.csv", b"PK\x03\x04" + bytes(400)),
    "a control file of another feed": _control(files={"payments": {"rows": 1}}),
    "a control file without its complete mark": _control(complete=False),
    "a business date that goes back": _control(business_date="2026-10-01"),
    "every reversal lost its payment": _some("payments", 4, lambda row: {"loan_id": "?" + row["payment_id"]}),
    "dates the other way round": _rows_changed(
        "payments", lambda row: {"paid_on": "/".join(reversed(row["paid_on"].split("-")))}
    ),
    "names of columns lost": _bytes("payments.csv", b"1,2,3,4,5\nP1,L1,2026-01-01,5,\n"),
}

#: Damages of so few rows that the import goes on: the loans are in doubt, and nobody is contacted about them.
DOUBTFUL: dict[str, Damage] = {
    "a payment in three hundred gone": _some("payments", 1200, lambda row: None),
    "a payment in some hundred of a loan with a tab behind": _some(
        "payments", 150, lambda row: {"loan_id": row["loan_id"].replace("L", "L-") + "\tx"[:1]}
    ),
    "a payment in some hundred of a loan nobody knows": _some(
        "payments", 300, lambda row: {"loan_id": "unknown"}
    ),
    "a payment in some hundred unreadable": _some("payments", 150, lambda row: {"amount": "1.234,50"}),
    "a payment in a thousand of half its amount": _some(
        "payments", 1200, lambda row: {"amount": f"{Decimal(row['amount']) / 2:.2f}"}
    ),
    "an instalment in some thousand due a month early": _some(
        "instalments",
        2000,
        lambda row: {"due_on": str(date.fromisoformat(row["due_on"]) - timedelta(days=20))},
    ),
}
