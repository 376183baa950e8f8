"""The figures of a model's card: how well it tells apart, how true its chances are, for whom, and its drift."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

from forbear.core.scores.limits import LEAST_ROWS

Array = np.ndarray
_GROUPS = 10
#: The most groups of one kind that a card has.
_MOST_GROUPS = 12


def auc(chances: Array, labels: Array) -> float | None:
    """How often somebody who did is ranked above somebody who didn't; None where all are alike."""
    hits = labels >= 0.5
    did, didnt = int(hits.sum()), int((~hits).sum())
    if not did or not didnt:
        return None
    ranks = rankdata(chances)
    return float((ranks[hits].sum() - did * (did + 1) / 2) / (did * didnt))


def brier(chances: Array, labels: Array) -> float:
    """The mean squared distance of chances from what happened."""
    return float(((chances - labels) ** 2).mean())


def calibration(chances: Array, labels: Array) -> list[list[float]]:
    """[mean chance, what happened, rows] of ten groups of equal size, from the lowest chance to the highest."""
    order = np.argsort(chances, kind="stable")
    return [
        [round(float(chances[part].mean()), 4), round(float(labels[part].mean()), 4), len(part)]
        for part in np.array_split(order, _GROUPS)
        if len(part)
    ]


def lift(chances: Array, labels: Array) -> float | None:
    """How many times as often it happens among the tenth with the highest chance as among all."""
    mean = float(labels.mean())
    top = np.argsort(-chances, kind="stable")[: max(1, len(chances) // 10)]
    return float(labels[top].mean()) / mean if mean else None


def psi(expected: Sequence[float], actual: Sequence[float]) -> float:
    """The population stability index of two divisions into the same groups; counts or shares."""
    before, after = (np.maximum(np.asarray(each, dtype=float), 0) for each in (expected, actual))
    before, after = (np.maximum(each / each.sum(), 1e-4) for each in (before, after))
    return float(((after - before) * np.log(after / before)).sum())


def psi_of_chances(before: Array, after: Array) -> float:
    """The same of chances, by tenths of those before."""
    cuts = np.unique(np.quantile(before, np.linspace(0.1, 0.9, 9)))
    counts = [
        np.bincount(np.searchsorted(cuts, each, side="right"), minlength=len(cuts) + 1)
        for each in (before, after)
    ]
    return psi(counts[0].tolist(), counts[1].tolist())


def by_group(chances: Array, labels: Array, groups: Array) -> list[dict[str, object]]:
    """For each group of enough rows: its chance, what happened and how well it is told apart; the largest first."""
    names, counts = np.unique(groups.astype(str), return_counts=True)
    rows = []
    for count, name in sorted(
        zip(counts.tolist(), names.tolist(), strict=True), key=lambda each: (-each[0], each[1])
    ):
        if not name or count < LEAST_ROWS:
            continue
        mine = groups == name
        found = auc(chances[mine], labels[mine])
        rows.append(
            {
                "group": name,
                "rows": count,
                "chance": round(float(chances[mine].mean()), 4),
                "observed": round(float(labels[mine].mean()), 4),
                "auc": None if found is None else round(found, 4),
            }
        )
    return rows[:_MOST_GROUPS]
