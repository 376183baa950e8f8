"""Rows to learn scores from: who was past due on each night as it was known then, and what came of it.

A row is a borrower on a night. Its features are facts that the night recorded, read by the same definition as a night
with a model reads them (core/scores/features.py). What came of it is counted by the newest book and by the desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from forbear.core.base.problem import InputError
from forbear.core.facts.vocabulary import FACTS
from forbear.core.scores.features import FEATURES, Feature
from forbear.core.scores.model import Bins
from forbear.core.scores.targets import WINDOW_DAYS
from forbear.engine.columnar import Connection, identifier, insert_rows, one_row, parquet, quote
from forbear.interchange.book.book import Book
from forbear.night.scores import bin_sql

#: The most bins of a feature of numbers, and the most words of another.
MOST_BINS, MOST_WORDS = 16, 12
#: Days within which a contact counts as one after that night, and within which a night counts as the one before.
_SOON = 7


class TrainError(InputError):
    """Nothing can be learned from this; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class PastNight:
    """A decided night, and what the desk told it, if there was one."""

    day: date
    folder: Path
    desk_facts: Path | None


@dataclass(frozen=True, slots=True)
class Events:
    """What the desk knows: (borrower, day, hour, whether it was a call, whether somebody answered) of each contact.

    `promises` are (borrower, day made, whether it was kept).
    """

    contacts: list[tuple[str, date, int, bool, bool]] = field(default_factory=list)
    promises: list[tuple[str, date, bool]] = field(default_factory=list)


def recorded_features(engine: Connection, nights: Sequence[PastNight]) -> tuple[Feature, ...]:
    """The features of which every one of these nights recorded all facts."""
    kept = set.intersection(*(_columns(engine, _cases(night)) for night in nights))
    return tuple(
        feature
        for feature in FEATURES
        if all(FACTS[fact].known == "desk" or fact in kept for fact in feature.facts)
    )


def gather(
    engine: Connection, book: Book, nights: Sequence[PastNight], features: Sequence[Feature], events: Events
) -> int:
    """Make the table `case_rows`, numbered from 0 in `row_id`, and `calls` and `promises` beside it; how many rows."""
    names = ", ".join(f"{each.name} {'varchar' if each.is_word else 'bigint'}" for each in features)
    engine.execute(
        "create temp table seen_rows (day date, borrower_id varchar, currency varchar, due bigint, "
        f"in_holdout boolean, {names})"
    )
    for night in nights:
        engine.execute(f"insert into seen_rows {_night_sql(engine, night, features)}")
    engine.execute(
        "create temp table numbered as "
        "select (row_number() over (order by day, borrower_id) - 1)::integer as row_id, * from seen_rows"
    )
    _paid(engine, book)
    _contacts(engine, events)
    _people(engine, book)
    engine.execute(
        f"""create temp table case_rows as
        select n.*, least(1.0, coalesce(p.cash, 0)::double / n.due) as share,
            coalesce(p.cash, 0) >= n.due as paid_all,
            coalesce(c.soon, false) as contacted, coalesce(c.soon or c.later, false) as contacted_in_window,
            coalesce(b.region, '') as region, coalesce(b.language, '') as language,
            case when b.born_on is null then '' else
                case when date_diff('day', b.born_on, n.day) < 25 * 365.25 then '18-24'
                     when date_diff('day', b.born_on, n.day) < 35 * 365.25 then '25-34'
                     when date_diff('day', b.born_on, n.day) < 50 * 365.25 then '35-49'
                     when date_diff('day', b.born_on, n.day) < 65 * 365.25 then '50-64' else '65+' end end as age
        from numbered n
        left join (
            select r.row_id, sum(p.cash) as cash from numbered r
            join paid p on p.borrower_id = r.borrower_id and p.currency = r.currency
                and p.paid_on > r.day and p.paid_on <= r.day + {WINDOW_DAYS}
            group by r.row_id) p using (row_id)
        left join (
            select r.row_id, bool_or(c.day <= r.day + {_SOON}) as soon, true as later from numbered r
            join contacts c on c.borrower_id = r.borrower_id and c.day > r.day and c.day <= r.day + {WINDOW_DAYS}
            group by r.row_id) c using (row_id)
        left join people b using (borrower_id)
        order by row_id"""
    )
    engine.execute(
        f"""create temp table calls as
        select r.row_id, c.hour, c.answered from (select * from contacts where is_call) c
        asof join numbered r on c.borrower_id = r.borrower_id and c.day > r.day
        where r.day >= c.day - {_SOON} order by all"""
    )
    engine.execute(
        f"""create temp table kept as
        select r.row_id, p.kept from promises p
        asof join numbered r on p.borrower_id = r.borrower_id and p.day > r.day
        where r.day >= p.day - {_SOON} order by all"""
    )
    return int(one_row(engine.execute("select count(*) from case_rows"))[0])


