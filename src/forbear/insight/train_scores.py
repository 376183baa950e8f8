"""A model of scores and its card, from the nights of a home: split by time, and the same bytes for the same inputs.

The first seven tenths of the time are learned from, what follows is tested on. A target is used where it did better on
the later nights than days past due alone; boosted trees where they did better than the plain regression. What the card
says is of the very model that is written: it isn't fitted again on what it was tested on.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from forbear.core.scores.model import Bins, Card, TargetModel, model_text, version_of
from forbear.core.scores.targets import HOURS, WINDOW_DAYS
from forbear.engine.columnar import Connection, connected, identifier
from forbear.insight import score_card as card_of
from forbear.insight.score_fit import Array, fit_logistic, fit_trees, lightgbm, named, scored
from forbear.insight.score_rows import (
    Events,
    PastNight,
    TrainError,
    gather,
    known_until,
    labelled,
    make_bins,
    recorded_features,
)
from forbear.interchange.book.book import Book
from forbear.interchange.book.comparison import Acceptance
from forbear.interchange.home.lender import Home, read_text
from forbear.interchange.home.strategies import strategy_on
from forbear.night.run import plan_night, run_night
from forbear.night.scores import bin_sql

Progress = Callable[[str, int, int], None]
#: This part of the time is learned from.
LEARNED = 0.7
#: The least rows, and the least of each answer, for a target to be learned and to be tested.
LEAST_LEARNED, LEAST_TESTED = (500, 50), (200, 20)
#: The rows of the hold-out from which on paying by oneself is learned from these alone.
LEAST_HOLDOUT = 2_000
#: Nights apart, where the past is decided again, and the most of them.
STEP_DAYS, MOST_NIGHTS = 7, 120
#: Nobody is contacted on a past night that is decided again: what a person may answer for is answered for.
_UNPUBLISHED = Acceptance("past nights for training", "forbear train")
GROUPS = ("region", "age", "language")


@dataclass(frozen=True, slots=True)
class Trained:
    """A model's text, "" where no target could be used, and its card."""

    text: str
    card: dict[str, object]


@dataclass(frozen=True, slots=True)
class _Rows:
    """One target's rows: whether each is learned from or tested on, its bins, its answer, hour, and groups."""

    learned: Array
    bins: Array
    labels: Array
    hours: Array | None
    groups: dict[str, Array]
    population: str


def past_nights(home: Home, until: date) -> list[PastNight]:
    """The home's decided nights up to a day, the oldest first."""
    days = sorted(path.parent.name for path in home.nights.glob("[0-9]*/manifest.json"))
    return [
        PastNight(date.fromisoformat(day), home.nights / day, home.desk_facts(date.fromisoformat(day)))
        for day in days
        if day <= str(until)
    ]


