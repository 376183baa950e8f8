"""What another strategy would have brought, from past nights with recorded probabilities.

Each borrower of an experiment got what was planned with a known probability. Those whose plan, night by night, is what
the other strategy would have planned stand for all, each by the inverse of that probability. The doubly robust estimate
also knows what was paid before and how late they were, so that it errs less. Both need borrowers whose plan agrees:
where these are too few, or where no arm did what the other strategy wants, it is said that nothing can be known.

    inverse-probability: Horvitz and Thompson 1952, by Hajek's ratio. Over many nights: Precup, Sutton, Singh 2000.
    doubly robust: Robins, Rotnitzky, Zhao 1994; Dudik, Langford, Li 2011. Effective sample size: Kish 1965.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import numpy as np
from scipy import stats

from forbear.core.base.problem import InputError
from forbear.core.conditions.terms import arm_fact
from forbear.core.strategy.arms import HELD_OUT, HOLDOUT
from forbear.core.strategy.model import Strategy
from forbear.core.strategy.parse import parse_strategy
from forbear.core.strategy.stage import decider, facts_named
from forbear.engine.columnar import Connection, connected, parquet, quote
from forbear.insight.book_kpi import main_currency
from forbear.insight.effect import LEAST, Interval, Values
from forbear.insight.experiments import Design, outcomes_of
from forbear.interchange.book.book import Book
from forbear.interchange.home.lender import Home, read_text
from forbear.night.run import Night, open_night

#: Fewer borrowers than this, by effective sample size, say nothing: as in an arm of an experiment.
LEAST_EFFECTIVE = float(LEAST)
#: The largest share of borrowers for whom no arm did what the other strategy wants.
MOST_UNSEEN = 0.05


class ReplayError(InputError):
    """The strategy can't be asked of past nights; the message says why."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a strategy would have brought a borrower, beside what all arms together brought; in the outcome's unit.

    `agreeing` borrowers were treated as it would have done, worth `effective` drawn with one probability. `unseen` is
    the share for whom no arm did what it wants. `enough` says whether the figures can be read at all.
    """

    experiment: str
    outcome: str
    days: int
    currency: str
    borrowers: int
    agreeing: int
    effective: float
    unseen: float
    enough: bool
    now: float
    weighted: Interval | None
    robust: Interval | None

    def plain(self) -> dict[str, object]:
        """The same for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Unit:
    """A borrower: whether the plan agreed, how probable it was, and whether any arm's would have agreed."""

    agrees: bool
    probability: float
    seen: bool


def estimate(
    design: Design, units: Sequence[Unit], outcome: Values, known: Values, currency: str
) -> Estimate:
    """Both estimates from each borrower's unit, outcome and what was `known` before (a row each)."""
    n = len(units)
    agrees = np.array([unit.agrees for unit in units], dtype=bool)
    weights = np.array([1 / unit.probability if unit.agrees else 0.0 for unit in units])
    unseen = float(np.mean([not unit.seen for unit in units])) if n else 1.0
    effective = float(weights.sum() ** 2 / (weights @ weights)) if agrees.any() else 0.0
    enough = effective >= LEAST_EFFECTIVE and unseen <= MOST_UNSEEN
    weighted = robust = None
    if enough:
        share = weights / weights.mean()
        weighted = _interval(
            outcome @ weights / weights.sum(), share * (outcome - outcome @ weights / weights.sum())
        )
        guessed = _guess(known, outcome, agrees)
        value = float(guessed.mean() + (share * (outcome - guessed)).mean())
        robust = _interval(value, guessed + share * (outcome - guessed) - value)
    return Estimate(
        design.name, design.outcome, design.days, currency, n, int(agrees.sum()), effective, unseen, enough,
        float(outcome.mean()) if n else 0.0, weighted, robust,
    )  # fmt: skip


def _interval(value: float, spread: Values) -> Interval:
    wide = float(stats.norm.ppf(0.975)) * float(spread.std(ddof=1)) / np.sqrt(len(spread))
    return Interval(float(value), float(value - wide), float(value + wide))


def _guess(known: Values, outcome: Values, agrees: Values) -> Values:
    """The outcome that a straight line through those who agree gives each borrower."""
    table = np.column_stack([np.ones(len(known)), known])
    slopes, *_ = np.linalg.lstsq(table[agrees], outcome[agrees], rcond=None)
    return np.asarray(table @ slopes, dtype=np.float64)


def replay(home: Home, book: Book, design: Design, text: str, origin: str) -> Estimate | None:
    """What the strategy would have brought the borrowers of an experiment; None while the days of none are over."""
    tried = parse_strategy(text, origin)
    found = outcomes_of(home, book, design)
    if found is None or not len(found["borrower_id"]):
        return None
    names = [str(name) for name in found["borrower_id"]]
    since = [day.astype("datetime64[D]").astype(object) for day in found["since"]]
    outcome = np.ma.filled(np.ma.asarray(found[design.outcome], dtype=np.float64), np.nan)
    paths = _Paths(home, design, tried, dict(zip(names, since, strict=True)))
    for day in _days(since, design.days):
        night = open_night(home.nights, day)
        if night is not None:
            paths.add(day, night)
    kept = [at for at, name in enumerate(names) if name in paths.first_late and not np.isnan(outcome[at])]
    units = [paths.unit(names[at]) for at in kept]
    known = np.column_stack(
        [
            np.ma.filled(np.ma.asarray(found["before"], dtype=np.float64), 0.0)[kept],
            np.array([paths.first_late[names[at]] for at in kept], dtype=np.float64),
        ]
    )
    with connected(home.threads) as engine:
        currency = main_currency(engine, book)
    return estimate(design, units, outcome[kept], known, currency)


