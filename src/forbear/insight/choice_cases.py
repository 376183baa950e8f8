"""The cases for which a night will choose, by cell: how many, and what the ladder would plan for them.

They are those of the night before, as far as it knows the facts; who comes into arrears on the very night is like those
who did the night before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forbear.core.permits.rules import Rule
from forbear.core.strategy.arms import HELD_OUT, HOLDOUT
from forbear.core.strategy.choice import CHOICE, CHOICE_FACT, lets
from forbear.core.strategy.model import NOTHING, Choose, StageRule, Strategy, TreatmentRule
from forbear.core.strategy.stage import facts_named, must_go
from forbear.engine.columnar import Connection, identifier, parquet, quote
from forbear.insight.planned_context import PlannedContext
from forbear.insight.planned_refusals import planned_refusals
from forbear.night.arms import columns_of, on_record
from forbear.night.choice import eligible_sql, mask_sql, refused_bits_sql, stratum_sql
from forbear.night.decide import planned_sql
from forbear.night.run import Night


@dataclass(frozen=True, slots=True)
class Planned:
    """What an option plans for one case tonight, on average: contacts, calls, placements, and cost in minor units."""

    contacts: float
    calls: float
    agencies: float
    cost: float


@dataclass(frozen=True, slots=True)
class Cell:
    """Cases that are alike with the same options open: how many, and what each option would plan for one."""

    stratum: str
    mask: int
    cases: int
    planned: tuple[Planned, ...]

    @property
    def name(self) -> str:
        """As the table has it."""
        return f"{self.stratum}/{self.mask}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """All cells, the calls a night of options that run on, and the facts that the night before doesn't know."""

    cells: tuple[Cell, ...]
    running_calls: float
    missing: tuple[str, ...] = ()


def waiting_cases(
    engine: Connection,
    night: Night,
    strategy: Strategy,
    as_of: date,
    prices: Mapping[str, int],
    refused: Path | None,
) -> Waiting:
    """The cells of the cases that a night `night` left, as they will be drawn for on `as_of`."""
    choose = strategy.choose
    assert choose is not None, "asked of strategies with a choice"
    described = engine.execute(f"describe select * from {_cases(night)}").fetchall()
    missing = sorted(facts_named(strategy) - {row[0] for row in described} - {"previous_stage"})
    if missing:
        return Waiting((), 0.0, tuple(missing))
    kept = [(rule, each) for rule in strategy.stages for each in rule.treatments if each.channel != NOTHING]
    _draw(engine, night, strategy, as_of, refused)
    counts = ", ".join(
        f"count(*) filter (where not held and {_of_ladder(strategy, rule, each)})" for rule, each in kept
    )
    rows = engine.execute(
        f"select cell_stratum, cell_mask, count(*), {counts or 'null'} from drawn where now group by all order by all"
    ).fetchall()
    treatments = [each for _, each in kept]
    cells = tuple(
        Cell(
            name, mask, cases, _planned(choose, treatments, [n / cases for n in numbers[: len(kept)]], prices)
        )
        for name, mask, cases, *numbers in rows
    )
    return Waiting(cells, _running_calls(engine, strategy, kept))


def _of_ladder(strategy: Strategy, rule: StageRule, treatment: TreatmentRule) -> str:
    """SQL: whether the ladder plans a treatment for a case tonight."""
    return f"stage = {quote(rule.stage)} and {planned_sql(strategy, rule, treatment, ladder=True)}"


def _cases(night: Night) -> str:
    return parquet(night.folder / "cases", "part-*.parquet")


def _draw(engine: Connection, night: Night, strategy: Strategy, as_of: date, refused: Path | None) -> None:
    """The table of cases with their cell, whether one is drawn for them tonight, and what runs on."""
    choose = strategy.choose
    assert choose is not None, "asked of strategies with a choice"
    columns = [row[0] for row in engine.execute(f"describe select * from {_cases(night)}").fetchall()]
    known = [identifier(name) for name in columns if name != CHOICE_FACT]
    names = on_record(engine, night.folder / "arms")
    option, _, since = columns_of(CHOICE) if CHOICE in names else ("null::varchar", "", "null::date")
    held_out = columns_of(HOLDOUT)[0] if HOLDOUT in names else "null::varchar"
    record = (
        f"select borrower_id, {option} as kept, {since} as since, {held_out} as held_out "
        f"from {parquet(night.folder / 'arms', 'part-*.parquet')}"
        if names
        else "select null::varchar as borrower_id, null::varchar as kept, null::date as since, "
        "null::varchar as held_out where false"
    )
    engine.execute(
        f"""create or replace temp table drawn as
        with refusals as ({refused_bits_sql(choose, refused)}),
        asked as (
            select c.*, r.kept,
                r.since + {choose.days} > {quote(as_of)}::date as runs, r.held_out, q.bits as choice_refused
            from (select {", ".join(known)} from {_cases(night)} where stage <> '') c
            left join ({record}) r using (borrower_id) left join refusals q using (borrower_id))
        select *, coalesce(kept, '') as {identifier(CHOICE_FACT)}, {stratum_sql(choose)} as cell_stratum,
            {mask_sql(choose, "choice_refused")} as cell_mask,
            {eligible_sql(choose)} and not coalesce(held_out = {quote(HELD_OUT)}, false)
                and not coalesce(runs, false) as now
        from asked"""
    )


