"""What each option of a choice brings by stratum, learned from the home's own past nights and from nothing else.

Who came into the hold-out, an experiment or the choice did so with a known probability. So, within a stratum, those who
got an option stand for all, each by the inverse of that probability; what was paid before and how late they were takes
part of chance away (doubly robust, as in `insight.replay`). Sources are pooled by how sure each is. A stratum that
knows little is drawn towards the others (`insight.shrink`), one that knows too little gets no figure.

Only the night on which somebody came in counts: later ones would compare who is still late. Complaints are rare, so
there is one rate a contact, from all contacts of a year, and a factor for each option where enough is known of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from forbear.core.strategy.arms import HELD_OUT, HOLDOUT
from forbear.core.strategy.choice import CHOICE
from forbear.core.strategy.model import Choose, Strategy
from forbear.core.strategy.parse import parse_strategy
from forbear.engine.columnar import Connection, insert_rows, parquet, quote
from forbear.insight.effect import LEAST, Values
from forbear.insight.shrink import shrink
from forbear.interchange.book.book import Book
from forbear.interchange.home.lender import Home, read_text
from forbear.night.arms import columns_of, on_record
from forbear.night.choice import OPTION, eligible_sql, stratum_sql
from forbear.night.run import latest_night
from forbear.store.business_date import business_date, day_start
from forbear.store.models import Complaint, Contact

#: The rate is of the contacts and complaints of this long.
_YEAR = timedelta(days=365)
#: What is believed before anything is known: one complaint in this number of contacts, and how much that weighs.
PRIOR_CONTACTS = 1_000
#: How many complaints the belief weighs that an option is like any other.
PRIOR_COMPLAINTS = 5


@dataclass(frozen=True, slots=True)
class Value:
    """What an option brings one case of a stratum beside the ladder within the days, in minor units.

    `raw` is the stratum's own figure, `cash` the fair one with its interval. `borrowers` got it, `beside` the ladder.
    Where `enough` is false there is no figure.
    """

    stratum: str
    option: str
    borrowers: int
    beside: int
    enough: bool
    raw: float = 0.0
    cash: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class Learned:
    """All values, complaints for each contact by option, and how many borrowers' days were looked at."""

    values: tuple[Value, ...]
    complaints_a_contact: Mapping[str, float]
    borrowers: int

    def plain(self) -> dict[str, object]:
        """The same for JSON."""
        return {
            "values": [asdict(each) for each in self.values],
            "complaints_a_contact": dict(self.complaints_a_contact),
            "borrowers": self.borrowers,
        }


def learn(engine: Connection, home: Home, book: Book, strategy: Strategy, as_of: date) -> Learned:
    """What past nights show of each option, as it was known at the end of the night before `as_of`."""
    choose = strategy.choose
    assert choose is not None, "asked of strategies with a choice"
    engine.execute(
        "create or replace temp table units (source varchar, borrower_id varchar, option varchar, odds double, "
        "since date, stratum varchar, days_past_due double, open varchar)"
    )
    night = latest_night(home.nights, before=as_of)
    last = as_of - timedelta(days=choose.days)
    if night is not None and (night.folder / "arms").is_dir():
        _of_experiments(engine, home, choose, night.folder, last)
    _of_choices(engine, home, choose, last)
    _outcomes(engine, book, choose)
    _complaints(engine, as_of)
    rows = engine.execute("from outcomes order by source, borrower_id, since").fetchnumpy()
    values = _values(choose, rows)
    return Learned(tuple(values), _complaint_rates(engine, choose, as_of), len(rows["borrower_id"]))


def _of_experiments(engine: Connection, home: Home, choose: Choose, folder: Path, last: date) -> None:
    """Those in an arm that stands for an option, with the stratum of the night they came in on."""
    arms = parquet(folder / "arms", "part-*.parquet")
    names = on_record(engine, folder / "arms")
    for name in names:
        meant = {option.like[name]: option.name for option in choose.options if name in option.like}
        if name == HOLDOUT:
            silent = [option.name for option in choose.options if option.only == frozenset()]
            meant = {**({HELD_OUT: silent[0]} if silent else {}), "treated": choose.options[0].name, **meant}
        if name == CHOICE or not meant:
            continue
        arm, odds, since = columns_of(name)
        options = " ".join(f"when {quote(each)} then {quote(option)}" for each, option in meant.items())
        possible = quote(",".join(sorted(set(meant.values()))))
        days = engine.execute(
            f"select distinct {since} from {arms} where {since} <= {quote(last)}::date order by 1"
        ).fetchall()
        for (day,) in days:
            _add(
                engine, home, choose, day, quote(name),
                f"select borrower_id, case {arm} {options} end as option, {odds} as odds, "
                f"{possible} as open from {arms} where {since} = {quote(day)}::date",
            )  # fmt: skip


