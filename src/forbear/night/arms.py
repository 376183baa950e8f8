"""Chance in the night's SQL: each borrower's arms, as core.strategy.arms has them.

    nights/2026-11-23/arms/part-00000.parquet    borrower_id; by experiment `arm:NAME`, `odds:NAME`, `since:NAME`

A row is carried from night to night for ever, so that who has an arm keeps it. The hold-out is among the experiments.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from forbear.core.conditions.terms import arm_fact, experiment_of, sql_name
from forbear.core.strategy.arms import (
    HELD_OUT,
    HOLDOUT,
    enrolling,
    last_stages,
    probability,
    running,
    shares_of_holdout,
)
from forbear.core.strategy.chance import WHOLE, boundary, place_sql
from forbear.core.strategy.choice import CHOICE
from forbear.core.strategy.model import Experiment, Strategy
from forbear.engine.columnar import Connection, identifier, parquet, quote
from forbear.night.inputs import NightInputs
from forbear.night.sql_text import sql_day


def has_arms(strategy: Strategy) -> bool:
    """Whether chance decides anything in a strategy."""
    return strategy.holdout is not None or bool(strategy.experiments)


def on_record(connection: Connection, folder: Path) -> list[str]:
    """The experiments of which a night's record has arms, in its order; none where it has no record."""
    if not folder.is_dir():
        return []
    described = connection.execute(f"describe select * from {parquet(folder, 'part-*.parquet')}").fetchall()
    return [name.removeprefix("arm:") for name, *_ in described if name.startswith("arm:")]


def columns_of(name: str) -> tuple[str, str, str]:
    """The record's columns of an experiment: the arm, its probability, and the night on which it was given."""
    return identifier(f"arm:{name}"), identifier(f"odds:{name}"), identifier(f"since:{name}")


def arm_columns(inputs: NightInputs) -> list[str]:
    """What a case keeps of chance beside `in_holdout`: the arm of each experiment, "" where none counts.

    `drawn` says whether the borrower may have got one tonight.
    """
    drawn = _drawn(inputs)
    return [*(sql_name(arm_fact(each.name)) for each in drawn), "drawn"] if drawn else []


def armed_sql(connection: Connection, inputs: NightInputs, number: int) -> str:
    """SQL: named queries from `with_desk_facts` to `armed`, which has every arm."""
    drawn = _drawn(inputs)
    if not drawn:
        return "armed as (select * from with_desk_facts),"
    names, recorded = recorded_sql(connection, inputs, number)
    known = "".join(f", r.{columns_of(each.name)[0]} as {each.old}" for each in drawn if each.name in names)
    missing = "".join(f", null::varchar as {each.old}" for each in drawn if each.name not in names)
    join = "left join recorded r on r.borrower_id = f.borrower_id" if known else ""
    places = ", ".join(f"{each.place()} as {each.at}" for each in drawn)
    held_out = drawn[0].arm if drawn[0].experiment is None else ""
    first = "".join(f", {each.arm_sql('')} as {each.arm}" for each in drawn if each.experiment is None)
    others = "".join(
        f", {each.arm_sql(held_out)} as {each.arm}" for each in drawn if each.experiment is not None
    )
    counting = ", ".join(each.counting_column() for each in drawn)
    tonight = " or ".join(f"{each.at} is not null" for each in drawn)
    return f"""recorded as ({recorded}),

known_arms as (select f.*{known}{missing} from with_desk_facts f {join}),
placed as (select *, {places} from known_arms),
in_or_out as (select *{first} from placed),
in_arms as (select *{others} from in_or_out),
armed as (select *, {counting}, ({tonight}) as drawn from in_arms),"""


def _drawn(inputs: NightInputs) -> list["_Drawn"]:
    """The hold-out first, then the experiments in the file's order."""
    strategy = inputs.strategy
    holdout = [_Drawn(inputs, HOLDOUT, None)] if strategy.holdout is not None else []
    return holdout + [_Drawn(inputs, experiment.name, experiment) for experiment in strategy.experiments]


class _Drawn:
    """The SQL of one experiment, or of the hold-out, in the columns `old_N`, `at_N` and `arm_N`."""

    def __init__(self, inputs: NightInputs, name: str, experiment: Experiment | None) -> None:
        self.inputs, self.name, self.experiment = inputs, name, experiment
        strategy, stopped = inputs.strategy, frozenset(inputs.stopped)
        numbered = [each.name for each in strategy.experiments]
        suffix = HOLDOUT if experiment is None else str(numbered.index(name))
        self.old, self.at, self.arm = f"old_{suffix}", f"at_{suffix}", f"arm_{suffix}"
        if experiment is None:
            assert strategy.holdout is not None, "who asks for it has one"
            self.salt, self.eligible = strategy.holdout.salt, f"not vulnerable and not {ended_sql(strategy)}"
            self.shares = [(arm, share, share / WHOLE) for arm, share in shares_of_holdout(strategy.holdout)]
            self.enrolling = self.running = True
        else:
            self.salt, self.eligible = experiment.salt, experiment.eligible.sql()
            if experiment.share < WHOLE:
                second = place_sql(experiment.salt, "borrower_id", second=True)
                self.eligible += f" and {second} < {boundary(experiment.share)}"
            self.shares = [
                (arm.name, arm.share, probability(experiment, arm.share)) for arm in experiment.arms
            ]
            self.enrolling = enrolling(experiment, inputs.as_of, stopped)
            self.running = running(experiment, inputs.as_of, stopped)

    def place(self) -> str:
        """The place of who comes in tonight, else NULL."""
        if not self.enrolling:
            return "null::bigint"
        return (
            f"case when {self.old} is null and {self.eligible} then {place_sql(self.salt, 'borrower_id')} end"
        )

    def arm_sql(self, held_out: str) -> str:
        """The arm on record, or tonight's; NULL for who has none, and for who is in the hold-out (column) tonight."""
        total, branches = 0, []
        for arm, share, _ in self.shares:
            total += share
            branches.append(f"when {self.at} < {boundary(total)} then {quote(arm)}")
        first = f"when {held_out} = {quote(HELD_OUT)} then null " if held_out else ""
        return f"coalesce({self.old}, case {first}{' '.join(branches)} end)"

    def counting_column(self) -> str:
        """The fact that conditions ask for: "" for no arm, and when the experiment is over."""
        value = f"coalesce({self.arm}, '')" if self.running else "''"
        return f"{value} as {sql_name(arm_fact(self.name))}"

    def new_columns(self, known: bool) -> str:
        """The record's columns after tonight, of a case `c` and, if `known`, its row `r` of the record before."""
        columns, tonight = columns_of(self.name), f"c.{sql_name(arm_fact(self.name))}"
        odds = " ".join(f"when {quote(arm)} then {odds!r}::double" for arm, _, odds in self.shares)
        new = (
            (f"nullif({tonight}, '')", f"case {tonight} {odds} end",
             f"case when {tonight} <> '' then {sql_day(self.inputs.as_of)} end")
            if self.enrolling
            else ("null::varchar", "null::double", "null::date")
        )  # fmt: skip
        first = columns[0]
        return ", ".join(
            f"case when r.{first} is null then {value} else r.{column} end as {column}" if known
            else f"{value} as {column}"
            for column, value in zip(columns, new, strict=True)
        )  # fmt: skip