def _days(since: Sequence[date], days: int) -> list[date]:
    first, last = min(since), max(since) + timedelta(days=days - 1)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


class _Paths:
    """Each borrower's nights so far: the arms that would have planned the same, and whether the strategy would."""

    def __init__(self, home: Home, design: Design, tried: Strategy, since: Mapping[str, date]) -> None:
        self.home, self.design, self.tried, self.since = home, design, tried, since
        self.arms = {name: {arm for arm, _ in design.shares} for name in since}
        self.agrees = dict.fromkeys(since, True)
        self.seen = dict.fromkeys(since, True)
        self.first_late: dict[str, int] = {}

    def add(self, day: date, night: Night) -> None:
        """One night more: of those who are within their days on it."""
        theirs = parse_strategy(read_text(night.folder / "strategy.yaml"), "strategy.yaml")
        mine = [
            name
            for name, first in self.since.items()
            if first <= day < first + timedelta(days=self.design.days) and self.agrees[name]
        ]
        if not mine:
            return
        with connected(self.home.threads) as engine:
            rows, planned = _cases(engine, night, mine)
        if rows and (missing := self._missing(next(iter(rows.values())))):
            raise ReplayError(
                f"the night of {day} doesn't know {', '.join(missing)}, which the strategy asks for; only nights "
                "decided with --all-facts do"
            )
        as_was, as_tried = _plans(theirs), _plans(self.tried)
        for name, row in rows.items():
            if row["days_past_due"] is None:
                continue  # the case was closed: nothing is planned by anybody
            self.first_late.setdefault(name, int(str(row["days_past_due"])))
            self._one(name, row, planned.get(name, frozenset()), as_was, as_tried)

    def _one(self, name: str, row: dict, was: "_Plan", as_was: "_Planner", as_tried: "_Planner") -> None:
        by_arm = {arm: as_was(self._with(row, arm)) for arm in self.arms[name]}
        wanted = as_tried(self._blank(row))
        if wanted != was:
            self.agrees[name] = False
            self.seen[name] = wanted in by_arm.values()
        else:
            self.arms[name] = {arm for arm, plan in by_arm.items() if plan == was}

    def _with(self, row: dict, arm: str) -> dict:
        """The row as it would be in an arm."""
        if self.design.name == HOLDOUT:
            return {**row, "in_holdout": arm == HELD_OUT}
        return {**row, arm_fact(self.design.name): arm}

    def _blank(self, row: dict) -> dict:
        """The row as the other strategy sees it: in none of its own arms, and in a hold-out only if it has one."""
        arms = {arm_fact(each.name): row.get(arm_fact(each.name), "") for each in self.tried.experiments}
        return {**row, **arms, "in_holdout": bool(row["in_holdout"]) and self.tried.holdout is not None}

    def _missing(self, row: dict) -> list[str]:
        return sorted(name for name in facts_named(self.tried) - {"previous_stage"} if name not in row)

    def unit(self, name: str) -> Unit:
        """The borrower after all nights."""
        shares = dict(self.design.shares)
        return Unit(self.agrees[name], sum(shares[arm] for arm in self.arms[name]), self.seen[name])


_Plan = frozenset[tuple[str, str]]
_Planner = Callable[[dict], _Plan]


def _plans(strategy: Strategy) -> _Planner:
    """What a strategy plans for a row. To plan nothing is the same however it is called."""
    decide = decider(strategy)
    return lambda row: frozenset(
        (each.channel, each.template) for each in decide(row).treatments if each.channel != "nothing"
    )


def _cases(
    engine: Connection, night: Night, names: Sequence[str]
) -> tuple[dict[str, dict[str, object]], dict[str, _Plan]]:
    """The rows of these borrowers on a night, and what was planned for each."""
    listed = ", ".join(quote(name) for name in names)
    found = engine.execute(
        f"select * from {parquet(night.folder / 'cases', 'part-*.parquet')} where borrower_id in ({listed})"
    )
    columns = [column[0] for column in found.description or ()]
    rows = {
        str(row[columns.index("borrower_id")]): dict(zip(columns, row, strict=True))
        for row in found.fetchall()
    }
    planned: dict[str, set[tuple[str, str]]] = {}
    for name, channel, template in engine.execute(
        f"select borrower_id, channel, template from {parquet(night.folder / 'treatments', 'part-*.parquet')} "
        f"where channel <> 'nothing' and borrower_id in ({listed})"
    ).fetchall():
        planned.setdefault(name, set()).add((channel, template))
    return rows, {name: frozenset(each) for name, each in planned.items()}