def _of_choices(engine: Connection, home: Home, choose: Choose, last: date) -> None:
    """Those for whom a choice was drawn on a night, where the options of then mean the same."""
    for folder in sorted(home.nights.glob("[0-9]*")):
        day = date.fromisoformat(folder.name)
        if day > last or not (folder / "strategy.yaml").is_file():
            continue
        theirs = parse_strategy(read_text(folder / "strategy.yaml"), "strategy.yaml").choose
        if theirs is None or theirs.days < choose.days:
            continue
        same = {each.name: each.only for each in choose.options}
        kept = [at for at, each in enumerate(theirs.options) if same.get(each.name, "") == each.only]
        bits = " || ',' || ".join(
            f"case when (split_part(choice_cell, '/', 2)::integer >> {at}) & 1 = 1 "
            f"then {quote(theirs.options[at].name)} else '' end"
            for at in kept
        )
        listed = ", ".join(quote(theirs.options[at].name) for at in kept)
        if kept:
            mine = (
                f"select borrower_id, case when {OPTION} in ({listed}) then {OPTION} end as option, "
                f"choice_odds as odds, {bits} as open from {parquet(folder / 'cases', 'part-*.parquet')} "
                "where choice_cell <> ''"
            )
            _add(engine, home, choose, day, quote(CHOICE), mine)


def _add(engine: Connection, home: Home, choose: Choose, day: date, source: str, query: str) -> None:
    """Add who came in on a day, as far as the night of that day is there and knows what strata are made of."""
    folder = home.nights / str(day)
    if not (folder / "manifest.json").is_file():
        return
    cases = parquet(folder / "cases", "part-*.parquet")
    known = {row[0] for row in engine.execute(f"describe select * from {cases}").fetchall()}
    asked = {each.fact for each in choose.strata} | set(choose.eligible.facts) | {"currency", "vulnerable"}
    if asked - known - {"vulnerable"}:
        return
    vulnerable = "" if "vulnerable" in known else ", false as vulnerable"
    engine.execute(
        f"""insert into units select {source}, q.borrower_id, q.option, q.odds, {quote(day)}::date,
            {stratum_sql(choose)}, days_past_due, q.open
        from ({query}) q join (select *{vulnerable} from {cases}) c using (borrower_id)
        where q.odds > 0 and {eligible_sql(choose)}"""
    )


def _outcomes(engine: Connection, book: Book, choose: Choose) -> None:
    """The table of units with what each paid within the days, and within as many days before."""
    engine.execute(
        "create or replace temp table paid (borrower_id varchar, since date, cash hugeint, before hugeint)"
    )
    for part in range(book.partitions):
        engine.execute(
            f"""insert into paid
            select d.borrower_id, d.since, sum(p.counted) filter (where p.paid_on > d.since),
                sum(p.counted) filter (where p.paid_on <= d.since)
            from {parquet(book.part(part), "payments.parquet")} p
            join {parquet(book.part(part), "loans.parquet")} l using (loan_key)
            join (select distinct borrower_id, since from units) d using (borrower_id)
            where p.counted > 0 and l.currency = $currency
              and p.paid_on > d.since - $days and p.paid_on <= d.since + $days
            group by d.borrower_id, d.since""",
            {"currency": choose.currency, "days": choose.days},
        )
    engine.execute(
        "create or replace temp table outcomes as select u.*, coalesce(p.cash, 0)::double as cash, "
        "coalesce(p.before, 0)::double as before from units u left join paid p using (borrower_id, since)"
    )


def _complaints(engine: Connection, as_of: date) -> None:
    """The tables of complaints and contacts of a year, a row each."""
    since = day_start(as_of - _YEAR)
    engine.execute("create or replace temp table complained (borrower_id varchar, day date)")
    engine.execute("create or replace temp table made (borrower_id varchar, day date)")
    found = Complaint.objects.filter(request__opened_at__gte=since)
    for table, rows in (
        ("complained", found.values_list("borrower_id", "request__opened_at")),
        (
            "made",
            Contact.objects.filter(at__gte=since)
            .exclude(outcome="not_sent")
            .values_list("borrower_id", "at"),
        ),
    ):
        listed = [(name, business_date(at)) for name, at in rows.iterator() if at is not None]
        insert_rows(engine, table, ("varchar", "date"), [row for row in listed if row[1] < as_of])


