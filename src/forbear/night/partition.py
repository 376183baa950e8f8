"""One partition's night: delinquency, facts, stages, treatments, and their files.

Runs in a thread here or on any machine that sees the book; all it needs is in
its arguments, and its files depend on nothing else.
"""

import json
import os
import re
from datetime import date
from hashlib import sha256
from pathlib import Path

from forbear.engine.columnar import Connection, connected, parquet, quote
from forbear.night.decide import decide_stages, gather_facts
from forbear.night.inputs import NightInputs, book_terms, facts_asked, horizon
from forbear.night.sql_text import filled, sql_day
from forbear.night.terms import make_terms

WRITTEN = "format parquet, compression lz4_raw, parquet_version v2, row_group_size 122880"
RESULTS = ("arrears", "cases", "treatments")
ARREARS_COLUMNS = (
    "loan_id, borrower_id, product, currency, minor_unit, status, days_past_due, days_delinquent, "
    "oldest_unpaid_due_on, delinquent_since, oldest_unpaid_number, instalments_past_due, past_due_principal, "
    "past_due_interest, past_due_fee, past_due_penalty, past_due_amount, outstanding, credit, paused_days, "
    "paused, bucket, five_class, feed_doubt"
)


def decide_partition(
    inputs: NightInputs, number: int, target: Path, connection: Connection | None = None
) -> dict:
    """Decide partition `number` and write its three files under `target`; returns its notes.

    `connection` may serve one partition after another; without one, a connection is opened for this one.
    The notes (counts, sums, checksums) are written last: a partition that has
    them is done, and a night that was cut off goes on after it.
    """
    if connection is None:
        with connected(1) as own:
            return decide_partition(inputs, number, target, own)
    strategy = inputs.strategy
    asked = facts_asked(strategy, inputs.all_facts)
    run_delinquency(connection, Path(inputs.book), number, inputs.as_of, asked)
    gather_facts(connection, inputs, asked, number)
    decide_stages(connection, strategy, inputs, asked)
    files = _write(connection, target, number)
    notes = {"part": number, "version": inputs.version, "files": files, **_summary(connection, inputs)}
    waiting = target / f"notes-{number:05d}.json.new"
    with waiting.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(notes, sort_keys=True) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    waiting.rename(target / f"notes-{number:05d}.json")
    return notes


def run_delinquency(
    connection: Connection, book: Path, number: int, as_of: date, asked: frozenset[str] = frozenset()
) -> None:
    """Make the tables `arrears` (loans with something unpaid up to the horizon), `loans` and `paid_later`."""
    part = book / f"part-{number:05d}"
    for table in ("loans", "instalments", "payments", "pauses"):
        rows = parquet(part, f"{table}.parquet")
        connection.execute(f"create or replace temp view {table} as select * from {rows}")
    terms = book_terms(str(book))
    make_terms(connection, terms)
    last = horizon(as_of, asked, any(product.due_date_counts for _, product in terms))
    connection.execute(filled("delinquency.sql", as_of=sql_day(as_of), horizon=sql_day(last)))


def _write(connection: Connection, target: Path, number: int) -> dict[str, str]:
    """Write the three files; returns the SHA-256 of each."""
    shown = {
        "arrears": f"select {ARREARS_COLUMNS} from arrears where days_past_due > 0 order by loan_key",
        # these two stand in their order already, and one thread keeps it
        "cases": "select * from cases",
        "treatments": "select * from treatments",
    }
    sums = {}
    for name in RESULTS:
        path = target / name / f"part-{number:05d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(f"copy ({shown[name]}) to {quote(path)} ({WRITTEN})")
        sums[f"{name}/{path.name}"] = sha256(path.read_bytes()).hexdigest()
    return sums


def _summary(connection: Connection, inputs: NightInputs) -> dict:
    """Counts and sums for the manifest; amounts in minor units by currency."""
    text = filled("summary.sql", as_of=sql_day(inputs.as_of))
    found = {}
    for name, query in re.findall(r"^-- (\w+):.*\n([^;]+);", text, re.MULTILINE):
        found[name] = [list(row) for row in connection.execute(query).fetchall()]
    return found
