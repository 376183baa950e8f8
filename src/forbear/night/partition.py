"""One partition's night: delinquency, facts, stages, treatments, and their files.

Runs in a thread here or on any machine that sees the book; all it needs is in
its arguments, and its files depend on nothing else.
"""

import json
import re
from datetime import date
from hashlib import sha256
from pathlib import Path

from forbear.core.facts import facts_known
from forbear.core.loan import Product
from forbear.core.products import Products
from forbear.core.strategy_rules import Strategy
from forbear.engine.columnar import Connection, connected, quote, statements
from forbear.night.inputs import NightInputs, facts_asked, horizon, products_of
from forbear.night.terms import make_terms

WRITTEN = "format parquet, compression zstd, parquet_version v2, row_group_size 122880"
COSTLY = {
    "next_due": (
        "fact_next_due.sql",
        {"days_to_due", "next_due_amount"},
        "days_to_due integer, next_due_amount bigint",
    ),
    "last_paid": ("fact_last_payment.sql", {"days_since_payment"}, "paid_on date"),
}
RESULTS = ("arrears", "cases", "treatments")
ARREARS_COLUMNS = (
    "loan_id, borrower_id, product, currency, minor_unit, status, days_past_due, days_delinquent, "
    "oldest_unpaid_due_on, delinquent_since, oldest_unpaid_number, instalments_past_due, past_due_principal, "
    "past_due_interest, past_due_fee, past_due_penalty, past_due_amount, outstanding, credit, paused_days, "
    "paused, bucket, five_class, feed_doubt"
)


def decide_partition(inputs: NightInputs, number: int, target: Path) -> dict:
    """Decide partition `number` and write its three files under `target`; returns its notes.

    The notes (counts, sums, checksums) are written last: a partition that has
    them is done, and a night that was cut off goes on after it.
    """
    strategy = inputs.strategy
    asked = facts_asked(strategy, inputs.all_facts)
    with connected(1) as connection:
        run_delinquency(connection, Path(inputs.book), number, inputs.as_of, asked)
        _facts(connection, inputs, asked, number)
        _decide(connection, strategy, inputs, asked)
        files = _write(connection, target, number)
        notes = {"part": number, "version": inputs.version, "files": files, **_summary(connection, inputs)}
    waiting = target / f"notes-{number:05d}.json.new"
    waiting.write_text(json.dumps(notes, sort_keys=True) + "\n", encoding="utf-8")
    waiting.rename(target / f"notes-{number:05d}.json")
    return notes


def run_delinquency(
    connection: Connection, book: Path, number: int, as_of: date, asked: frozenset[str] = frozenset()
) -> None:
    """Make the tables `arrears` (loans with something unpaid up to the horizon), `loans` and `paid_later`."""
    part = book / f"part-{number:05d}"
    for table in ("loans", "instalments", "payments", "pauses"):
        path = quote(part / f"{table}.parquet")
        connection.execute(f"create or replace temp view {table} as select * from read_parquet({path})")
    products = number_products(connection, products_of(book))
    make_terms(connection, products)
    last = horizon(as_of, asked, any(product.due_date_counts for _, product in products))
    connection.execute(_sql("delinquency.sql", as_of=sql_day(as_of), horizon=sql_day(last)))


def number_products(connection: Connection, products: Products) -> list[tuple[int, Product]]:
    """The products of the view `loans` with the numbers they have there."""
    rows = connection.execute("select distinct product_no, product from loans order by 1").fetchall()
    return [(number, products.get(code)) for number, code in rows]


def sql_day(day: date) -> str:
    """A SQL date literal."""
    return f"date {quote(day)}"


def _sql(name: str, **values: str) -> str:
    return fill(statements("forbear.night", name), values)


def fill(text: str, values: dict[str, str]) -> str:
    """Put each value where its dollar name stands."""
    return re.sub(r"\$([a-z_]+)", lambda found: values[found.group(1)], text)


def _facts(connection: Connection, inputs: NightInputs, asked: frozenset[str], number: int) -> None:
    """Make the table `facts`: one row a borrower, night facts and desk facts, no nulls."""
    as_of = sql_day(inputs.as_of)
    people = quote(Path(inputs.book) / f"part-{number:05d}" / "borrowers.parquet")
    connection.execute(f"create or replace temp view people as select * from read_parquet({people})")
    connection.execute(f"create or replace temp table yesterday as {_yesterday(inputs, number)}")
    _costly(connection, "next_due", asked, as_of)
    connection.execute(_sql("worst.sql"))
    _costly(connection, "last_paid", asked, as_of)
    connection.execute(_sql("facts.sql", as_of=as_of))
    connection.execute(f"create or replace temp view told as {_told_sql(connection, inputs)}")


