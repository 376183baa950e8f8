"""The choice in the night's SQL: the option of each case, as core.strategy.choice gives it.

    nights/2026-11-23/choice.json         the table it was drawn by: {"cells": {"1.0/7": [900000, 50000, 50000]}, ...}
    nights/2026-11-23/refused.parquet     borrower_id, option: what the permit gate would surely refuse

The record of arms has the option as `arm:choice`, its probability as `odds:choice` and its night as `since:choice`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from forbear.core.strategy.arms import HELD_OUT, HOLDOUT
from forbear.core.strategy.chance import WHOLE, boundary, place_sql
from forbear.core.strategy.choice import (
    CHOICE,
    CHOICE_FACT,
    Shares,
    choice_table,
    lets,
    plain_shares,
    salt_on,
)
from forbear.core.strategy.model import NOTHING, Choose, Strategy, TreatmentRule
from forbear.core.strategy.stage import must_go
from forbear.engine.columnar import Connection, identifier, parquet, quote
from forbear.night.arms import columns_of, on_record, recorded_sql
from forbear.night.inputs import NightInputs
from forbear.night.sql_text import sql_day

OPTION = identifier(CHOICE_FACT)
#: What a case keeps of the choice: its option, and of tonight's draw the probability and the cell.
_COLUMNS = (OPTION, "choice_odds", "choice_cell")
#: More rows than this are written one statement at a time.
_ROWS = 5_000


def choice_columns(inputs: NightInputs) -> list[str]:
    """The columns that a case has of the choice; none without one."""
    return list(_COLUMNS) if inputs.strategy.choose is not None else []


def stratum_sql(choose: Choose) -> str:
    """SQL of a case's stratum, over its facts."""
    parts = []
    for each in choose.strata:
        bounds = " ".join(f"when {bound.sql()} then '{at}'" for at, bound in reversed(each.numbered))
        parts.append(f"case {bounds} else '0' end")
    return " || '.' || ".join(parts)


def eligible_sql(choose: Choose) -> str:
    """SQL: whether an option is chosen for a case, whatever is on record."""
    return f"currency = {quote(choose.currency)} and not vulnerable and ({choose.eligible.sql()})"


def mask_sql(choose: Choose, refused: str) -> str:
    """SQL of the options open to a case, a bit each; `refused` is the column with what it can't have."""
    bits = [
        f"case when ({option.when.sql()}) and coalesce(({refused} >> {at}) & 1, 0) = 0 then {1 << at} else 0 end"
        for at, option in enumerate(choose.options)
        if at
    ]
    return f"(1 + {' + '.join(bits)})"


def choice_sql(connection: Connection, inputs: NightInputs, number: int) -> str:
    """SQL: named queries after `armed`, up to `choosing`, which has the option of every case."""
    choose = inputs.strategy.choose
    if choose is None:
        return "\n\nchoosing as (select * from armed),"
    _make_shares(connection, choose, inputs.choice)
    names, before = recorded_sql(connection, inputs, number)
    known = CHOICE in names
    option, _, since = columns_of(CHOICE) if known else ("null::varchar", "null::double", "null::date")
    held_out = columns_of(HOLDOUT)[0] if HOLDOUT in names else "null::varchar"
    if inputs.strategy.holdout is not None:
        held_out = "arm_holdout"
    runs = f"choice_since + {choose.days} > {sql_day(inputs.as_of)}"
    again = f"case when {runs} then choice_before else '' end"
    refused = refused_bits_sql(choose, Path(inputs.refused) if inputs.refused else None)
    shares = [f"s{at}" for at in range(len(choose.options))]
    options = " ".join(
        f"when choice_at < b{at} then {quote(each.name)}" for at, each in enumerate(choose.options)
    )
    probable = " ".join(
        f"when choice_at < b{at} then s{at} / {WHOLE}::double" for at in range(len(choose.options))
    )
    return f"""

choice_record as (select borrower_id as choice_of, {option} as choice_before, {since} as choice_since{_held(held_out)}
    from ({before})),
choice_known as (select f.*, r.* exclude (choice_of), q.bits as choice_refused from armed f
    left join choice_record r on r.choice_of = f.borrower_id
    left join ({refused}) q on q.borrower_id = f.borrower_id),
choice_asked as (select *, {eligible_sql(choose)} and not coalesce({_held_out(held_out)} = {quote(HELD_OUT)}, false)
        and not coalesce({runs}, false) as choice_now, {mask_sql(choose, "choice_refused")} as choice_mask
    from choice_known),
choice_placed as (select *, case when choice_now then {place_sql(salt_on(choose, inputs.as_of), "borrower_id")} end
        as choice_at, case when choice_now then {stratum_sql(choose)} || '/' || choice_mask else '' end as choice_cell
    from choice_asked),
choice_shared as (select f.*, {", ".join(f"coalesce(c.{s}, d.{s}) as {s}" for s in shares)},
        {", ".join(f"coalesce(c.b{at}, d.b{at}) as b{at}" for at in range(len(shares)))}
    from choice_placed f left join choice_shares c on c.cell = f.choice_cell and c.cell <> ''
    left join choice_shares d on d.cell = '' and d.mask = f.choice_mask),
choosing as (select *, coalesce(case when choice_now then case {options} end else {again} end, '') as {OPTION},
        case when choice_now then case {probable} end end as choice_odds
    from choice_shared),"""


