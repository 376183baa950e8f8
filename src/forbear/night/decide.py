"""From arrears to facts, stages and planned treatments, set-based; the twin of core's borrower and stage."""

from pathlib import Path

from forbear.core.facts import facts_known
from forbear.core.stage import DUE_SOON, looks_ahead
from forbear.core.strategy_rules import Strategy
from forbear.engine.columnar import Connection, parquet, quote
from forbear.night.inputs import NightInputs
from forbear.night.sql_text import filled, sql_day

# Facts that cost a further look at the ledger or the people: the file that makes their table, the facts,
# and the columns of the table when nobody asks for them.
COSTLY = {
    "next_due": (
        "fact_next_due.sql",
        DUE_SOON,
        "loan_key integer, days_to_due integer, next_due_amount bigint",
    ),
    "last_paid": ("fact_last_payment.sql", {"days_since_payment"}, "loan_key integer, paid_on date"),
    "persons": (
        "fact_person.sql",
        {"language", "region", "timezone", "has_phone", "has_email", "age_years"},
        "borrower_key integer, language varchar, region varchar, timezone varchar, has_phone boolean, "
        "has_email boolean, born_on date",
    ),
}
# What a case shows beside the facts its strategy asks for.
ALWAYS = frozenset(
    (
        *(
            "days_past_due",
            "days_delinquent",
            "past_due_amount",
            "outstanding",
            "instalments_past_due",
            "bucket",
        ),
        *("five_class", "product", "currency", "loans_past_due", "total_past_due", "total_outstanding"),
        *("feed_doubt", "paused", "written_off"),
    )
)


def gather_facts(connection: Connection, inputs: NightInputs, asked: frozenset[str], number: int) -> None:
    """Make the table `facts` (one row a borrower) and the view `told`, which adds what the desk has told."""
    as_of = sql_day(inputs.as_of)
    people = parquet(Path(inputs.book) / f"part-{number:05d}", "borrowers.parquet")
    connection.execute(f"create or replace temp view people as select * from {people}")
    connection.execute(f"create or replace temp table yesterday as {_yesterday(inputs, number)}")
    _costly(connection, "next_due", asked, as_of)
    connection.execute(filled("worst.sql", looks_ahead=str(looks_ahead(inputs.strategy)).lower()))
    _costly(connection, "last_paid", asked, as_of)
    _costly(connection, "persons", asked, as_of)
    connection.execute(filled("facts.sql", as_of=as_of))
    names = [fact.name for fact in facts_known({"night"}) if fact.name in asked | ALWAYS]
    columns = ", ".join(name for name in names if name not in ("previous_stage", "days_in_stage"))
    connection.execute(
        f"""create or replace temp table facts as
        select borrower_key, borrower_id, loan_id, minor_unit, previous_stage, previous_since, {columns}
        from all_facts order by borrower_key"""
    )
    connection.execute(f"create or replace temp view told as {_told_sql(connection, inputs, asked)}")


def _costly(connection: Connection, table: str, asked: frozenset[str], as_of: str) -> None:
    name, facts, columns = COSTLY[table]
    if asked & facts:
        connection.execute(filled(name, as_of=as_of))
    else:
        connection.execute(f"create or replace temp table {table} ({columns})")


def _yesterday(inputs: NightInputs, number: int) -> str:
    """The stages of the night before, of this partition's borrowers."""
    if not inputs.previous:
        return "select null::varchar as borrower_id, null::varchar as stage, null::date as stage_since where false"
    same_cut = inputs.previous_partitions == inputs.partitions
    name = f"part-{number:05d}.parquet" if same_cut else "part-*.parquet"
    rows = parquet(Path(inputs.previous) / "cases", name)
    # a book cut otherwise than yesterday's: those who belong here now, whether or not they are in the book
    mine = "" if same_cut else f"and md5_number_lower(borrower_id) % {inputs.partitions} = {number}"
    return f"select borrower_id, stage, stage_since from {rows} where stage <> '' {mine}"


def _told_sql(connection: Connection, inputs: NightInputs, asked: frozenset[str]) -> str:
    """SQL: facts with what the desk has told, the default where it has told nothing."""
    told: set[str] = set()
    source = ""
    if inputs.desk_facts:
        path = Path(inputs.desk_facts)
        rows = parquet(path.parent, path.name)
        described = connection.execute(f"describe select * from {rows}").fetchall()
        told = {row[0] for row in described}
        source = f"left join {rows} d on d.borrower_id = f.borrower_id"
    columns = ["f.*"]
    for fact in facts_known({"desk"}):
        if fact.name in asked:
            default = quote(fact.default) if fact.kind == "text" else str(fact.default).lower()
            value = f"coalesce(d.{fact.name}, {default})" if fact.name in told else default
            columns.append(f"{value} as {fact.name}")
    return f"select {', '.join(columns)} from facts f {source} order by f.borrower_key"


def decide_stages(
    connection: Connection, strategy: Strategy, inputs: NightInputs, asked: frozenset[str]
) -> None:
    """Make the tables `decided`, `cases` and `treatments`."""
    stages = " ".join(f"when {rule.when.sql()} then {quote(rule.stage)}" for rule in strategy.stages)
    handlers = " ".join(f"when {quote(rule.stage)} then {quote(rule.handler)}" for rule in strategy.stages)
    shown = [
        fact.name
        for fact in facts_known({"night", "desk"})
        if fact.name in asked | ALWAYS | {"days_in_stage"}
    ]
    connection.execute(
        filled(
            "decide.sql",
            as_of=sql_day(inputs.as_of),
            stage=f"case {stages} else '' end" if stages else "''",
            handler=handlers or "when '' then ''",
            hold=strategy.hold_when.sql(),
            wanted=_rules(connection, strategy),
            columns=", ".join(["minor_unit", *(name for name in shown if name != "previous_stage")]),
        )
    )


def _rules(connection: Connection, strategy: Strategy) -> str:
    """Make the table `rules`, one row a treatment; returns SQL that lists the places of those that hold."""
    connection.execute(
        "create or replace temp table rules (place integer, channel varchar, template varchar, position integer)"
    )
    places = []
    for rule in strategy.stages:
        for position, treatment in enumerate(rule.treatments):
            place = len(places)
            connection.execute(
                "insert into rules values (?, ?, ?, ?)",
                [place, treatment.channel, treatment.template, position],
            )
            holds = f"stage = {quote(rule.stage)} and ({treatment.when.sql()})"
            places.append(f"case when {holds} then {place} else -1 end")
    return ", ".join(places) or "-1"