def _costly(connection: Connection, table: str, asked: frozenset[str], as_of: str) -> None:
    """Facts that cost a further look at the ledger are computed only when the strategy names them."""
    name, facts, columns = COSTLY[table]
    if asked & facts:
        connection.execute(_sql(name, as_of=as_of))
    else:
        connection.execute(f"create or replace temp table {table} (loan_key integer, {columns})")


def _yesterday(inputs: NightInputs, number: int) -> str:
    """The stages of the night before, of this partition's borrowers."""
    if not inputs.previous:
        return "select null::varchar as borrower_id, null::varchar as stage, null::date as stage_since where false"
    same_cut = inputs.previous_partitions == inputs.partitions
    name = f"part-{number:05d}.parquet" if same_cut else "*.parquet"
    files = quote(Path(inputs.previous) / "cases" / name)
    mine = "" if same_cut else "and borrower_id in (select borrower_id from loans)"
    return f"select borrower_id, stage, stage_since from read_parquet({files}) where stage <> '' {mine}"


def _told_sql(connection: Connection, inputs: NightInputs) -> str:
    """SQL: facts with what the desk has told, the default where it has told nothing."""
    desk = facts_known({"desk"})
    told: set[str] = set()
    source = ""
    if inputs.desk_facts:
        path = quote(inputs.desk_facts)
        told = {
            row[0] for row in connection.execute(f"describe select * from read_parquet({path})").fetchall()
        }
        source = f"left join read_parquet({path}) d on d.borrower_id = f.borrower_id"
    columns = []
    for fact in desk:
        default = quote(fact.default) if fact.kind == "text" else str(fact.default).lower()
        value = f"coalesce(d.{fact.name}, {default})" if fact.name in told else default
        columns.append(f"{value} as {fact.name}")
    return f"select f.*, {', '.join(columns)} from facts f {source}"


def _decide(connection: Connection, strategy: Strategy, inputs: NightInputs, asked: frozenset[str]) -> None:
    """Make the tables `decided`, `cases` and `treatments`."""
    stages = " ".join(f"when {rule.when.sql()} then {quote(rule.stage)}" for rule in strategy.stages)
    handlers = " ".join(f"when {quote(rule.stage)} then {quote(rule.handler)}" for rule in strategy.stages)
    wanted = [
        f"select borrower_id, loan_id, stage, handler, {quote(treatment.channel)} as channel, "
        f"{quote(treatment.template)} as template, {position} as position from decided "
        f"where stage = {quote(rule.stage)} and not held_by_strategy and ({treatment.when.sql()})"
        for rule in strategy.stages
        for position, treatment in enumerate(rule.treatments)
    ]
    nothing = (
        "select '' as borrower_id, '' as loan_id, '' as stage, '' as handler, '' as channel, '' as template, "
        "0 as position where false"
    )
    connection.execute(
        _sql(
            "decide.sql",
            as_of=sql_day(inputs.as_of),
            stage=f"case {stages} else '' end" if stages else "''",
            handler=handlers or "when '' then ''",
            hold=strategy.hold_when.sql(),
            treatments=" union all ".join([nothing, *wanted]),
            columns=", ".join(_shown(asked)),
        )
    )


def _shown(asked: frozenset[str]) -> list[str]:
    """The fact columns of `cases`: those that were computed tonight."""
    unasked = {name for _, facts, _ in COSTLY.values() for name in facts if not asked & facts}
    names = [fact.name for fact in facts_known({"night", "desk"})]
    return ["minor_unit", *(n for n in names if n not in unasked and n != "previous_stage")]


def _write(connection: Connection, target: Path, number: int) -> dict[str, str]:
    """Write the three files; returns the SHA-256 of each."""
    order = {"arrears": "loan_id", "cases": "borrower_id", "treatments": "borrower_id, position"}
    columns = {"arrears": ARREARS_COLUMNS, "cases": "*", "treatments": "*"}
    sums = {}
    for name in RESULTS:
        path = target / name / f"part-{number:05d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        where = "where days_past_due > 0" if name == "arrears" else ""
        connection.execute(
            f"copy (select {columns[name]} from {name} {where} order by {order[name]}) to {quote(path)} ({WRITTEN})"
        )
        sums[f"{name}/{path.name}"] = sha256(path.read_bytes()).hexdigest()
    return sums


def _summary(connection: Connection, inputs: NightInputs) -> dict:
    """Counts and sums for the manifest; amounts in minor units by currency."""
    text = _sql("summary.sql", as_of=sql_day(inputs.as_of))
    found = {}
    for name, query in re.findall(r"^-- (\w+):.*\n([^;]+);", text, re.MULTILINE):
        found[name] = [list(row) for row in connection.execute(query).fetchall()]
    return found
