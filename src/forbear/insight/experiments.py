"""What the arms of an experiment, or the hold-out, have brought so far: by borrower, by arm, and one beside another.

A borrower counts in the arm they were given, from the night they were given it, whatever became of them. Cash is what
the book counts in the days after that night; contacts, complaints and the like are the desk's. Whose days are not over
yet is left for later. Cash of the same number of days before takes away what was known of a borrower already.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings

from forbear.core.base.money import minor_digits
from forbear.core.strategy.arms import HOLDOUT, running, shares_of_holdout
from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.measures import MEASURES
from forbear.core.strategy.model import Experiment, Strategy
from forbear.engine.columnar import Connection, connected, insert_rows, one_row, parquet, quote
from forbear.insight.book_kpi import main_currency
from forbear.insight.effect import Difference, Interval, Split, Values, difference, ratio, split
from forbear.interchange.book.book import Book
from forbear.interchange.home.lender import Home
from forbear.interchange.home.policy import policy
from forbear.night.arms import columns_of, on_record
from forbear.night.run import Night, latest_night
from forbear.store.business_date import business_date, day_start
from forbear.store.models import Complaint, Consent, Contact, Promise, StatementLine

#: Over these days it is counted how many borrowers come in a day.
_RECENT = timedelta(days=14)
#: The most weeks that a picture shows.
_MOST_WEEKS = 53
#: The hold-out has no window of its own.
HOLDOUT_WINDOW = 30


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One arm: all its borrowers, those whose days are over, and of these the sum of each measure.

    Amounts are in minor units.
    """

    arm: str
    borrowers: int
    complete: int
    sums: dict[str, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """An arm beside the first one, a borrower: each measure's difference, amounts in minor units.

    `per_contact` and `per_cost` are the incremental cash for each contact and unit of cost more.
    """

    arm: str
    differences: dict[str, Difference]
    per_contact: Interval | None
    per_cost: Interval | None
    guardrails_passed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The outcome's difference of an arm by what was known at the end of a week: looked at once, and on any day."""

    until: date
    arm: str
    found: Difference


@dataclass(frozen=True, slots=True)
class Status:
    """An experiment as it stands: what it says after `days` days of each borrower's.

    `a_day` is how many borrowers came in a day, over the last two weeks.
    """

    name: str
    outcome: str
    days: int
    first_day: date | None
    last_day: date | None
    over: bool
    currency: str
    arms: tuple[ArmFigures, ...]
    compared: tuple[Compared, ...]
    split: Split
    verdict: str
    weeks: tuple[Week, ...] = ()
    a_day: float = 0.0

    def plain(self) -> dict[str, object]:
        """The same for JSON."""
        weeks = [{**asdict(week), "until": str(week.until)} for week in self.weeks]
        days = {"first_day": str(self.first_day or ""), "last_day": str(self.last_day or "")}
        return {**asdict(self), **days, "weeks": weeks}


@dataclass(frozen=True, slots=True)
class Design:
    """What a status needs of an experiment or the hold-out: its first arm is what others are compared with."""

    name: str
    shares: tuple[tuple[str, float], ...]
    outcome: str
    days: int
    guardrails: dict[str, float]
    first_day: date | None = None
    last_day: date | None = None
    over: bool = False
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)


def designs(strategy: Strategy, as_of: date, stopped: frozenset[str] = frozenset()) -> list[Design]:
    """The hold-out, whose other arm is compared with it, and every experiment of a strategy."""
    found = []
    if strategy.holdout is not None:
        shares = tuple((arm, share / WHOLE) for arm, share in shares_of_holdout(strategy.holdout))
        found.append(Design(HOLDOUT, shares, "cash", HOLDOUT_WINDOW, {}))
    return found + [_design(each, as_of, stopped) for each in strategy.experiments]


def _design(experiment: Experiment, as_of: date, stopped: frozenset[str]) -> Design:
    return Design(
        experiment.name,
        tuple((arm.name, arm.share / WHOLE) for arm in experiment.arms),
        experiment.outcome,
        experiment.window,
        {measure: float(most) for measure, most in experiment.guardrails.items()},
        experiment.first_day,
        experiment.last_day,
        not running(experiment, as_of, stopped) and as_of >= experiment.first_day,
        {arm.name: arm.title for arm in experiment.arms},
    )


