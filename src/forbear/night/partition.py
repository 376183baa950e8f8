"""One partition's night: delinquency, facts, stages, treatments, and their files.

Runs in a thread here or on any machine that sees the book; all it needs is in
its arguments, and its files depend on nothing else.
"""

import json
import os
from datetime import date
from hashlib import sha256
from pathlib import Path

from forbear.core.strategy.stage import DUE_SOON
from forbear.engine.columnar import Connection, as_written, connected, named_queries, parquet, quote
from forbear.night.arms import arms_sql
from forbear.night.choice import with_choice_sql
from forbear.night.decide import cases_sql, treatments_sql
from forbear.night.inputs import (
    NightInputs,
    book_terms,
    facts_asked,
    has_pauses,
    has_quotes,
    horizon,
    owing_sql,
    paid_later,
    part_files,
)
from forbear.night.payoff import OF_LOAN, make_payoff, paid_since_sql, payoff_joins, to_come_sql
from forbear.night.scores import make_points
from forbear.night.sql_text import filled, sql_day
from forbear.night.terms import make_terms

# a dictionary of more values than that costs more than it spares
WRITTEN = "format parquet, compression lz4_raw, parquet_version v2, row_group_size 122880, dictionary_size_limit 500"
RESULTS = ("arrears", "cases", "treatments", "arms")
ARREARS_COLUMNS = (
    "loan_id, borrower_id, product, currency, minor_unit, status, days_past_due, days_delinquent, "
    "oldest_unpaid_due_on, delinquent_since, oldest_unpaid_number, instalments_past_due, past_due_principal, "
    "past_due_interest, past_due_fee, past_due_penalty, past_due_amount, outstanding, payoff, balance, credit, "
    "paused_days, paused, bucket, five_class, feed_doubt"
)
# the table stands in the book's order already, and one thread keeps it
_LATE = f"select {ARREARS_COLUMNS} from arrears where days_past_due > 0"


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
    fact_names = facts_asked(inputs.strategy, inputs.all_facts, inputs.scores)
    files = {name: target / name / f"part-{number:05d}.parquet" for name in RESULTS}
    owing = run_delinquency(connection, Path(inputs.book), number, inputs.as_of, fact_names)
    make_points(connection, inputs.scores)
    with as_written(connection):
        _write(connection, _LATE, files["arrears"])
        _write(connection, cases_sql(connection, inputs, fact_names, number, owing), files["cases"])
        _write(connection, treatments_sql(connection, inputs.strategy, files["cases"]), files["treatments"])
        arms = with_choice_sql(
            connection, inputs, arms_sql(connection, inputs, number, files["cases"]), files
        )
        _write(connection, arms, files["arms"])
    notes = {
        "part": number,
        "version": inputs.version,
        "files": {
            f"{name}/{file.name}": sha256(file.read_bytes()).hexdigest() for name, file in files.items()
        },
        **_summary(connection, inputs, files),
    }
    waiting = target / f"notes-{number:05d}.json.new"
    with waiting.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(notes, sort_keys=True) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    waiting.rename(target / f"notes-{number:05d}.json")
    return notes


def run_delinquency(
    connection: Connection, book: Path, number: int, as_of: date, fact_names: frozenset[str] = frozenset()
) -> str:
    """Make the table `arrears`, one row for each late loan (if due dates ahead are asked for, others too).

    It is made from the book's files, by way of the views `loans`, `near` and, for due dates ahead, `owed`, and the
    table `paid_later`. Returns SQL that is true for those of the loans and people who can owe.
    """
    files = part_files(book, number)
    connection.execute(f"create or replace temp view loans as select * from {files['loans']}")
    terms = book_terms(str(book))
    make_terms(connection, terms)
    make_payoff(connection, as_of)
    last = horizon(as_of, fact_names, any(product.due_date_counts for _, product in terms))
    owing, day = owing_sql(str(book), as_of, last), sql_day(as_of)
    ahead, some_later = bool(fact_names & DUE_SOON), paid_later(str(book), as_of)
    owed = filled("owed.sql", as_of=day, horizon=sql_day(last), instalments=files["instalments"])
    values = {
        "as_of": day,
        "all_near": str(ahead).lower(),
        "owing": owing,
        "make_owed": f"create or replace temp view owed as {owed};" if ahead else "",
        "owed": "owed" if ahead else f"({owed})",
        "some_later": str(some_later).lower(),
        "payments": files["payments"],
        "to_come": to_come_sql(files["instalments"], as_of),
        "paid_since": paid_since_sql("loans", files["payments"], as_of, has_quotes(str(book))),
        "payoff_joins": payoff_joins(),
        **_less_later(some_later),
        **_of_pauses(files["pauses"] if has_pauses(str(book)) else "", day),
    }
    with as_written(connection):
        connection.execute(filled("delinquency.sql", **values))
    return owing


def _less_later(some: bool) -> dict[str, str]:
    """What the night's SQL takes from a loan `l`'s payments: those after the night's date, where there are some."""
    if not some:
        return {"later": "0", "with_later": ""}
    return {
        "later": "coalesce(p.amount, 0)",
        "with_later": "left join paid_later p on p.loan_key = l.loan_key",
    }


def _of_pauses(pauses: str, as_of: str) -> dict[str, str]:
    """What delinquency.sql asks of the pauses; "" where there are none."""
    if not pauses:
        return {"stopped": "select null::integer as loan_key, 0 as days where false", "paused": "false"}
    today = f"select loan_key from {pauses} where {as_of} between starts_on and ends_on"
    stopped = filled("stopped.sql", as_of=as_of, pauses=pauses)
    return {"stopped": stopped, "paused": f"u.loan_key in ({today})"}


def _write(connection: Connection, query: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy ({query}) to {quote(path)} ({WRITTEN})")


def _summary(connection: Connection, inputs: NightInputs, files: dict[str, Path]) -> dict:
    """Counts and sums for the manifest; amounts in minor units by currency."""
    rows = {name: parquet(path.parent, path.name) for name, path in files.items()}
    later = _less_later(paid_later(inputs.book, inputs.as_of))
    of_loan = OF_LOAN.format(paid=f"l.paid_total - {later['later']}")
    text = filled(
        "summary.sql",
        as_of=sql_day(inputs.as_of),
        payoff_joins=payoff_joins(),
        of_loan=of_loan,
        **later,
        **rows,
    )
    summary = {}
    for name, query in named_queries(text).items():
        summary[name] = [list(row) for row in connection.execute(query).fetchall()]
    return summary
