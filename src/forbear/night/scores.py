"""Scores in the night's SQL: each feature's bin, then the sum of their points for each target.

The twin of core/scores/score.py; a test holds the two equal on random facts.
"""

from forbear.core.facts.scores import SCORE_FACTS
from forbear.core.scores.model import MOST_POINTS, Bins, Card, ScoreModel, TargetModel
from forbear.core.scores.targets import TARGETS
from forbear.engine.columnar import Connection, quote


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
    places, first = [], 0
    for each in model.bins:
        places.append(f"{first} + {bin_sql(each, each.feature.sql)}")
        first += each.number
    sums = ", ".join(f"({card.base} + sum({name}))::bigint as {name}" for name, card in _cards(model))
    return f"""in_bins as (select *, [{", ".join(places)}] as places from known),
summed_points as (
    select borrower_key, {sums} from (select borrower_key, unnest(places) as place from in_bins)
    join score_points using (place) group by borrower_key),
with_desk_facts as (
    select p.* exclude (places), {", ".join(_facts(model))}
    from in_bins p join summed_points s using (borrower_key)),"""


def make_points(connection: Connection, model: ScoreModel | None) -> None:
    """Make the table `score_points`: a row for each bin of each feature, a column for each sum.

    That is a look-up by join: as an expression for each feature and sum it would take the engine longer to plan than a
    small partition takes.
    """
    if model is None:
        return
    cards = _cards(model)
    columns = ", ".join(f"{name} bigint" for name, _ in cards)
    rows, first = [], 0
    for each in model.bins:
        for at in range(each.number):
            points = (card.points[each.name][at] if each.name in card.points else 0 for _, card in cards)
            rows.append(f"({first + at}, {', '.join(map(str, points))})")
        first += each.number
    connection.execute(f"create or replace temp table score_points (place integer, {columns})")
    connection.execute(f"insert into score_points values {', '.join(rows)}")


def _cards(model: ScoreModel) -> list[tuple[str, Card]]:
    """Each card with the name of its sum."""
    return [
        (_points(target, hour), card)
        for target in model.targets.values()
        for hour, card in target.cards.items()
    ]


def _points(target: TargetModel, hour: int) -> str:
    return f"points_of_{target.name}_{hour}"


def bin_sql(bins: Bins, value: str) -> str:
    """SQL of the bin of a feature, from SQL of its value; for the night and for training alike."""
    if bins.feature.is_word:
        cases = " ".join(f"when {quote(word)} then {at}" for at, word in enumerate(bins.words, 1))
        return f"(case {value} {cases} else 0 end)" if cases else "0"
    cases = " ".join(f"when {value} < {cut} then {at}" for at, cut in enumerate(bins.cuts))
    return f"(case {cases} else {len(bins.cuts)} end)" if cases else "0"


def _facts(model: ScoreModel) -> list[str]:
    """Each fact of scores from the points of its target."""
    made = {fact.name: str(fact.default).lower() for fact in SCORE_FACTS} | {"scored": "true"}
    made["score_expected_cash"] = "0::bigint"
    for target in model.targets.values():
        hours = list(target.cards)
        best = f"s.{_points(target, hours[0])}"
        if len(hours) > 1:
            best = f"greatest({', '.join(f's.{_points(target, hour)}' for hour in hours)})"
            found = " ".join(f"when s.{_points(target, hour)} then {hour}" for hour in sorted(hours))
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
