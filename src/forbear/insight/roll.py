"""How loans move between buckets from one night to a later one, by count and by balance.

A night keeps the loans with something past due. One that is in the earlier night and not in the later is late no more;
one that is in the later alone has entered. Both stand in the matrix as `NOT_LATE`, so each row of a bucket sums to what
stood in it and nothing vanishes. Money is in minor units of one currency.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forbear.engine.columnar import Connection, connected, parquet
from forbear.night.run import Night, open_night

#: Not late: no bucket.
NOT_LATE = ""


@dataclass(frozen=True, slots=True)
class Roll:
    """From one night to another: `cells` by (bucket then, bucket now) as (loans, balance then).

    Buckets are named so that a later one sorts later. The row of NOT_LATE has the loans that entered, with today's
    balance.
    """

    first: date
    last: date
    currency: str
    buckets: list[str]
    cells: dict[tuple[str, str], tuple[int, int]]

    def whole(self, bucket: str) -> tuple[int, int]:
        """What stood in a bucket at the start."""
        cells = [cell for (then, _), cell in self.cells.items() if then == bucket]
        return sum(loans for loans, _ in cells), sum(balance for _, balance in cells)

    def share(self, then: str, now: str, *, by_balance: bool = True) -> float | None:
        """The share that moved from one bucket to the other; None where nothing stood."""
        index = 1 if by_balance else 0
        whole = self.whole(then)[index]
        return self.cells.get((then, now), (0, 0))[index] / whole if whole else None

    def worse(self, bucket: str) -> float | None:
        """Gross roll: the share of the balance that is in a later bucket now."""
        whole = self.whole(bucket)[1]
        if not whole:
            return None
        moved = sum(cell[1] for (then, now), cell in self.cells.items() if then == bucket and now > then)
        return moved / whole

    def cured(self, bucket: str) -> float | None:
        """The share of the loans that owe nothing late now."""
        return self.share(bucket, NOT_LATE, by_balance=False)


def nights_between(nights: Path, first: date, last: date) -> list[date]:
    """The dates of the published nights in a period."""
    names = [path.parent.name for path in nights.glob("[0-9]*/manifest.json")]
    return sorted(day for name in names if first <= (day := date.fromisoformat(name)) <= last)


def roll(nights: Path, first: date, last: date, only: Collection[str] | None = None) -> Roll | None:
    """The matrix between two nights, in the currency with most loans; None when one of them isn't there.

    `only` are the borrowers whose loans count, None for all.
    """
    then, now = open_night(nights, first), open_night(nights, last)
    if then is None or now is None:
        return None
    with connected(2) as engine:
        _choose(engine, only)
        before, after = (_chosen(night, only) for night in (then, now))
        top = engine.execute(
            f"select currency from {before} group by 1 order by count(*) desc, 1 limit 1"
        ).fetchone()
        currency = top[0] if top else ""
        rows = engine.execute(
            f"""select coalesce(b.bucket, ''), coalesce(a.bucket, ''), count(*),
                sum(coalesce(b.payoff, a.payoff))::bigint
            from (from {before} where currency = $currency) b
            full join (from {after} where currency = $currency) a using (loan_id) group by 1, 2""",
            {"currency": currency},
        ).fetchall()
    names = sorted({name for row in rows for name in row[:2]} - {NOT_LATE})
    return Roll(first, last, currency, names, {(a, b): (loans, balance) for a, b, loans, balance in rows})


def _choose(engine: Connection, only: Collection[str] | None) -> None:
    if only is not None:
        engine.execute(
            "create temp table chosen as select unnest($names::varchar[]) as name", {"names": [*only]}
        )


def _chosen(night: Night, only: Collection[str] | None) -> str:
    """SQL: the late loans of a night, of those chosen."""
    late = parquet(night.folder / "arrears", "part-*.parquet")
    return late if only is None else f"(from {late} where borrower_id in (select name from chosen))"


def stock(
    nights: Path, days: list[date], only: Collection[str] | None = None
) -> list[tuple[date, str, int, int]]:
    """(night, bucket, loans, past due) of the late loans in the currency with most of them; of all, or of `only`."""
    rows: list[tuple[date, str, int, int]] = []
    if only is not None:
        return _stock_of(nights, days, only)
    for day in days:
        night = open_night(nights, day)
        assert night is not None, "the day is one of the published nights"
        counts: dict[str, int] = {}
        for currency, _, loans, *_ in night.manifest["buckets"]:
            counts[currency] = counts.get(currency, 0) + loans
        main = max(counts, key=lambda name: (counts[name], name), default="")
        for currency, bucket, loans, _, past_due, *_ in night.manifest["buckets"]:
            if currency == main:
                rows.append((day, bucket, loans, past_due))
    return rows


def _stock_of(nights: Path, days: list[date], only: Collection[str]) -> list[tuple[date, str, int, int]]:
    """The same of some borrowers, counted from the loans themselves."""
    found: list[tuple[date, str, str, int, int]] = []
    with connected(2) as engine:
        _choose(engine, only)
        for day in days:
            night = open_night(nights, day)
            assert night is not None, "the day is one of the published nights"
            rows = engine.execute(
                f"""select currency, bucket, count(*), sum(past_due_amount)::bigint from {_chosen(night, only)}
                where past_due_amount > 0 group by 1, 2 order by 1, 2"""
            ).fetchall()
            found += [(day, currency, bucket, loans, due) for currency, bucket, loans, due in rows]
    counts: dict[str, int] = {}
    for _day, currency, _bucket, loans, _due in found:
        counts[currency] = counts.get(currency, 0) + loans
    main = max(counts, key=lambda name: (counts[name], name), default="")
    return [(day, bucket, loans, due) for day, currency, bucket, loans, due in found if currency == main]