def status(home: Home, book: Book, design: Design, days: int = 0) -> Status | None:
    """How an experiment stands after the latest night; None where no night has drawn its arms."""
    night = latest_night(home.nights)
    if night is None or not (night.folder / "arms").is_dir():
        return None
    days = days or design.days
    with connected(home.threads) as engine:
        currency = main_currency(engine, book)
        _enrolled(engine, night, design)
        if not one_row(engine.execute("select count(*) from enrolled"))[0]:
            return None
        _outcomes(engine, home, book, night, currency, days)
        everybody = dict(engine.execute("select arm, count(*) from enrolled group by arm").fetchall())
        as_of = date.fromisoformat(night.manifest["as_of"])
        (recent,) = one_row(
            engine.execute("select count(*) from enrolled where since > $day", {"day": as_of - _RECENT})
        )
        columns = engine.execute("from outcomes").fetchnumpy()
    found = _status(design, days, currency, everybody, columns)
    return replace(found, weeks=_weeks(design, days, columns), a_day=recent / _RECENT.days)


def _weeks(design: Design, days: int, columns: dict[str, np.ndarray]) -> tuple[Week, ...]:
    """What the experiment said of its outcome at the end of each week, from the first borrowers' last day on."""
    if not len(columns["since"]):
        return ()
    until = columns["since"].astype("datetime64[D]") + days
    marks = np.arange(until.min(), until.max() + 7, 7)[-_MOST_WEEKS:]
    first, measure = design.shares[0][0], design.outcome
    found = []
    for mark in marks:
        known = until <= mark
        for arm, _ in design.shares[1:]:
            sides = [known & (columns["arm"] == name) for name in (arm, first)]
            ours, theirs = (_known(_numbers(columns[measure][side])) for side in sides)
            before = [_numbers(columns["before"][side]) if measure == "cash" else None for side in sides]
            shown = difference(ours, theirs, before[0], before[1])
            if shown is not None:
                found.append(Week(mark.astype(object), arm, shown))
    return tuple(found)


def rows(home: Home, book: Book, design: Design, days: int = 0) -> Iterator[tuple[object, ...]]:
    """The borrowers behind the figures: (borrower, arm, since, then each measure), those whose days are over."""
    night = latest_night(home.nights)
    if night is None or not (night.folder / "arms").is_dir():
        return
    with connected(home.threads) as engine:
        _enrolled(engine, night, design)
        _outcomes(engine, home, book, night, main_currency(engine, book), days or design.days)
        names = ", ".join(MEASURES)
        yield from engine.execute(
            f"select borrower_id, arm, since, {names} from outcomes order by 1"
        ).fetchall()


def outcomes_of(home: Home, book: Book, design: Design, days: int = 0) -> dict[str, np.ndarray] | None:
    """The columns of the borrowers whose days are over: who, arm, since, each measure and cash before."""
    night = latest_night(home.nights)
    if night is None or not (night.folder / "arms").is_dir():
        return None
    with connected(home.threads) as engine:
        _enrolled(engine, night, design)
        _outcomes(engine, home, book, night, main_currency(engine, book), days or design.days)
        return engine.execute("from outcomes order by borrower_id").fetchnumpy()


def _enrolled(engine: Connection, night: Night, design: Design) -> None:
    """The table of those in an arm of the experiment, as the latest night has them."""
    engine.execute("create temp table enrolled (borrower_id varchar, arm varchar, since date)")
    if design.name not in on_record(engine, night.folder / "arms"):
        return
    arm, _, since = columns_of(design.name)
    arms = ", ".join(quote(name) for name, _ in design.shares)
    engine.execute(
        f"insert into enrolled select borrower_id, {arm}, {since} "
        f"from {parquet(night.folder / 'arms', 'part-*.parquet')} where {arm} in ({arms})"
    )


