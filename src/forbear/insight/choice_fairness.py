"""Whether like borrowers get like offers: what the choice's probabilities are by region, age and language.

Like are those of one stratum. For each group the probability of an option is held against the mean over all of the
stratum, and the differences are averaged over the group. So a gap comes from nothing but which options were open, by
their conditions or because the permit gate would have refused. Chance has no part in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.choice import choice_table, plain_shares
from forbear.core.strategy.model import Choose
from forbear.core.strategy.parse import parse_strategy
from forbear.engine.columnar import Connection, insert_rows, parquet
from forbear.interchange.book.book import Book
from forbear.interchange.home.lender import Home, read_text
from forbear.night.run import Night, open_night

#: A gap of this much between like borrowers is too much.
MOST_GAP = 0.02
#: Groups of fewer cases are not shown: nobody is singled out.
LEAST_CASES = 30


@dataclass(frozen=True, slots=True)
class Gap:
    """A group's probability of an option beyond that of like borrowers: `by` region, age or language."""

    by: str
    group: str
    cases: int
    option: str
    gap: float

    @property
    def wide(self) -> bool:
        """Whether it is too much."""
        return abs(self.gap) >= MOST_GAP


def gaps(engine: Connection, nights: Sequence[Night], book: Book, choose: Choose) -> list[Gap]:
    """The gaps of every group over what was drawn on these nights, the widest first."""
    engine.execute(
        "create or replace temp table offers (borrower_id varchar, stratum varchar, option varchar, share double)"
    )
    for night in nights:
        _offers(engine, night, choose)
    people = " union all ".join(
        f"select borrower_id, region, language, born_on from {parquet(book.part(part), 'borrowers.parquet')}"
        for part in range(book.partitions)
    )
    engine.execute(
        f"""create or replace temp table grouped as
        with like_them as (select stratum, option, avg(share) as mean from offers group by all),
        told as (select o.*, o.share - l.mean as gap, p.region, p.language, case when p.born_on is null then ''
                when date_diff('year', p.born_on, current_date_of.day) < 30 then '-29'
                when date_diff('year', p.born_on, current_date_of.day) < 45 then '30-44'
                when date_diff('year', p.born_on, current_date_of.day) < 60 then '45-59' else '60-' end as age
            from offers o join like_them l using (stratum, option)
            left join ({people}) p using (borrower_id), (select $day::date as day) current_date_of)
        select unnest(['region', 'age', 'language']) as kind,
            unnest([coalesce(region, ''), coalesce(age, ''), coalesce(language, '')]) as name, option, gap from told""",
        {"day": max((str(night.manifest["as_of"]) for night in nights), default="2000-01-01")},
    )
    rows = engine.execute(
        f"select kind, name, count(*), option, avg(gap) from grouped group by all having count(*) >= {LEAST_CASES} "
        "order by abs(avg(gap)) desc, kind, name, option"
    ).fetchall()
    return [Gap(kind, name, cases, option, round(float(gap), 9)) for kind, name, cases, option, gap in rows]


def _offers(engine: Connection, night: Night, choose: Choose) -> None:
    """Add who was drawn for on a night, with the probability of each option."""
    text = _read(night.folder / "choice.json")
    theirs = parse_strategy(read_text(night.folder / "strategy.yaml"), "strategy.yaml").choose
    if theirs is None or theirs.options != choose.options:
        return
    known = choice_table(text)
    cells = engine.execute(
        f"select distinct choice_cell from {parquet(night.folder / 'cases', 'part-*.parquet')} where choice_cell <> ''"
    ).fetchall()
    rows = [
        (cell, option.name, share / WHOLE)
        for (cell,) in cells
        for option, share in zip(
            choose.options, known.get(cell) or plain_shares(theirs, int(cell.rpartition("/")[2])), strict=True
        )
    ]
    engine.execute("create or replace temp table shares (cell varchar, option varchar, share double)")
    insert_rows(engine, "shares", ("varchar", "varchar", "double"), rows)
    engine.execute(
        "insert into offers select c.borrower_id, split_part(c.choice_cell, '/', 1), s.option, s.share "
        f"from {parquet(night.folder / 'cases', 'part-*.parquet')} c join shares s on s.cell = c.choice_cell"
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def nights_of(home: Home, last: Night, days: int) -> list[Night]:
    """The newest nights up to `last`, as many as an option's days."""
    names = sorted(path.name for path in home.nights.glob("[0-9]*") if path.name <= last.folder.name)
    found = (open_night(home.nights, date.fromisoformat(name)) for name in names[-days:])
    return [night for night in found if night is not None]
