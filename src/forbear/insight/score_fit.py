"""Fitting the points of scores: boosted trees by LightGBM, and a logistic regression as the plain way beside it.

Both end as points by bin, so either can be read, drawn and computed without any library. Trees are of one split each,
for calls of two of which one is the hour: their sum is points by bin exactly. Nothing is drawn at random, one thread
adds in one order: the same rows give the same bytes.
"""

import importlib
from collections.abc import Sequence
from types import ModuleType

import numpy as np

from forbear.core.scores.model import UNIT, Card
from forbear.core.scores.targets import HOURS

#: Fixed, not tuned: small steps, enough of them for books of some thousands to some millions of rows.
ROUNDS = 200
PARAMETERS = {
    "objective": "cross_entropy",
    "learning_rate": 0.1,
    "lambda_l2": 10.0,
    "min_data_in_bin": 1,
    "max_bin": 63,
    "feature_pre_filter": False,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 28,
    "verbosity": -1,
}
#: A bin of few rows is drawn towards the average, as if it had that many more average ones.
_PRIOR = 20.0
_RIDGE = 1.0
_STEPS = 25

Array = np.ndarray


def lightgbm() -> ModuleType | None:
    """The library, or None where it or what it needs of the system (libgomp) is missing."""
    try:
        return importlib.import_module("lightgbm")
    except (ImportError, OSError):
        return None


def fit_logistic(bins: Array, numbers: Sequence[int], labels: Array, hours: Array | None) -> dict[int, Card]:
    """Cards of a logistic regression on each bin's log-odds; of `hours`, each adds its own to the base."""
    columns = bins if hours is None else np.column_stack([bins, hours])
    numbers = [*numbers] if hours is None else [*numbers, len(HOURS)]
    odds = [_log_odds(columns[:, at], number, labels) for at, number in enumerate(numbers)]
    data = np.column_stack([np.ones(len(labels)), *(each[columns[:, at]] for at, each in enumerate(odds))])
    weights = _regression(data, labels)
    tables = [weight * each for weight, each in zip(weights[1:], odds, strict=True)]
    if hours is None:
        return {0: _card(float(weights[0]), tables, bins)}
    return {
        hour: _card(float(weights[0] + tables[-1][at]), tables[:-1], bins) for at, hour in enumerate(HOURS)
    }


def fit_trees(
    library: ModuleType, bins: Array, numbers: Sequence[int], labels: Array, hours: Array | None
) -> dict[int, Card]:
    """Cards of boosted trees."""
    parameters = PARAMETERS | {
        "min_data_in_leaf": max(20, len(labels) // 2000),
        "num_leaves": 2,
        "max_depth": 1,
    }
    data = bins
    if hours is not None:
        at_hour = bins.shape[1]
        data = np.column_stack([bins, hours])
        parameters |= {"num_leaves": 4, "max_depth": 2}
        parameters["interaction_constraints"] = [[at_hour, at] for at in range(at_hour)]
    sets = library.Dataset(np.ascontiguousarray(data), label=labels, params=parameters, free_raw_data=True)
    booster = library.train(parameters, sets, num_boost_round=ROUNDS)
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    if hours is None:
        return {0: _card(*_tables(trees, numbers, None), bins)}
    return {hour: _card(*_tables(trees, numbers, at), bins) for at, hour in enumerate(HOURS)}


def scored(card: Card, names: Sequence[str], bins: Array) -> Array:
    """The chances of rows by a card, in floating point: what a card of figures is made of."""
    points = np.full(len(bins), card.base, dtype=np.int64)
    for at, name in enumerate(names):
        if name not in card.points:
            continue
        points += np.asarray(card.points[name], dtype=np.int64)[bins[:, at]]
    return 1.0 / (1.0 + np.exp(-points / UNIT))


def named(card: Card, names: Sequence[str]) -> Card:
    """The card with its features by name, those that add nothing left out."""
    points = {names[int(at)]: row for at, row in card.points.items()}
    return Card(card.base, points)


def _log_odds(column: Array, number: int, labels: Array) -> Array:
    """The log-odds of each bin beside the average's."""
    rows = np.bincount(column, minlength=number).astype(float)
    hits = np.bincount(column, weights=labels, minlength=number)
    mean = min(max(float(labels.mean()), 1e-6), 1 - 1e-6)
    chance = (hits + _PRIOR * mean) / (rows + _PRIOR)
    return np.log(chance / (1 - chance)) - np.log(mean / (1 - mean))


def _regression(data: Array, labels: Array) -> Array:
    """The weights of a logistic regression with a ridge, by Newton's method; the first column is the base."""
    weights = np.zeros(data.shape[1])
    mean = min(max(float(labels.mean()), 1e-6), 1 - 1e-6)
    weights[0] = np.log(mean / (1 - mean))
    ridge = np.full(data.shape[1], _RIDGE)
    ridge[0] = 0.0
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(data @ weights, -30, 30)))
        spread = np.maximum(chance * (1 - chance), 1e-9)
        slope = data.T @ (labels - chance) - ridge * weights
        step = np.linalg.solve((data * spread[:, None]).T @ data + np.diag(ridge), slope)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def _tables(trees: Sequence[dict], numbers: Sequence[int], hour: int | None) -> tuple[float, list[Array]]:
    """What the trees add up to, by feature and bin, where the hour is given."""
    base, tables = 0.0, [np.zeros(number) for number in numbers]
    for tree in trees:
        features = _features(tree, len(numbers), hour)
        assert len(features) <= 1, "each tree reads one feature beside the hour"
        if not features:
            base += _value(tree, 0, len(numbers), hour)
            continue
        (at,) = features
        tables[at] += [_value(tree, place, len(numbers), hour) for place in range(numbers[at])]
    return base, tables


def _features(node: dict, hours_at: int, hour: int | None) -> set[int]:
    """The features that a tree reads at an hour."""
    if "leaf_value" in node and "split_feature" not in node:
        return set()
    at = node["split_feature"]
    if at == hours_at:
        assert hour is not None, "only trees of calls read the hour"
        return _features(node["left_child" if hour <= node["threshold"] else "right_child"], hours_at, hour)
    return {
        at,
        *_features(node["left_child"], hours_at, hour),
        *_features(node["right_child"], hours_at, hour),
    }


def _value(node: dict, place: int, hours_at: int, hour: int | None) -> float:
    """A tree's value for a bin."""
    while "split_feature" in node:
        value = hour if node["split_feature"] == hours_at else place
        assert value is not None, "only trees of calls read the hour"
        node = node["left_child" if value <= node["threshold"] else "right_child"]
    return float(node["leaf_value"])


def _card(base: float, tables: Sequence[Array], bins: Array) -> Card:
    """Whole points, each feature's centred on its average, so that they say what moves a score."""
    points = {}
    for at, table in enumerate(tables):
        mean = float(table[bins[:, at]].mean())
        base += mean
        whole = tuple(round(float(value - mean) * UNIT) for value in table)
        if any(whole):
            points[str(at)] = whole
    return Card(round(base * UNIT), points)