def _outcomes(engine: Connection, home: Home, book: Book, night: Night, currency: str, days: int) -> None:
    """The table of every measure of those whose days are over; `before` is their cash of as many days earlier."""
    as_of = date.fromisoformat(night.manifest["as_of"])
    engine.execute(
        "create temp table done as select *, since + $days as until from enrolled where since + $days <= $as_of",
        {"days": days, "as_of": as_of},
    )
    engine.execute("create temp table paid (borrower_id varchar, cash hugeint, before hugeint)")
    for part in range(book.partitions):
        engine.execute(
            f"""insert into paid
            select d.borrower_id, sum(p.counted) filter (where p.paid_on > d.since),
                sum(p.counted) filter (where p.paid_on <= d.since)
            from {parquet(book.part(part), "payments.parquet")} p
            join {parquet(book.part(part), "loans.parquet")} l using (loan_key)
            join done d using (borrower_id)
            where p.counted > 0 and l.currency = $currency
              and p.paid_on > d.since - $days and p.paid_on <= d.until
            group by d.borrower_id""",
            {"currency": currency, "days": days},
        )
    _of_desk(engine, currency)
    _late(engine, home.nights)
    engine.execute(
        """create temp table outcomes as
        select d.borrower_id, d.arm, d.since, coalesce(p.cash, 0)::bigint as cash,
            coalesce(p.before, 0)::bigint as before,
            coalesce(e.contacts, 0)::bigint as contacts, coalesce(e.cost, 0)::bigint as cost,
            coalesce(e.complaints, 0)::bigint as complaints, coalesce(e.opt_outs, 0)::bigint as opt_outs,
            coalesce(e.promises, 0)::bigint as promises,
            case when d.until in (from seen) then (coalesce(z.days_past_due, 0) = 0)::double end as cured,
            case when d.until in (from seen) and d.since in (from seen)
                then (coalesce(z.days_past_due, 0) > coalesce(a.days_past_due, 0))::double end as rolled
        from done d
        left join paid p using (borrower_id)
        left join (
            select d.borrower_id, count(*) filter (where what = 'contacts') as contacts, sum(cost) as cost,
                count(*) filter (where what = 'complaints') as complaints,
                count(*) filter (where what = 'opt_outs') as opt_outs,
                count(*) filter (where what = 'promises') as promises
            from events e join done d on e.borrower_id = d.borrower_id and e.day > d.since and e.day <= d.until
            group by d.borrower_id) e using (borrower_id)
        left join late a on a.borrower_id = d.borrower_id and a.day = d.since
        left join late z on z.borrower_id = d.borrower_id and z.day = d.until"""
    )


def _of_desk(engine: Connection, currency: str) -> None:
    """The table of what the desk knows of them: contacts that left, commission, complaints, opt-outs, promises."""
    engine.execute("create temp table events (borrower_id varchar, what varchar, day date, cost bigint)")
    first = one_row(engine.execute("select min(since) from done"))[0]
    if first is None:
        return
    since = day_start(first)
    prices = policy(settings.HOME).costs
    made = (
        Contact.objects.filter(at__gte=since)
        .exclude(outcome="not_sent")
        .values_list("borrower_id", "channel", "at")
    )
    events: list[tuple[str, str, date, int]] = [
        (borrower, "contacts", business_date(at), prices.get(channel, 0))
        for borrower, channel, at in made.iterator()
        if at is not None
    ]
    complained = Complaint.objects.filter(request__opened_at__gte=since)
    stopped = Consent.objects.filter(at__gte=since, given=False).exclude(source="feed")
    for what, found in (
        ("complaints", complained.values_list("borrower_id", "request__opened_at")),
        ("opt_outs", stopped.values_list("borrower_id", "at")),
    ):
        events += [(borrower, what, business_date(at), 0) for borrower, at in found.iterator()]
    promised = Promise.objects.filter(made_on__gte=first).values_list("borrower_id", "made_on")
    events += [(borrower, "promises", day, 0) for borrower, day in promised.iterator()]
    earned = StatementLine.objects.filter(paid_on__gte=first, currency=currency).values_list(
        "placement__borrower_id", "paid_on", "commission"
    )
    events += [(borrower, "commission", day, commission) for borrower, day, commission in earned.iterator()]
    insert_rows(engine, "events", ("varchar", "varchar", "date", "bigint"), events)


def _late(engine: Connection, nights: Path) -> None:
    """The table of days past due, on the nights on which somebody came in or somebody's days were over.

    `seen` are the days of which a night is still there; of others nothing is said.
    """
    engine.execute(
        "create temp table late (borrower_id varchar, day date, days_past_due integer); "
        "create temp table seen (day date)"
    )
    days: Iterable[tuple[date]] = engine.execute(
        "select distinct since from done union select distinct until from done order by 1"
    ).fetchall()
    for (day,) in days:
        folder = _night_by(nights, day)
        if folder is not None:
            engine.execute(f"insert into seen values ({quote(day)}::date)")
            engine.execute(
                f"insert into late select borrower_id, {quote(day)}::date, max(days_past_due) from "
                f"{parquet(folder / 'arrears', 'part-*.parquet')} where borrower_id in (select borrower_id from done) "
                "group by borrower_id"
            )


def _night_by(nights: Path, day: date) -> Path | None:
    """The folder of the night of a day, or of the newest one up to a week before."""
    for back in range(8):
        folder = nights / str(day - timedelta(days=back))
        if (folder / "manifest.json").is_file():
            return folder
    return None