def ended_sql(strategy: Strategy) -> str:
    """SQL: whether the hold-out is over for a case, by its days or by its stage were it in no arm."""
    assert strategy.holdout is not None, "asked of strategies with a hold-out"
    terms = [f"days_past_due >= {strategy.holdout.day}"] if strategy.holdout.day is not None else []
    late = last_stages(strategy)
    if late:

        def blank(name: str) -> str:
            return "''" if experiment_of(name) else name  # an option of the choice is asked for like an arm

        stages = " ".join(
            f"when {rule.when.sql(blank)} then {str(rule.stage in late).lower()}" for rule in strategy.stages
        )
        terms.append(f"case {stages} else false end")
    return f"({' or '.join(terms)})" if terms else "false"


def in_holdout_sql(inputs: NightInputs) -> str:
    """SQL: whether a case is in the hold-out, which has not ended for it."""
    strategy = inputs.strategy
    if strategy.holdout is None:
        return "false"
    return (
        f"coalesce(arm_holdout = {quote(HELD_OUT)}, false) and not vulnerable and not {ended_sql(strategy)}"
    )


def arms_sql(connection: Connection, inputs: NightInputs, number: int, cases: Path) -> str:
    """SQL: what is on record after tonight, those who came in tonight first."""
    names, before = recorded_sql(connection, inputs, number)
    drawn = _drawn(inputs)
    coming = [each for each in drawn if each.enrolling]
    if not coming:
        return before
    fresh = [each for each in drawn if each.name not in names]
    others = [name for name in names if name not in [each.name for each in drawn]]
    columns = [each.new_columns(known=True) for each in drawn if each.name in names]
    columns += [f"r.{column}" for name in others for column in columns_of(name)]
    columns += [each.new_columns(known=False) for each in fresh]
    order = [*(each.name for each in drawn if each.name in names), *others]
    kept = [column for name in order for column in columns_of(name)]
    nothing = [
        f"null::{kind} as {column}"
        for each in fresh
        for column, kind in zip(columns_of(each.name), ("varchar", "double", "date"), strict=True)
    ]
    return f"""with recorded as ({before}),
        tonight as materialized (select * from read_parquet({quote(cases)}) where drawn)
        select c.borrower_id, {", ".join(columns)}
        from tonight c left join recorded r on r.borrower_id = c.borrower_id
        union all
        select borrower_id, {", ".join([*kept, *nothing])}
        from recorded where borrower_id not in (select borrower_id from tonight)"""


def counting_sql(strategy: Strategy, as_of: date, stopped: Sequence[str], names: Sequence[str]) -> str:
    """SQL: the arms that count on a day as JSON's inside, from a row `e` of the record with these experiments."""
    asked = [HOLDOUT] if strategy.holdout is not None else []
    asked += [each.name for each in strategy.experiments if running(each, as_of, frozenset(stopped))]
    entries = [
        f"""'["{name}","' || e.{arm} || '",' || e.{odds} || ']'"""
        for name in asked
        if name in names
        for arm, odds, _ in [columns_of(name)]
    ]
    if strategy.choose is not None and CHOICE in names:
        arm, odds, since = columns_of(CHOICE)
        entries.append(
            f"""case when e.{since} + {strategy.choose.days} > {sql_day(as_of)} then """
            f"""'["{CHOICE}","' || e.{arm} || '",' || e.{odds} || ']' end"""
        )
    return f"concat_ws(',', {', '.join(entries)})" if entries else "''"


def recorded_sql(connection: Connection, inputs: NightInputs, number: int) -> tuple[list[str], str]:
    """The experiments on record the night before, and SQL of its rows of this partition's borrowers."""
    folder = Path(inputs.previous) / "arms"
    names = on_record(connection, folder) if inputs.previous else []
    if not names:
        return [], "select null::varchar as borrower_id where false"
    same_cut = inputs.previous_partitions == inputs.partitions
    name = f"part-{number:05d}.parquet" if same_cut else "part-*.parquet"
    mine = "" if same_cut else f"where md5_number_lower(borrower_id) % {inputs.partitions} = {number}"
    return names, f"select * from {parquet(folder, name)} {mine}"