def make_bins(engine: Connection, features: Sequence[Feature], until: date) -> tuple[Bins, ...]:
    """Where each feature is cut, by the rows up to a day; a feature with one value is left out."""
    trained = f"(select * from case_rows where day <= {quote(until)}::date)"
    found = []
    for feature in features:
        cuts, words = _cuts(engine, feature, trained)
        if not cuts and not words:
            continue
        bins = Bins(feature.name, cuts, words, ())
        found.append(Bins(feature.name, cuts, words, _shares(engine, bins, trained)))
    return tuple(found)


def _cuts(engine: Connection, feature: Feature, rows: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    name = identifier(feature.name)
    if feature.is_word:
        common = engine.execute(
            f"select {name} from {rows} where {name} <> '' group by 1 order by count(*) desc, 1 limit {MOST_WORDS}"
        ).fetchall()
        return (), tuple(sorted(word for (word,) in common))
    distinct = engine.execute(
        f"select distinct {name} from {rows} order by 1 limit {MOST_BINS + 1}"
    ).fetchall()
    if len(distinct) <= MOST_BINS:
        return tuple(value for (value,) in distinct[1:]), ()
    places = ", ".join(str(at / MOST_BINS) for at in range(1, MOST_BINS))
    (values, least) = one_row(
        engine.execute(f"select quantile_disc({name}, [{places}]), min({name}) from {rows}")
    )
    return tuple(sorted({value for value in values if value > least})), ()


def _shares(engine: Connection, bins: Bins, rows: str) -> tuple[int, ...]:
    """The part of the rows in each bin, in millionths."""
    counted = dict(
        engine.execute(
            f"select {bin_sql(bins, identifier(bins.name))}, count(*) from {rows} group by 1"
        ).fetchall()
    )
    total = sum(counted.values())
    return tuple(counted.get(at, 0) * 1_000_000 // total for at in range(bins.number))


def _cases(night: PastNight) -> str:
    return parquet(night.folder / "cases", "part-*.parquet")


def _columns(engine: Connection, rows: str) -> set[str]:
    return {row[0] for row in engine.execute(f"describe select * from {rows}").fetchall()}


def _night_sql(engine: Connection, night: PastNight, features: Sequence[Feature]) -> str:
    """SQL: a night's rows with their features; what the desk didn't tell it has the fact's default."""
    cases, columns = _cases(night), _columns(engine, _cases(night))
    desk, told, join = [], set(), ""
    if night.desk_facts is not None:
        rows = parquet(night.desk_facts.parent, night.desk_facts.name)
        told, join = _columns(engine, rows), f"left join {rows} d on d.borrower_id = c.borrower_id"
    for fact in sorted({fact for each in features for fact in each.facts} - columns):
        default = FACTS[fact].default
        value = quote(default) if isinstance(default, str) else str(default).lower()
        desk.append(f", coalesce(d.{fact}, {value}) as {fact}" if fact in told else f", {value} as {fact}")
    holdout = "coalesce(in_holdout, false)" if "in_holdout" in columns else "false"
    values = ", ".join(f"{each.sql} as {each.name}" for each in features)
    return (
        f"select {quote(night.day)}::date, borrower_id, currency, total_past_due, {holdout}, {values} "
        f"from (select c.*{''.join(desk)} from {cases} c {join}) "
        "where change <> 'closed' and days_past_due > 0 and total_past_due > 0"
    )


def _paid(engine: Connection, book: Book) -> None:
    """The table of what was paid by borrower, currency and day after the first night."""
    (first,) = one_row(engine.execute("select min(day) from numbered"))
    engine.execute(
        "create temp table paid (borrower_id varchar, currency varchar, paid_on date, cash hugeint)"
    )
    for part in range(book.partitions):
        engine.execute(
            f"""insert into paid
            select l.borrower_id, l.currency, p.paid_on, sum(p.counted)
            from {parquet(book.part(part), "payments.parquet")} p
            join {parquet(book.part(part), "loans.parquet")} l using (loan_key)
            where p.counted > 0 and p.paid_on > $first
              and l.borrower_id in (select borrower_id from numbered)
            group by all""",
            {"first": first},
        )


def _contacts(engine: Connection, events: Events) -> None:
    engine.execute(
        "create temp table contacts (borrower_id varchar, day date, hour integer, is_call boolean, answered boolean); "
        "create temp table promises (borrower_id varchar, day date, kept boolean)"
    )
    insert_rows(engine, "contacts", ("varchar", "date", "integer", "boolean", "boolean"), events.contacts)
    insert_rows(engine, "promises", ("varchar", "date", "boolean"), events.promises)


def _people(engine: Connection, book: Book) -> None:
    """The table of what the card compares groups by; no feature is made of it."""
    engine.execute(
        f"""create temp table people as
        select borrower_id, any_value(region) as region, any_value(language) as language,
            any_value(born_on) as born_on
        from {book.rows("borrowers")} where borrower_id in (select borrower_id from numbered) group by 1"""
    )


def known_until(book: Book) -> date | None:
    """The newest day of which the book knows what was paid."""
    newest = book.manifest["newest_payment"]
    return date.fromisoformat(newest) if newest else None


def labelled(nights: Sequence[PastNight], until: date) -> list[PastNight]:
    """The nights of which it is known what came of them."""
    return [night for night in nights if night.day + timedelta(days=WINDOW_DAYS) <= until]
