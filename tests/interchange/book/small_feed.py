"""Small feeds written by hand, their import, and what came of it: for the tests of the import and the night."""

import csv
from pathlib import Path

from forbear.engine.columnar import Connection, connected, quote
from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.import_feed import ImportReport, import_feed

HEADERS = {
    "loans": "loan_id,borrower_id,product,currency,principal,disbursed_on,status",
    "instalments": "loan_id,number,due_on,principal,interest,fee,penalty",
    "payments": "payment_id,loan_id,paid_on,amount,reverses",
    "borrowers": "borrower_id,name,phone,email,language,region,timezone,born_on,consent_sms",
    "parties": "loan_id,number,role,name",
    "pauses": "loan_id,starts_on,ends_on",
    "accounts": "loan_id,as_of,balance,past_due,past_due_interest,oldest_due_on,days_past_due,statement_on,minimum_due,"
    "minimum_due_on,paid_since_statement,last_payment_on",
}
REQUIRED = ("loans", "instalments", "payments")
ONE_LOAN = {
    "loans": ["L1,B1,cash,CNY,100.00,2024-01-01,active"],
    "instalments": ["L1,1,2024-02-10,100.00,0,0,0"],
    "payments": [],
}


def write(folder: Path, *, products: str = "", **tables: list[str]) -> Path:
    """Write a feed of CSV files: `tables` gives each file's lines without the header."""
    folder.mkdir(parents=True)
    required = ("loans",) if "accounts" in tables else REQUIRED  # an account has no schedule
    for name in (*required, *(name for name in tables if name not in required)):
        lines = [HEADERS[name], *tables.get(name, [])]
        (folder / f"{name}.csv").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if products:
        (folder / "products.yaml").write_text(products, encoding="utf-8")
    return folder


def take_in(root: Path, folder: Path, **options: object) -> tuple[ImportReport, Book]:
    """Import `folder` into the book under `root`; any share may be quarantined unless told otherwise."""
    options.setdefault("largest_quarantine", 1.0)
    report = import_feed(root / "book", folder, quarantine=root / "quarantine", **options)
    return report, open_book(root / "book")


def quarantined(report: ImportReport) -> dict[str, list[dict[str, str]]]:
    """The quarantine's rows by file, as its header names them."""
    found = {}
    if report.quarantine:
        for path in sorted(report.quarantine.iterdir()):
            with path.open(encoding="utf-8", newline="") as stream:
                found[path.stem] = list(csv.DictReader(stream))
    return found


def verdicts(report: ImportReport, table: str, rows: int) -> list[tuple[str, str] | None]:
    """For each data row of a file: None if it was accepted, else (column, reason)."""
    found: list[tuple[str, str] | None] = [None] * rows
    for row in quarantined(report).get(table, []):
        place = int(row["row"]) - 1
        assert found[place] is None, f"row {row['row']} of {table} stands twice in the quarantine"
        found[place] = (row["column"], row["reason"])
    return found


_CONTENT = {
    "loans": "loan_id, borrower_id, product, currency, minor_unit, principal, disbursed_on, status, due_total, "
    "principal_total, paid_total, first_number, feed_doubt, borrower_known",
    "instalments": "loan_id, number, due_on, falls_due_on, i.principal, interest, fee, penalty, due_to_date, "
    "settled_on",
    "payments": "loan_id, payment_id, paid_on, amount, reverses, counted",
    "accounts": "loan_id, as_of, i.balance, late_principal, late_interest, late_fee, late_penalty, late_since, "
    "minimum_left, minimum_due_on, i.shown_until, last_paid_on, newest",
    "pauses": "loan_id, starts_on, ends_on",
}


def content(book: Book) -> dict[str, list[tuple]]:
    """All that the book says, whatever its partitions and keys: each table's rows in order."""
    found: dict[str, list[tuple]] = {name: [] for name in (*_CONTENT, "borrowers")}

    def rows_of(part: int, name: str) -> str:
        # a folder called loan_id=L9 is no column
        return f"read_parquet([{quote(book.part(part) / f'{name}.parquet')}], hive_partitioning = false)"

    with connected() as connection:
        for part in range(book.partitions):
            for name, columns in _CONTENT.items():
                rows = f"{rows_of(part, name)} i"
                joined = (
                    rows if name == "loans" else f"{rows} join {rows_of(part, 'loans')} l using (loan_key)"
                )
                found[name] += connection.execute(f"select {columns} from {joined}").fetchall()
            found["borrowers"] += _borrowers(connection, rows_of(part, "borrowers"))
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def _borrowers(connection: Connection, source: str) -> list[tuple]:
    """Each borrower's columns by name: files of different feeds need not have the same consents."""
    rows = connection.execute(f"select * from {source}")
    names = [column[0] for column in rows.description]
    ours = {"borrower_key", "has_phone", "has_email"}
    return [
        tuple(
            sorted((n, v) for n, v in zip(names, row, strict=True) if n not in ours and v not in (None, ""))
        )
        for row in rows.fetchall()
    ]


def tree_bytes(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