def decide_again(
    home: Home, book: Book, until: date, folder: Path, progress: Progress = lambda step, done, of: None
) -> list[PastNight]:
    """The nights of the past as the book has them now, a week apart, in a folder that goes; the newest last."""
    first, newest = book.manifest["first_day"], known_until(book)
    if not first or newest is None:
        raise TrainError("the book has no loan or no payment, so there is no past to learn from")
    last = min(until, newest - timedelta(days=WINDOW_DAYS))
    days = (last - date.fromisoformat(first)).days
    step = max(STEP_DAYS, -(-days // MOST_NIGHTS))
    found = []
    dates = [last - timedelta(days=back) for back in range(0, max(days, 0), step)][::-1]
    for done, day in enumerate(dates):
        progress("deciding past nights", done, len(dates))
        text, facts = read_text(strategy_on(home, day)), home.desk_facts(day)
        plan = plan_night(book, folder, day, text, "strategy.yaml", facts, all_facts=True)
        night = run_night(plan, book, folder, threads=home.threads, accepted=_UNPUBLISHED)
        found.append(PastNight(day, night.folder, facts))
    return found


def train(
    home: Home,
    book: Book,
    events: Events,
    until: date,
    *,
    from_book: bool = False,
    most_rows: int = 1_000_000,
    plain: bool = False,
    progress: Progress = lambda step, done, of: None,
) -> Trained:
    """Train on the home's nights up to a day, or on those decided again from the book; `plain`: without LightGBM."""
    with tempfile.TemporaryDirectory(prefix="forbear-train-") as name:
        nights = (
            decide_again(home, book, until, Path(name), progress) if from_book else past_nights(home, until)
        )
        newest = known_until(book)
        nights = labelled(nights, newest) if newest else []
        return _train(home, book, events, nights, from_book, most_rows, plain, progress)


def _train(
    home: Home,
    book: Book,
    events: Events,
    nights: list[PastNight],
    from_book: bool,
    most_rows: int,
    plain: bool,
    progress: Progress,
) -> Trained:
    if not nights:
        raise TrainError(_too_short(0))
    span = (nights[-1].day - nights[0].day).days
    tested_from = nights[0].day + timedelta(days=round(span * LEARNED))
    learned_until = tested_from - timedelta(days=WINDOW_DAYS + 1)
    if learned_until < nights[0].day or nights[-1].day < tested_from:
        raise TrainError(_too_short(len(nights)))
    with connected(home.threads) as engine:
        progress("gathering rows", 0, 0)
        used = _thinned(nights, most_rows)
        features = recorded_features(engine, used)
        count = gather(engine, book, used, features, events)
        if not count:
            raise TrainError("nobody was past due on these nights, so there is nothing to learn")
        bins = make_bins(engine, features, learned_until)
        rows = _targets(engine, bins, learned_until, tested_from)
    found = {}
    for done, (name, each) in enumerate(rows.items()):
        progress("learning", done, len(rows))
        found[name] = _learn(name, each, bins, None if plain else lightgbm())
    targets = {name: model for name, (model, _, _) in found.items() if model is not None}
    first, last = nights[0].day, max(night.day for night in used if night.day <= learned_until)
    text = model_text(
        trained_from=str(first), trained_until=str(used[-1].day), book=book.version, bins=bins, targets=targets,
        plain=found["expected_cash"][2] if "expected_cash" in targets else None,
    )  # fmt: skip
    drift = _drift(bins, rows["expected_cash"])
    card: dict[str, object] = {
        "version": version_of(text) if targets else "",
        "book": book.version,
        "learned": [str(first), str(last)],
        "tested": [str(tested_from), str(used[-1].day)],
        "nights": len(used),
        "decided_again": from_book,
        "rows": count,
        "library": "" if plain or lightgbm() is None else "lightgbm",
        "features": [{"name": name, "psi": psi} for name, psi in drift.items()],
        "left_out": sorted({each.name for each in features} - {each.name for each in bins}),
        "targets": [described for _, described, _ in found.values()],
    }
    return Trained(text if targets else "", card)


def _too_short(nights: int) -> str:
    return (
        f"there are {nights} nights of which it is known what came of them, and too little time between the first and "
        "the last: scores need about 110 days and another 30 after. Wait, or train with --from-book on the past that "
        "the book tells of"
    )


def _thinned(nights: list[PastNight], most: int) -> list[PastNight]:
    """Evenly fewer nights, where all have more rows than a run may take; the newest stays."""
    counts = []
    for night in nights:
        manifest = json.loads((night.folder / "manifest.json").read_text(encoding="utf-8"))
        counts.append(sum(row[2] for row in manifest["buckets"]))
    step = max(1, -(-sum(counts) // most))
    return nights[::-1][::step][::-1]


def _targets(
    engine: Connection, bins: tuple[Bins, ...], learned_until: date, tested_from: date
) -> dict[str, _Rows]:
    """Each target's rows."""
    columns = ", ".join(
        f"{bin_sql(each, identifier(each.name))}::utinyint as {identifier(f'bin:{each.name}')}"
        for each in bins
    )
    table = engine.execute(
        f"select row_id, day, in_holdout, share, paid_all, contacted, contacted_in_window, region, age, language, "
        f"{columns} from case_rows order by row_id"
    ).fetchnumpy()
    days = table["day"].astype("datetime64[D]")
    matrix = np.column_stack([np.asarray(table[f"bin:{each.name}"], dtype=np.uint8) for each in bins])
    learned = days <= np.datetime64(learned_until)
    tested = days >= np.datetime64(tested_from)
    groups = {name: np.asarray(table[name], dtype=str) for name in GROUPS}
    paid = np.asarray(table["paid_all"], dtype=float)

    def rows(index: Array, labels: Array, hours: Array | None = None, population: str = "") -> _Rows:
        known = learned[index] | tested[index]
        index, labels = index[known], labels[known]
        return _Rows(
            learned[index],
            matrix[index],
            np.asarray(labels, dtype=float),
            None if hours is None else hours[known],
            {name: group[index] for name, group in groups.items()},
            population,
        )

    everybody = np.arange(len(days))
    holdout = np.flatnonzero(np.asarray(table["in_holdout"], dtype=bool))
    alone = np.flatnonzero(~np.asarray(table["contacted_in_window"], dtype=bool))
    by_itself, population = (
        (holdout, "holdout") if len(holdout) >= LEAST_HOLDOUT else (alone, "not_contacted")
    )
    reached = np.flatnonzero(np.asarray(table["contacted"], dtype=bool))
    calls = engine.execute(f"from calls where hour between {HOURS[0]} and {HOURS[-1]}").fetchnumpy()
    promises = engine.execute("from kept").fetchnumpy()
    hours = np.asarray(calls["hour"], dtype=np.uint8) - HOURS[0]
    return {
        "self_cure": rows(by_itself, paid[by_itself], population=population),
        "pays_contacted": rows(reached, paid[reached]),
        "keeps_promise": rows(_index(promises), np.asarray(promises["kept"], dtype=float)),
        "answers": rows(_index(calls), np.asarray(calls["answered"], dtype=float), hours),
        "expected_cash": rows(everybody, np.asarray(table["share"], dtype=float)),
    }


def _index(columns: dict[str, Array]) -> Array:
    return np.asarray(columns["row_id"], dtype=np.int64)


def _enough(labels: Array, least: tuple[int, int]) -> bool:
    rows, of_each = least
    return len(labels) >= rows and min(labels.sum(), (1 - labels).sum()) >= of_each


def _learn(
    name: str, rows: _Rows, bins: Sequence[Bins], library: object
) -> tuple[TargetModel | None, dict[str, object], Card | None]:
    """A target's model, None where it isn't used, what the card says of it, and the plain way that it beat."""
    learned, tested = rows.learned, ~rows.learned
    labels = rows.labels
    described: dict[str, object] = {
        "name": name,
        "learned_rows": int(learned.sum()),
        "tested_rows": int(tested.sum()),
        "population": rows.population,
        "used": False,
        "why_not": "",
    }
    if not _enough(labels[learned], LEAST_LEARNED) or not _enough(labels[tested], LEAST_TESTED):
        return None, described | {"why_not": "too_few"}, None
    names, numbers = [each.name for each in bins], [each.number for each in bins]
    hours = rows.hours
    learned_hours = None if hours is None else hours[learned]
    ways = {"logistic": fit_logistic(rows.bins[learned], numbers, labels[learned], learned_hours)}
    if library is not None:
        ways["lightgbm"] = fit_trees(library, rows.bins[learned], numbers, labels[learned], learned_hours)  # type: ignore[arg-type]  # a module
    cards = {kind: {hour: named(card, names) for hour, card in made.items()} for kind, made in ways.items()}
    chances = {kind: _chances(made, names, rows) for kind, made in cards.items()}
    alone, alone_card = _alone(bins, rows)
    errors = {kind: card_of.brier(each[tested], labels[tested]) for kind, each in chances.items()}
    errors["days_past_due"] = card_of.brier(alone[tested], labels[tested])
    kind = min(chances, key=lambda each: (errors[each], each != "logistic"))
    described |= _figures(kind, chances, alone, errors, rows)
    if errors[kind] >= errors["days_past_due"]:
        return None, described | {"why_not": "no_better"}, None
    plain = cards["logistic"] if kind != "logistic" else {0: alone_card}
    return TargetModel(name, kind, cards[kind]), described | {"used": True}, plain.get(0)


def _chances(cards: dict[int, Card], names: list[str], rows: _Rows) -> Array:
    """The chance of each row, of a call at the hour it was made."""
    if rows.hours is None:
        return scored(cards[0], names, rows.bins)
    chances = np.zeros(len(rows.labels))
    for at, hour in enumerate(HOURS):
        mine = rows.hours == at
        if mine.any():
            chances[mine] = scored(cards[hour], names, rows.bins[mine])
    return chances


def _alone(bins: Sequence[Bins], rows: _Rows) -> tuple[Array, Card]:
    """The chances by days past due alone, which every score has to beat, and their card."""
    at = next((at for at, each in enumerate(bins) if each.name == "days_past_due"), None)
    column = rows.bins[:, [at]] if at is not None else np.zeros((len(rows.labels), 1), dtype=np.uint8)
    number = bins[at].number if at is not None else 1
    card = fit_logistic(column[rows.learned], [number], rows.labels[rows.learned], None)[0]
    made = named(card, ["days_past_due"])
    return scored(made, ["days_past_due"], column), made


def _figures(
    kind: str, chances: dict[str, Array], alone: Array, errors: dict[str, float], rows: _Rows
) -> dict[str, object]:
    """What the card says of a target that was learned, all of the later nights."""
    tested, mine = ~rows.learned, chances[kind]
    labels = rows.labels[tested]
    aucs = {each: card_of.auc(found[tested], labels) for each, found in chances.items()}
    aucs["days_past_due"] = card_of.auc(alone[tested], labels)
    lift = card_of.lift(mine[tested], labels)
    return {
        "kind": kind,
        "observed": round(float(labels.mean()), 4),
        "auc": {each: None if found is None else round(found, 4) for each, found in aucs.items()},
        "brier": {each: round(found, 5) for each, found in errors.items()},
        "calibration": card_of.calibration(mine[tested], labels),
        "lift": None if lift is None else round(lift, 2),
        "psi": round(card_of.psi_of_chances(mine[rows.learned], mine[tested]), 4),
        "groups": {
            name: card_of.by_group(mine[tested], labels, group[tested]) for name, group in rows.groups.items()
        },
    }


def _drift(bins: Sequence[Bins], rows: _Rows) -> dict[str, float]:
    """How far each feature has moved between the nights learned from and those tested on."""
    tested = ~rows.learned
    return {
        each.name: round(
            card_of.psi(each.shares, np.bincount(rows.bins[tested, at], minlength=each.number).tolist()), 4
        )
        for at, each in enumerate(bins)
        if tested.any()
    }
