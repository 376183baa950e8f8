"""Whole feeds of one made-up lender as its system would send them on different days, and thirty ways to spoil one.

All are cut from one generated feed of a later date, so that from one day to the next only what happened between them
changes: loans are disbursed, payments come in.
"""

import csv
from datetime import date
from pathlib import Path

from forbear.interchange.book.generate import generate_feed

Rows = list[dict[str, str]]
Tables = dict[str, Rows]


def made_lender(folder: Path, last: date, loans: int, seed: int = 3) -> Tables:
    """Everything that the lender's system will have on the day `last`."""
    generate_feed(folder, loans=loans, seed=seed, as_of=last, form="csv")
    tables = {}
    for name in ("loans", "instalments", "payments", "borrowers"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            tables[name] = list(csv.DictReader(stream))
    return tables


def on_day(whole: Tables, day: date) -> Tables:
    """What the system had at the close of a day; a loan is closed once its last payment is in."""
    loans = [dict(row) for row in whole["loans"] if row["disbursed_on"] <= str(day)]
    ids = {row["loan_id"] for row in loans}
    payments = [
        dict(row) for row in whole["payments"] if row["loan_id"] in ids and row["paid_on"] <= str(day)
    ]
    instalments = [dict(row) for row in whole["instalments"] if row["loan_id"] in ids]
    owed = dict.fromkeys(ids, 0)
    for row in instalments:
        owed[row["loan_id"]] += sum(_cents(row[part]) for part in ("principal", "interest", "fee", "penalty"))
    for loan_id, paid in paid_by_loan(payments).items():
        owed[loan_id] -= paid
    for row in loans:
        row["status"] = "closed" if owed[row["loan_id"]] <= 0 else "active"
    people = {row["borrower_id"] for row in loans}
    borrowers = [dict(row) for row in whole["borrowers"] if row["borrower_id"] in people]
    return {"loans": loans, "instalments": instalments, "payments": payments, "borrowers": borrowers}


def _cents(text: str) -> int:
    return round(float(text or 0) * 100)


def paid_by_loan(payments: Rows) -> dict[str, int]:
    """What counts of the payments, in cents: one that was reversed counts as never made."""
    undone = {(row["loan_id"], row["reverses"]) for row in payments if row["reverses"]}
    paid: dict[str, int] = {}
    for row in payments:
        if not row["reverses"] and (row["loan_id"], row["payment_id"]) not in undone:
            paid[row["loan_id"]] = paid.get(row["loan_id"], 0) + _cents(row["amount"])
    return paid


def owing_nothing(tables: Tables, day: date) -> set[str]:
    """Borrowers of whom nothing is past due on a day, counted from the bare rows: none of Forbear's code runs.

    A due date counts from the day after it; grace and tolerance would only make the set larger.
    """
    due: dict[str, int] = {}
    for row in tables["instalments"]:
        if row["due_on"] < str(day):
            due[row["loan_id"]] = due.get(row["loan_id"], 0) + sum(
                _cents(row[part]) for part in ("principal", "interest", "fee", "penalty")
            )
    paid = paid_by_loan([row for row in tables["payments"] if row["paid_on"] <= str(day)])
    late = {
        row["borrower_id"]
        for row in tables["loans"]
        if row["status"] != "closed" and due.get(row["loan_id"], 0) > paid.get(row["loan_id"], 0)
    }
    return {row["borrower_id"] for row in tables["loans"]} - late


def write_feed(folder: Path, tables: Tables, products: str) -> Path:
    """Write the tables as a feed of CSV files."""
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            names = list(rows[0])
            out = csv.writer(stream, lineterminator="\n")
            out.writerow(names)
            out.writerows([row[name] for name in names] for row in rows)
    (folder / "products.yaml").write_text(products, encoding="utf-8")
    return folder
