"""Kiva: loans of a lending platform with their schedules and repayments (`loans.json`).

One JSON object whose list `loans` holds a loan each, with the lists `scheduled_payments` (due_date,
amount) and `payments` (payment_id, processed_date, amount). What each field becomes, what is guessed
and what is lost is reported in docs/formats/kiva.md. In short:

* All amounts but `disbursal_amount` are US dollars whatever `disbursal_currency` says, so the loan is a
  loan in dollars. There is no interest: an instalment is all principal.
* A time of day is cut off in UTC, as written. Kiva's due dates are midnight in California, which
  is the same date in UTC.
* `processed_date` is when Kiva received a repayment, not when the borrower made it: it is the only
  date there is.
* A loan has one borrower of its own unless it names a `borrower_id`.
"""

from datetime import date
from pathlib import Path

from forbear.engine.columnar import Connection, connected, quote, statements
from forbear.interchange.book.adapters.feed_folder import (
    PACKAGE,
    AdapterError,
    reading,
    refuse_anchor,
    refuse_no_rows,
    source_file,
    write_feed,
)

TITLE = "Kiva loans"
MAIN_FILE = "loans.json"
FIELDS = (
    "id",
    "status",
    "loan_amount",
    "disbursal_date",
    "country_code",
    "scheduled_payments",
    "payments",
)
PRODUCTS = """\
# Kiva tells nothing of grace or tolerance: none is given.
default: {grace_days: 0}
products:
  kiva-loan:
    name: {en: Kiva loan, zh: Kiva 贷款}
"""
GUESSES = """\
Amounts are US dollars and all principal. A repayment's date is the day Kiva processed it. A loan
without a borrower_id has one borrower of its own. See docs/formats/kiva.md.
"""
_SHAPE = 'it must hold one JSON object like {"loans": [ ... ]}'


def convert(source: Path, target: Path, *, anchor: date | None) -> None:
    """Rewrite the folder `source` as the feed folder `target`; `anchor` must be None.

    Raises AdapterError for a missing, empty or malformed file, and for a target that holds something.
    """
    refuse_anchor(anchor, TITLE)
    path = source_file(source, MAIN_FILE)
    with connected() as connection:
        _read(connection, path)
        connection.execute(statements(PACKAGE, "kiva.sql"))
        write_feed(connection, target, title=TITLE, products=PRODUCTS, guesses=GUESSES)


def _read(connection: Connection, path: Path) -> None:
    """Make the table `source_loans`: row and the loan as JSON; refuse a file of another shape."""
    # The whole file is one object, and the engine's limit on an object is 16 MB by default.
    largest = max(path.stat().st_size + 1, 1 << 24)
    with reading(path, f"{_SHAPE}."):
        connection.execute(
            "create temp table document as select json from read_json_objects("
            f"{quote(path)}, format = 'unstructured', maximum_object_size = {largest})"
        )
    kinds = connection.execute("select json_type(json), json_type(json, '$.loans') from document").fetchall()
    if kinds != [("OBJECT", "ARRAY")]:
        raise AdapterError(f'{path} has no list called "loans"; {_SHAPE}.')
    connection.execute(
        "create temp table source_loans as select row_number() over () as row, loan"
        " from (select unnest(from_json(json -> '$.loans', '[\"JSON\"]')) as loan from document)"
    )
    refuse_no_rows(connection, "source_loans", path)
    for field in FIELDS:
        present = connection.execute(
            f"select count(*) from source_loans where json_exists(loan, '$.{field}')"
        )
        if present.fetchone() == (0,):
            raise AdapterError(f"{path}: no loan has the field {field}; the loans need {', '.join(FIELDS)}.")
