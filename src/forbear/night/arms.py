"""Chance in the night's SQL: each borrower's arms, as core.strategy.arms has them.

    nights/2026-11-23/arms/part-00000.parquet    borrower_id, assigned

`assigned` is a map from experiment to arm, its probability and the day since when, the hold-out among them. A row is
carried from night to night for ever, so that who has an arm keeps it.
"""

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
from forbear.core.strategy.model import Experiment, Strategy
from forbear.engine.columnar import parquet, quote
from forbear.night.inputs import NightInputs
from forbear.night.sql_text import sql_day

_ASSIGNED = "map(varchar, struct(arm varchar, probability double, since date))"


def has_arms(strategy: Strategy) -> bool:
    """Whether chance decides anything in a strategy."""
    return strategy.holdout is not None or bool(strategy.experiments)


def arm_columns(inputs: NightInputs) -> list[str]:
    """What a case keeps of chance beside `in_holdout`: its arms for conditions, all on record, and those that count."""
    strategy = inputs.strategy
    if not has_arms(strategy):
        return []
    return [sql_name(arm_fact(experiment.name)) for experiment in strategy.experiments] + ["assigned", "arms"]


def armed_sql(inputs: NightInputs, number: int) -> str:
    """SQL: named queries from `with_desk_facts` to `armed`, which has every arm."""
    strategy = inputs.strategy
    if not has_arms(strategy):
        return "armed as (select * from with_desk_facts),"
    drawn = [_Drawn(inputs, HOLDOUT, None)] if strategy.holdout is not None else []
    drawn += [_Drawn(inputs, experiment.name, experiment) for experiment in strategy.experiments]
    known = ", ".join(f"r.assigned[{quote(each.name)}].arm as {each.old}" for each in drawn)
    places = ", ".join(f"{each.place()} as {each.at}" for each in drawn)
    held_out = drawn[0].arm if strategy.holdout is not None else ""
    first = ", ".join(f"{each.arm_sql('')} as {each.arm}" for each in drawn if each.name == HOLDOUT)
    others = ", ".join(f"{each.arm_sql(held_out)} as {each.arm}" for each in drawn if each.name != HOLDOUT)
    new = ", ".join(each.entry() for each in drawn)
    unplaced = " and ".join(f"({each.at} is null or {each.arm} is null)" for each in drawn)
    shown = ", ".join(each.counting_columns() for each in drawn if each.experiment is not None)
    counting = ", ".join(each.counting_text() for each in drawn) or "null"
    return f"""recorded as ({_recorded(inputs, number)}),

known_arms as (
    select f.*, r.assigned as recorded, {known}
    from with_desk_facts f left join recorded r on r.borrower_id = f.borrower_id),
placed as (select *, {places} from known_arms),
in_or_out as (select *{f", {first}" if first else ""} from placed),
in_arms as (select *{f", {others}" if others else ""} from in_or_out),
all_arms as (
    select *, case when {unplaced} then recorded else map_concat(coalesce(recorded, {_NOTHING_YET}),
        map_from_entries(list_filter([{new}], lambda each: each.v.arm is not null))) end as assigned
    from in_arms),
armed as (select *{f", {shown}" if shown else ""}, concat_ws(',', {counting}) as arms from all_arms),"""


_NOTHING_YET = f"map([], [])::{_ASSIGNED}"


class _Drawn:
    """The SQL of one experiment, or of the hold-out, in the columns `old_N`, `at_N` and `arm_N`."""

    def __init__(self, inputs: NightInputs, name: str, experiment: Experiment | None) -> None:
        self.inputs, self.name, self.experiment = inputs, name, experiment
        strategy, stopped = inputs.strategy, frozenset(inputs.stopped)
        numbered = [each.name for each in strategy.experiments]
        suffix = "holdout" if experiment is None else str(numbered.index(name))
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

    def _by_place(self, values: list[str]) -> str:
        total, branches = 0, []
        for (_, share, _), value in zip(self.shares, values, strict=True):
            total += share
            branches.append(f"when {self.at} < {boundary(total)} then {value}")
        return f"case {' '.join(branches)} end"

    def arm_sql(self, held_out: str) -> str:
        """The arm on record, or tonight's; NULL for who has none, and for who is in the hold-out (column) tonight."""
        tonight = self._by_place([quote(arm) for arm, _, _ in self.shares])
        if held_out:
            tonight = f"case when {held_out} is null or {held_out} <> {quote(HELD_OUT)} then {tonight} end"
        return f"coalesce({self.old}, {tonight})"

    def entry(self) -> str:
        """Tonight's arm as an entry of the record; its arm is NULL where nothing is new."""
        odds = self._by_place([repr(odds) for _, _, odds in self.shares])
        arm = f"case when {self.at} is not null then {self.arm} end"
        value = f"{{'arm': {arm}, 'probability': ({odds})::double, 'since': {sql_day(self.inputs.as_of)}}}"
        return f"{{'k': {quote(self.name)}, 'v': {value}}}"

    def counting_columns(self) -> str:
        """The fact that conditions ask for: "" for no arm, and when the experiment is over."""
        value = f"coalesce({self.arm}, '')" if self.running else "''"
        return f"{value} as {sql_name(arm_fact(self.name))}"

    def counting_text(self) -> str:
        """The arm and its probability as JSON, NULL where there is none."""
        if not self.running:
            return "null::varchar"
        odds = f"assigned[{quote(self.name)}].probability"
        return f"""'["{self.name}","' || {self.arm} || '",' || {odds} || ']'"""


def ended_sql(strategy: Strategy) -> str:
    """SQL: whether the hold-out is over for a case, by its days or by its stage were it in no arm."""
    assert strategy.holdout is not None, "asked of strategies with a hold-out"
    terms = [f"days_past_due >= {strategy.holdout.day}"] if strategy.holdout.day is not None else []
    late = last_stages(strategy)
    if late:

        def blank(name: str) -> str:
            return "''" if experiment_of(name) else name

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


def arms_sql(inputs: NightInputs, number: int, cases: Path) -> str:
    """SQL: what is on record after tonight, the cases of tonight first."""
    before = _recorded(inputs, number)
    if not has_arms(inputs.strategy):
        return before
    tonight = f"select borrower_id, assigned from read_parquet({quote(cases)}) where assigned is not null"
    return (
        f"with tonight as materialized ({tonight}), recorded as ({before}) select * from tonight union all "
        "select * from recorded where borrower_id not in (select borrower_id from tonight)"
    )


def _recorded(inputs: NightInputs, number: int) -> str:
    """The record of the night before, of this partition's borrowers."""
    folder = Path(inputs.previous) / "arms"
    if not inputs.previous or not folder.is_dir():
        return f"select null::varchar as borrower_id, null::{_ASSIGNED} as assigned where false"
    same_cut = inputs.previous_partitions == inputs.partitions
    name = f"part-{number:05d}.parquet" if same_cut else "part-*.parquet"
    mine = "" if same_cut else f"where md5_number_lower(borrower_id) % {inputs.partitions} = {number}"
    return f"select borrower_id, assigned from {parquet(folder, name)} {mine}"