def _planned(
    choose: Choose, treatments: Sequence[TreatmentRule], means: Sequence[float], prices: Mapping[str, int]
) -> tuple[Planned, ...]:
    """What each option plans for one case, from how often the ladder plans each treatment."""
    found = []
    for option in choose.options:
        kept = [
            (each.channel, mean)
            for each, mean in zip(treatments, means, strict=True)
            if must_go(each) or lets(option, each.channel)
        ]
        found.append(
            Planned(
                sum(mean for channel, mean in kept if channel not in _NO_CONTACT),
                sum(mean for channel, mean in kept if channel == "call"),
                sum(mean for channel, mean in kept if channel == "agency"),
                sum(mean * prices.get(channel, 0) for channel, mean in kept),
            )
        )
    return tuple(found)


_NO_CONTACT = ("agency", "court", "bureau")


def _running_calls(engine: Connection, strategy: Strategy, kept: Sequence[tuple]) -> float:
    """How many calls the ladder would plan tonight for those whose option runs on and leaves calls."""
    choose = strategy.choose
    assert choose is not None, "asked of strategies with a choice"
    silent = [quote(option.name) for option in choose.options if not lets(option, "call")]
    calls = [
        f"count(*) filter (where {_of_ladder(strategy, rule, each)})"
        for rule, each in kept
        if each.channel == "call"
    ]
    if not calls:
        return 0.0
    without = f"and kept not in ({', '.join(silent)})" if silent else ""
    row = engine.execute(
        f"select {' + '.join(calls)} from drawn where runs and not held {without}"
    ).fetchone()
    return float(row[0]) if row else 0.0


def write_refused(
    engine: Connection,
    night: Night,
    strategy: Strategy,
    rules: tuple[Rule, ...],
    purposes: Mapping[tuple[str, str], str],
    context: PlannedContext | None,
    path: Path,
) -> int:
    """Write which options the permit gate would surely refuse to whom, all that they plan tonight; how many.

    Rules that count contacts are left out: what they refuse today may go tomorrow.
    """
    choose = strategy.choose
    assert choose is not None, "asked of strategies with a choice"
    day = f"{quote(night.manifest['as_of'])}::date as day"
    columns = [row[0] for row in engine.execute(f"describe select * from {_cases(night)}").fetchall()]
    if facts_named(strategy) - set(columns) - {"previous_stage"}:
        engine.execute(
            f"copy (select '' as borrower_id, '' as option where false) to {quote(path)} (format parquet)"
        )
        return 0
    cases = f"select *, {day} from {_cases(night)}"
    wanted = " union all ".join(
        f"select {day}, borrower_id, loan_id, {quote(each.channel)} as channel, {quote(each.template)} as template, "
        f"{at} as position from mine where {_of_ladder(strategy, rule, each)}"
        for rule in strategy.stages
        for at, each in enumerate(rule.treatments)
        if each.channel != NOTHING
    )
    blank = f"{identifier(CHOICE_FACT)}" if CHOICE_FACT in columns else ""
    engine.execute(
        f"create or replace temp table mine as select * {f'exclude ({blank})' if blank else ''}, "
        f"'' as {identifier(CHOICE_FACT)} from {_cases(night)} "
        f"where stage <> '' and not held and {eligible_sql(choose)}"
    )
    shown = f"select * exclude (loan_id, stage, handler, previous_stage, change, stage_since, held) from ({cases})"
    planned_refusals(
        engine, wanted, shown, tuple(rule for rule in rules if not rule.count), purposes, context
    )
    parts = " union all ".join(
        f"select borrower_id, {quote(option.name)} as option from planned "
        f"left join (select distinct id as bad from refusing) r on r.bad = planned.id "
        f"where {_of_option(option.only)} group by borrower_id having bool_and(r.bad is not null)"
        for option in choose.options[1:]
        if option.only is None or option.only
    )
    query = parts or "select '' as borrower_id, '' as option where false"
    engine.execute(f"copy (select * from ({query}) order by all) to {quote(path)} (format parquet)")
    row = engine.execute(f"select count(*) from {parquet(path.parent, path.name)}").fetchone()
    return int(row[0]) if row else 0


def _of_option(only: frozenset[str] | None) -> str:
    return "true" if only is None else f"channel in ({', '.join(quote(each) for each in sorted(only))})"
