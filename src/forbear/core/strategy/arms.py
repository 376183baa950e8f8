"""Which arm of each experiment a borrower is in, and whether in the hold-out.

An arm is a fact on record. Who has one keeps it, whatever becomes of shares, salts and what made them eligible: nobody
leaves an arm. Only who has none is looked at: somebody eligible, on the experiment's days, gets the arm of their place.
Nobody who is vulnerable comes into the hold-out, nor anybody for whose case it would have ended already, and nobody of
the hold-out comes into an experiment. The night's twin is `night.arms`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.conditions.terms import arm_fact
from forbear.core.conditions.to_python import Row
from forbear.core.strategy.chance import WHOLE, boundary, place
from forbear.core.strategy.choice import CHOICE, CHOICE_FACT, NO_TABLE, ChoiceTable, chosen, runs_on
from forbear.core.strategy.model import Experiment, HoldOut, Strategy

#: The hold-out among the experiments, and its two arms.
HOLDOUT = "holdout"
HELD_OUT, TREATED = "holdout", "treated"


@dataclass(frozen=True, slots=True)
class InArm:
    """A borrower's arm of an experiment, how probable it was to get it, and since when."""

    experiment: str
    arm: str
    probability: float
    since: date


Recorded = Mapping[str, InArm]


def shares_of_holdout(holdout: HoldOut) -> tuple[tuple[str, int], ...]:
    """The hold-out as two arms: those in it first, so that a larger share takes from the others alone."""
    return ((HELD_OUT, holdout.share), (TREATED, WHOLE - holdout.share))


def probability(experiment: Experiment, share: int) -> float:
    """How probable an arm of that share is for somebody eligible."""
    return experiment.share * share / WHOLE**2


def running(experiment: Experiment, as_of: date, stopped: frozenset[str]) -> bool:
    """Whether the arms of an experiment count on a day: from its first day until the last window is over."""
    until = experiment.last_day + timedelta(days=experiment.window)
    return experiment.name not in stopped and experiment.first_day <= as_of <= until


def enrolling(experiment: Experiment, as_of: date, stopped: frozenset[str]) -> bool:
    """Whether borrowers come into an experiment on a day."""
    return running(experiment, as_of, stopped) and as_of <= experiment.last_day


def arms_on(
    strategy: Strategy,
    borrower_id: str,
    row: Row,
    recorded: Recorded,
    as_of: date,
    stopped: frozenset[str] = frozenset(),
    table: ChoiceTable = NO_TABLE,
) -> dict[str, InArm]:
    """All arms of a borrower at the end of a day by experiment: those on record, and new ones."""
    found = dict(recorded)
    holdout = strategy.holdout
    if holdout is not None and HOLDOUT not in found and not row["vulnerable"] and not ended(strategy, row):
        mine = place(holdout.salt, borrower_id)
        arm, share = _at(mine, shares_of_holdout(holdout))
        found[HOLDOUT] = InArm(HOLDOUT, arm, share / WHOLE, as_of)
    held_out = HOLDOUT in found and found[HOLDOUT].arm == HELD_OUT
    for experiment in strategy.experiments:
        if experiment.name in found or held_out or not enrolling(experiment, as_of, stopped):
            continue
        if not experiment.eligible.python()(row):
            continue
        if place(experiment.salt, borrower_id, second=True) >= boundary(experiment.share):
            continue
        mine = place(experiment.salt, borrower_id)
        arm, share = _at(mine, tuple((arm.name, arm.share) for arm in experiment.arms))
        found[experiment.name] = InArm(experiment.name, arm, probability(experiment, share), as_of)
    if strategy.choose is not None and not held_out and not _choice_runs(strategy, found, as_of):
        drawn = chosen(strategy.choose, borrower_id, row, as_of, table)
        if drawn is not None:
            found[CHOICE] = InArm(CHOICE, drawn.option, drawn.share / WHOLE, as_of)
    return found


