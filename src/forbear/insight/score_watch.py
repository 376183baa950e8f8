"""Whether the model that scored a night is still fit: how far its borrowers drifted, and what came of older nights."""

from datetime import date, timedelta

import numpy as np

from forbear.core.scores.limits import LEAST_ROWS, MOST_DRIFT
from forbear.core.scores.model import ScoreModel, parse_model
from forbear.core.scores.targets import WINDOW_DAYS
from forbear.engine.columnar import Connection, connected, identifier, parquet
from forbear.insight.score_card import psi
from forbear.insight.score_fit import Array, scored
from forbear.insight.score_rows import Events, PastNight, gather
from forbear.interchange.book.book import Book
from forbear.interchange.home.lender import Home
from forbear.night.run import Night, open_night
from forbear.night.scores import bin_sql

#: What came of nights of these ages is looked at, a week apart.
_AGES = tuple(range(WINDOW_DAYS, WINDOW_DAYS * 3, 7))
#: The standard errors by which it has to be worse, so that chance alone sets few aside.
_ERRORS = 3.0


def unfit(home: Home, book: Book, night: Night) -> str:
    """Why the model of a night is to be set aside, as a code of `core.scores.limits`; "" where it is fit."""
    if "scores" not in night.manifest:
        return ""
    model = parse_model((night.folder / "scores.json").read_text(encoding="utf-8"))
    with connected(home.threads) as engine:
        drift = night_drift(engine, model, night)
        if drift is not None and drift * 100 > MOST_DRIFT:
            return "drifted"
        return "worse" if _is_worse(engine, home, book, model, night) else ""


def night_drift(engine: Connection, model: ScoreModel, night: Night) -> float | None:
    """The mean stability index of the model's features on a night; None where too few were scored."""
    rows = f"(select * from {parquet(night.folder / 'cases', 'part-*.parquet')} where scored and days_past_due > 0)"
    found = []
    for each in model.bins:
        place = bin_sql(each, each.feature.sql)
        counts = dict(engine.execute(f"select {place}, count(*) from {rows} group by 1").fetchall())
        if sum(counts.values()) < LEAST_ROWS:
            return None
        found.append(psi(each.shares, [counts.get(at, 0) for at in range(each.number)]))
    return sum(found) / len(found) if found else None


def _is_worse(engine: Connection, home: Home, book: Book, model: ScoreModel, night: Night) -> bool:
    """Whether its expected cash was surely further from what came in than its plain fallback's."""
    newest = date.fromisoformat(night.manifest["as_of"])
    if model.plain is None or "expected_cash" not in model.targets:
        return False
    past = [open_night(home.nights, newest - timedelta(days=age)) for age in _AGES]
    nights = [
        PastNight(date.fromisoformat(each.manifest["as_of"]), each.folder, None)
        for each in reversed(past)
        if each is not None and each.manifest.get("scores") == model.version
    ]
    if not nights or not gather(engine, book, nights, [each.feature for each in model.bins], Events()):
        return False
    names = [each.name for each in model.bins]
    columns = ", ".join(
        f"{bin_sql(each, identifier(each.name))}::utinyint as {identifier(each.name)}" for each in model.bins
    )
    table = engine.execute(
        f"select borrower_id, share, {columns} from case_rows order by row_id"
    ).fetchnumpy()
    bins = np.column_stack([np.asarray(table[name], dtype=np.uint8) for name in names])
    labels = np.asarray(table["share"], dtype=float)
    chances = scored(model.targets["expected_cash"].cards[0], names, bins)
    plain = scored(model.plain, names, bins)
    worse = (chances - labels) ** 2 - (plain - labels) ** 2
    return _surely_above(worse, table["borrower_id"])


def _surely_above(differences: Array, borrowers: Array) -> bool:
    """Whether the mean is above 0 beyond chance; the rows of one borrower count as one."""
    _, place = np.unique(np.asarray(borrowers, dtype=str), return_inverse=True)
    means = np.bincount(place, weights=differences) / np.bincount(place)
    if len(means) < LEAST_ROWS:
        return False
    return bool(means.mean() > _ERRORS * means.std(ddof=1) / len(means) ** 0.5)