def _status(
    design: Design, days: int, currency: str, everybody: dict[str, int], columns: dict[str, np.ndarray]
) -> Status:
    names = [arm for arm, _ in design.shares]
    mine = {arm: columns["arm"] == arm for arm in names}
    values: dict[str, dict[str, Values]] = {
        arm: {name: _numbers(columns[name][mine[arm]]) for name in (*MEASURES, "before")} for arm in names
    }
    figures = tuple(
        ArmFigures(
            arm, everybody.get(arm, 0), int(mine[arm].sum()),
            {name: int(np.nansum(values[arm][name])) for name in MEASURES},
        )
        for arm in names
    )  # fmt: skip
    compared = tuple(_compared(design, currency, arm, values[arm], values[names[0]]) for arm in names[1:])
    counted = [everybody.get(arm, 0) for arm in names]
    checked = split(counted, [share for _, share in design.shares])
    return Status(
        design.name, design.outcome, days, design.first_day, design.last_day, design.over, currency, figures,
        compared, checked, verdict(design, checked, compared),
    )  # fmt: skip


def _numbers(column: np.ndarray) -> Values:
    """A column as numbers, with no number where nothing is known."""
    filled = np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)
    return np.asarray(filled, dtype=np.float64)


def _known(values: Values) -> Values:
    return values[~np.isnan(values)]


def _compared(
    design: Design, currency: str, arm: str, ours: dict[str, Values], first: dict[str, Values]
) -> Compared:
    differences = {}
    for name in MEASURES:
        known = (ours["before"], first["before"]) if name == "cash" else (None, None)
        found = difference(_known(ours[name]), _known(first[name]), *known)
        if found is not None:
            differences[name] = found
    passed = tuple(
        measure
        for measure, most in design.guardrails.items()
        if measure in differences
        and _worse(measure, differences[measure]) > _in_minor(measure, most, currency)
    )
    pair = lambda name: (ours[name], first[name])  # noqa: E731
    return Compared(
        arm, differences, ratio(pair("cash"), pair("contacts")), ratio(pair("cash"), pair("cost")), passed
    )


def _worse(measure: str, found: Difference) -> float:
    """By how much an arm is surely worse than the first, on whatever day one looks; below 0 when it isn't."""
    _, better = MEASURES[measure]
    return found.always.low if better < 0 else -found.always.high


def _in_minor(measure: str, amount: float, currency: str) -> float:
    return amount * 10 ** minor_digits(currency) if measure in ("cash", "cost") else amount


def verdict(design: Design, checked: Split, compared: tuple[Compared, ...]) -> str:
    """One word of what an experiment says: broken, harmful, better, worse, open or early.

    It goes by the intervals for looks on any day, so that looking often proves nothing by itself.
    """
    if checked.broken:
        return "broken"
    if any(each.guardrails_passed for each in compared):
        return "harmful"
    found = [
        each.differences[design.outcome].always for each in compared if design.outcome in each.differences
    ]
    if not found:
        return "early"
    _, better = MEASURES[design.outcome]
    if any((each.low if better > 0 else -each.high) > 0 for each in found):
        return "better"
    if any((each.high if better > 0 else -each.low) < 0 for each in found):
        return "worse"
    return "open"


@dataclass(frozen=True, slots=True)
class PastCash:
    """What a plan goes by: the variance of what those late now paid before, how many they are, and how many a day."""

    currency: str
    variance: float
    late: int
    newly_late: int


def past_cash(home: Home, book: Book, days: int) -> PastCash | None:
    """The cash of the last `days` of everybody late on the latest night, in minor units; None without a night."""
    night = latest_night(home.nights)
    if night is None:
        return None
    as_of = date.fromisoformat(night.manifest["as_of"])
    with connected(home.threads) as engine:
        currency = main_currency(engine, book)
        cases = parquet(night.folder / "cases", "part-*.parquet")
        engine.execute(
            f"create temp table late_now as select borrower_id, change from {cases} where days_past_due > 0"
        )
        engine.execute("create temp table paid (borrower_id varchar, cash hugeint)")
        for part in range(book.partitions):
            engine.execute(
                f"""insert into paid select l.borrower_id, sum(p.counted)
                from {parquet(book.part(part), "payments.parquet")} p
                join {parquet(book.part(part), "loans.parquet")} l using (loan_key)
                where p.counted > 0 and l.currency = $currency and p.paid_on > $first and p.paid_on <= $as_of
                  and l.borrower_id in (select borrower_id from late_now)
                group by l.borrower_id""",
                {"currency": currency, "first": as_of - timedelta(days=days), "as_of": as_of},
            )
        late, newly, variance = one_row(
            engine.execute(
                "select count(*), count(*) filter (where change = 'opened'), "
                "coalesce(var_samp(coalesce(cash, 0)::double), 0) from late_now left join paid using (borrower_id)"
            )
        )
    return PastCash(currency, variance, late, newly) if late else None
