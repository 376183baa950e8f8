"""SuperLender (Zindi, Nigeria): earlier short loans of returning customers (`trainprevloans.csv`).

One row for each loan, all of them repaid. There is neither a schedule nor a list of payments; both
follow from the row's amounts and dates. What each column becomes, what is guessed and what is lost is reported in
docs/formats/superlender.md. In short:

* Principal is `loanamount`, interest `totaldue - loanamount`, the currency the naira.
* `termdays` 15 and 30 are one instalment, due at `firstduedate`. 60 and 90 are two and three equal ones,
  the first at `firstduedate` and the others 30 days apart: `firstduedate` is about 30 days after
  approval for these terms too, so it can't be the only due date.
* One payment of `totaldue` at `closeddate`. For a loan of several instalments first repaid on an earlier
  day: the first instalment on `firstrepaiddate`, the rest at `closeddate`.
"""

from datetime import date
from pathlib import Path

from forbear.engine.columnar import connected, statements
from forbear.interchange.book.adapters.feed_folder import (
    PACKAGE,
    csv_relation,
    reading,
    refuse_anchor,
    refuse_no_rows,
    source_file,
    write_feed,
)

TITLE = "SuperLender loans"
MAIN_FILE = "trainprevloans.csv"
COLUMNS = (
    "customerid",
    "systemloanid",
    "approveddate",
    "loanamount",
    "totaldue",
    "termdays",
    "closeddate",
    "firstduedate",
    "firstrepaiddate",
)
PRODUCTS = """\
# SuperLender tells nothing of grace or tolerance: none is given.
default: {grace_days: 0}
products:
  payday-loan:
    name: {en: Loan in one instalment, zh: 单期贷款}
  instalment-loan:
    name: {en: Instalment loan, zh: 分期贷款}
"""
GUESSES = """\
Amounts are naira. Terms of 60 and 90 days are two and three equal instalments 30 days apart. A loan was
paid in one sum on the day it closed, or, with several instalments, the first on the day of
the first repayment and the rest on the day it closed. See docs/formats/superlender.md.
"""


def convert(source: Path, target: Path, *, anchor: date | None) -> None:
    """Rewrite the folder `source` as the feed folder `target`; `anchor` must be None.

    Raises AdapterError for a missing, empty or malformed file, and for a target that holds something.
    """
    refuse_anchor(anchor, TITLE)
    path = source_file(source, MAIN_FILE)
    relation = csv_relation(path, COLUMNS)
    with connected() as connection:
        with reading(path, "download it again, whole."):
            connection.execute(
                "create temp table source_loans as select row_number() over () as row,"
                f" {', '.join(COLUMNS)} from {relation}"
            )
        refuse_no_rows(connection, "source_loans", path)
        connection.execute(statements(PACKAGE, "superlender.sql"))
        write_feed(connection, target, title=TITLE, products=PRODUCTS, guesses=GUESSES)
