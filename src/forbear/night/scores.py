"""Scores in the night's SQL: bins once for each feature, then a look into each target's points.

The twin of core/scores/score.py; a test holds the two equal on random facts.
"""

from forbear.core.facts.scores import SCORE_FACTS
from forbear.core.scores.model import MOST_POINTS, Bins, Card, ScoreModel, TargetModel
from forbear.core.scores.targets import TARGETS
from forbear.engine.columnar import quote


def scored_sql(model: ScoreModel | None, asked: frozenset[str]) -> str:
    """SQL: the named query `with_desk_facts` from `known`: the same rows with the facts of scores.

    Without a model these have their defaults, where somebody asks for them.
    """
    if model is None:
        defaults = "".join(
            f", {str(fact.default).lower()}{'::bigint' if fact.kind == 'money' else ''} as {fact.name}"
            for fact in SCORE_FACTS
            if fact.name in asked
        )
        return f"with_desk_facts as (select *{defaults} from known),"
    bins = ", ".join(f"{bin_sql(each, each.feature.sql)} as {_bin(each.name)}" for each in model.bins)
    sums = ", ".join(
        f"{_sum_sql(card)} as {_points(target, hour)}"
        for target in model.targets.values()
        for hour, card in target.cards.items()
    )
    dropped = [_bin(each.name) for each in model.bins]
    pointed = [_points(target, hour) for target in model.targets.values() for hour in target.cards]
    return f"""binned as (select *, {bins} from known),
pointed as (select * exclude ({", ".join(dropped)}), {sums} from binned),
with_desk_facts as (select * exclude ({", ".join(pointed)}), {", ".join(_facts(model))} from pointed),"""


def _bin(feature: str) -> str:
    return f"bin_of_{feature}"


def _points(target: TargetModel, hour: int) -> str:
    return f"points_of_{target.name}_{hour}"


def bin_sql(bins: Bins, value: str) -> str:
    """SQL of the bin of a feature, from SQL of its value; for the night and for training alike."""
    if bins.feature.is_word:
        cases = " ".join(f"when {quote(word)} then {at}" for at, word in enumerate(bins.words, 1))
        return f"(case {value} {cases} else 0 end)" if cases else "0"
    cases = " ".join(f"when {value} < {cut} then {at}" for at, cut in enumerate(bins.cuts))
    return f"(case {cases} else {len(bins.cuts)} end)" if cases else "0"


def _sum_sql(card: Card) -> str:
    terms = [str(card.base)]
    for name, points in card.points.items():
        if len(set(points)) == 1:
            terms.append(str(points[0]))
            continue
        terms.append(f"[{', '.join(map(str, points))}][{_bin(name)} + 1]")
    return f"({' + '.join(terms)})::bigint"


def _facts(model: ScoreModel) -> list[str]:
    """Each fact of scores from the points of its target."""
    made = {fact.name: str(fact.default).lower() for fact in SCORE_FACTS} | {"scored": "true"}
    made["score_expected_cash"] = "0::bigint"
    for target in model.targets.values():
        hours = list(target.cards)
        best = _points(target, hours[0])
        if len(hours) > 1:
            best = f"greatest({', '.join(_points(target, hour) for hour in hours)})"
            found = " ".join(f"when {_points(target, hour)} then {hour}" for hour in sorted(hours))
            made["score_answer_hour"] = f"case {best} {found} end"
        chance = _per_mille_sql(best)
        if target.name == "expected_cash":
            made["score_expected_cash"] = f"(total_past_due * {chance} // 1000)::bigint"
        else:
            made[TARGETS[target.name].fact] = chance
    return [f"{value} as {name}" for name, value in made.items()]


def _per_mille_sql(points: str) -> str:
    held = f"greatest({-MOST_POINTS}, least({MOST_POINTS}, {points}))"
    return (
        f"floor(1000.0::double / (1.0::double + exp(-{held}::double / 1e6::double)) + 0.5::double)::integer"
    )