def _complaint_rates(engine: Connection, choose: Choose, as_of: date) -> dict[str, float]:
    """Complaints for each contact by option."""
    counted = [engine.execute(f"select count(*) from {table}").fetchone() for table in ("complained", "made")]
    complaints, contacts = (row[0] if row else 0 for row in counted)
    rate = (complaints + 1) / (contacts + PRIOR_CONTACTS)
    rows = engine.execute(
        f"""with mine as (select distinct borrower_id, option, since from units where option is not null),
        seen as (
            select m.option, count(*) as number from mine m join complained c on c.borrower_id = m.borrower_id
                and c.day > m.since and c.day <= m.since + {choose.days} group by m.option),
        contacted as (
            select m.option, count(*) as number from mine m join made c on c.borrower_id = m.borrower_id
                and c.day > m.since and c.day <= m.since + {choose.days} group by m.option)
        select option, coalesce(s.number, 0), n.number from contacted n left join seen s using (option)"""
    ).fetchall()
    known = {
        option: rate * (seen + PRIOR_COMPLAINTS) / (number * rate + PRIOR_COMPLAINTS)
        for option, seen, number in rows
    }
    return {option.name: known.get(option.name, rate) for option in choose.options}


def _values(choose: Choose, rows: Mapping[str, np.ndarray]) -> list[Value]:
    """The figures by stratum and option, drawn towards each other by option."""
    ladder = choose.options[0].name
    strata = _Coded(rows["stratum"])
    options, sources, opened = (_Coded(rows[name]) for name in ("option", "source", "open"))
    members = {name: np.flatnonzero(strata.is_(name)) for name in strata.names}
    found: list[Value] = []
    for option in choose.options[1:]:
        groups: dict[str, tuple[float, float, int]] = {}
        counts: dict[str, tuple[int, int]] = {}
        both = opened.any_of([each for each in opened.names if {option.name, ladder} <= set(each.split(","))])
        got, usual = options.is_(option.name), options.is_(ladder)
        for name, mine in members.items():
            counts[name] = int(got[mine].sum()), int(usual[mine].sum())
            figures = [
                figure
                for source in sources.names
                if (figure := _contrast(rows, mine[sources.is_(source)[mine] & both[mine]], got, usual))
            ]
            if figures:
                groups[name] = _pooled(figures)
        fair = shrink(groups, least=-float("inf"))
        for name in members:
            group = fair.get(name)
            shown = (group.raw, group.shrunk, group.low, group.high) if group else (0.0, 0.0, 0.0, 0.0)
            found.append(Value(name, option.name, *counts[name], group is not None, *shown))
    return found


class _Coded:
    """A column of few texts as numbers, so that a million rows are compared at once; no text counts as ""."""

    def __init__(self, column: np.ndarray) -> None:
        filled: list[object] = np.ma.filled(np.ma.asarray(column, dtype=object), "").tolist()
        known = dict.fromkeys(filled)
        self.names = sorted(str(each) for each in known)
        numbers = {name: at for at, name in enumerate(self.names)}
        self.codes = np.fromiter((numbers[str(each)] for each in filled), dtype=np.int32, count=len(filled))

    def is_(self, name: str) -> np.ndarray:
        """Which rows have this text."""
        return self.any_of([name])

    def any_of(self, names: Sequence[str]) -> np.ndarray:
        """Which rows have one of these texts."""
        codes = [at for at, each in enumerate(self.names) if each in names]
        return np.isin(self.codes, codes)


def _contrast(
    rows: Mapping[str, np.ndarray], at: np.ndarray, got: np.ndarray, usual: np.ndarray
) -> tuple[float, float, int] | None:
    """How much more an option brings than the ladder among those who could have had both; None with too few."""
    mine, theirs = got[at], usual[at]
    if min(mine.sum(), theirs.sum()) < LEAST:
        return None
    cash, odds = rows["cash"][at], rows["odds"][at]
    known = np.column_stack([np.ones(len(at)), rows["before"][at], rows["days_past_due"][at]])
    spread = _robust(cash, odds, mine, known) - _robust(cash, odds, theirs, known)
    return float(spread.mean()), float(spread.var(ddof=1) / len(at)), int(mine.sum())


def _robust(cash: Values, odds: Values, got: np.ndarray, known: Values) -> Values:
    """What each borrower would have paid with an option, whose mean is the doubly robust estimate."""
    slopes, *_ = np.linalg.lstsq(known[got], cash[got], rcond=None)
    guessed = known @ slopes
    weights = np.where(got, 1 / odds, 0.0)
    robust: Values = guessed + weights / weights.mean() * np.where(got, cash - guessed, 0.0)
    return robust


def _pooled(figures: Sequence[tuple[float, float, int]]) -> tuple[float, float, int]:
    """One figure of several sources, each by how sure it is; what has no variance says nothing of chance."""
    sure = [(mean, max(variance, 1e-9), count) for mean, variance, count in figures]
    weight = sum(1 / variance for _, variance, _ in sure)
    mean = sum(mean / variance for mean, variance, _ in sure) / weight
    return mean, 1 / weight, sum(count for *_, count in sure)