def _held(column: str) -> str:
    """The hold-out's column of the record, where the strategy has none of its own."""
    return "" if column == "arm_holdout" else f", {column} as choice_held_out"


def _held_out(column: str) -> str:
    return column if column == "arm_holdout" else "choice_held_out"


def _make_shares(connection: Connection, choose: Choose, text: str) -> None:
    """The table of shares and their boundaries: a row for each cell, and one for each mask where no cell is known."""
    count = len(choose.options)
    plain = {mask: plain_shares(choose, mask) for mask in range(1, 1 << count, 2)}
    rows = [("", mask, shares) for mask, shares in plain.items()]
    rows += [
        (cell, -1, shares) for cell, shares in sorted(choice_table(text).items()) if len(shares) == count
    ]
    columns = "".join(f", s{at} bigint, b{at} bigint" for at in range(count))
    connection.execute(f"create or replace temp table choice_shares (cell varchar, mask integer{columns})")
    for first in range(0, len(rows), _ROWS):
        values = ", ".join(
            f"({quote(cell)}, {mask}, {', '.join(_bounds(shares))})"
            for cell, mask, shares in rows[first : first + _ROWS]
        )
        connection.execute(f"insert into choice_shares values {values}")


def _bounds(shares: Shares) -> Iterator[str]:
    total = 0
    for share in shares:
        total += share
        yield f"{share}, {boundary(total)}"


def refused_bits_sql(choose: Choose, refused: Path | None) -> str:
    """SQL: by borrower the bits of the options that the gate would refuse."""
    if refused is None:
        return "select null::varchar as borrower_id, null::bigint as bits where false"
    bits = " ".join(f"when {quote(each.name)} then {1 << at}" for at, each in enumerate(choose.options) if at)
    return (
        f"select borrower_id, bit_or(case option {bits} else 0 end)::bigint as bits "
        f"from {parquet(refused.parent, refused.name)} group by borrower_id"
    )


def option_term(strategy: Strategy, treatment: TreatmentRule) -> str:
    """SQL: whether a case's option leaves a treatment; "" where every option does."""
    if strategy.choose is None or treatment.channel == NOTHING or must_go(treatment):
        return ""
    without = [
        quote(option.name) for option in strategy.choose.options if not lets(option, treatment.channel)
    ]
    return f"(vulnerable or {OPTION} not in ({', '.join(without)}))" if without else ""


def with_choice_sql(connection: Connection, inputs: NightInputs, arms: str, files: Mapping[str, Path]) -> str:
    """SQL: the record of arms after tonight, `arms`, with the options given tonight."""
    if inputs.strategy.choose is None:
        return arms
    columns = columns_of(CHOICE)
    names = on_record(connection, Path(inputs.previous) / "arms") if inputs.previous else []
    old = dict(zip(columns, (f"p.{column}" for column in columns), strict=True)) if CHOICE in names else {}
    new = dict(zip(columns, (f"c.{OPTION}", "c.choice_odds", sql_day(inputs.as_of)), strict=True))
    chosen = ", ".join(
        f"case when c.borrower_id is not null then {new[column]} else {old.get(column, 'null')} end as {column}"
        for column in columns
    )
    without = f"exclude (borrower_id, {', '.join(columns)})" if old else "exclude (borrower_id)"
    return f"""select coalesce(p.borrower_id, c.borrower_id) as borrower_id, p.* {without}, {chosen}
        from ({arms}) p full join (
            select * from read_parquet({quote(files["cases"])}) where choice_cell <> '') c
        on c.borrower_id = p.borrower_id
        order by 1"""
