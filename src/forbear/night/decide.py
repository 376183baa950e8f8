"""From arrears to facts, stages and planned treatments, set-based; the twin of core's borrower and stage."""

from pathlib import Path

from forbear.core.facts.vocabulary import facts_known
from forbear.core.strategy.least import too_small_sql
from forbear.core.strategy.model import NOTHING, StageRule, Strategy, TreatmentRule
from forbear.core.strategy.stage import DUE_SOON, SILENCE, goes_to_holdout, looks_ahead, must_go
from forbear.engine.columnar import Connection, parquet, quote
from forbear.night.arms import arm_columns, armed_sql, in_holdout_sql
from forbear.night.choice import choice_columns, choice_sql, option_term
from forbear.night.inputs import NightInputs, part_files
from forbear.night.scores import scored_sql
from forbear.night.sql_text import filled, sql_day

# Facts that cost a further look at the ledger or the people: the file with their query, the facts, and the
# columns of the query when nobody asks for them.
COSTLY = {
    "next_due": (
        "fact_next_due.sql",
        DUE_SOON,
        "null::integer as loan_key, null::integer as days_to_due, null::bigint as next_due_amount",
    ),
    "last_paid": (
        "fact_last_payment.sql",
        {"days_since_payment"},
        "null::integer as loan_key, null::date as paid_on",
    ),
    "persons": (
        "fact_person.sql",
        {"language", "region", "timezone", "has_phone", "has_email", "age_years"},
        "null::integer as borrower_key, '' as language, '' as region, '' as timezone, false as has_phone, "
        "false as has_email, null::date as born_on",
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
            "payoff",
            "balance",
            "instalments_past_due",
            "bucket",
        ),
        *(
            "five_class",
            "product",
            "currency",
            "loans_past_due",
            "total_past_due",
            "total_outstanding",
            "total_payoff",
        ),
        *("feed_doubt", "paused", "written_off"),
    )
)


def cases_sql(
    connection: Connection, inputs: NightInputs, known_facts: frozenset[str], number: int, owing: str
) -> str:
    """SQL: the cases of a partition, one row a borrower, in the order of the book.

    It reads `arrears` and the views of `partition.run_delinquency`, which returned `owing`. The columns hold
    every fact that the strategy names, so that `treatments_sql` needs nothing else.
    """
    strategy, as_of = inputs.strategy, sql_day(inputs.as_of)
    files = part_files(Path(inputs.book), number)
    stages = " ".join(f"when {rule.when.sql()} then {quote(rule.stage)}" for rule in strategy.stages)
    handlers = " ".join(f"when {quote(rule.stage)} then {quote(rule.handler)}" for rule in strategy.stages)
    costly = {
        name: filled(file, as_of=as_of, owing=owing, **files)
        if known_facts & facts
        else f"select {empty} where false"
        for name, (file, facts, empty) in COSTLY.items()
    }
    shown = [
        fact.name
        for fact in facts_known({"night", "desk"})
        if fact.name in known_facts | ALWAYS | {"days_in_stage", "in_holdout"}
        and fact.name != "previous_stage"
    ]
    return filled(
        "decide.sql",
        as_of=as_of,
        facts=filled(
            "facts.sql",
            as_of=as_of,
            looks_ahead=str(looks_ahead(strategy)).lower(),
            yesterday=_yesterday(inputs, number),
            **costly,
        ),
        desk_facts=_desk_facts_sql(connection, inputs, known_facts),
        scored=scored_sql(inputs.scores, known_facts),
        stage=f"case {stages} else '' end" if stages else "''",
        handler=handlers or "when '' then ''",
        hold=strategy.hold_when.sql(),
        columns=", ".join(["minor_unit", *shown, *arm_columns(inputs), *choice_columns(inputs)]),
        arms=armed_sql(connection, inputs, number) + choice_sql(connection, inputs, number),
        in_holdout=in_holdout_sql(inputs),
    )


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


def _desk_facts_sql(connection: Connection, inputs: NightInputs, known_facts: frozenset[str]) -> str:
    """SQL: facts with what the desk has given, the default where it has given nothing."""
    desk_columns: set[str] = set()
    source = ""
    if inputs.desk_facts:
        path = Path(inputs.desk_facts)
        rows = parquet(path.parent, path.name)
        described = connection.execute(f"describe select * from {rows}").fetchall()
        desk_columns = {row[0] for row in described}
        source = f"left join {rows} d on d.borrower_id = f.borrower_id"
    columns = ["f.*"]
    for fact in facts_known({"desk"}):
        if fact.name in known_facts:
            default = quote(fact.default) if fact.kind == "text" else str(fact.default).lower()
            value = f"coalesce(d.{fact.name}, {default})" if fact.name in desk_columns else default
            columns.append(f"{value} as {fact.name}")
    return f"select {', '.join(columns)} from facts f {source}"


def treatments_sql(connection: Connection, strategy: Strategy, cases: Path) -> str:
    """SQL: the treatments planned for the cases in the file `cases`; makes the table `rules`, one row a treatment."""
    rules: list[str] = []
    places: list[str] = []
    for rule in strategy.stages:
        for position, treatment in enumerate(rule.treatments):
            row = (quote(rule.stage), quote(treatment.channel), quote(treatment.template))
            places.append(f"when {len(places)} then {planned_sql(strategy, rule, treatment)}")
            rules.append(f"({len(rules)}, {', '.join(row)}, {position})")
        if strategy.holdout is not None:
            row = (quote(rule.stage), quote(SILENCE.channel), quote(SILENCE.template))
            places.append(f"when {len(places)} then in_holdout")
            rules.append(f"({len(rules)}, {', '.join(row)}, {len(rule.treatments)})")
    rows = f"values {', '.join(rules)}" if rules else "select -1, '', '', '', -1 where false"
    connection.execute(
        "create or replace temp table rules as "
        f"select * from ({rows}) t(place, in_stage, channel, template, position)"
    )
    return filled("treatments.sql", cases=quote(cases), wanted=" ".join(places) or "when -1 then false")


def planned_sql(
    strategy: Strategy, rule: StageRule, treatment: TreatmentRule, *, ladder: bool = False
) -> str:
    """SQL: whether a treatment of a stage is planned for a case; with `ladder`, whatever option it has."""
    terms = [_due_sql(strategy, treatment)]
    if strategy.holdout is not None and not goes_to_holdout(strategy, treatment):
        terms.append("not in_holdout")
    term = "" if ladder else option_term(strategy, treatment)
    if term:
        terms.append(term)
    nothing = [f"({_due_sql(strategy, each)})" for each in rule.treatments if each.channel == NOTHING]
    if nothing and treatment.channel != NOTHING and not must_go(treatment):
        # of the hold-out nothing is planned in its own way
        terms.append(f"(in_holdout or not ({' or '.join(nothing)}))")
    return " and ".join(terms)


def _due_sql(strategy: Strategy, treatment: TreatmentRule) -> str:
    small = too_small_sql(strategy, treatment)
    return f"({treatment.when.sql()})" + (f" and not ({small})" if small else "")