def _choice_runs(strategy: Strategy, arms: Recorded, as_of: date) -> bool:
    """Whether the option on record still counts on a day."""
    choose, mine = strategy.choose, arms.get(CHOICE)
    return choose is not None and mine is not None and runs_on(choose, mine.since, as_of)


def _at(mine: int, shares: tuple[tuple[str, int], ...]) -> tuple[str, int]:
    """The arm at a place, with its share."""
    total = 0
    for name, share in shares:
        total += share
        if mine < boundary(total):
            return name, share
    raise AssertionError("the shares of arms add up to one")


def ended(strategy: Strategy, row: Row) -> bool:
    """Whether the hold-out is over for a case: by its days past due, or by its stage were it in no arm."""
    holdout = strategy.holdout
    assert holdout is not None, "asked of strategies with a hold-out"
    if holdout.day is not None and int(row["days_past_due"]) >= holdout.day:
        return True
    if not holdout.stage:
        return False
    blank = {
        **row,
        **{arm_fact(experiment.name): "" for experiment in strategy.experiments},
        **({CHOICE_FACT: ""} if strategy.choose is not None else {}),
    }
    stage = next((rule.stage for rule in strategy.stages if rule.when.python()(blank)), "")
    return stage in last_stages(strategy)


def last_stages(strategy: Strategy) -> frozenset[str]:
    """The stages in which the hold-out is over: the one it names and those after it."""
    names = [rule.stage for rule in strategy.stages]
    holdout = strategy.holdout
    if holdout is None or holdout.stage not in names:
        return frozenset()
    return frozenset(names[names.index(holdout.stage) :])


def active(
    strategy: Strategy, arms: Recorded, as_of: date, stopped: frozenset[str] = frozenset()
) -> list[InArm]:
    """The arms that count on a day, in the file's order: what a planned treatment keeps."""
    names = [HOLDOUT] if strategy.holdout is not None else []
    names += [each.name for each in strategy.experiments if running(each, as_of, stopped)]
    names += [CHOICE] if _choice_runs(strategy, arms, as_of) else []
    return [arms[name] for name in names if name in arms]


def arm_facts(
    strategy: Strategy,
    borrower_id: str,
    row: Row,
    recorded: Recorded,
    as_of: date,
    stopped: frozenset[str] = frozenset(),
    table: ChoiceTable = NO_TABLE,
) -> dict[str, int | str | bool]:
    """The facts of a row that chance makes: the arm of each experiment, and `in_holdout`."""
    arms = arms_on(strategy, borrower_id, row, recorded, as_of, stopped, table)
    counting = {each.experiment: each.arm for each in active(strategy, arms, as_of, stopped)}
    facts: dict[str, int | str | bool] = {
        arm_fact(experiment.name): counting.get(experiment.name, "") for experiment in strategy.experiments
    }
    if strategy.choose is not None:
        facts[CHOICE_FACT] = counting.get(CHOICE, "")
    silent = counting.get(HOLDOUT) == HELD_OUT and not row["vulnerable"]
    return facts | {"in_holdout": silent and not ended(strategy, row)}


def facts_by_day(strategy: Strategy, arms: str, in_holdout: bool, row: Row) -> dict[str, int | str | bool]:
    """The facts that chance made, from what a case keeps of its night: the arms that count, and `in_holdout`.

    `arms` is as the night writes it: `["spaced","usual",0.5],...`. Nothing is drawn by day. Somebody who turns out to
    be vulnerable is in no hold-out from that moment.
    """
    counting = {name: arm for name, arm, _ in json.loads(f"[{arms}]")}
    facts: dict[str, int | str | bool] = {
        arm_fact(experiment.name): counting.get(experiment.name, "") for experiment in strategy.experiments
    }
    if strategy.choose is not None:
        facts[CHOICE_FACT] = counting.get(CHOICE, "")
    silent = strategy.holdout is not None and in_holdout and not row["vulnerable"]
    return facts | {"in_holdout": silent}
