"""A canary: a share of the borrowers decided by a new strategy, all others by the one in force, from one text.

Both strategies become one. Its stages and treatments ask for the arm of an experiment, so the night, the desk, the
evidence and the statistics need to know nothing of canaries. Of those who come into the experiment one half has the
arm `new` and is decided by the new strategy. The other half has `now`: it is decided as everybody else, and what the
new one brings is compared with it. A larger share only lets more borrowers in, so nobody changes arms.

What one text can't say of two strategies is refused: another hold-out, other least amounts, a stage with another
handler, stages in contrary order.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import yaml

from forbear.core.base.problem import Problem
from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.model import StageRule, Strategy
from forbear.core.strategy.parse import StrategyError, parse_strategy

#: The arms of a canary: decided as before, and by the new strategy.
NOW, NEW = "now", "new"
#: The shares a canary can have, in millionths: half of the borrowers at most, for as many are compared with them.
SHARES = (50_000, 100_000, 200_000, 500_000)
#: For so long borrowers come into a canary; then all are decided as before.
LONGEST = timedelta(days=180)
_PREFIX = "canary-"


def canary_name(version: str) -> str:
    """The name of the experiment by which a version is tried on a share."""
    return f"{_PREFIX}{version}"


def is_canary(experiment: str) -> bool:
    """Whether an experiment of that name is a canary's."""
    return experiment.startswith(_PREFIX)


def canary_text(base: str, new: str, share: int, first_day: date) -> str | Problem:
    """The one text of the strategy in force and of the new one for a share of borrowers, in millionths."""
    assert share in SHARES, share
    old, tried = parse_strategy(base, "base"), parse_strategy(new, "new")
    if refused := mixed_problem(old, tried):
        return refused
    assert tried.canary is not None, "asked above"
    names = _merged([stage.stage for stage in old.stages], [stage.stage for stage in tried.stages])
    assert names is not None, "asked above"
    name = canary_name(tried.version)
    old_raw, new_raw = (yaml.load(text, yaml.BaseLoader) for text in (base, new))  # noqa: S506  it makes texts only
    experiment = {
        "experiment": name,
        "title": {"zh": f"灰度：{tried.title['zh']}", "en": f"Canary: {tried.title['en']}"},
        "eligible": "true",
        "share": str(Decimal(2 * share) / WHOLE),
        "arms": {
            NOW: {"share": "0.5", "title": {"zh": "照旧", "en": "As before"}},
            NEW: {"share": "0.5", "title": dict(tried.title)},
        },
        "outcome": {"measure": tried.canary.outcome, "days": str(tried.canary.window)},
        "guardrails": dict(tried.canary.guardrails),
        "first_day": str(first_day),
        "last_day": str(first_day + LONGEST),
    }
    theirs = [each.name for each in old.experiments]
    kept = [
        raw
        for raw in new_raw.get("experiments") or []
        if isinstance(raw, dict) and raw["experiment"] not in theirs
    ]
    whole = {
        **{
            key: old_raw[key]
            for key in ("strategy", "title", "least_amounts", "holdout", "choose")
            if key in old_raw
        },
        "hold_when": _either(name, old.hold_when.text, tried.hold_when.text),
        "experiments": [*(old_raw.get("experiments") or []), *kept, experiment],
        "stages": [_stage(name, old.stage(each), tried.stage(each)) for each in names],
    }
    text = yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=1000)
    try:
        parse_strategy(text, "canary")
    except StrategyError as error:
        return Problem(
            "canary_impossible", "the two strategies can't run side by side: %(why)s", why=error.problems[0]
        )
    return text


def mixed_problem(old: Strategy, new: Strategy) -> Problem | None:
    """Why a strategy can't be tried on a share beside the one in force; None where it can."""
    if new.canary is None or not new.canary.guardrails:
        return Problem(
            "canary_guardrails_missing",
            "name under `canary` what to look at and its guardrails; without them nothing would bring it back",
        )
    if (new.holdout, dict(new.least_amounts)) != (old.holdout, dict(old.least_amounts)):
        return Problem(
            "canary_holdout_differs",
            "leave `holdout` and `least_amounts` as they are; a share of borrowers can't have others",
        )
    if new.choose != old.choose:
        return Problem(
            "canary_choose_differs", "leave `choose` as it is; a share of borrowers can't have another choice"
        )
    ours = {each.name: each for each in old.experiments}
    for experiment in new.experiments:
        if experiment.name in ours and ours[experiment.name] != experiment:
            return Problem(
                "canary_experiment_differs",
                "experiment `%(name)s` runs already; leave it as it is, or give the changed one another name",
                name=experiment.name,
            )
    for stage in new.stages:
        before = old.stage(stage.stage)
        if before is not None and before.handler != stage.handler:
            return Problem(
                "canary_handler_differs",
                "stage `%(stage)s` is handled by another than now; give it another name to try it on a share",
                stage=stage.stage,
            )
    if _merged([stage.stage for stage in old.stages], [stage.stage for stage in new.stages]) is None:
        return Problem(
            "canary_order_differs",
            "the stages stand in another order than now; give those that moved another name",
        )
    return None


def _merged(first: Iterable[str], second: Iterable[str]) -> list[str] | None:
    """All names in an order that keeps that of each; None where they contradict each other."""
    graph: TopologicalSorter[str] = TopologicalSorter()
    for names in (list(first), list(second)):
        for name in names:
            graph.add(name)
        for before, after in pairwise(names):
            graph.add(after, before)
    try:
        return list(graph.static_order())
    except CycleError:
        return None


def _of(name: str, condition: str, arm: str) -> str:
    """A condition for those the new strategy decides, or for all others."""
    asked = f"arm_of('{name}') {'=' if arm == NEW else '<>'} '{NEW}'"
    return asked if condition.strip().lower() == "true" else f"{asked} and ({condition})"


def _either(name: str, now: str, new: str) -> str:
    """One condition for both: as it is where they are alike."""
    return now if now == new else f"({_of(name, now, NOW)}) or ({_of(name, new, NEW)})"


def _stage(name: str, old: StageRule | None, new: StageRule | None) -> dict[str, object]:
    """A stage of one of them or of both."""
    one = old or new
    assert one is not None, "each name is of one of them"
    if old is not None and new is not None:
        when = _either(name, old.when.text, new.when.text)
    else:
        when = _of(name, one.when.text, NOW if new is None else NEW)
    return {
        "stage": one.stage,
        "title": dict(one.title),
        "when": when,
        "handler": one.handler,
        "treatments": _treatments(name, old, new),
    }


def _treatments(name: str, old: StageRule | None, new: StageRule | None) -> list[dict[str, str]]:
    """The treatments of a stage: of both unless they are alike."""
    sides = [(rule, arm) for rule, arm in ((old, NOW), (new, NEW)) if rule is not None]
    alike = old is not None and new is not None and old.treatments == new.treatments
    single = len(sides) == 1
    return [
        {
            treatment.channel: treatment.template,
            "when": treatment.when.text if alike or single else _of(name, treatment.when.text, arm),
            **({"required": "true"} if treatment.required else {}),
        }
        for rule, arm in (sides[:1] if alike else sides)
        for treatment in rule.treatments
    ]
