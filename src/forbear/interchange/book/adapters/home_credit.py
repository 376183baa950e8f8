"""Home Credit Default Risk (Kaggle, 2018): instalments and payments of earlier loans.

`installments_payments.csv` holds one row for each payment against an instalment; an instalment that
was not paid has one row without a payment. What the columns become, what is guessed and what is lost is
described in docs/formats/home-credit.md. In short:

* A loan is an SK_ID_PREV, its borrower an SK_ID_CURR. Days are counted from the borrower's
  application, whose date is secret: the `anchor` stands for it, one day for everybody.
* Amounts are scrambled (all are multiples of 0.045) and the currency is secret. They have three
  decimals, so the label is a currency with three, KWD: rounding to two would leave thousands of loans a
  cent short, that is in arrears for years. Nothing is rounded.
* There is no split into interest and fees: an instalment is all principal.
* An instalment known in several versions of the payment calendar becomes one instalment: see
  sql/home_credit.sql.
* POS_CASH_balance.csv, where present, says whether a loan is over; previous_application.csv, where
  present, gives its product, amount and day. Without them: active, the sum of the instalments, unknown.
"""

import os
from datetime import date
from pathlib import Path

from forbear.engine.columnar import Connection, connected, statements
from forbear.interchange.book.adapters.feed_folder import (
    PACKAGE,
    csv_relation,
    reading,
    refuse_no_rows,
    source_file,
    write_feed,
)

TITLE = "Home Credit Default Risk"
MAIN_FILE = "installments_payments.csv"
DEFAULT_ANCHOR = date(2018, 1, 1)
CURRENCY = "KWD"
COLUMNS = (
    "SK_ID_PREV",
    "SK_ID_CURR",
    "NUM_INSTALMENT_VERSION",
    "NUM_INSTALMENT_NUMBER",
    "DAYS_INSTALMENT",
    "DAYS_ENTRY_PAYMENT",
    "AMT_INSTALMENT",
    "AMT_PAYMENT",
)
OPTIONAL_FILES = {
    "POS_CASH_balance.csv": ("SK_ID_PREV", "MONTHS_BALANCE", "NAME_CONTRACT_STATUS"),
    "previous_application.csv": ("SK_ID_PREV", "NAME_CONTRACT_TYPE", "AMT_CREDIT", "DAYS_DECISION"),
}
PRODUCTS = """\
# Home Credit tells nothing of grace or tolerance: none is given.
default: {grace_days: 0}
products:
  instalment-loan:
    name: {en: Instalment loan, zh: 分期贷款}
  consumer-loan:
    name: {en: Consumer loan, zh: 消费贷款}
  cash-loan:
    name: {en: Cash loan, zh: 现金贷款}
  revolving-loan:
    name: {en: Revolving loan, zh: 循环贷款}
"""
GUESSES = """\
Day 0 is {anchor}, the same for every borrower: the true dates are secret. The currency label
{currency} is only that of a unit with three decimals: the true currency is secret and its amounts are
scrambled. All of an instalment is called principal. See docs/formats/home-credit.md.
"""


def convert(source: Path, target: Path, *, anchor: date | None) -> None:
    """Rewrite the folder `source` as the feed folder `target`, day 0 being `anchor` (2018-01-01).

    Raises AdapterError for a missing, empty or malformed file, and for a target that holds something.
    """
    path = source_file(source, MAIN_FILE)
    day_zero = anchor or DEFAULT_ANCHOR
    with connected(threads=os.cpu_count() or 1) as connection:
        connection.execute(f"set variable anchor = date '{day_zero.isoformat()}'")
        connection.execute(f"set variable currency = '{CURRENCY}'")
        connection.execute(statements(PACKAGE, "home_credit_macros.sql"))
        relation = csv_relation(path, COLUMNS)
        with reading(path, "download it again, whole."):
            connection.execute(
                statements(PACKAGE, "home_credit_entries.sql").replace("from source", f"from {relation}")
            )
        refuse_no_rows(connection, "entries", path)
        for name, columns in OPTIONAL_FILES.items():
            _load_optional(connection, source, name, columns)
        connection.execute(statements(PACKAGE, "home_credit.sql"))
        guesses = GUESSES.format(anchor=day_zero.isoformat(), currency=CURRENCY)
        write_feed(connection, target, title=TITLE, products=PRODUCTS, guesses=guesses)


def _load_optional(connection: Connection, source: Path, name: str, columns: tuple[str, ...]) -> None:
    """Make the table of an optional file (its name without the suffix), empty when the file is absent."""
    table = Path(name).stem.lower()
    if not (source / name).exists():
        nothing = ", ".join(f"null::varchar as {column}" for column in columns)
        connection.execute(f"create temp table {table} as select 0::bigint as row, {nothing} where false")
        return
    path = source_file(source, name)
    relation = csv_relation(path, columns)
    with reading(path, "download it again, whole, or take it away: it is optional."):
        connection.execute(
            f"create temp table {table} as"
            f" select row_number() over () as row, {', '.join(columns)} from {relation}"
        )
